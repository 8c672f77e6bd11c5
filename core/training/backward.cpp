#include "core/training/backward.h"

#include <cmath>

#include "core/training/rotation.h"

namespace attn {

template <class S>
MatrixOf<S> dense_backward(const DenseWeights<S>& weights, const MatrixOf<S>& x, const MatrixOf<S>& dy,
                           DenseWeights<S>& gradient) {
  // dW = dyᵀ x, with the transpose written out so that the vector kernel reads rows.
  const MatrixOf<S> dy_transposed = dy.transpose();
  MatrixOf<S> dw(dy.cols(), x.cols());
  product<S>(view(dy_transposed), view(x), view(dw));
  gradient.weight += dw;
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
  for (Index r = 0; r < x.rows(); ++r) {
    const S mean = spec.kind == NormKind::layer ? x.row(r).mean() : S(0);
    const RowOf<S> centred = x.row(r).array() - mean;
    const S inverse = S(1) / std::sqrt(centred.array().square().mean() + epsilon);
    const RowOf<S> normal = centred * inverse;
    const RowOf<S> d_normal = dy.row(r).cwiseProduct(weights.gain);
    gradient.gain += dy.row(r).cwiseProduct(normal);
    if (gradient.bias.size() > 0) gradient.bias += dy.row(r);
    const S along = d_normal.cwiseProduct(normal).mean();
    const S shift = spec.kind == NormKind::layer ? d_normal.mean() : S(0);
    dx.row(r).array() = inverse * (d_normal.array() - shift - normal.array() * along);
  }
  return dx;
}

template <class S>
MatrixOf<S> attention_backward(const AttentionSpec& spec, const PositionSpec* position,
                               const AttentionWeights<S>& weights, const AttentionTape<S>& tape,
                               const std::vector<Span>& queries_at, const MatrixOf<S>& key_source,
                               const std::vector<Span>& keys_at, const MatrixOf<S>& d_out,
                               AttentionWeights<S>& gradient, MatrixOf<S>* d_source) {
  const MatrixOf<S> d_mixed = dense_backward(weights.output, tape.mixed, d_out, gradient.output);
  MatrixOf<S> d_queries = MatrixOf<S>::Zero(tape.queries.rows(), tape.queries.cols());
  MatrixOf<S> d_keys = MatrixOf<S>::Zero(tape.keys.rows(), tape.keys.cols());
  MatrixOf<S> d_values = MatrixOf<S>::Zero(tape.values.rows(), tape.values.cols());
  const int share = spec.n_heads / spec.n_kv_heads;
  const Index d_head = spec.d_head;
  const S scale = static_cast<S>(spec.scale);
  for (std::size_t s = 0; s < queries_at.size(); ++s) {
    const Span qs = queries_at[s], ks = keys_at[s];
    for (int h = 0; h < spec.n_heads; ++h) {
      const std::size_t at = s * static_cast<std::size_t>(spec.n_heads) + static_cast<std::size_t>(h);
      const MatrixOf<S>& w = tape.weights[at];
      const Index q0 = h * d_head, k0 = (h / share) * d_head;
      const auto dm = d_mixed.block(qs.first, q0, qs.count, d_head);
      MatrixOf<S> dw(w.rows(), w.cols());
      dw.noalias() = dm * tape.values.block(ks.first, k0, ks.count, d_head).transpose();
      d_values.block(ks.first, k0, ks.count, d_head).noalias() += w.transpose() * dm;
      if (!tape.weights_gradient.empty() && tape.weights_gradient[at].size() > 0) dw += tape.weights_gradient[at];
      // Through the softmax: ds = w ∘ (dw - Σ dw ∘ w).
      for (Index i = 0; i < w.rows(); ++i) {
        const S along = dw.row(i).dot(w.row(i));
        dw.row(i).array() = w.row(i).array() * (dw.row(i).array() - along) * scale;
      }
      if (spec.scoring == Scoring::dot_product) {
        d_queries.block(qs.first, q0, qs.count, d_head).noalias() += dw * tape.keys.block(ks.first, k0, ks.count, d_head);
        d_keys.block(ks.first, k0, ks.count, d_head).noalias() +=
            dw.transpose() * tape.queries.block(qs.first, q0, qs.count, d_head);
      } else {
        for (Index i = 0; i < qs.count; ++i)
          for (Index j = 0; j < ks.count; ++j) {
            const RowOf<S> t = (tape.queries.block(qs.first + i, q0, 1, d_head) + tape.keys.block(ks.first + j, k0, 1, d_head)).array().tanh();
            gradient.additive.row(h) += dw(i, j) * t;
            const RowOf<S> inner = dw(i, j) * weights.additive.row(h).array() * (S(1) - t.array().square());
            d_queries.block(qs.first + i, q0, 1, d_head) += inner;
            d_keys.block(ks.first + j, k0, 1, d_head) += inner;
          }
      }
    }
  }
  if (position != nullptr && position->kind == PositionKind::rotary) {
    rotate_rows<S>(position->rotary, queries_at, spec.d_head, -1, view(d_queries));
    rotate_rows<S>(position->rotary, keys_at, spec.d_head, -1, view(d_keys));
  }
  MatrixOf<S> d_read = dense_backward(weights.query, tape.read, d_queries, gradient.query);
  MatrixOf<S> d_keys_source = dense_backward(weights.key, key_source, d_keys, gradient.key);
  d_keys_source += dense_backward(weights.value, key_source, d_values, gradient.value);
  if (d_source != nullptr) *d_source += d_keys_source;
  else d_read += d_keys_source;
  return d_read;
}

namespace {

template <class S>
MatrixOf<S> feed_forward_backward(const FeedForwardSpec& spec, const LayerWeights<S>& weights, const LayerTape<S>& tape,
                                  const MatrixOf<S>& d_out, LayerWeights<S>& gradient) {
  MatrixOf<S> d_activated = dense_backward(weights.down, tape.activated, d_out, gradient.down);
  const auto slope = [&](S x) { return activation_slope(spec.activation, x); };
  if (!spec.gated) {
    d_activated.array() *= tape.up.unaryExpr(slope).array();
    return dense_backward(weights.up, tape.ffn_read, d_activated, gradient.up);
  }
  const MatrixOf<S> gate = tape.gate.unaryExpr([&](S x) { return activate_one(spec.activation, x); });
  const MatrixOf<S> d_up = d_activated.cwiseProduct(gate);
  const MatrixOf<S> d_gate = d_activated.cwiseProduct(tape.up).cwiseProduct(tape.gate.unaryExpr(slope));
  MatrixOf<S> d_read = dense_backward(weights.up, tape.ffn_read, d_up, gradient.up);
  d_read += dense_backward(weights.gate, tape.ffn_read, d_gate, gradient.gate);
  return d_read;
}

}  // namespace

template <class S>
void stack_backward(const StackSpec& spec, const EmbeddingSpec& embedding, const StackWeights<S>& weights,
                    const StackTape<S>& tape, MatrixOf<S> dx, StackWeights<S>& gradient, Weights<S>& tables,
                    const StackTape<S>* source, MatrixOf<S>* d_source) {
  const bool before = spec.norm_place == NormPlace::before;
  // One branch x + f(norm x), or norm(x + f(x)): `f` takes the gradient at its output to that at its input.
  const auto through = [&](const NormWeights<S>& norm, const MatrixOf<S>& norm_input, NormWeights<S>& d_norm, const auto& f) {
    if (before) {
      const MatrixOf<S> d_read = f(dx);
      dx += norm_backward(spec.norm, norm, norm_input, d_read, d_norm);
    } else {
      dx = norm_backward(spec.norm, norm, norm_input, dx, d_norm);
      const MatrixOf<S> d_read = f(dx);
      dx += d_read;
    }
  };
  if (spec.final_norm) dx = norm_backward(spec.norm, weights.final_norm, tape.final_norm_input, dx, gradient.final_norm);
  for (std::size_t l = spec.layers.size(); l-- > 0;) {
    const LayerSpec& layer_spec = spec.layers[l];
    const LayerWeights<S>& layer = weights.layers[l];
    const LayerTape<S>& recorded = tape.layers[l];
    LayerWeights<S>& d_layer = gradient.layers[l];
    through(layer.ffn_norm, recorded.ffn_norm_input, d_layer.ffn_norm, [&](const MatrixOf<S>& d_out) {
      return feed_forward_backward(layer_spec.feed_forward, layer, recorded, d_out, d_layer);
    });
    if (layer_spec.cross)
      through(layer.cross_norm, recorded.cross_norm_input, d_layer.cross_norm, [&](const MatrixOf<S>& d_out) {
        return attention_backward<S>(*layer_spec.cross, nullptr, layer.cross, recorded.cross, tape.sequences, source->output,
                                  source->sequences, d_out, d_layer.cross, d_source);
      });
    through(layer.self_norm, recorded.self_norm_input, d_layer.self_norm, [&](const MatrixOf<S>& d_out) {
      return attention_backward<S>(layer_spec.self, &spec.position, layer.self, recorded.self, tape.sequences,
                                recorded.self.read, tape.sequences, d_out, d_layer.self, nullptr);
    });
  }
  if (spec.embedding_norm)
    dx = norm_backward(spec.norm, weights.embedding_norm, tape.embedding_sum, dx, gradient.embedding_norm);
  for (const Span& span : tape.sequences)
    for (Index t = 0; t < span.count; ++t) {
      const Index r = span.first + t;
      tables.words.row(tape.ids[static_cast<std::size_t>(r)]) += dx.row(r) * static_cast<S>(embedding.scale);
      if (tables.token_types.rows() > 0) tables.token_types.row(0) += dx.row(r);
      if (spec.position.kind == PositionKind::learned) gradient.position_table.row(t + spec.position.offset) += dx.row(r);
    }
}

#define ATTN_INSTANTIATE_BACKWARD(S)                                                                             \
  template MatrixOf<S> dense_backward<S>(const DenseWeights<S>&, const MatrixOf<S>&, const MatrixOf<S>&,         \
                                         DenseWeights<S>&);                                                      \
  template MatrixOf<S> norm_backward<S>(const NormSpec&, const NormWeights<S>&, const MatrixOf<S>&,              \
                                        const MatrixOf<S>&, NormWeights<S>&);                                    \
  template MatrixOf<S> attention_backward<S>(const AttentionSpec&, const PositionSpec*,                          \
                                             const AttentionWeights<S>&, const AttentionTape<S>&,                \
                                             const std::vector<Span>&, const MatrixOf<S>&,                       \
                                             const std::vector<Span>&, const MatrixOf<S>&, AttentionWeights<S>&, \
                                             MatrixOf<S>*);                                                      \
  template void stack_backward<S>(const StackSpec&, const EmbeddingSpec&, const StackWeights<S>&,                \
                                  const StackTape<S>&, MatrixOf<S>, StackWeights<S>&, Weights<S>&,               \
                                  const StackTape<S>*, MatrixOf<S>*);
ATTN_INSTANTIATE_BACKWARD(float)
ATTN_INSTANTIATE_BACKWARD(double)
#undef ATTN_INSTANTIATE_BACKWARD

}  // namespace attn
