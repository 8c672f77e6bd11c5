#include "app/views/in_force.h"

#include <gtest/gtest.h>

#include "core/model/model.h"
#include "stage.h"

namespace attn::app {
namespace {

constexpr const char* kEachKind[] = {"mask=causal",
                                     "mask=not-itself",
                                     "hide=3,5",
                                     "block=7:1,7:2",
                                     "positions=off",
                                     "positions=shifted:4",
                                     "scaling=off",
                                     "temperature=2",
                                     "softmax=hard",
                                     "head 0.1=zero",
                                     "head 1.2=uniform",
                                     "weight 1.0 7:5=0.9",
                                     "attention 0=off",
                                     "residual 1=off",
                                     "norm 1=off",
                                     "ffn 0=off",
                                     "embedding 7:3=0.5",
                                     "q 1.0 7:3=0.5",
                                     "k 1.0 5:3=0",
                                     "v 1.0 5:3=0",
                                     "score 1.0 7:5=-2",
                                     "z 1.0 7:3=0.5",
                                     "attention-out 1 7:3=0",
                                     "activation 1 7:3=1",
                                     "ffn-out 1 7:3=0",
                                     "stream 1 7:3=0.5",
                                     "word-row 7:3=0.5",
                                     "position-row 7:3=0",
                                     "type-row 7:3=0",
                                     "embedding-sum 7:3=1",
                                     "attention-norm 1 7:3=1",
                                     "attention-out-norm 1 7:3=0",
                                     "attention-sum 1 7:3=1",
                                     "ffn-norm 1 7:3=1",
                                     "ffn-out-norm 1 7:3=0",
                                     "ffn-sum 1 7:3=1",
                                     "final-norm 7:3=1"};

TEST(InForce, NothingIsSaidOfAModelAsItWasTrained) {
  EXPECT_TRUE(in_force({}, Words(Language::english), {}, nullptr).empty());
}

TEST(InForce, EveryInterventionIsSaidInBothLanguagesAndCanBeTakenOff) {
  const Frame frame = hand_made_frame(animal_sentence());
  const ModelSpec& spec = frame.a->trace->model->spec;
  for (const Language language : {Language::english, Language::chinese}) {
    const Words words(language);
    for (const char* text : kEachKind) {
      Interventions wish = parse_interventions(text, spec);
      const std::vector<InForce> said = in_force(wish, words, {}, frame.a->trace.get());
      ASSERT_EQ(said.size(), 1u) << text;
      EXPECT_EQ(said[0].text.find("force."), std::string::npos) << said[0].text;
      EXPECT_EQ(said[0].text.find('{'), std::string::npos) << said[0].text;
      said[0].take_off(wish);
      EXPECT_EQ(wish, Interventions()) << text;
    }
  }
}

TEST(InForce, TakingOffOneLeavesTheOthers) {
  const Frame frame = hand_made_frame(animal_sentence());
  const ModelSpec& spec = frame.a->trace->model->spec;
  Interventions wish = parse_interventions("mask=causal; hide=3; temperature=2", spec);
  in_force(wish, Words(Language::english), {}, frame.a->trace.get())[0].take_off(wish);
  EXPECT_EQ(wish, parse_interventions("hide=3; temperature=2", spec));
}

TEST(InForce, HiddenKeysAreNamedByTheirWords) {
  const Frame frame = hand_made_frame(animal_sentence());
  Interventions wish;
  wish.masks[Stack::encoder].hidden_keys = {1, 5};
  EXPECT_EQ(in_force(wish, Words(Language::english), {}, frame.a->trace.get())[0].text,
            "Hidden: animal, street");
}

}  // namespace
}  // namespace attn::app
