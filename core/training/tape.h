#pragma once

#include <utility>
#include <vector>

#include "core/model/model.h"

namespace attn {

// What a forward pass leaves behind for the backward pass. Several sequences at once: their rows lie one below
// the other, [R, …] with R the sum of their lengths; attention stays within each.

struct Span {
  Index first = 0, count = 0;
};

template <class S>
struct AttentionTape {
  MatrixOf<S> read;                   // [R, D] what queries (and, in self-attention, keys) are made from
  MatrixOf<S> queries, keys, values;  // after bias and rotation
  std::vector<MatrixOf<S>> weights;   // [Tq, Tk] at sequence * H + head
  MatrixOf<S> mixed;                  // [R, H d_head]
  std::vector<MatrixOf<S>> weights_gradient;  // d loss / d weights, where a loss reads them; else empty
};

template <class S>
struct LayerTape {
  AttentionTape<S> self, cross;
  MatrixOf<S> self_norm_input, cross_norm_input, ffn_norm_input;
  MatrixOf<S> ffn_read, up, gate, activated;  // before the activation; after it (and the gate)
};

template <class S>
struct StackTape {
  std::vector<int> ids;
  std::vector<Span> sequences;
  MatrixOf<S> embedding_sum;  // before the embedding norm
  std::vector<LayerTape<S>> layers;
  MatrixOf<S> final_norm_input;
  MatrixOf<S> output;  // [R, D]
};

}  // namespace attn
