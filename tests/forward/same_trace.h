#pragma once

#include <algorithm>
#include <string>

#include "core/forward/trace.h"

namespace attn {

// Every number of two Traces, compared bit for bit; "" when they are the same.
inline std::string unlike(const Trace& a, const Trace& b) {
  std::string where;
  const auto compare = [&](const Matrix& x, const Matrix& y, const std::string& name) {
    if (x.rows() != y.rows() || x.cols() != y.cols() || x != y) where += name + " ";
  };
  const auto attention = [&](const std::optional<AttentionRecord>& x, const std::optional<AttentionRecord>& y,
                             const std::string& name) {
    if (x.has_value() != y.has_value()) {
      where += name + " ";
      return;
    }
    if (!x) return;
    compare(x->queries, y->queries, name + ".queries");
    compare(x->keys, y->keys, name + ".keys");
    compare(x->values, y->values, name + ".values");
    compare(x->mixed, y->mixed, name + ".mixed");
    if (x->weights.size() != y->weights.size()) {
      where += name + ".weights.size ";
      return;
    }
    for (std::size_t h = 0; h < x->weights.size(); ++h)
      compare(x->weights[h], y->weights[h], name + ".weights");
    const std::size_t n_thumbnails =
        std::min(x->thumbnails.size(), y->thumbnails.size());  // a batch has none
    for (std::size_t h = 0; h < n_thumbnails; ++h)
      compare(x->thumbnails[h], y->thumbnails[h], name + ".thumbnails");
  };
  const auto stack = [&](const StackTrace& x, const StackTrace& y, const std::string& name) {
    if (x.layers.size() != y.layers.size()) {
      where += name + ".layers ";
      return;
    }
    for (std::size_t l = 0; l < x.layers.size(); ++l) {
      const std::string layer = name + std::to_string(l);
      compare(x.layers[l]->input, y.layers[l]->input, layer + ".input");
      attention(x.layers[l]->self, y.layers[l]->self, layer + ".self");
      attention(x.layers[l]->cross, y.layers[l]->cross, layer + ".cross");
      compare(x.layers[l]->self_out, y.layers[l]->self_out, layer + ".self_out");
      compare(x.layers[l]->cross_out, y.layers[l]->cross_out, layer + ".cross_out");
      compare(x.layers[l]->ffn_out, y.layers[l]->ffn_out, layer + ".ffn_out");
    }
    compare(x.before_norm, y.before_norm, name + ".before_norm");
    compare(x.output, y.output, name + ".output");
  };
  stack(a.encoder, b.encoder, "enc");
  stack(a.decoder, b.decoder, "dec");
  compare(a.logits, b.logits, "logits");
  return where;
}

}  // namespace attn
