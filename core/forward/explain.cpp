#include <algorithm>

#include "core/forward/embedding.h"
#include "core/forward/forward.h"
#include "core/forward/head.h"
#include "core/forward/output.h"
#include "core/forward/pass.h"
#include "core/forward/plan.h"
#include "core/forward/retrace.h"
#include "core/math/error.h"
#include "core/math/rows.h"

namespace attn {

namespace {

const Model& model_of(const Trace& trace) {
  if (!trace.model)
    throw Error(
        "This is a recording: it has the weights of its heads, but no model to compute anything else with.");
  return *trace.model;
}

const StackSpec& spec_of(const ModelSpec& spec, Stack stack) {
  const std::optional<StackSpec>& own = stack == Stack::encoder ? spec.encoder : spec.decoder;
  if (!own) throw Error("This model has no " + std::string(name_of(stack)) + ".");
  return *own;
}

// One head of a finished pass, put to work again on the q, k and v that its Trace recorded.
class HeadAgain {
 public:
  HeadAgain(const Trace& trace, const HeadId& id)
      : model_(model_of(trace)), record_(trace.attention(id.stack, id.layer)) {
    const ModelSpec& spec = model_.spec;
    const bool cross = id.stack == Stack::cross;
    const StackSpec& stack = spec_of(spec, id.stack);
    if (!record_)
      throw Error("Layer " + std::to_string(id.layer) + " of the " + std::string(name_of(id.stack)) +
                  " is not there (yet).");
    const std::size_t l = static_cast<std::size_t>(id.layer);
    attention_ = cross ? &*stack.layers[l].cross : &stack.layers[l].self;
    if (id.head < 0 || id.head >= attention_->n_heads)
      throw Error("There is no head " + std::to_string(id.head) + ": a layer has " +
                  std::to_string(attention_->n_heads) + ", counted from 0.");

    const PassPlan pass_plan = plan_pass(spec, trace.interventions);
    const StackPlan& stack_plan = id.stack == Stack::encoder ? *pass_plan.encoder : *pass_plan.decoder;
    layer_plan_ = stack_plan.layers[l];
    const StackParameters<float>& parameters =
        id.stack == Stack::encoder ? model_.parameters.encoder : model_.parameters.decoder;
    const LayerParameters<float>& layer = parameters.layers[stack.parameters_of(id.layer)];
    parameters_ = cross ? &layer.cross : &layer.self;

    const Index d = attention_->d_head;
    const Index group = id.head / (attention_->n_heads / attention_->n_kv_heads);
    work.spec = attention_;
    work.plan = cross ? &*layer_plan_.cross : &layer_plan_.self;
    work.head = id.head;
    point_at(work.queries, columns_of(view(record_->queries), id.head * d, d));
    point_at(work.keys, columns_of(view(record_->keys), group * d, d));
    point_at(work.values, columns_of(view(record_->values), group * d, d));
    if (parameters_->additive.size() > 0) work.additive = parameters_->additive.row(id.head).data();
    if (!cross) place(trace, id, stack, parameters, stack_plan.position);
  }
  HeadAgain(const HeadAgain&) = delete;
  HeadAgain& operator=(const HeadAgain&) = delete;

  HeadAtWork<float> work;
  const AttentionRecord& record() const { return *record_; }
  const AttentionParameters<float>& parameters() const { return *parameters_; }
  bool is_on() const { return layer_plan_.parts.attention; }

 private:
  void place(const Trace& trace, const HeadId& id, const StackSpec& stack,
             const StackParameters<float>& parameters, const PositionPlan& plan) {
    BatchRows rows;
    rows.add(record_->queries.rows());
    positions_ = token_positions(model_.spec, id.stack, plan, {&trace.inputs, 1}, rows);
    segments_ = token_segments(model_.spec, id.stack, {&trace.inputs, 1});
    terms_ = make_position_terms<float>(stack, parameters, id.layer, plan, positions_);
    HeadPositions<float>& own = work.positions;
    own.terms = &terms_;
    own.head = id.head;
    own.d_head = attention_->d_head;
    own.query_positions = own.key_positions = positions_;
    own.query_segments = own.key_segments = segments_;
    own.prepare(work.keys, static_cast<float>(work.plan->scale));
  }

