#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/model/load_model.h"
#include "core/text/tokenizer.h"
#include "core/training/baselines.h"
#include "core/training/save_model.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

const fs::path kRecipes = fs::path(ATTN_SOURCE_DIR) / "assets" / "recipes";

// Two animals, one verb: every sentence can be checked by hand.
constexpr const char* kBilingual = R"(language = en
translation = zh
[words]
animal = dog:狗:只 cat:猫:只
[pronouns]
default = it they
[forms]
catch = catches caught caught catching
[rules]
NP = the {N} ~ {M.那} {N}
By = by ~ 被
[sentences]
reason 1 = {passive} because {it} was {A} ~ {passive} ， 因为 {it} 很 {A}
[frame chase]
first = animal
second = animal
verbs = catch:抓住
first because = hungry:饿
second because = slow:慢
passive = {Y} was {V.en} {By} {X} ~ {Y} {By} {X} {V} 了
)";

std::string joined(const Grammar& grammar, const std::vector<int>& ids) {
  std::string text;
  for (const int id : ids)
    text += (text.empty() ? "" : " ") + grammar.vocabulary()[static_cast<std::size_t>(id)];
  return text;
}

TEST(BilingualGrammar, SaysBothSidesAndWhichWordsMeanEachOther) {
  const Grammar grammar = Grammar::parse(kBilingual, "small.grammar");
  Random random(1);
  for (int i = 0; i < 20; ++i) {
    const Translation said = grammar.translation(random, Draw::any);
    const std::string source = joined(grammar, said.source);
    const bool dog_first = source.starts_with("the dog");
    const bool hungry = source.find("hungry") != std::string::npos;
    const std::string reason = hungry ? "hungry" : "slow";
    const std::string answer = hungry == dog_first ? "猫" : "狗";  // the one that catches is named last
    EXPECT_EQ(source,
              std::string(dog_first ? "the dog was caught by the cat" : "the cat was caught by the dog") +
                  " because it was " + reason);
    EXPECT_EQ(joined(grammar, said.target),
              std::string(dog_first ? "那只 狗 被 那只 猫" : "那只 猫 被 那只 狗") + " 抓住 了 ， 因为 " +
                  answer + " 很 " + (hungry ? "饿" : "慢"));
    // 那只 狗 被 那只 猫 抓住 了 ， 因为 猫 很 饿: the verb stands last in Chinese and crosses the doer.
    const std::vector<std::vector<int>> aligned = {{}, {1}, {4}, {}, {6}, {3}, {}, {}, {}, {8}, {}, {10}};
    ASSERT_EQ(said.aligned.size(), aligned.size());
    for (const std::size_t t : {1u, 2u, 4u, 5u, 9u, 11u}) EXPECT_EQ(said.aligned[t], aligned[t]) << t;
    EXPECT_EQ(said.pronoun_row, 8);
    EXPECT_EQ(said.named_row, 9);
    EXPECT_TRUE(said.content[9]);
    EXPECT_FALSE(said.content[2]);
  }
}

