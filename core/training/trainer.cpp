#include "core/training/trainer.h"

#include <chrono>

namespace attn {

namespace {

constexpr int kParts = 4;  // fixed: results must not depend on the number of threads

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

void Trainer::step(Pool* pool, const CancelToken* cancel) {
  throw_if_cancelled(cancel);
  const auto begin = std::chrono::steady_clock::now();
  const Random random = Random(seed_).fork(static_cast<std::uint64_t>(progress_.step) + 1);
  const std::vector<Batch> parts = draw_batch(recipe_, spec_, *grammar_, random, progress_.step, kParts);
  const ParametersOf<float> packed = pack(weights_, spec_);
  std::vector<Losses> losses(parts.size());
  parallel_for(pool, static_cast<std::ptrdiff_t>(parts.size()), [&](std::ptrdiff_t i) {
    const std::size_t p = static_cast<std::size_t>(i);
    visit(gradients_[p], [](const std::string&, auto& values, bool) { values.setZero(); });
    if (!parts[p].inputs.empty())
      losses[p] = loss_and_gradient(spec_, weights_, packed, parts[p], &gradients_[p], with_);
  });
  throw_if_cancelled(cancel);

  std::vector<std::pair<float*, Index>> sum;
  visit(gradients_[0],
        [&](const std::string&, auto& values, bool) { sum.emplace_back(values.data(), values.size()); });
  for (std::size_t p = 1; p < gradients_.size(); ++p) {
    std::size_t at = 0;
    visit(gradients_[p], [&](const std::string&, auto& values, bool) {
      Eigen::Map<Eigen::ArrayXf>(sum[at].first, sum[at].second) +=
          Eigen::Map<const Eigen::ArrayXf>(values.data(), values.size());
      ++at;
    });
  }
  optimiser_.step(weights_, gradients_[0]);

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
