#include "core/forward/restart.h"

#include <algorithm>

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
  if (old_plan.position != new_plan.position) return 0;
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

  Inputs old_source = previous.inputs;  // all but the target, which the encoder does not see
  old_source.target_ids = trace.inputs.target_ids;
  if (old_source != trace.inputs) return;

  bool source_untouched = true;
  if (spec.encoder) {
    const int n_layers = spec.encoder->n_layers();
    const int layer =
        untouched_layers(previous.encoder, *old_plan.encoder, *plan.encoder, previous.complete, keep_weights);
    start_at(layer, previous.encoder, n_layers, trace.encoder, options.encoder_start);
    trace.first_computed_layer = layer;
    source_untouched = layer == n_layers;
  }
  if (spec.decoder && source_untouched && previous.inputs.target_ids == trace.inputs.target_ids) {
    const int layer =
        untouched_layers(previous.decoder, *old_plan.decoder, *plan.decoder, previous.complete, keep_weights);
    start_at(layer, previous.decoder, spec.decoder->n_layers(), trace.decoder, options.decoder_start);
    if (!spec.encoder) trace.first_computed_layer = layer;
  }
}

}  // namespace attn
