#include "core/training/baselines.h"

namespace attn {

NamedShare headline(const SeedResult& result) {
  if (result.stories) return {"induction score of the best head", result.stories->induction.score};
  if (result.rows.size() > 1)
    return {"both twins right, " + result.rows[1].name, result.rows[1].score.pairs_right};
  const bool translates = !result.measures.empty() && result.measures.front().name.starts_with("held-out");
  return result.measures.at(translates ? 0 : 1);
}

std::vector<NamedShare> trained_baselines(const Recipe& recipe, std::shared_ptr<const Grammar> grammar,
                                          std::uint64_t seed, Pool* pool, const CancelToken* cancel,
                                          const std::function<void(const TrainingProgress&)>& on_step) {
  const auto measured = [&](const std::string& name, const Trainer& trainer) {
    const SeedResult result = evaluate(trainer.recipe(), *trainer.snapshot(), *grammar, seed, 500, pool);
    const NamedShare number = headline(result);
    return NamedShare{name + ": " + number.name, number.share};
  };
  std::vector<NamedShare> baselines = {measured("untrained", Trainer(recipe, grammar, seed))};
  Recipe single = recipe;
  single.n_layers = 1;
  Trainer trainer(single, grammar, seed);
  while (!trainer.finished()) {
    trainer.step(pool, cancel);
    if (on_step) on_step(trainer.progress());
  }
  baselines.push_back(measured("one layer, trained alike", trainer));
  return baselines;
}

}  // namespace attn
