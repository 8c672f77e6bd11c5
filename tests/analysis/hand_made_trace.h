#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/forward/trace.h"

namespace attn {

// A Trace of an encoder with weights written by hand: layers[l][h] is [T, T].
inline Trace hand_made_trace(const std::vector<std::vector<Matrix>>& layers,
                             std::vector<std::string> tokens) {
  Trace trace;
  for (const std::vector<Matrix>& heads : layers) {
    LayerRecord record;
    record.self.emplace().weights = heads;
    trace.encoder.layers.push_back(std::make_shared<const LayerRecord>(std::move(record)));
  }
  trace.tokens = std::move(tokens);
  trace.complete = true;
  return trace;
}

inline Matrix matrix_of(std::initializer_list<std::initializer_list<float>> rows) {
  Matrix m(static_cast<Index>(rows.size()), static_cast<Index>(rows.begin()->size()));
  Index i = 0;
  for (const auto& row : rows) {
    Index j = 0;
    for (const float value : row) m(i, j++) = value;
    ++i;
  }
  return m;
}

}  // namespace attn
