#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/model/load_model.h"
#include "core/training/evaluate.h"
#include "core/training/model_card.h"
#include "core/training/save_model.h"
#include "core/training/trainer.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

const fs::path kRecipes = fs::path(ATTN_SOURCE_DIR) / "assets" / "recipes";

std::shared_ptr<const Grammar> english() {
  return std::make_shared<const Grammar>(Grammar::load(kRecipes / "english.grammar"));
}

Recipe small_recipe() {
  Recipe recipe = load_recipe(kRecipes / "pronouns-en.recipe");
  recipe.n_layers = 2;
  recipe.d_model = 32;
  recipe.d_ff = 64;
  recipe.batch = 32;
  return recipe;
}

std::vector<float> numbers_of(const Trainer& trainer) {
  std::vector<float> all;
  const Weights<float> weights = unpack(*trainer.snapshot());
  visit(weights, [&](const std::string&, const auto& values, bool) {
    all.insert(all.end(), values.data(), values.data() + values.size());
  });
  return all;
}

TEST(Trainer, IsBitEqualAtAnyNumberOfThreads) {
  const auto grammar = english();
  Trainer one(small_recipe(), grammar, 4), three(small_recipe(), grammar, 4),
      other(small_recipe(), grammar, 5);
  Pool pool(3);
  for (int i = 0; i < 5; ++i) {
    one.step();
    three.step(&pool);
    other.step();
  }
  const std::vector<float> a = numbers_of(one), b = numbers_of(three), c = numbers_of(other);
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(0, std::memcmp(a.data(), b.data(), a.size() * sizeof(float)));
  EXPECT_NE(0, std::memcmp(a.data(), c.data(), a.size() * sizeof(float)));
}

TEST(Trainer, LearnsToLookAtTheTwoCandidatesWithinTwoHundredSteps) {
  Trainer trainer(small_recipe(), english(), 1);
  trainer.step();
  const double begin = trainer.progress().attention_loss;
  for (int i = 0; i < 200; ++i) trainer.step();
  EXPECT_GT(begin, 1.8);  // about -log of one word among a sentence's
  EXPECT_LT(trainer.progress().attention_loss, 1.3);
  EXPECT_EQ(trainer.progress().step, 201);
}

TEST(Trainer, LearnsWhichWordsOfStoriesComeNext) {
  const Recipe recipe = load_recipe(kRecipes / "storyteller.recipe");
  Trainer trainer(recipe, std::make_shared<const Grammar>(Grammar::load(kRecipes / recipe.grammar)), 2);
  trainer.step();
  const double begin = trainer.progress().loss;
  for (int i = 0; i < 40; ++i) trainer.step();
  EXPECT_LT(trainer.progress().loss, begin - 1);
}

TEST(Trainer, StopsWhenCancelledAndKeepsWhatItHad) {
  Trainer trainer(small_recipe(), english(), 1);
  trainer.step();
  const std::vector<float> before = numbers_of(trainer);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(trainer.step(nullptr, &cancel), Cancelled);
  EXPECT_EQ(before, numbers_of(trainer));
}

TEST(SaveModel, IsReadBackByTheLoaderOfForeignModelsAndComputesTheSame) {
  const auto grammar = english();
  Trainer trainer(small_recipe(), grammar, 2);
  for (int i = 0; i < 3; ++i) trainer.step();
  const std::shared_ptr<const Model> kept = trainer.snapshot();
  const fs::path folder = fs::path(testing::TempDir()) / "saved-model";
  save_model(*kept, *grammar, "# A card\n", folder);
  const std::shared_ptr<const Model> loaded = load_model(folder);
  EXPECT_EQ(loaded->spec.architecture, "BertForMaskedLM");
  ASSERT_TRUE(loaded->spec.pointer);
  EXPECT_EQ(loaded->spec.pointer->layer, 1);
  EXPECT_EQ(loaded->spec.card.language, "en");
  Inputs inputs;
  Random random(1);
  inputs.ids = grammar->sentence(random, "pronoun").ids;
  PassOptions options;
  options.logits = true;
  const auto a = run_pass(kept, inputs, {}, options), b = run_pass(loaded, inputs, {}, options);
  EXPECT_EQ(a->encoder.output, b->encoder.output);
  EXPECT_EQ(a->logits, b->logits);
}

