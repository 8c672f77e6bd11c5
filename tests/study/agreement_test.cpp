#include "core/study/agreement.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/math/error.h"
#include "core/study/session.h"
#include "core/study/stand_ins.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

LoadedModel built_in(const std::string& name) {
  return open_model((fs::path(ATTN_SOURCE_DIR) / "assets" / "models" / name).string());
}

// A text of a model's language, and what its seeds say of a pronoun in it.
struct Asked {
  PreparedText text;
  std::vector<Mention> candidates;
  AgreementReport report;
};

Asked ask(const std::vector<LoadedModel>& seeds, const Subject& subject, const std::string& pronoun,
          const std::vector<std::string>& candidates) {
  Asked asked;
  asked.text = prepare_text(seeds.front(), subject);
  for (const std::string& word : candidates)
    asked.candidates.push_back(find_mention(subject.text, asked.text.source, word));
  asked.report = agreement(seeds, asked.text, subject.text,
                           find_mention(subject.text, asked.text.source, pronoun), asked.candidates);
  return asked;
}

Subject saying(const std::string& text) {
  Subject subject;
  subject.text = text;
  return subject;
}

TEST(Agreement, TheShippedSeedsAgreeOnTheSentencesTheyWereTrainedOn) {
  const std::vector<LoadedModel> en = open_seeds(built_in("pronouns-en"));
  for (const auto& [reason, answer] : {std::pair{"tired", 0}, std::pair{"wide", 1}}) {
    const Asked asked =
        ask(en, saying("The animal didn't cross the street because it was too " + std::string(reason) + "."),
            "it", {"animal", "street"});
    EXPECT_EQ(asked.report.verdict, Agreement::agree) << reason;
    EXPECT_EQ(asked.report.candidate, answer) << reason;
    EXPECT_EQ(asked.report.seeds.size(), 5u);
  }
  const std::vector<LoadedModel> zh = open_seeds(built_in("pronouns-zh"));
  for (const auto& [reason, answer] : {std::pair{"累", 0}, std::pair{"宽", 1}}) {
    const Asked asked = ask(zh, saying("那个动物没有穿过马路，因为它太" + std::string(reason) + "了。"), "它",
                            {"动物", "马路"});
    EXPECT_EQ(asked.report.verdict, Agreement::agree) << reason;
    EXPECT_EQ(asked.report.candidate, answer) << reason;
  }
}

TEST(Agreement, AnUnknownWordIsNamedAndTheSeedsAreNotTrusted) {
  const std::vector<LoadedModel> seeds = open_seeds(built_in("pronouns-en"));
  const Asked asked = ask(seeds, saying("The snark didn't cross the street because it was too tired."), "it",
                          {"snark", "street"});
  EXPECT_EQ(asked.report.verdict, Agreement::unknown_words);
  EXPECT_EQ(asked.report.unknown_words, std::vector<std::string>{"snark"});
}

TEST(Agreement, AWordThatThePersonExplainedIsKnown) {
  const std::vector<LoadedModel> seeds = open_seeds(built_in("pronouns-en"));
  Subject subject = saying("The Snark didn't cross the street because it was too tired.");
  subject.stand_ins["snark"] = "animal";
  const Asked asked = ask(seeds, subject, "it", {"Snark", "street"});
  EXPECT_EQ(asked.report.verdict, Agreement::agree);
  EXPECT_EQ(asked.report.candidate, 0);
  EXPECT_EQ(asked.text.source.tokens[1], "Snark≈animal");
  Subject plain = saying("The animal didn't cross the street because it was too tired.");
  EXPECT_EQ(asked.text.inputs.ids, prepare_text(seeds.front(), plain).inputs.ids);
}

TEST(Agreement, InChineseTheUnknownPiecesOfAWordAreOneWord) {
  const LoadedModel zh = built_in("pronouns-zh");
  Subject subject = saying("那个麒麟没有穿过马路，因为它太累了。");
  const PreparedText before = prepare_text(zh, subject);
  const std::vector<UnknownWord> words = unknown_words(*zh.tokenizer, before.source, subject.text);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, "麒麟");
  subject.stand_ins["麒麟"] = "动物";
  EXPECT_EQ(prepare_text(zh, subject).inputs.ids,
            prepare_text(zh, saying("那个动物没有穿过马路，因为它太累了。")).inputs.ids);
}

TEST(StandIns, ThatAreUnknownThemselvesChangeNothing) {
  const LoadedModel en = built_in("pronouns-en");
  Subject subject = saying("The snark was tired.");
  const PreparedText before = prepare_text(en, subject);
  subject.stand_ins["snark"] = "boojum";
  EXPECT_EQ(prepare_text(en, subject).inputs.ids, before.inputs.ids);
  subject.stand_ins["snark"] = "old dog";
  EXPECT_EQ(prepare_text(en, subject).inputs.ids, before.inputs.ids);
}

TEST(Agreement, SeedsThatPointElsewhereDisagree) {
  LoadedModel one = built_in("pronouns-en");
  const Subject subject = saying("The animal didn't cross the street because it was too tired.");
  // The same parameters, answering with a head that looks from "it" to the street more than to the animal.
  const PreparedText text = prepare_text(one, subject);
  const auto trace = run_prepared(one, text, {});
  const Index it = 8, animal = 1, street = 6;
  std::optional<HeadId> contrary;
  for (int l = 0; l < trace->n_layers(Stack::encoder); ++l)
    for (int h = 0; h < trace->n_heads(Stack::encoder); ++h) {
      const auto weights = trace->weights({Stack::encoder, l, h});
      if (weights->at(it, street) > weights->at(it, animal)) contrary = HeadId{Stack::encoder, l, h};
    }
  ASSERT_TRUE(contrary);
  auto changed = std::make_shared<Model>(*one.model);
  changed->spec.pointer->layer = contrary->layer;
  changed->spec.pointer->head = contrary->head;
  LoadedModel other = one;
  other.model = changed;
  const Asked asked = ask({one, one, other}, subject, "it", {"animal", "street"});
  EXPECT_EQ(asked.report.verdict, Agreement::disagree);
  EXPECT_FALSE(asked.report.candidate);
}

TEST(Agreement, SeedsThatLookAtNeitherCandidateWereNotTrainedOnThis) {
  const LoadedModel one = built_in("pronouns-en");
  const Subject subject = saying("The animal didn't cross the street because it was too tired.");
  // Asked about two words that the pointer passes over.
  const Asked asked = ask({one, one}, subject, "it", {"because", "too"});
  EXPECT_NE(asked.report.verdict, Agreement::agree);
}

TEST(Agreement, ModelsWithoutAPointerCannotBeAsked) {
  const LoadedModel one = built_in("storyteller");
  const Subject subject = saying("Once upon a time there was a fox.");
  const PreparedText text = prepare_text(one, subject);
  const std::vector<Mention> candidates = {find_mention(subject.text, text.source, "time")};
  EXPECT_THROW(agreement(std::vector{one}, text, subject.text, find_mention(subject.text, text.source, "fox"),
                         candidates),
               Error);
}

}  // namespace
}  // namespace attn
