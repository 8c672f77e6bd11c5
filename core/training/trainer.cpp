#include "core/training/trainer.h"

#include <chrono>

namespace attn {

namespace {

constexpr int kParts = 4;  // fixed: results must not depend on the number of threads

// Adds all others to the first.
void add_up(std::vector<Weights<float>>& gradients, Pool* pool) {
  using Values = Eigen::Map<Eigen::ArrayXf>;
  std::vector<std::vector<Values>> parts(gradients.size());
  for (std::size_t p = 0; p < gradients.size(); ++p)
    visit(gradients[p], [&](const std::string&, auto& values, bool) {
      parts[p].emplace_back(values.data(), values.size());
    });
  parallel_for(pool, static_cast<std::ptrdiff_t>(parts[0].size()), [&](std::ptrdiff_t i) {
    const auto at = static_cast<std::size_t>(i);
    for (std::size_t p = 1; p < parts.size(); ++p) parts[0][at] += parts[p][at];
  });
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, std::shared_ptr<const Grammar> grammar, std::uint64_t seed)
    : recipe_(recipe),
      grammar_(std::move(grammar)),
      spec_(spec_of(recipe, *grammar_)),
      with_(trained_with(recipe)),
      seed_(seed),
      weights_(fresh_weights<float>(spec_, Random(seed).fork(0))),
      gradients_(kParts, zero_weights<float>(spec_)),
      optimiser_(spec_, recipe.optimiser) {
  progress_.n_steps = recipe.optimiser.n_steps;
}

std::vector<Batch> Trainer::draw(int step) const {
  const Random random = Random(seed_).fork(static_cast<std::uint64_t>(step) + 1);
  return draw_batch(recipe_, spec_, *grammar_, random, step, kParts);
}

void Trainer::step(Pool* pool, const CancelToken* cancel) {
  throw_if_cancelled(cancel);
  const auto begin = std::chrono::steady_clock::now();
  if (batch_.empty()) batch_ = draw(progress_.step);
  const ParametersOf<float> packed = pack(weights_, spec_);
  std::vector<Losses> losses(kParts);
  std::vector<Batch> next;
  parallel_for(pool, kParts + 1, [&](std::ptrdiff_t i) {
    if (i == 0) {  // sentences are drawn for the next step while this one is computed
      next = draw(progress_.step + 1);
      return;
    }
    const std::size_t p = static_cast<std::size_t>(i) - 1;
    visit(gradients_[p], [](const std::string&, auto& values, bool) { values.setZero(); });
    if (!batch_[p].inputs.empty())
      losses[p] = loss_and_gradient(spec_, weights_, packed, batch_[p], &gradients_[p], with_);
  });
  throw_if_cancelled(cancel);
  batch_ = std::move(next);
  add_up(gradients_, pool);
  optimiser_.step(weights_, gradients_[0], pool);

  progress_.loss = progress_.output_loss = progress_.attention_loss = 0;
  for (const Losses& part : losses) {
    progress_.output_loss += part.outputs;
    progress_.attention_loss += part.attention;
  }
  progress_.loss = progress_.output_loss + progress_.attention_loss;
  ++progress_.step;
  progress_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::shared_ptr<const Model> Trainer::snapshot() const {
  auto model = std::make_shared<Model>();
  model->spec = spec_;
  model->parameters = pack(weights_, spec_);
  model->name = recipe_.name;
  model->n_parameters = count(weights_);
  model->memory_bytes = model->n_parameters * sizeof(float);
  return model;
}

}  // namespace attn