  const Model& model_;
  const AttentionRecord* record_;
  const AttentionSpec* attention_ = nullptr;
  const AttentionParameters<float>* parameters_ = nullptr;
  LayerPlan layer_plan_;
  std::vector<int> positions_, segments_;
  PositionTerms<float> terms_;
};

// body(first, count) for the same blocks of queries that the pass worked on.
template <class F>
void for_query_blocks(Pool* pool, Index n_queries, F body) {
  parallel_for(pool, (n_queries + kQueriesAtOnce - 1) / kQueriesAtOnce, [&](Index block) {
    const Index first = block * kQueriesAtOnce;
    body(first, std::min(kQueriesAtOnce, n_queries - first));
  });
}

}  // namespace

namespace {

// Queries [first, first + n) of a head, opened up.
HeadExplanation explain_rows(const Trace& trace, const HeadId& id, Index first, Index n) {
  const HeadAgain head(trace, id);
  const HeadAtWork<float>& work = head.work;
  if (n < 0) n = work.queries.rows();
  if (first < 0 || first + n > work.queries.rows())
    throw Error("There is no query " + std::to_string(first) + ": there are " +
                std::to_string(work.queries.rows()) + ", counted from 0.");
  const Index n_keys = work.keys.rows();
  const Index d = work.spec->d_head;
  HeadExplanation out;
  out.queries = rows_of(work.queries, first, n);
  out.keys = work.keys;
  out.values = work.values;
  out.content.resize(n, n_keys);
  for_query_blocks(nullptr, n, [&](Index from, Index count) {
    content_scores<float>(work, first + from, rows_of(view(out.content), from, count));
  });
  out.scores = out.content;
  if (!work.positions.empty()) {
    out.position = Matrix::Zero(n, n_keys);
    for_query_blocks(nullptr, n, [&](Index from, Index count) {
      add_positions<float>(work, first + from, rows_of(view(out.position), from, count));
      add_positions<float>(work, first + from, rows_of(view(out.scores), from, count));
    });
  }
  finish_scores<float>(work, first, view(out.scores));

  out.visible.resize(n, n_keys);
  for (Index q = 0; q < n; ++q)
    for (Index k = 0; k < n_keys; ++k)
      out.visible(q, k) = work.plan->mask.visible(first + q, k) ? 1.0f : 0.0f;
  out.weights = out.scores;
  scores_to_weights<float>(work, first, view(out.weights));

  out.mixed = head.record().mixed.block(first, id.head * d, n, d);
  const Matrix output_columns = head.parameters().output.weight_columns(id.head * d, d);
  out.part.resize(n, output_columns.rows());
  product_transposed<float>(view(std::as_const(out.mixed)), view(output_columns), head.is_on() ? 1.0f : 0.0f,
                            view(out.part));
  return out;
}

}  // namespace

HeadExplanation explain_head(const Trace& trace, const HeadId& id) {
  return explain_rows(trace, id, 0, -1);
}

HeadExplanation explain_query(const Trace& trace, const HeadId& id, int query) {
  return explain_rows(trace, id, query, 1);
}

void for_weight_rows(const Trace& trace, const HeadId& id,
                     const std::function<void(Index first, const HeadWeights& rows)>& body) {
  if (const std::optional<HeadWeights> kept = trace.weights(id)) return body(0, *kept);
  const HeadAgain head(trace, id);
  const Index n_queries = head.work.queries.rows();
  Matrix block(std::min(n_queries, kQueriesAtOnce), head.work.keys.rows());
  for (Index first = 0; first < n_queries; first += kQueriesAtOnce) {
    const View rows = rows_of(view(block), 0, std::min(kQueriesAtOnce, n_queries - first));
    head_weights<float>(head.work, first, rows);
    body(first, HeadWeights(as_const(rows)));
  }
}

Matrix compute_weights(const Trace& trace, const HeadId& id, Pool* pool) {
  const AttentionRecord* record = trace.attention(id.stack, id.layer);
  if (record && id.head >= 0 && static_cast<std::size_t>(id.head) < record->weights.size())
    return record->weights[static_cast<std::size_t>(id.head)];
  const HeadAgain head(trace, id);
  Matrix weights(head.work.queries.rows(), head.work.keys.rows());
  for_query_blocks(pool, weights.rows(), [&](Index first, Index count) {
    head_weights<float>(head.work, first, rows_of(view(weights), first, count));
  });
  return weights;
}

Matrix compute_logits(const Trace& trace, std::span<const int> rows, Pool* pool) {
  const Model& model = model_of(trace);
  const ModelSpec& spec = model.spec;
  const OutputParameters<float>& parameters = model.parameters.output;
  if (parameters.project.empty() && parameters.transform.empty())
    throw Error("This model has no output layer: it ends with its hidden states.");
  const Matrix& hidden = spec.decoder ? trace.decoder.output : trace.encoder.output;
  if (hidden.rows() == 0) throw Error("The pass has not reached its last layer yet.");
  const bool of_the_whole = spec.output == OutputKind::sequence_label || spec.output == OutputKind::none;
  const std::vector<int>& ids = spec.is_encoder_decoder() ? trace.inputs.target_ids : trace.inputs.ids;
  const std::vector<int> whole = label_rows(spec, !parameters.distilled_project.empty(), hidden.rows(), ids);
  const Matrix picked = asked_rows(hidden, of_the_whole ? std::span<const int>(whole) : rows);
  return apply_output<float>(spec, parameters, view(picked), pool);
}

Matrix compute_ffn_activations(const Trace& trace, Stack stack, int layer, std::span<const int> rows) {
  const Model& model = model_of(trace);
  const StackSpec& spec = spec_of(model.spec, stack);
  const StackTrace& done = stack == Stack::encoder ? trace.encoder : trace.decoder;
  if (layer < 0 || layer >= static_cast<int>(done.layers.size()))
    throw Error("Layer " + std::to_string(layer) + " of the " + std::string(name_of(stack)) +
                " is not there (yet).");
  const LayerRecord& record = *done.layers[static_cast<std::size_t>(layer)];
  const PassPlan plan = plan_pass(model.spec, trace.interventions);
  const Matrix input = asked_rows(record.input, rows);
  BatchRows batch;
  batch.add(input.rows());
  const bool encoder = stack == Stack::encoder;
  StackPass<float> pass(spec, encoder ? model.parameters.encoder : model.parameters.decoder,
                        encoder ? *plan.encoder : *plan.decoder, batch, Keep(), nullptr, {});
  pass.name_tokens(rows);
  return pass.feed_forward_activations(
      layer, input, attention_output(trace, stack, layer, rows),
      record.cross ? attention_output(trace, Stack::cross, layer, rows) : Matrix());
}

}  // namespace attn
