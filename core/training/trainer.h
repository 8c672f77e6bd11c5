#pragma once

#include <memory>

#include "core/math/pool.h"
#include "core/training/batch_sampler.h"
#include "core/training/objective.h"
#include "core/training/optimiser.h"
#include "core/training/recipe.h"

namespace attn {

struct TrainingProgress {
  int step = 0, n_steps = 0;
  double loss = 0, output_loss = 0, attention_loss = 0;  // of the last step
  double seconds = 0;                                    // spent in step() so far
};

// Trains one model from nothing, a step at a time, so that a worker can pause, look, or stop between any two.
// For one seed the numbers are bit-equal at any number of threads: a batch is always cut into the same parts,
// and their gradients are added in the same order. Used by one thread at a time; snapshots may go anywhere.
class Trainer {
 public:
  Trainer(const Recipe& recipe, std::shared_ptr<const Grammar> grammar, std::uint64_t seed);

  // One step on fresh sentences. With a cancelled token: throws Cancelled, the parameters untouched.
  void step(Pool* pool = nullptr, const CancelToken* cancel = nullptr);
  bool finished() const { return progress_.step >= progress_.n_steps; }
  const TrainingProgress& progress() const { return progress_; }
  // The model as it is now: a copy that training does not touch.
  std::shared_ptr<const Model> snapshot() const;

  const Recipe& recipe() const { return recipe_; }
  const Grammar& grammar() const { return *grammar_; }
  const ModelSpec& spec() const { return spec_; }
  // trained_with(recipe): passes of a snapshot are run so.
  const Interventions& with() const { return with_; }

 private:
  std::vector<Batch> draw(int step) const;

  Recipe recipe_;
  std::shared_ptr<const Grammar> grammar_;
  ModelSpec spec_;
  Interventions with_;
  std::uint64_t seed_;
  Weights<float> weights_;
  std::vector<Batch> batch_;               // the parts that the next step() learns from; empty: not drawn yet
  std::vector<Weights<float>> gradients_;  // one for each part of a batch
  Optimiser optimiser_;
  TrainingProgress progress_;
};

}  // namespace attn
