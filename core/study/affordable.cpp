#include "core/study/affordable.h"

#include <optional>

#include "core/math/worded_error.h"
#include "core/model/load_model.h"

namespace attn {

namespace {

constexpr double kMostOperations = 4e12;  // some minutes of two cores
constexpr double kOperationsOfExp = 20;
constexpr int kMostTokens = 1 << 24;

}  // namespace

PassCost cost_of_pass(const StackSpec& stack, double n_tokens) {
  PassCost cost;
  cost.bytes = 2 * n_tokens * n_tokens * sizeof(float);  // a head's weights, and its scores beside them
  for (const LayerSpec& layer : stack.layers) {
    const AttentionSpec& attention = layer.self;
    const double queries = static_cast<double>(attention.n_heads) * attention.d_head;
    const double keys = static_cast<double>(attention.n_kv_heads) * attention.d_head;
    const double width = stack.d_model, inner = layer.feed_forward.d_ff;
    const double parameters =
        2 * width * (queries + keys) + width * inner * (layer.feed_forward.gated ? 3 : 2);
    cost.operations += 2 * n_tokens * parameters;
    cost.operations += n_tokens * n_tokens * (4 * queries + kOperationsOfExp * attention.n_heads);
    cost.bytes += n_tokens * (5 * width + 2 * queries + 2 * keys) * sizeof(float);
  }
  return cost;
}

int affordable_tokens(const StackSpec& stack, std::uint64_t free_bytes) {
  int fits = 1, too_many = kMostTokens;
  while (too_many - fits > 1) {
    const int n = fits + (too_many - fits) / 2;
    const PassCost cost = cost_of_pass(stack, n);
    const bool has_room = free_bytes == 0 || cost.bytes <= static_cast<double>(free_bytes) / 2;
    (has_room && cost.operations <= kMostOperations ? fits : too_many) = n;
  }
  // Two digits: what is free changes from one moment to the next.
  int unit = 1;
  while (fits / unit >= 100) unit *= 10;
  return fits / unit * unit;
}

void check_affordable(const ModelSpec& spec, Stack stack, std::size_t n_tokens) {
  constexpr std::size_t kAlwaysAffordable = 4096;
  const std::optional<StackSpec>& of = stack == Stack::encoder ? spec.encoder : spec.decoder;
  if (!of || n_tokens <= kAlwaysAffordable) return;
  const int most = affordable_tokens(*of, available_memory_bytes());
  if (n_tokens <= static_cast<std::size_t>(most)) return;
  const std::vector<std::pair<std::string, std::string>> values = {
      {"n", std::to_string(n_tokens)},
      {"limit", std::to_string(most)},
      {"memory",
       bytes_text(static_cast<std::uint64_t>(cost_of_pass(*of, static_cast<double>(n_tokens)).bytes))}};
  throw WordedError(
      spec.input == InputKind::samples || spec.input == InputKind::features
          ? worded("text.sound_too_much",
                   "this sound makes {n} moments, and attention among so many would take {memory} and hours "
                   "on this computer; {limit} will do: give a shorter sound",
                   values)
          : worded("text.too_much",
                   "the text has {n} tokens, and attention among so many would take {memory} and hours on "
                   "this computer; {limit} will do: shorten it, or cut it with --truncate {limit}",
                   values));
}

}  // namespace attn
