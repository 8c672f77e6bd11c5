#include "core/training/backward.h"

#include <cmath>
#include <utility>

#include "core/attention/positions.h"
#include "core/math/backward_rows.h"

namespace attn {

template <class S>
MatrixOf<S> dense_backward(const DenseWeights<S>& weights, const MatrixOf<S>& x, const MatrixOf<S>& dy,
                           DenseWeights<S>& gradient) {
  add_product_of_transposed<S>(view(dy), view(x), view(gradient.weight));
  if (gradient.bias.size() > 0) gradient.bias += dy.colwise().sum();
  MatrixOf<S> dx(x.rows(), x.cols());
  product<S>(view(dy), view(weights.weight), view(dx));
  return dx;
}

template <class S>
MatrixOf<S> norm_backward(const NormSpec& spec, const NormWeights<S>& weights, const MatrixOf<S>& x,
                          const MatrixOf<S>& dy, NormWeights<S>& gradient) {
  if (spec.kind == NormKind::none) return dy;
  MatrixOf<S> dx(x.rows(), x.cols());
  const S epsilon = static_cast<S>(spec.epsilon);
  RowOf<S> normal(x.cols()), d_normal(x.cols());
  for (Index r = 0; r < x.rows(); ++r) {
    const S mean = spec.kind == NormKind::layer ? x.row(r).mean() : S(0);
    normal.array() = x.row(r).array() - mean;
    const S inverse = S(1) / std::sqrt(normal.array().square().mean() + epsilon);
    normal *= inverse;
    d_normal.array() = dy.row(r).array() * weights.gain.array();
    gradient.gain += dy.row(r).cwiseProduct(normal);
    if (gradient.bias.size() > 0) gradient.bias += dy.row(r);
    const S along = d_normal.cwiseProduct(normal).mean();
    const S shift = spec.kind == NormKind::layer ? d_normal.mean() : S(0);
    dx.row(r).array() = inverse * (d_normal.array() - shift - normal.array() * along);
  }
  return dx;
}

namespace {

// d loss / d scores of one head → d loss / d its queries and keys. d_scores: [Tq, Tk], already scaled.
template <class S>
void scores_backward(const AttentionSpec& spec, const AttentionWeights<S>& weights, int head,
                     const MatrixOf<S>& d_scores, ConstViewOf<S> queries, ConstViewOf<S> keys,
                     ViewOf<S> d_queries, ViewOf<S> d_keys, AttentionWeights<S>& gradient) {
  if (spec.scoring == Scoring::dot_product) {
    product<S>(view(d_scores), keys, d_queries);
    add_product_of_transposed<S>(view(d_scores), queries, d_keys);
    return;
  }
  for (Index i = 0; i < d_scores.rows(); ++i)
    for (Index j = 0; j < d_scores.cols(); ++j) {
      const RowOf<S> t = (queries.row(i) + keys.row(j)).array().tanh();
      gradient.additive.row(head) += d_scores(i, j) * t;
      const RowOf<S> inner =
          d_scores(i, j) * weights.additive.row(head).array() * (S(1) - t.array().square());
      d_queries.row(i) += inner;
      d_keys.row(j) += inner;
    }
}

// The rows of one sequence and the columns of one head.
template <class V>
V block(V all, Index first_row, Index n_rows, Index first_column, Index n_columns) {
  return columns_of(rows_of(all, first_row, n_rows), first_column, n_columns);
}

// A rotation's transpose turns the other way.
template <class S>
void turn_back(const RotarySpec& rotary, const BatchRows& rows, Index d_head, MatrixOf<S>& gradient) {
  std::vector<int> positions;
  for (Index s = 0; s < rows.n_sequences(); ++s)
    for (Index t = 0; t < rows.count(s); ++t) positions.push_back(static_cast<int>(t));
  RotaryTable<S> table =
      rotary_table<S>(positions, rotary.inverse_frequencies, rotary.magnitude, rotary.interleaved);
  table.sin = -table.sin;
  rotate<S>(table, 0, d_head, view(gradient));
}

}  // namespace

template <class S>
MatrixOf<S> attention_backward(const AttentionSpec& spec, const PositionSpec* position,
                               const AttentionWeights<S>& weights, const AttentionSteps<S>& steps,
                               const MatrixOf<S>& read, const BatchRows& query_rows,
                               const MatrixOf<S>& key_source, const BatchRows& key_rows,
                               const std::vector<MatrixOf<S>>* slopes, const MatrixOf<S>& d_out,
                               AttentionWeights<S>& gradient, MatrixOf<S>* d_source) {
  const MatrixOf<S> d_mixed = dense_backward(weights.output, steps.mixed, d_out, gradient.output);
  MatrixOf<S> d_queries = MatrixOf<S>::Zero(steps.queries.rows(), steps.queries.cols());
  MatrixOf<S> d_keys = MatrixOf<S>::Zero(steps.keys.rows(), steps.keys.cols());
  MatrixOf<S> d_values = MatrixOf<S>::Zero(steps.values.rows(), steps.values.cols());
  const int share = spec.n_heads / spec.n_kv_heads;
  const Index d_head = spec.d_head;
  const S scale = static_cast<S>(spec.scale);
  MatrixOf<S> dw;
  for (Index s = 0; s < query_rows.n_sequences(); ++s) {
    const Index q = query_rows.begin(s), n_queries = query_rows.count(s), k = key_rows.begin(s),
                n_keys = key_rows.count(s);
    for (int h = 0; h < spec.n_heads; ++h) {
      const std::size_t at = static_cast<std::size_t>(s * spec.n_heads + h);
      const MatrixOf<S>& w = steps.weights[at];
      const Index q_column = h * d_head, k_column = (h / share) * d_head;
      const ConstViewOf<S> dm = block(view(d_mixed), q, n_queries, q_column, d_head);
      dw.resize(w.rows(), w.cols());
      product_transposed<S>(dm, block(view(steps.values), k, n_keys, k_column, d_head), S(1), view(dw));
      add_product_of_transposed<S>(view(w), dm, block(view(d_values), k, n_keys, k_column, d_head));
      if (slopes != nullptr && (*slopes)[at].size() > 0) dw += (*slopes)[at];
      // Through the softmax: ds = w ∘ (dw - Σ dw ∘ w).
      for (Index i = 0; i < w.rows(); ++i) {
        const S along = dw.row(i).dot(w.row(i));
        dw.row(i).array() = w.row(i).array() * (dw.row(i).array() - along) * scale;
      }
      scores_backward<S>(spec, weights, h, dw, block(view(steps.queries), q, n_queries, q_column, d_head),
                         block(view(steps.keys), k, n_keys, k_column, d_head),
                         block(view(d_queries), q, n_queries, q_column, d_head),
                         block(view(d_keys), k, n_keys, k_column, d_head), gradient);
    }
  }
  if (position != nullptr && position->kind == PositionKind::rotary) {
    turn_back(position->rotary, query_rows, spec.d_head, d_queries);
    turn_back(position->rotary, key_rows, spec.d_head, d_keys);
  }
  MatrixOf<S> d_read = dense_backward(weights.query, read, d_queries, gradient.query);
  MatrixOf<S> d_from_keys = dense_backward(weights.key, key_source, d_keys, gradient.key);
  d_from_keys += dense_backward(weights.value, key_source, d_values, gradient.value);
  (d_source != nullptr ? *d_source : d_read) += d_from_keys;
  return d_read;
}

namespace {

template <class S>
MatrixOf<S> feed_forward_backward(const FeedForwardSpec& spec, const LayerWeights<S>& weights,
                                  const FeedForwardSteps<S>& steps, const MatrixOf<S>& read,
                                  const MatrixOf<S>& d_out, LayerWeights<S>& gradient) {
  if (weights.up.weight.size() == 0) return MatrixOf<S>::Zero(read.rows(), read.cols());
  MatrixOf<S> d_hidden = dense_backward(weights.down, steps.hidden, d_out, gradient.down);
  if (!spec.gated) {
    multiply_by_slope<S>(spec.activation, view(steps.up), view(d_hidden));
    return dense_backward(weights.up, read, d_hidden, gradient.up);
  }
  MatrixOf<S> gate = steps.gate;
  activate<S>(spec.activation, view(gate));
  const MatrixOf<S> d_up = d_hidden.cwiseProduct(gate);
  MatrixOf<S> d_gate = d_hidden.cwiseProduct(steps.up);
  multiply_by_slope<S>(spec.activation, view(steps.gate), view(d_gate));
  MatrixOf<S> d_read = dense_backward(weights.up, read, d_up, gradient.up);
  d_read += dense_backward(weights.gate, read, d_gate, gradient.gate);
  return d_read;
}

template <class S>
const std::vector<MatrixOf<S>>* slopes_of(const WeightSlopes<S>* slopes, std::size_t layer) {
  if (slopes == nullptr) return nullptr;
  const auto found = slopes->find(static_cast<int>(layer));
  return found == slopes->end() ? nullptr : &found->second;
}

}  // namespace

template <class S>
void stack_backward(const StackSpec& spec, const EmbeddingSpec& embedding, const StackWeights<S>& weights,
                    const StackSteps<S>& steps, const std::vector<int>& ids, MatrixOf<S> dx,
                    const StackGradient<S>& gradient, const StackSteps<S>* source, MatrixOf<S>* d_source) {
  const bool before = spec.norm_place == NormPlace::before;
  // One branch x + f(norm x), or norm(x + f(x)): `f` takes what the branch read and the gradient at its
  // output to the gradient at what it read. residual: whether x + is there.
  const auto through = [&](const NormWeights<S>& norm, const MatrixOf<S>& entering,
                           const BranchSteps<S>& branch, NormWeights<S>& d_norm, bool residual,
                           const auto& f) {
    if (before) {
      const MatrixOf<S> d_read = f(branch.read.size() > 0 ? branch.read : entering, dx);
      MatrixOf<S> d_entering = norm_backward(spec.norm, norm, entering, d_read, d_norm);
      if (residual) d_entering += dx;
      dx = std::move(d_entering);
    } else {
      dx = norm_backward(spec.norm, norm, branch.sum, dx, d_norm);
      MatrixOf<S> d_read = f(entering, dx);
      if (residual) d_read += dx;
      dx = std::move(d_read);
    }
  };
  if (spec.final_norm)
    dx = norm_backward(spec.norm, weights.final_norm, steps.before_norm, dx, gradient.stack.final_norm);
  for (std::size_t l = spec.layers.size(); l-- > 0;) {
    const LayerSpec& layer_spec = spec.layers[l];
    const LayerWeights<S>& layer = weights.layers[l];
    const LayerSteps<S>& done = steps.layers[l];
    LayerWeights<S>& d_layer = gradient.stack.layers[l];
    // A layer that has no feed-forward network leaves the stream as it is.
    const bool no_feed_forward = layer.up.weight.size() == 0;
    through(layer.ffn_norm, done.feed_forward.input, done.feed_forward, d_layer.ffn_norm,
            gradient.residual || no_feed_forward, [&](const MatrixOf<S>& read, const MatrixOf<S>& d_out) {
              return feed_forward_backward(layer_spec.feed_forward, layer, done.feed_forward, read, d_out,
                                           d_layer);
            });
    if (layer_spec.cross)
      through(layer.cross_norm, done.cross.input, done.cross, d_layer.cross_norm, gradient.residual,
              [&](const MatrixOf<S>& read, const MatrixOf<S>& d_out) {
                return attention_backward<S>(
                    *layer_spec.cross, nullptr, layer.cross, done.cross, read, steps.rows, source->output,
                    source->rows, slopes_of(gradient.cross_slopes, l), d_out, d_layer.cross, d_source);
              });
    through(layer.self_norm, done.input, done.self, d_layer.self_norm, gradient.residual,
            [&](const MatrixOf<S>& read, const MatrixOf<S>& d_out) {
              return attention_backward<S>(layer_spec.self, &spec.position, layer.self, done.self, read,
                                           steps.rows, read, steps.rows, slopes_of(gradient.self_slopes, l),
                                           d_out, d_layer.self, nullptr);
            });
  }
  if (spec.embedding_norm)
    dx = norm_backward(spec.norm, weights.embedding_norm, steps.embedding.sum, dx,
                       gradient.stack.embedding_norm);
  for (Index s = 0; s < steps.rows.n_sequences(); ++s)
    for (Index t = 0; t < steps.rows.count(s); ++t) {
      const Index r = steps.rows.begin(s) + t;
      gradient.tables.words.row(ids[static_cast<std::size_t>(r)]) +=
          dx.row(r) * static_cast<S>(embedding.scale);
      if (gradient.tables.token_types.rows() > 0) gradient.tables.token_types.row(0) += dx.row(r);
      if (spec.position.kind == PositionKind::learned)
        gradient.stack.position_table.row(t + spec.position.offset) += dx.row(r);
    }
}

#define ATTN_INSTANTIATE_BACKWARD(S)                                                                     \
  template MatrixOf<S> dense_backward<S>(const DenseWeights<S>&, const MatrixOf<S>&, const MatrixOf<S>&, \
                                         DenseWeights<S>&);                                              \
  template MatrixOf<S> norm_backward<S>(const NormSpec&, const NormWeights<S>&, const MatrixOf<S>&,      \
                                        const MatrixOf<S>&, NormWeights<S>&);                            \
  template MatrixOf<S> attention_backward<S>(                                                            \
      const AttentionSpec&, const PositionSpec*, const AttentionWeights<S>&, const AttentionSteps<S>&,   \
      const MatrixOf<S>&, const BatchRows&, const MatrixOf<S>&, const BatchRows&,                        \
      const std::vector<MatrixOf<S>>*, const MatrixOf<S>&, AttentionWeights<S>&, MatrixOf<S>*);          \
  template void stack_backward<S>(const StackSpec&, const EmbeddingSpec&, const StackWeights<S>&,        \
                                  const StackSteps<S>&, const std::vector<int>&, MatrixOf<S>,            \
                                  const StackGradient<S>&, const StackSteps<S>*, MatrixOf<S>*);
ATTN_INSTANTIATE_BACKWARD(float)
ATTN_INSTANTIATE_BACKWARD(double)
#undef ATTN_INSTANTIATE_BACKWARD

}  // namespace attn