TEST(BilingualGrammar, RefusesALineWithoutItsTranslation) {
  const auto error_of = [](const std::string& from, const std::string& to) -> std::string {
    std::string text = kBilingual;
    try {
      Grammar::parse(text.replace(text.find(from), from.size(), to), "small.grammar");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(error_of("by ~ 被", "by").find("small.grammar:11: 'by': expected a translation after '~'"),
            std::string::npos);
  EXPECT_NE(error_of("hungry:饿", "hungry").find("small.grammar:18: 'hungry' has no translation"),
            std::string::npos);
  EXPECT_NE(
      error_of("dog:狗:只", "dog:狗").find("small.grammar:4: 'dog:狗': expected WORD:TRANSLATION:MEASURE"),
      std::string::npos);
  EXPECT_NE(error_of("translation = zh\n", "").find("'~' needs a line 'translation"), std::string::npos);
}

TEST(EnglishChinese, TwinsDifferInOneWordAndNameDifferentThings) {
  const Grammar grammar = Grammar::load(kRecipes / "english-chinese.grammar");
  Random random(2);
  for (int i = 0; i < 200; ++i) {
    const auto [a, b] = grammar.translated_twins(random, Draw::any);
    ASSERT_EQ(a.source.size(), b.source.size());
    ASSERT_GE(a.named_row, 0);
    EXPECT_EQ(a.aligned[static_cast<std::size_t>(a.named_row)], std::vector<int>{a.pronoun_row});
    EXPECT_NE(a.target[static_cast<std::size_t>(a.named_row)],
              b.target[static_cast<std::size_t>(b.named_row)]);
  }
}

TEST(EnglishChinese, IsReadByItsTokenizerAsTheGrammarSaysIt) {
  const Grammar grammar = Grammar::load(kRecipes / "english-chinese.grammar");
  const auto tokenizer = load_tokenizer_from_json(tokenizer_json(grammar), "translator");
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    const Translation said = grammar.translation(random, Draw::any);
    std::vector<int> source = said.source;
    source.push_back(2);  // </s>
    EXPECT_EQ(tokenizer->encode(joined(grammar, said.source)).ids, source);
    std::string chinese;
    for (const int id : said.target) chinese += grammar.vocabulary()[static_cast<std::size_t>(id)];
    EXPECT_EQ(tokenizer->encode_target(chinese, EncodeOptions{false}).ids, said.target) << chinese;
  }
}

TEST(WordClasses, OfOneWordDependOnItsSentence) {
  const Grammar grammar = Grammar::load(kRecipes / "words.grammar");
  const auto tokenizer = load_tokenizer_from_json(tokenizer_json(grammar), "tagger");
  EXPECT_EQ(tokenizer->encode("I saw a saw.").tokens,
            (std::vector<std::string>{"[CLS]", "i", "saw", "a", "saw", "."}));
  const auto label = [&](const std::string& name) {
    return static_cast<int>(std::find(grammar.labels().begin(), grammar.labels().end(), name) -
                            grammar.labels().begin());
  };
  Random random(4);
  bool as_noun = false, as_verb = false;
  for (int i = 0; i < 3000; ++i) {
    const TaggedText text = grammar.tagged(random);
    ASSERT_EQ(text.ids.size(), text.labels.size());
    for (std::size_t t = 1; t < text.ids.size(); ++t) {
      ASSERT_GE(text.labels[t], 0);
      if (text.ids[t] != grammar.id("saw")) continue;
      as_noun |= text.labels[t] == label("noun");
      as_verb |= text.labels[t] == label("verb");
    }
  }
  EXPECT_TRUE(as_noun);
  EXPECT_TRUE(as_verb);
}

TEST(HeldOut, SentencesAreNeverDrawnForTraining) {
  const Grammar words = Grammar::load(kRecipes / "words.grammar");
  Random random(5);
  std::vector<std::vector<int>> held_out;
  for (int i = 0; i < 2000; ++i) held_out.push_back(words.tagged(random, Draw::held_out).ids);
  std::sort(held_out.begin(), held_out.end());
  for (int i = 0; i < 20000; ++i)
    ASSERT_FALSE(std::binary_search(held_out.begin(), held_out.end(), words.tagged(random).ids));
}

std::shared_ptr<const Model> briefly_trained(const std::string& name, Grammar& grammar) {
  const Recipe recipe = load_recipe(kRecipes / (name + ".recipe"));
  grammar = Grammar::load(kRecipes / recipe.grammar);
  Trainer trainer(recipe, std::make_shared<const Grammar>(grammar), 1);
  const double before = (trainer.step(), trainer.progress().loss);
  for (int i = 0; i < 12; ++i) trainer.step();
  EXPECT_LT(trainer.progress().loss, before);
  return trainer.snapshot();
}

TEST(SaveModel, WritesTranslatorsAsMarianAndReadsThemBack) {
  Grammar grammar;
  const std::shared_ptr<const Model> kept = briefly_trained("translator", grammar);
  const fs::path folder = fs::path(testing::TempDir()) / "saved-translator";
  save_model(*kept, grammar, "# A card\n", folder);
  const std::shared_ptr<const Model> loaded = load_model(folder);
  EXPECT_EQ(loaded->spec.architecture, "MarianMTModel");
  EXPECT_FALSE(loaded->spec.card.supervised.empty());
  EXPECT_EQ(loaded->spec.alignment_head, (HeadId{Stack::cross, loaded->spec.decoder->n_layers() - 1, 0}));
  Random random(1);
  const Translation text = grammar.translation(random);
  Inputs inputs;
  inputs.ids = text.source;
  inputs.ids.push_back(loaded->spec.eos_id);
  inputs.target_ids = {loaded->spec.decoder_start_id};
  inputs.target_ids.insert(inputs.target_ids.end(), text.target.begin(), text.target.end());
  PassOptions options;
  options.logits = true;
  EXPECT_EQ(run_pass(kept, inputs, {}, options)->logits, run_pass(loaded, inputs, {}, options)->logits);
}

TEST(SaveModel, WritesTaggersAsBertForTokenClassificationAndReadsThemBack) {
  Grammar grammar;
  const std::shared_ptr<const Model> kept = briefly_trained("tagger", grammar);
  const fs::path folder = fs::path(testing::TempDir()) / "saved-tagger";
  save_model(*kept, grammar, "# A card\n", folder);
  const std::shared_ptr<const Model> loaded = load_model(folder);
  EXPECT_EQ(loaded->spec.architecture, "BertForTokenClassification");
  EXPECT_EQ(loaded->spec.label_names, grammar.labels());
  Random random(1);
  Inputs inputs;
  inputs.ids = grammar.tagged(random).ids;
  PassOptions options;
  options.logits = true;
  EXPECT_EQ(run_pass(kept, inputs, {}, options)->logits, run_pass(loaded, inputs, {}, options)->logits);
}

TEST(Evaluate, GivesAnUntrainedTranslatorNothing) {
  const Recipe recipe = load_recipe(kRecipes / "translator.recipe");
  const auto grammar = std::make_shared<const Grammar>(Grammar::load(kRecipes / recipe.grammar));
  const Trainer trainer(recipe, grammar, 1);
  const std::vector<NamedShare> measures = evaluate_translation(*trainer.snapshot(), *grammar, 50);
  EXPECT_EQ(measures[0].share, 0.0);
  for (const NamedShare& measure : measures) EXPECT_LT(measure.share, 0.4) << measure.name;
}

}  // namespace
}  // namespace attn