TEST(SaveModel, KeepsAStorytellerAsALlama) {
  Recipe recipe = load_recipe(kRecipes / "storyteller.recipe");
  recipe.batch = 8;
  const auto grammar = std::make_shared<const Grammar>(Grammar::load(kRecipes / recipe.grammar));
  Trainer trainer(recipe, grammar, 2);
  for (int i = 0; i < 5; ++i) trainer.step();
  const std::shared_ptr<const Model> kept = trainer.snapshot();
  const fs::path folder = fs::path(testing::TempDir()) / "saved-storyteller";
  save_model(*kept, *grammar, "# A card\n", folder);
  const std::shared_ptr<const Model> loaded = load_model(folder);
  EXPECT_EQ(loaded->spec.architecture, "LlamaForCausalLM");
  Inputs inputs;
  Random random(1);
  inputs.ids = grammar->sentence(random, "story").ids;
  PassOptions options;
  options.logits = true;
  EXPECT_EQ(run_pass(kept, inputs, {}, options)->logits, run_pass(loaded, inputs, {}, options)->logits);
}

TEST(SaveModel, SaysWhyAFolderCannotBeWrittenAndLeavesNothingHalfWritten) {
  const auto grammar = english();
  const Trainer trainer(small_recipe(), grammar, 2);
  const fs::path parent = fs::path(testing::TempDir()) / "file-in-the-way";
  fs::remove_all(parent);
  { std::ofstream(parent) << "not a folder"; }
  EXPECT_THROW(save_model(*trainer.snapshot(), *grammar, "", parent / "model"), Error);
  EXPECT_TRUE(fs::is_regular_file(parent));
  Recipe recipe = load_recipe(kRecipes / "tagger.recipe");
  recipe.positions = PositionKind::rotary;
  const auto words = std::make_shared<const Grammar>(Grammar::load(kRecipes / recipe.grammar));
  const Trainer rotary(recipe, words, 2);
  const fs::path folder = fs::path(testing::TempDir()) / "rotary-tagger";
  EXPECT_THROW(save_model(*rotary.snapshot(), *words, "", folder), Error);
  EXPECT_FALSE(fs::exists(folder));
}

