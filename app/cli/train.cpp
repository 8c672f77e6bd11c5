#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "core/math/error.h"
#include "core/training/baselines.h"
#include "core/training/recipe.h"
#include "core/training/save_model.h"
#include "core/training/trainer.h"

namespace attn::app {

namespace {

struct TrainArguments {
  std::string recipe, out;
  std::vector<std::string> of;
  std::uint64_t seed = 0;
  int n_steps = 0, n_seeds = 1, threads = 0;
  bool evaluate = false, no_baselines = false, has_seed = false;
};

constexpr int kBetweenReports = 200;

std::filesystem::path recipe_file(const std::string& name) {
  if (name.find_first_of("/.") != std::string::npos) return name;
  const std::filesystem::path folder = model_places().built_in.parent_path() / "recipes";
  const std::filesystem::path file = folder / (name + ".recipe");
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return file;
  std::set<std::string> known;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".recipe") known.insert(entry.path().stem().string());
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  throw WrongArguments("there is no recipe '" + name + "'; there are " + (all.empty() ? "none" : all) +
                       ", and a file of your own by its path");
}

std::shared_ptr<const Model> train_one(const Recipe& recipe, const std::shared_ptr<const Grammar>& grammar,
                                       std::uint64_t seed, Pool& pool) {
  Trainer trainer(recipe, grammar, seed);
  while (!trainer.finished()) {
    trainer.step(&pool);
    const TrainingProgress& progress = trainer.progress();
    if (progress.step % kBetweenReports == 0 || trainer.finished()) {
      std::fprintf(stderr, "seed %llu: step %d of %d, loss %.4f, %.1f s\n",
                   static_cast<unsigned long long>(seed), progress.step, progress.n_steps, progress.loss,
                   progress.seconds);
    }
  }
  return trainer.snapshot();
}

std::vector<NamedShare> train_baselines(const Recipe& recipe, const std::shared_ptr<const Grammar>& grammar,
                                        std::uint64_t seed, Pool& pool) {
  std::fprintf(stderr, "now the baselines: untrained, and trained alike with one layer\n");
  const auto report = [](const TrainingProgress& progress) {
    if (progress.step % kBetweenReports == 0)
      std::fprintf(stderr, "one layer: step %d of %d, loss %.4f\n", progress.step, progress.n_steps,
                   progress.loss);
  };
  std::vector<NamedShare> baselines = trained_baselines(recipe, grammar, seed, &pool, nullptr, report);
  std::printf("\n%s", baseline_table(baselines, seed).c_str());
  return baselines;
}

// One seed, as soon as it is there: the first as the model itself, the others in its folder seeds/N.
void keep(const Model& model, Recipe recipe, const Grammar& grammar, const SeedResult& result, bool is_first,
          const std::filesystem::path& out) {
  recipe.seed = result.seed;
  const std::filesystem::path folder = is_first ? out : out / "seeds" / std::to_string(result.seed);
  save_model(model, grammar, model_card(recipe, grammar, {result}, model.n_parameters), folder);
  std::fprintf(stderr, "saved in %s\n", folder.string().c_str());
}

void train(const TrainArguments& arguments) {
  if (arguments.out.empty() && !arguments.evaluate)
    throw WrongArguments(
        "train would make a model and forget it; say where to keep it (--out FOLDER), or have it measured "
        "(--evaluate)");
  const std::filesystem::path file = recipe_file(arguments.recipe);
  Recipe recipe = load_recipe(file);
  if (arguments.n_steps > 0) recipe.optimiser.n_steps = arguments.n_steps;
  const auto grammar = std::make_shared<const Grammar>(Grammar::load(file.parent_path() / recipe.grammar));
  Pool pool(arguments.threads);
  const std::uint64_t first = arguments.has_seed ? arguments.seed : recipe.seed;

  std::vector<std::shared_ptr<const Model>> kept;  // opened before the first is saved: it may be one of them
  for (const std::string& folder : arguments.of) kept.push_back(open_model(folder, &pool).model);
  const int n_models = kept.empty() ? arguments.n_seeds : static_cast<int>(kept.size());
  std::vector<SeedResult> results;
  std::size_t n_parameters = 0;
  for (int i = 0; i < n_models; ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    const auto model =
        kept.empty() ? train_one(recipe, grammar, seed, pool) : kept[static_cast<std::size_t>(i)];
    n_parameters = model->n_parameters;
    results.push_back(evaluate(recipe, *model, *grammar, seed, 500, &pool));
    if (!arguments.out.empty()) keep(*model, recipe, *grammar, results.back(), i == 0, arguments.out);
  }
  std::vector<NamedShare> baselines;
  if (arguments.evaluate) {
    std::printf("%s", evaluation_table(results).c_str());
    std::fflush(stdout);
    if (!arguments.no_baselines) baselines = train_baselines(recipe, grammar, first, pool);
  }
  recipe.seed = first;
  if (!arguments.out.empty() && (results.size() > 1 || !baselines.empty()))
    save_card(model_card(recipe, *grammar, results, n_parameters, baselines), arguments.out);
}

}  // namespace

void add_train(Commands commands) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command =
      commands.program.add_subcommand("train", "Trains a small model from nothing, by a recipe");
  command->add_option("recipe", arguments->recipe, "a built-in recipe, as pronouns-en, or a .recipe file")
      ->required();
  command->add_option("--out", arguments->out, "folder for the model");
  CLI::Option* seed = command->add_option("--seed", arguments->seed, "seed; without it the recipe's own");
  command
      ->add_option("--seeds", arguments->n_seeds,
                   "train this many, counting up from the seed: ranges in the tables")
      ->check(CLI::Range(1, 100));
  command->add_option(
      "--of", arguments->of,
      "instead of training, these kept models, in the order of their seeds: measured, and with "
      "--out put together as one model with its seeds");
  command->add_option("--steps", arguments->n_steps, "steps; without it the recipe's own")
      ->check(CLI::Range(1, 10000000));
  command->add_option("--threads", arguments->threads, "threads to compute with (0: one per core)")
      ->check(CLI::Range(0, 1024));
  command->add_flag("--evaluate", arguments->evaluate,
                    "print how it does on held-out sentences, with baselines");
  command->add_flag(
      "--no-baselines", arguments->no_baselines,
      "with --evaluate: leave out the untrained and the one-layer model, which take as long again");
  commands.on(command, [arguments, seed] {
    arguments->has_seed = seed->count() > 0;
    train(*arguments);
  });
}

}  // namespace attn::app
