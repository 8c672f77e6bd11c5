#include "core/forward/restart.h"

#include <algorithm>
#include <utility>

#include "core/forward/thumbnails.h"
#include "core/model/model.h"

namespace attn {

namespace {

bool same_matrix(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && a == b;
}

bool kept_alike(const LayerRecord& record, bool keep_weights) {
  const auto alike = [&](const std::optional<AttentionRecord>& attention) {
    return !attention || attention->weights.empty() != keep_weights;
  };
  return alike(record.self) && alike(record.cross);
}

// The layers of `previous` that stay as they are when its stack is given the same input.
int untouched_layers(const StackTrace& previous, const StackPlan& old_plan, const StackPlan& new_plan,
                     bool complete, bool keep_weights) {
  if (old_plan.position != new_plan.position || old_plan.numbers != new_plan.numbers) return 0;
  const int n_layers = static_cast<int>(new_plan.layers.size());
  const int n_done = static_cast<int>(previous.layers.size());
  int layer = 0;
  while (layer < n_done && kept_alike(*previous.layers[static_cast<std::size_t>(layer)], keep_weights) &&
         old_plan.layers[static_cast<std::size_t>(layer)] == new_plan.layers[static_cast<std::size_t>(layer)])
    ++layer;
  // What enters the next layer must be known too: its record has it, or the finished stack.
  if (layer == n_done && !(complete && layer == n_layers)) --layer;
  return std::max(layer, 0);
}

void start_at(int layer, const StackTrace& previous, int n_layers, StackTrace& own,
              StackStart<float>& start) {
  own.layers.assign(previous.layers.begin(), previous.layers.begin() + layer);
  start.layer = layer;
  if (layer == 0) return;
  if (layer < n_layers)
    start.stream = previous.layers[static_cast<std::size_t>(layer)]->input;
  else
    start.stream = previous.before_norm.size() > 0 ? previous.before_norm : previous.output;
}

// The first tokens of a decoder that an earlier pass can have computed as this one would: 0 when its rows
// depend on what comes after them, or on anything else that changed. The last token is always computed.
Index untouched_rows(const Trace& previous, const StackPlan& old_plan, const StackPlan& new_plan,
                     bool keep_weights, const Trace& trace) {
  const ModelSpec& spec = trace.model->spec;
  const bool is_target = spec.encoder.has_value();
  if (!previous.complete || old_plan != new_plan || !keep_weights) return 0;
  if (!is_target && spec.input != InputKind::words) return 0;
  for (const LayerPlan& layer : new_plan.layers)
    if (!layer.self.looks_only_back() || (layer.cross && layer.cross->mixes_queries())) return 0;
  for (const auto& record : previous.decoder.layers)
    if (!kept_alike(*record, keep_weights)) return 0;

  const std::vector<int>& old_ids = is_target ? previous.inputs.target_ids : previous.inputs.ids;
  const std::vector<int>& new_ids = is_target ? trace.inputs.target_ids : trace.inputs.ids;
  if (!is_target && (!previous.inputs.type_ids.empty() || !trace.inputs.type_ids.empty())) return 0;
  const auto length = [](const std::vector<int>& ids) { return static_cast<Index>(ids.size()); };
  const std::vector<int> old_positions =
      new_plan.position.positions(spec.decoder->position, length(old_ids), old_ids);
  const std::vector<int> new_positions =
      new_plan.position.positions(spec.decoder->position, length(new_ids), new_ids);
  std::size_t n = 0;
  while (n + 1 < new_ids.size() && n < old_ids.size() && old_ids[n] == new_ids[n] &&
         old_positions[n] == new_positions[n])
    ++n;
  return static_cast<Index>(n);
}

}  // namespace

bool Inputs::operator==(const Inputs& other) const {
  return ids == other.ids && type_ids == other.type_ids && target_ids == other.target_ids &&
         same_matrix(pixels, other.pixels) && channels == other.channels &&
         samples.size() == other.samples.size() && samples == other.samples &&
         same_matrix(features, other.features);
}

void take_over(const Trace& previous, const PassPlan& plan, bool keep_weights, Trace& trace,
               ForwardOptions<float>& options) {
  if (previous.model != trace.model || previous.patched) return;
  const ModelSpec& spec = trace.model->spec;
  const PassPlan old_plan = plan_pass(spec, previous.interventions);

  bool source_untouched = true;
  if (spec.encoder) {
    Inputs old_source = previous.inputs;  // all but the target, which the encoder does not see
    old_source.target_ids = trace.inputs.target_ids;
    if (old_source != trace.inputs) return;
    const int n_layers = spec.encoder->n_layers();
    const int layer =
        untouched_layers(previous.encoder, *old_plan.encoder, *plan.encoder, previous.complete, keep_weights);
    start_at(layer, previous.encoder, n_layers, trace.encoder, options.encoder_start);
    trace.first_computed_layer = layer;
    source_untouched = layer == n_layers;
  }
  if (!spec.decoder || !source_untouched) return;
  if (previous.inputs == trace.inputs) {
    const int layer =
        untouched_layers(previous.decoder, *old_plan.decoder, *plan.decoder, previous.complete, keep_weights);
    start_at(layer, previous.decoder, spec.decoder->n_layers(), trace.decoder, options.decoder_start);
    if (!spec.encoder) trace.first_computed_layer = layer;
    return;
  }
  const Index n_past = untouched_rows(previous, *old_plan.decoder, *plan.decoder, keep_weights, trace);
  options.decoder_start.row = n_past;
  trace.first_computed_row = static_cast<int>(n_past);
  for (std::size_t l = 0; n_past > 0 && l < previous.decoder.layers.size(); ++l) {
    const AttentionRecord& record = *previous.decoder.layers[l]->self;
    options.decoder_start.past.push_back(
        {rows_of(view(record.keys), 0, n_past), rows_of(view(record.values), 0, n_past)});
  }
}

Matrix follow_rows(const Matrix& earlier, Index n_past, const Matrix& now) {
  Matrix all(n_past + now.rows(), now.cols());
  all << earlier.topRows(n_past), now;
  return all;
}

namespace {

AttentionRecord follow_attention(const AttentionRecord& earlier, Index n_past, const AttentionRecord& now,
                                 Pool* pool) {
  AttentionRecord all;
  all.queries = follow_rows(earlier.queries, n_past, now.queries);
  all.keys = now.keys;
  all.values = now.values;
  all.mixed = follow_rows(earlier.mixed, n_past, now.mixed);
  all.weights.resize(now.weights.size());
  all.thumbnails.resize(now.weights.size());
  parallel_for(pool, static_cast<Index>(now.weights.size()), [&](Index i) {
    const std::size_t h = static_cast<std::size_t>(i);
    const Matrix& below = now.weights[h];
    // Earlier tokens give later ones nothing; keys of the source are the same in both.
    const Index n_seen = std::min(earlier.weights[h].cols(), below.cols());
    Matrix& weights = all.weights[h];
    weights.resize(n_past + below.rows(), below.cols());
    weights.topLeftCorner(n_past, n_seen) = earlier.weights[h].topLeftCorner(n_past, n_seen);
    weights.topRightCorner(n_past, below.cols() - n_seen).setZero();
    weights.bottomRows(below.rows()) = below;
    all.thumbnails[h] = empty_thumbnail<float>(weights.rows(), weights.cols());
    pool_into_thumbnail<float>(view(std::as_const(weights)), 0, weights.rows(), all.thumbnails[h]);
  });
  return all;
}

}  // namespace

std::shared_ptr<const LayerRecord> follow_rows(const LayerRecord& earlier, Index n_past,
                                               const LayerRecord& now, Pool* pool) {
  auto all = std::make_shared<LayerRecord>();
  all->input = follow_rows(earlier.input, n_past, now.input);
  all->self = follow_attention(*earlier.self, n_past, *now.self, pool);
  all->self_out = follow_rows(earlier.self_out, n_past, now.self_out);
  if (now.cross) {
    all->cross = follow_attention(*earlier.cross, n_past, *now.cross, pool);
    all->cross_out = follow_rows(earlier.cross_out, n_past, now.cross_out);
  }
  all->ffn_out = follow_rows(earlier.ffn_out, n_past, now.ffn_out);
  return all;
}

}  // namespace attn