TEST(SaveModel, KeepsEverythingThatTheViewOfTrainingCanBuild) {
  struct Case {
    const char* name;
    const char* recipe;
    void (*change)(Recipe&);
  };
  for (const Case& one :
       {Case{"sinusoidal", "pronouns-en", [](Recipe& r) { r.positions = PositionKind::sinusoidal; }},
        Case{"rotary", "pronouns-en", [](Recipe& r) { r.positions = PositionKind::rotary; }},
        Case{"no positions", "pronouns-en", [](Recipe& r) { r.positions = PositionKind::none; }},
        Case{"causal", "pronouns-en", [](Recipe& r) { r.causal = r.question_at_end = true; }},
        Case{"additive", "pronouns-en", [](Recipe& r) { r.scoring = Scoring::additive; }},
        Case{"unscaled", "pronouns-en", [](Recipe& r) { r.scaling = false; }},
        Case{"norm before", "pronouns-en", [](Recipe& r) { r.norm_place = NormPlace::before; }},
        Case{"no norm", "pronouns-en", [](Recipe& r) { r.norms = false; }},
        Case{"no feed-forward", "pronouns-en", [](Recipe& r) { r.d_ff = 0; }},
        Case{"learned storyteller", "storyteller", [](Recipe& r) { r.positions = PositionKind::learned; }},
        Case{"storyteller, norm after", "storyteller", [](Recipe& r) { r.norm_place = NormPlace::after; }},
        Case{"additive storyteller", "storyteller", [](Recipe& r) { r.scoring = Scoring::additive; }},
        Case{"storyteller without norms", "storyteller", [](Recipe& r) { r.norms = false; }}}) {
    Recipe recipe = load_recipe(kRecipes / (std::string(one.recipe) + ".recipe"));
    recipe.n_layers = 2;
    recipe.d_model = 32;
    recipe.d_ff = 64;
    recipe.batch = 8;
    one.change(recipe);
    const auto grammar = std::make_shared<const Grammar>(Grammar::load(kRecipes / recipe.grammar));
    Trainer trainer(recipe, grammar, 2);
    for (int i = 0; i < 3; ++i) trainer.step();
    const std::shared_ptr<const Model> kept = trainer.snapshot();
    const fs::path folder = fs::path(testing::TempDir()) / "saved-own";
    save_model(*kept, *grammar, "# A card\n", folder);
    const std::shared_ptr<const Model> loaded = load_model(folder);
    EXPECT_EQ(loaded->n_parameters, kept->n_parameters) << one.name;
    Inputs inputs;
    Random random(1);
    inputs.ids = grammar->sentence(random, recipe.objective == Objective::stories ? "story" : "pronoun").ids;
    PassOptions options;
    options.logits = true;
    const auto a = run_pass(kept, inputs, {}, options), b = run_pass(loaded, inputs, {}, options);
    EXPECT_EQ(a->logits, b->logits) << one.name;
  }
}

TEST(Trainer, WithoutThePointerSupervisesNoHead) {
  Recipe recipe = load_recipe(kRecipes / "pronouns-free.recipe");
  const auto grammar = english();
  const ModelSpec spec = spec_of(recipe, *grammar);
  EXPECT_FALSE(spec.pointer);
  EXPECT_TRUE(spec.card.supervised.empty());
  for (const Batch& part : draw_batch(recipe, spec, *grammar, Random(1), 0, 4)) {
    EXPECT_TRUE(part.attention.empty());
    EXPECT_FALSE(part.outputs.empty());
  }
}

TEST(Evaluate, GivesAnUntrainedModelNoBetterThanChance) {
  const auto grammar = english();
  const Trainer trainer(small_recipe(), grammar, 3);
  const std::vector<EvaluationRow> rows = evaluate_pronouns(*trainer.snapshot(), *grammar, 100);
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_NEAR(rows[0].score.sentences_right, 0.5, 0.1);
  EXPECT_LT(rows[0].score.pairs_right, 0.1);
  // A rule that does not read the reason gives both twins the same answer.
  EXPECT_EQ(rows[4].score.pairs_right, 0.0);
  EXPECT_EQ(rows[4].score.sentences_right, 0.5);
  EXPECT_EQ(rows[6].name, "baseline: category only");
  EXPECT_GT(rows[6].score.pairs_right, 0.25);  // kinds of nouns alone help in some situations
  EXPECT_LT(rows[6].score.pairs_right, 0.9);
}

TEST(ModelCard, GivesLowestMedianAndHighestOfTheSeeds) {
  const auto table = [](const std::vector<double>& shares) {
    std::vector<SeedResult> results;
    for (const double share : shares) {
      SeedResult result;
      result.rows = {{"seen words", {}}};
      result.rows[0].score.pairs_right = share;
      results.push_back(result);
    }
    return evaluation_table(results);
  };
  EXPECT_NE(table({0.5, 0.2, 0.9}).find("| seen words | 20.0 – 50.0 – 90.0 % |"), std::string::npos);
  EXPECT_NE(table({0.5, 0.2, 0.9, 0.6}).find("| seen words | 20.0 – 55.0 – 90.0 % |"), std::string::npos);
  EXPECT_NE(table({0.5}).find("| seen words | 50.0 % |"), std::string::npos);
}

}  // namespace
}  // namespace attn
