#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/model.h"
#include "core/training/random.h"

namespace attn {

// The parameters of a model while it learns: plain matrices in the shapes of core/model/model.h, where every
// number may change. A gradient and the optimiser's moments have the same shape, so they are Weights too.
// Empty matrices: the model does not have this part.

template <class S>
struct NormWeights {
  RowOf<S> gain, bias;  // [D]
};

template <class S>
struct DenseWeights {
  MatrixOf<S> weight;  // [outputs, inputs]
  RowOf<S> bias;       // [outputs]
};

template <class S>
struct AttentionWeights {
  DenseWeights<S> query, key, value, output;
  MatrixOf<S> additive;  // [H, d_head]
};

template <class S>
struct LayerWeights {
  NormWeights<S> self_norm, cross_norm, ffn_norm;
  AttentionWeights<S> self, cross;
  DenseWeights<S> up, gate, down;
};

template <class S>
struct StackWeights {
  MatrixOf<S> position_table;  // learned: [n_positions, D]
  NormWeights<S> embedding_norm, final_norm;
  std::vector<LayerWeights<S>> layers;
};

template <class S>
struct Weights {
  MatrixOf<S> words;        // [V, D]; also the output layer where tied
  MatrixOf<S> token_types;  // [n_types, D]; only the first is read
  StackWeights<S> encoder, decoder;
  DenseWeights<S> transform;  // output head: dense, activation, norm
  NormWeights<S> transform_norm;
  DenseWeights<S> project;  // [V or labels, D]; tied: the bias only
  Activation transform_activation = Activation::identity;
};

namespace detail {

template <class D, class F>
void visit_dense(D& dense, const std::string& name, const F& f) {
  f(name + ".weight", dense.weight, true);
  f(name + ".bias", dense.bias, false);
}
template <class N, class F>
void visit_norm(N& norm, const std::string& name, const F& f) {
  f(name + ".weight", norm.gain, false);
  f(name + ".bias", norm.bias, false);
}
template <class A, class F>
void visit_attention(A& attention, const std::string& name, const F& f) {
  visit_dense(attention.query, name + ".query", f);
  visit_dense(attention.key, name + ".key", f);
  visit_dense(attention.value, name + ".value", f);
  visit_dense(attention.output, name + ".output", f);
  f(name + ".additive", attention.additive, true);
}
template <class T, class F>
void visit_stack(T& stack, const std::string& name, const F& f) {
  f(name + ".positions", stack.position_table, true);
  visit_norm(stack.embedding_norm, name + ".embedding_norm", f);
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const std::string layer = name + "." + std::to_string(l);
    auto& parts = stack.layers[l];
    visit_attention(parts.self, layer + ".self", f);
    visit_norm(parts.self_norm, layer + ".self_norm", f);
    visit_attention(parts.cross, layer + ".cross", f);
    visit_norm(parts.cross_norm, layer + ".cross_norm", f);
    visit_dense(parts.up, layer + ".up", f);
    visit_dense(parts.gate, layer + ".gate", f);
    visit_dense(parts.down, layer + ".down", f);
    visit_norm(parts.ffn_norm, layer + ".ffn_norm", f);
  }
  visit_norm(stack.final_norm, name + ".final_norm", f);
}

}  // namespace detail

// Calls f(name, matrix or row, decays) for every parameter there is room for, always in the same order.
// `decays`: whether weight decay applies (not to norms and biases; Loshchilov & Hutter 2019).
template <class W, class F>
void visit(W& weights, const F& f) {
  f("words", weights.words, true);
  f("token_types", weights.token_types, true);
  detail::visit_stack(weights.encoder, "encoder", f);
  detail::visit_stack(weights.decoder, "decoder", f);
  detail::visit_dense(weights.transform, "transform", f);
  detail::visit_norm(weights.transform_norm, "transform_norm", f);
  detail::visit_dense(weights.project, "project", f);
}

// All of them 0, in the shapes that the spec asks for. Throws Error for an architecture that cannot be
// trained here (names what it is).
template <class S>
Weights<S> zero_weights(const ModelSpec& spec);

// A fresh start: matrices normal with standard deviation 0.02 (embeddings) or 1 / sqrt(inputs), norms 1,
// biases 0. The same numbers for one seed on every machine.
template <class S>
Weights<S> fresh_weights(const ModelSpec& spec, Random random);

// Packed for the forward pass.
template <class S>
ParametersOf<S> pack(const Weights<S>& weights, const ModelSpec& spec);

// The other way: from a loaded model, to go on training or to write it.
Weights<float> unpack(const Model& model);

std::size_t count(const Weights<float>& weights);

}  // namespace attn
