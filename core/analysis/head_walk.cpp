#include "core/analysis/head_walk.h"

#include <array>
#include <cmath>
#include <limits>

#include "core/analysis/parameters_of.h"
#include "core/forward/plan.h"
#include "core/math/error.h"
#include "core/math/rows.h"

namespace attn {

namespace {

constexpr Index kMostUnpacked = Index{64} << 20;  // parameters of one matrix that is unpacked for a picture

// Row `r`, or nothing where the matrix was not kept.
Row row_or_none(const Matrix& m, Index r) {
  return r < m.rows() ? Row(m.row(r)) : Row();
}

Matrix rows_of_head(const Linear<float>& map, Index first, Index count) {
  if (map.empty() || map.outputs() * map.inputs() > kMostUnpacked) return {};
  return map.weight().middleRows(first, count);
}

Row bias_of_head(const Linear<float>& map, Index first, Index count) {
  return map.bias().size() > 0 ? Row(map.bias().segment(first, count)) : Row();
}

// This head's part of W x + b for one token.
Row apply_head(const Linear<float>& map, const Row& x, Index first, Index count) {
  const Matrix one = x;
  return map(view(one)).row(0).segment(first, count);
}

void take_embedding(const Trace& trace, HeadWalk& walk) {
  const RetracedEmbedding embedding = retrace_embedding(trace, walk.head.stack);
  walk.word = row_or_none(embedding.steps.words, walk.query);
  walk.at_position = row_or_none(embedding.steps.positions, walk.query);
  walk.type = row_or_none(embedding.steps.types, walk.query);
  walk.summed = row_or_none(embedding.steps.sum, walk.query);
  walk.embedded = row_or_none(embedding.output, walk.query);
  walk.embedding_normed = stack_spec(*trace.model, walk.head.stack).embedding_norm ||
                          embedding.steps.normed.size() > 0 || walk.embedded.size() != walk.summed.size();
}

void take_layer(const Trace& trace, HeadWalk& walk) {
  const bool cross = walk.head.stack == Stack::cross;
  const Stack stack = cross ? Stack::decoder : walk.head.stack;
  const std::array<int, 2> rows = {walk.query, cross ? walk.query : walk.key};
  RetracedLayer both = retrace_rows(trace, stack, walk.head.layer, rows);
  const LayerSteps<float>& steps = both.steps;
  const AttentionSteps<float>& attention = cross ? steps.cross : steps.self;
  const Matrix& input = cross ? steps.cross.input : steps.input;
  walk.norm_before = attention.read.rows() > 0;
  const Matrix& read = walk.norm_before ? attention.read : input;
  walk.stream = input.row(0);
  walk.read = read.row(0);
  walk.key_read = cross ? Row(trace.encoder.output.row(walk.key)) : Row(read.row(1));
  const std::array<int, 1> one = {walk.query};
  RetracedLayer own = retrace_rows(trace, stack, walk.head.layer, one);
  walk.layer = std::move(own.steps);
  walk.next = own.output.row(0);
  const StackTrace& done = stack == Stack::encoder ? trace.encoder : trace.decoder;
  const StackSpec& spec = stack_spec(*trace.model, stack);
  const bool projected = done.output.cols() != spec.d_model;  // the norm's own result was not kept
  if (walk.last_layer && spec.final_norm && !projected)
    walk.final_norm = row_or_none(done.output, walk.query);
}

void take_projections(const Trace& trace, HeadWalk& walk) {
  const AttentionParameters<float>& p = attention_parameters(*trace.model, walk.head.stack, walk.head.layer);
  const Index d = walk.spec.d_head;
  const Index own = walk.head.head * d;
  const Index shared = walk.head.head / (walk.spec.n_heads / walk.spec.n_kv_heads) * d;
  walk.query_weight = rows_of_head(p.query, own, d);
  walk.key_weight = rows_of_head(p.key, shared, d);
  walk.value_weight = rows_of_head(p.value, shared, d);
  walk.query_bias = bias_of_head(p.query, own, d);
  walk.key_bias = bias_of_head(p.key, shared, d);
  walk.value_bias = bias_of_head(p.value, shared, d);
  walk.output_bias = p.output.bias();
  const LayerParameters<float>& layer = layer_parameters(*trace.model, walk.head.stack, walk.head.layer);
  const auto has_bias = [](const Linear<float>& linear) {
    return !linear.empty() && linear.bias().size() > 0;
  };
  walk.up_bias = has_bias(layer.up);
  walk.gate_bias = has_bias(layer.gate);
  walk.down_bias = has_bias(layer.down);
  const bool turned = walk.position == PositionKind::rotary && walk.head.stack != Stack::cross;
  if (turned || p.content_bias.size() > 0) walk.query_plain = apply_head(p.query, walk.read, own, d);
  if (turned) walk.key_plain = apply_head(p.key, walk.key_read, shared, d);
}

// Products by dimension, for each key.
void take_products(const Trace& trace, HeadWalk& walk) {
  const auto q = walk.at.queries.row(0).array();
  walk.products = walk.at.keys;
  const bool additive = walk.spec.scoring == Scoring::additive;
  Row v;
  if (additive)
    v = attention_parameters(*trace.model, walk.head.stack, walk.head.layer).additive.row(walk.head.head);
  for (Index k = 0; k < walk.products.rows(); ++k) {
    auto row = walk.products.row(k).array();
    if (additive)
      row = v.array() * (q + row).tanh();
    else
      row *= q;
  }
  walk.dots = walk.products.rowwise().sum().transpose();
}

void take_plan(const Trace& trace, HeadWalk& walk) {
  const PassPlan plan = plan_pass(trace.model->spec, trace.interventions);
  const StackPlan& stack = walk.head.stack == Stack::encoder ? *plan.encoder : *plan.decoder;
  const LayerPlan& layer = stack.layers[static_cast<std::size_t>(walk.head.layer)];
  const AttentionPlan& own = walk.head.stack == Stack::cross ? *layer.cross : layer.self;
  walk.position = stack.position.kind;
  walk.scale = own.scale;
  walk.trained_scale = walk.spec.scale;
  walk.temperature = own.temperature;
  walk.hard = own.hard;
  const auto off = own.heads_off.find(walk.head.head);
  walk.uniform = off != own.heads_off.end() && off->second == HeadOff::uniform;
  walk.head_off = off != own.heads_off.end() && off->second != HeadOff::uniform;
  for (const OverwrittenCell& cell : own.cells)
    if (cell.head.head == walk.head.head && cell.query == walk.query) walk.cells.push_back(cell);
  for (const OverwrittenNumber& one : own.numbers)
    if (one.place == NumberPlace::score && one.at.head == walk.head.head && one.token == walk.query)
      walk.set_scores.push_back(one);
}

}  // namespace

HeadWalk walk_head(const Trace& trace, const HeadId& id, int query, int key) {
  const Model& model = model_of(trace);
  HeadWalk walk;
  walk.head = id;
  walk.query = query;
  walk.at = explain_query(trace, id, query);  // checks head and query
  if (key < 0 || key >= walk.n_keys()) {
    Index strongest = 0;
    walk.at.weights.row(0).maxCoeff(&strongest);
    key = static_cast<int>(strongest);
  }
  walk.key = key;
  const StackSpec& stack = stack_spec(model, id.stack);
  const LayerSpec& layer = stack.layers[static_cast<std::size_t>(id.layer)];
  walk.spec = attention_spec(model, id.stack, id.layer);
  walk.norm_place = stack.norm_place;
  walk.has_norms = stack.norm.kind != NormKind::none;
  walk.parallel_residual = stack.parallel_residual;
  walk.shared_norm = stack.shared_norm;
  walk.feed_forward = layer.feed_forward;
  walk.last_layer = id.layer + 1 == stack.n_layers();

  take_plan(trace, walk);
  take_embedding(trace, walk);
  take_layer(trace, walk);
  take_projections(trace, walk);
  take_products(trace, walk);
  walk.weighted = walk.at.values;
  for (Index k = 0; k < walk.weighted.rows(); ++k) walk.weighted.row(k) *= walk.at.weights(0, k);
  walk.summed_values = walk.weighted.colwise().sum();
  const AttentionRecord& record = *trace.attention(id.stack, id.layer);
  walk.concat = record.mixed.row(query);
  walk.attention_out = (id.stack == Stack::cross ? walk.layer.cross : walk.layer.self).out.row(0);
  return walk;
}

Row weights_if(const HeadWalk& walk, double scale, double temperature) {
  Matrix scores = (walk.dots * static_cast<float>(scale)).eval();
  if (walk.at.position.size() > 0) scores += walk.at.position.row(0);
  const float cap = static_cast<float>(walk.spec.soft_cap);
  if (cap > 0) scores = ((scores.array() / cap).tanh() * cap).matrix();
  scores /= static_cast<float>(temperature);
  for (const OverwrittenNumber& one : walk.set_scores) scores(0, one.entry) = one.value;
  for (Index k = 0; k < scores.cols(); ++k)
    if (walk.at.visible(0, k) <= 0) scores(0, k) = -std::numeric_limits<float>::infinity();
  softmax_rows<float>(view(scores));
  return scores.row(0);
}

}  // namespace attn
