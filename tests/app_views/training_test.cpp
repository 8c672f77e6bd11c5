#include <gtest/gtest.h>

#include <filesystem>

#include "app/views/training/choice.h"
#include "app/views/training/curves.h"
#include "app/views/training/run.h"
#include "core/math/error.h"
#include "core/text/tokenizer.h"
#include "core/training/save_model.h"

namespace attn::app {
namespace {

std::filesystem::path recipes() {
  return std::filesystem::path(ATTN_SOURCE_DIR) / "assets" / "recipes";
}

// Runs at once, and remembers what was published.
class AtOnce : public JobControl {
 public:
  const CancelToken* cancel() const override { return &token; }
  Pool& pool() override { return pool_; }
  void report(float) override {}
  CancelToken token;
  int n_published = 0;

 protected:
  void publish_any(std::any) override { ++n_published; }

 private:
  Pool pool_{1};
};

Recipe small_recipe() {
  Recipe recipe = load_recipe(recipes() / "pronouns-en.recipe");
  recipe.n_layers = 2;
  recipe.n_heads = 2;
  recipe.d_model = 16;
  recipe.d_ff = 16;
  recipe.batch = 8;
  recipe.optimiser.n_steps = 6;
  return recipe;
}

constexpr const char* kAnimal = "The animal didn't cross the street because it was too tired.";

TEST(TrainingRun, StepsPausesAndGoesOnToItsEnd) {
  TrainingRun run(small_recipe(), recipes() / "english.grammar", kAnimal);
  AtOnce control;
  run.go_on(2);
  const TrainingPicture two = run.work(control);
  EXPECT_EQ(two.progress.step, 2);
  EXPECT_FALSE(two.finished);
  EXPECT_EQ(two.losses.size(), 2u);
  run.go_on();
  const TrainingPicture all = run.work(control);
  EXPECT_TRUE(all.finished);
  EXPECT_EQ(all.progress.step, 6);
  EXPECT_EQ(all.learned.back().step, 6);
  EXPECT_EQ(all.learned.back().meter.n_pairs, kHeldOutPairs);
  EXPECT_GT(control.n_published, 0);
}

TEST(TrainingRun, APausedRunComesToWhatAnUnbrokenOneDoes) {
  TrainingRun broken(small_recipe(), recipes() / "english.grammar", kAnimal);
  TrainingRun whole(small_recipe(), recipes() / "english.grammar", kAnimal);
  AtOnce control;
  broken.go_on(3);
  broken.work(control);
  broken.go_on();
  EXPECT_EQ(broken.work(control).losses, whole.work(control).losses);
}

TEST(TrainingRun, ACancelledRunCanBeGoneOnWith) {
  TrainingRun run(small_recipe(), recipes() / "english.grammar", kAnimal);
  AtOnce first, second;
  run.go_on(1);
  run.work(first);
  first.token.cancel();
  run.go_on();
  EXPECT_THROW(run.work(first), Cancelled);
  EXPECT_TRUE(run.work(second).finished);
}

TEST(TrainingRun, WatchesThePersonsSentenceAndAsksAtItsPronoun) {
  TrainingRun run(small_recipe(), recipes() / "english.grammar", kAnimal);
  AtOnce control;
  run.go_on(0);
  const TrainingPicture picture = run.work(control);
  EXPECT_FALSE(picture.own_sentence);
  EXPECT_EQ(picture.side->trace->tokens.at(static_cast<std::size_t>(picture.asked)), "it");
}

TEST(WatchedSentence, IsTheGrammarsOwnWhereMostWordsAreUnknown) {
  const Grammar grammar = Grammar::load(recipes() / "english.grammar");
  const auto tokenizer = load_tokenizer_from_json(tokenizer_json(grammar));
  const WatchedSentence watched = watched_sentence("动物没有过马路", small_recipe(), grammar, *tokenizer);
  EXPECT_TRUE(watched.own);
  EXPECT_FALSE(watched.text.empty());
}

TEST(WatchedSentence, EndsWithTheQuestionWhereItIsAskedAtTheEnd) {
  const Grammar grammar = Grammar::load(recipes() / "english.grammar");
  const auto tokenizer = load_tokenizer_from_json(tokenizer_json(grammar));
  Recipe recipe = small_recipe();
  recipe.question_at_end = true;
  EXPECT_EQ(watched_sentence(kAnimal, recipe, grammar, *tokenizer).text, std::string(kAnimal) + " it");
}

TEST(TrainingPresets, ChangeWhatTheirNameSaysAndNothingElse) {
  const Recipe full = load_recipe(recipes() / "pronouns-en.recipe");
  int n_same = 0;
  for (const Preset& preset : training_presets()) {
    Recipe changed = full;
    preset.change(changed);
    n_same += changed == full;
    EXPECT_EQ(why_not_trained(changed), "") << preset.name;
  }
  EXPECT_EQ(n_same, 1);  // the one to compare with
}

TEST(Steps, KeepTheShareOfTheWayThatIsEasy) {
  Recipe recipe;
  recipe.optimiser.n_steps = 7000;
  recipe.full_breadth_at = 2800;
  set_steps(recipe, 1500);
  EXPECT_EQ(recipe.full_breadth_at, 600);
}

TEST(Chart, TicksAreRoundAndReachAsFarAsTheAxis) {
  EXPECT_EQ(round_ticks(500, 5), (std::vector<float>{0, 100, 200, 300, 400, 500}));
  EXPECT_EQ(round_ticks(0, 4), std::vector<float>{0});
}

TEST(Chart, ASmoothedConstantIsThatConstant) {
  const auto points = smooth_curve(std::vector<float>(100, 3.0f), 0.9f, 20);
  EXPECT_LE(points.size(), 22u);
  for (const ImVec2& p : points) EXPECT_NEAR(p.y, 3.0f, 1e-4f);
  EXPECT_EQ(points.back().x, 100);
}

}  // namespace
}  // namespace attn::app
