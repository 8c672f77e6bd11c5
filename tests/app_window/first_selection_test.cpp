#include "app/window/first_selection.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/study/library.h"

namespace attn::app {
namespace {

Side computed(const std::string& model, const std::string& text, const std::string& target = "") {
  Side side;
  side.subject.model = model;
  side.subject.text = text;
  if (!target.empty()) side.subject.target = target;
  side.loaded = open_model(model);
  side.trace = run_subject(side.loaded, side.subject);
  return side;
}

Study study_of(const Side& side) {
  Study study;
  study.a = side.subject;
  return study;
}

TEST(FirstSelection, OfATranslatorIsTheHeadThatWasTrainedToAlign) {
  const Side side = computed("translator", "The cat was tired.", "猫累了。");
  Study study = study_of(side);
  study.selection.query = 3;  // a word of the source, chosen in another model
  const Selection selection = with_first_selection(study, side).selection;
  EXPECT_EQ(selection.head, (HeadId{Stack::cross, 1, 0}));
  EXPECT_EQ(selection.query, -1);
}

TEST(FirstSelection, OfATranslatorIsLeftWhereAPersonChoseAnother) {
  const Side side = computed("translator", "The cat was tired.", "猫累了。");
  Study study = study_of(side);
  study.selection.head = {Stack::decoder, 1, 2};
  EXPECT_EQ(with_first_selection(study, side).selection.head, (HeadId{Stack::decoder, 1, 2}));
}

TEST(FirstSelection, OfThePronounModelIsThePointingHeadAndItsPronoun) {
  const Side side = computed("pronouns-en", "The animal didn't cross the street because it was too tired.");
  const Selection selection = with_first_selection(study_of(side), side).selection;
  EXPECT_EQ(selection.head, (HeadId{Stack::encoder, 2, 0}));
  ASSERT_GE(selection.query, 0);
  EXPECT_EQ(side.trace->tokens[static_cast<std::size_t>(selection.query)], "it");
}

// Which head that is, is up to training; that it looks at the previous token or behind an earlier copy is
// not.
TEST(FirstSelection, OfTheStorytellerIsAHeadThatLooksAtTheTokenBeforeOrBehindAnEarlierCopy) {
  const Side side = computed("storyteller", "Once upon a time there was a fox. The fox met the hen. The");
  const HeadId head = with_first_selection(study_of(side), side).selection.head;
  ASSERT_EQ(head.stack, Stack::decoder);
  const HeadWeights weights = *side.trace->weights(head);
  const std::vector<int>& ids = side.trace->inputs.ids;
  float previous = 0, induction = 0;
  int n_repeated = 0;
  for (Index i = 1; i < weights.rows(); ++i) {
    previous += weights.at(i, i - 1);
    float behind_copies = 0;
    for (Index j = 1; j <= i; ++j)
      if (ids[static_cast<std::size_t>(j - 1)] == ids[static_cast<std::size_t>(i)] && j - 1 < i)
        behind_copies += weights.at(i, j);
    induction += behind_copies;
    const auto end = ids.begin() + i;
    n_repeated += std::find(ids.begin(), end, ids[static_cast<std::size_t>(i)]) != end;
  }
  ASSERT_GT(n_repeated, 0);
  EXPECT_GT(
      std::max(previous / static_cast<float>(weights.rows() - 1), induction / static_cast<float>(n_repeated)),
      0.4f);
}

}  // namespace
}  // namespace attn::app
