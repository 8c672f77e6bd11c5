#include "core/training/record.h"

#include <cmath>
#include <limits>

#include "core/training/rotation.h"

namespace attn {

namespace {

template <class S>
MatrixOf<S> normed(const NormSpec& spec, const NormParameters<S>& norm, const MatrixOf<S>& x) {
  MatrixOf<S> out(x.rows(), x.cols());
  if (spec.kind == NormKind::none) return x;
  if (spec.kind == NormKind::layer)
    layer_norm_rows<S>(view(x), norm.gain, norm.bias, static_cast<S>(spec.epsilon), view(out));
  else
    rms_norm_rows<S>(view(x), norm.gain, S(0), static_cast<S>(spec.epsilon), view(out));
  return out;
}

template <class S>
MatrixOf<S> attend(const AttentionSpec& spec, const AttentionParameters<S>& parameters, const PositionSpec* position,
                   AttentionTape<S>& tape, const std::vector<Span>& queries_at, const MatrixOf<S>& key_source,
                   const std::vector<Span>& keys_at) {
  tape.queries = parameters.query(view(std::as_const(tape.read)));
  tape.keys = parameters.key(view(key_source));
  tape.values = parameters.value(view(key_source));
  if (position != nullptr && position->kind == PositionKind::rotary) {
    rotate_rows<S>(position->rotary, queries_at, spec.d_head, 1, view(tape.queries));
    rotate_rows<S>(position->rotary, keys_at, spec.d_head, 1, view(tape.keys));
  }
  tape.mixed.resize(tape.queries.rows(), tape.queries.cols());
  const int share = spec.n_heads / spec.n_kv_heads;
  tape.weights.clear();
  for (std::size_t s = 0; s < queries_at.size(); ++s) {
    for (int h = 0; h < spec.n_heads; ++h) {
      const auto block = [&](const MatrixOf<S>& m, const Span& rows, int head) {
        return rows_of(columns_of(view(m), head * spec.d_head, spec.d_head), rows.first, rows.count);
      };
      const auto q = block(tape.queries, queries_at[s], h);
      const auto k = block(tape.keys, keys_at[s], h / share);
      const auto v = block(tape.values, keys_at[s], h / share);
      MatrixOf<S> weights(q.rows(), k.rows());
      if (spec.scoring == Scoring::dot_product) {
        product_transposed<S>(q, k, static_cast<S>(spec.scale), view(weights));
      } else {
        for (Index i = 0; i < q.rows(); ++i)
          for (Index j = 0; j < k.rows(); ++j)
            weights(i, j) = static_cast<S>(spec.scale) *
                            ((q.row(i) + k.row(j)).array().tanh() * parameters.additive.row(h).array()).sum();
      }
      if (spec.causal)
        for (Index i = 0; i < weights.rows(); ++i)
          for (Index j = i + 1; j < weights.cols(); ++j) weights(i, j) = -std::numeric_limits<S>::infinity();
      softmax_rows<S>(view(weights));
      product<S>(view(std::as_const(weights)), v,
                 rows_of(columns_of(view(tape.mixed), h * spec.d_head, spec.d_head), queries_at[s].first,
                         queries_at[s].count));
      tape.weights.push_back(std::move(weights));
    }
  }
  return parameters.output(view(std::as_const(tape.mixed)));
}

}  // namespace

template <class S>
StackTape<S> record_stack(const StackSpec& spec, const EmbeddingSpec& embedding, const EmbeddingParameters<S>& words,
                          const StackParameters<S>& parameters, std::vector<int> ids, std::vector<Span> sequences,
                          const StackTape<S>* source) {
  StackTape<S> tape;
  tape.ids = std::move(ids);
  tape.sequences = std::move(sequences);
  MatrixOf<S> x(static_cast<Index>(tape.ids.size()), spec.d_model);
  for (const Span& span : tape.sequences) {
    for (Index t = 0; t < span.count; ++t) {
      const Index r = span.first + t;
      x.row(r) = words.words.row(tape.ids[static_cast<std::size_t>(r)]) * static_cast<S>(embedding.scale);
      if (words.token_types.rows() > 0) x.row(r) += words.token_types.row(0);
      if (spec.position.kind == PositionKind::learned) x.row(r) += parameters.position_table.row(t + spec.position.offset);
      if (spec.position.kind == PositionKind::sinusoidal)
        x.row(r) += sinusoid<S>(static_cast<int>(t), spec.d_model, spec.position.order);
    }
  }
  tape.embedding_sum = x;
  if (spec.embedding_norm) x = normed(spec.norm, parameters.embedding_norm, x);
  const bool before = spec.norm_place == NormPlace::before;
  for (int l = 0; l < spec.n_layers(); ++l) {
    const LayerSpec& layer_spec = spec.layers[static_cast<std::size_t>(l)];
    const LayerParameters<S>& layer = parameters.layers[static_cast<std::size_t>(l)];
    LayerTape<S>& out = tape.layers.emplace_back();

    out.self_norm_input = x;
    out.self.read = before ? normed(spec.norm, layer.self_norm, x) : x;
    const MatrixOf<S> self_read = out.self.read;
    MatrixOf<S> branch = attend(layer_spec.self, layer.self, &spec.position, out.self, tape.sequences, self_read, tape.sequences);
    x += branch;
    if (!before) {
      out.self_norm_input = x;
      x = normed(spec.norm, layer.self_norm, x);
    }
    if (layer_spec.cross) {
      out.cross_norm_input = x;
      out.cross.read = before ? normed(spec.norm, layer.cross_norm, x) : x;
      branch = attend<S>(*layer_spec.cross, layer.cross, nullptr, out.cross, tape.sequences, source->output, source->sequences);
      x += branch;
      if (!before) {
        out.cross_norm_input = x;
        x = normed(spec.norm, layer.cross_norm, x);
      }
    }
    out.ffn_norm_input = x;
    out.ffn_read = before ? normed(spec.norm, layer.ffn_norm, x) : x;
    out.up = layer.up(view(std::as_const(out.ffn_read)));
    if (layer_spec.feed_forward.gated) {
      out.gate = layer.gate(view(std::as_const(out.ffn_read)));
      out.activated = out.gate;
      activate<S>(layer_spec.feed_forward.activation, view(out.activated));
      out.activated.array() *= out.up.array();
    } else {
      out.activated = out.up;
      activate<S>(layer_spec.feed_forward.activation, view(out.activated));
    }
    x += layer.down(view(std::as_const(out.activated)));
    if (!before) {
      out.ffn_norm_input = x;
      x = normed(spec.norm, layer.ffn_norm, x);
    }
  }
  tape.final_norm_input = x;
  tape.output = spec.final_norm ? normed(spec.norm, parameters.final_norm, x) : x;
  return tape;
}

template StackTape<float> record_stack<float>(const StackSpec&, const EmbeddingSpec&, const EmbeddingParameters<float>&,
                                              const StackParameters<float>&, std::vector<int>, std::vector<Span>,
                                              const StackTape<float>*);
template StackTape<double> record_stack<double>(const StackSpec&, const EmbeddingSpec&,
                                                const EmbeddingParameters<double>&, const StackParameters<double>&,
                                                std::vector<int>, std::vector<Span>, const StackTape<double>*);

}  // namespace attn
