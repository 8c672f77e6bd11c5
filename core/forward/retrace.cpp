#include "core/forward/retrace.h"

#include <array>

#include "core/forward/plan.h"
#include "core/math/error.h"

namespace attn {

namespace {

const Model& model_of_pass(const Trace& trace) {
  if (!trace.model)
    throw Error("This is a recording: it has the weights of its heads, but no model to compute with.");
  return *trace.model;
}

// Of the parts of a model that a stack is made of; cross attention belongs to the decoder.
struct StackParts {
  const StackSpec& spec;
  const StackParameters<float>& parameters;
  const StackTrace& done;
};

StackParts parts_of(const Trace& trace, Stack stack) {
  const Model& model = model_of_pass(trace);
  const bool encoder = stack == Stack::encoder;
  const std::optional<StackSpec>& spec = encoder ? model.spec.encoder : model.spec.decoder;
  if (!spec) throw Error("This model has no " + std::string(name_of(stack)) + ".");
  return {*spec, encoder ? model.parameters.encoder : model.parameters.decoder,
          encoder ? trace.encoder : trace.decoder};
}

}  // namespace

Matrix pick_rows(const Matrix& all, std::span<const int> rows) {
  Matrix out(static_cast<Index>(rows.size()), all.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || rows[i] >= all.rows())
      throw Error("There is no token " + std::to_string(rows[i]) + ": there are " +
                  std::to_string(all.rows()) + ", counted from 0.");
    out.row(static_cast<Index>(i)) = all.row(rows[i]);
  }
  return out;
}

Matrix asked_rows(const Matrix& all, std::span<const int> rows) {
  return rows.empty() ? all : pick_rows(all, rows);
}

namespace {

const LayerRecord& record_of(const StackParts& parts, Stack stack, int layer) {
  if (layer < 0 || layer >= static_cast<int>(parts.done.layers.size()))
    throw Error("Layer " + std::to_string(layer) + " of the " + std::string(name_of(stack)) +
                " is not there (yet).");
  return *parts.done.layers[static_cast<std::size_t>(layer)];
}

}  // namespace

Matrix attention_output(const Trace& trace, Stack stack, int layer, std::span<const int> rows) {
  const bool cross = stack == Stack::cross;
  if (cross) stack = Stack::decoder;
  const StackParts parts = parts_of(trace, stack);
  const LayerRecord& record = record_of(parts, stack, layer);
  const std::optional<AttentionRecord>& attention = cross ? record.cross : record.self;
  if (!attention) return {};
  const Matrix& kept = cross ? record.cross_out : record.self_out;
  if (kept.size() > 0) return asked_rows(kept, rows);
  const PassPlan plan = plan_pass(trace.model->spec, trace.interventions);
  Matrix mixed = asked_rows(attention->mixed, rows);
  BatchRows batch;
  batch.add(mixed.rows());
  StackPass<float> pass(parts.spec, parts.parameters, stack == Stack::encoder ? *plan.encoder : *plan.decoder,
                        batch, Keep(), nullptr, {});
  pass.name_tokens(rows);
  return pass.attention_output(cross, layer, std::move(mixed));
}

BranchOutputs branch_outputs(const Trace& trace, Stack stack, int layer, int token) {
  const LayerRecord& record = record_of(parts_of(trace, stack), stack, layer);
  const auto row = [](const Matrix& all, Index r) { return all.size() > 0 ? Row(all.row(r)) : Row(); };
  if (record.self_out.size() > 0)
    return {row(record.self_out, token), row(record.cross_out, token), row(record.ffn_out, token)};
  const std::array<int, 1> rows = {token};
  const LayerSteps<float> steps = retrace_rows(trace, stack, layer, rows).steps;
  return {row(steps.self.out, 0), row(steps.cross.out, 0), row(steps.feed_forward.out, 0)};
}

RetracedLayer retrace_rows(const Trace& trace, Stack stack, int layer, std::span<const int> rows) {
  const StackParts parts = parts_of(trace, stack);
  const LayerRecord& record = record_of(parts, stack, layer);
  const PassPlan plan = plan_pass(trace.model->spec, trace.interventions);
  BatchRows batch;
  batch.add(static_cast<Index>(rows.size()));
  Keep keep;
  keep.steps = true;
  StackPass<float> pass(parts.spec, parts.parameters, stack == Stack::encoder ? *plan.encoder : *plan.decoder,
                        batch, keep, nullptr, {});
  pass.name_tokens(rows);
  RetracedLayer out;
  out.output = pass.retrace_layer(
      layer, pick_rows(record.input, rows), attention_output(trace, stack, layer, rows),
      record.cross ? attention_output(trace, Stack::cross, layer, rows) : Matrix(), out.steps);
  return out;
}

RetracedEmbedding retrace_embedding(const Trace& trace, Stack stack) {
  if (stack == Stack::cross) stack = Stack::decoder;
  parts_of(trace, stack);  // refuses what is not there
  const Model& model = *trace.model;
  const PassPlan plan = plan_pass(model.spec, trace.interventions);
  const StackPlan& own = stack == Stack::encoder ? *plan.encoder : *plan.decoder;
  BatchRows rows;
  rows.add(count_tokens(model.spec, stack, trace.inputs));
  RetracedEmbedding out;
  out.positions = token_positions(model.spec, stack, own.position, {&trace.inputs, 1}, rows);
  out.steps.keep_parts = true;
  out.output = embed<float>(model.spec, model.parameters, stack, own, {&trace.inputs, 1}, rows, out.positions,
                            nullptr, &out.steps);
  return out;
}

}  // namespace attn
