#include "app/views/map_values.h"

#include <array>

#include "app/views/view_parts.h"
#include "core/analysis/parameters_of.h"
#include "core/analysis/rollout.h"
#include "core/analysis/weighing.h"
#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

// Above these a job would take minutes: rollout multiplies [T, T] matrices, flow looks for paths through all
// layers.
constexpr std::size_t kMostRolloutTokens = 2048;
constexpr std::size_t kMostFlowEdges = 300'000;

Matrix flow_of(const Trace& trace, const HeadId& head, int query, const CancelToken* cancel) {
  std::vector<Matrix> layers;
  for (int layer = 0; layer <= head.layer; ++layer)
    layers.push_back(with_residual(mean_of_heads(trace, head.stack, layer)));
  const Index n = layers.front().rows();
  Matrix flow = Matrix::Zero(n, n);
  flow.row(query) = attention_flow(layers, query, cancel);
  return flow;
}

Matrix work_out(const Trace& trace, const HeadId& head, MapValues values, int query, JobControl& control) {
  switch (values) {
    case MapValues::value_weighted:
      return value_weighted(trace, head);
    case MapValues::norms:
      return norm_weighted(trace, head);
    case MapValues::layer_mean:
      return mean_of_heads(trace, head.stack, head.layer);
    case MapValues::rollout:
      return rollout_up_to(trace, head.stack, head.layer, control.cancel());
    case MapValues::head_rollout:
      return rollout_of_head(trace, head, control.cancel());
    case MapValues::flow:
      return flow_of(trace, head, query, control.cancel());
    case MapValues::weights:
      break;
  }
  return {};
}

bool needs_values(MapValues values) {
  return values == MapValues::value_weighted || values == MapValues::norms;
}

}  // namespace

std::string_view name_of(MapValues values) {
  static constexpr std::array<std::string_view, kMapValues> kNames = {
      "weights", "value_weighted", "norms", "layer_mean", "rollout", "head_rollout", "flow"};
  return kNames[static_cast<std::size_t>(values)];
}

std::string map_values_key(const Side& side, const HeadId& head, MapValues values, int query) {
  const bool of_query = values == MapValues::flow;
  return "map_values/" + std::to_string(side.id) + "/" + std::string(name_of(values)) + "/" +
         to_text(head, true) + (of_query ? "/" + std::to_string(query) : "");
}

std::string_view why_no_values(const Side& side, const HeadId& head, MapValues values, int query) {
  const Trace& trace = *side.trace;
  const std::size_t n_tokens = trace.key_tokens(head.stack).size();
  if (needs_values(values)) {
    if (!trace.model) return "map_values.why_recording";
    const AttentionRecord* record = trace.attention(head.stack, head.layer);
    if (!record || record->values.size() == 0) return "map_values.why_pointer";
    const bool no_output = values == MapValues::norms &&
                           attention_parameters(*trace.model, head.stack, head.layer).output.empty();
    return no_output ? "map_values.why_pointer" : "";
  }
  if (values == MapValues::weights || values == MapValues::layer_mean) return "";
  if (head.stack == Stack::cross) return "map_values.why_cross";
  if (values != MapValues::flow) return n_tokens > kMostRolloutTokens ? "map_values.why_long" : "";
  if (query < 0 || query >= static_cast<int>(n_tokens)) return "map_values.why_no_query";
  return n_tokens * n_tokens * static_cast<std::size_t>(head.layer + 1) > kMostFlowEdges
             ? "map_values.why_long_flow"
             : "";
}

Answer<Matrix> want_map_values(const Frame& frame, const std::shared_ptr<const Side>& side,
                               const HeadId& head, MapValues values, int query, Intents& intents) {
  if (side->id == 0 || !why_no_values(*side, head, values, query).empty()) return {};
  const std::string key = map_values_key(*side, head, values, query);
  intents.want<Matrix>(key, [side, head, values, query](JobControl& control) {
    return work_out(*side->trace, head, values, query, control);
  });
  return frame.answer<Matrix>(key);
}

std::string map_values_title(const Words& words, const Side& side, const HeadId& head, MapValues values,
                             int query, const ViewState& view) {
  const std::string name = head_name(*side.trace, head, view);
  if (values == MapValues::weights) return name;
  const std::string layer = "L" + std::to_string(head.layer + (view.count_heads_from_one ? 1 : 0));
  const std::vector<std::string>& tokens = side.trace->query_tokens(head.stack);
  const std::string word = query >= 0 && query < static_cast<int>(tokens.size())
                               ? readable_token(tokens, static_cast<std::size_t>(query))
                               : "–";
  return words("map_values.title." + std::string(name_of(values)),
               {{"head", name}, {"layer", layer}, {"word", word}});
}

bool rows_sum_to_one(MapValues values) {
  return !needs_values(values) && values != MapValues::flow;
}

}  // namespace attn::app
