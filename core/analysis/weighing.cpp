#include "core/analysis/weighing.h"

#include "core/analysis/parameters_of.h"
#include "core/forward/held_weights.h"

namespace attn {

namespace {

// α_ij times a length for each key.
Matrix scaled(const HeadWeights& weights, const Eigen::VectorXf& lengths) {
  Matrix out(weights.rows(), weights.cols());
  for (Index i = 0; i < weights.rows(); ++i)
    for (Index j = 0; j < weights.cols(); ++j) out(i, j) = weights.at(i, j) * lengths(j);
  return out;
}

}  // namespace

Matrix value_weighted(const Trace& trace, const HeadId& id) {
  const ConstView values = values_of(trace, id);
  const Eigen::VectorXf lengths = values.rowwise().norm();
  return scaled(*HeldWeights(trace, id), lengths);
}

Matrix norm_weighted(const Trace& trace, const HeadId& id) {
  const Eigen::VectorXf lengths = transformed_values(trace, id).rowwise().norm();
  return scaled(*HeldWeights(trace, id), lengths);
}

Matrix fused_norms(const Trace& trace, Stack stack, int layer) {
  const int n_heads = attention_spec(model_of(trace), stack, layer).n_heads;
  std::vector<Matrix> transformed;
  for (int h = 0; h < n_heads; ++h) transformed.push_back(transformed_values(trace, {stack, layer, h}));
  std::vector<HeldWeights> heads;
  for (int h = 0; h < n_heads; ++h) heads.emplace_back(trace, HeadId{stack, layer, h});
  const HeadWeights first = *heads[0];
  Matrix norms(first.rows(), first.cols());
  Matrix weights(first.rows(), n_heads);           // of one key: what each query gives it in each head
  Matrix vectors(n_heads, transformed[0].cols());  // f^h of that key
  Matrix sums(first.rows(), transformed[0].cols());
  for (Index j = 0; j < first.cols(); ++j) {
    for (int h = 0; h < n_heads; ++h) {
      const HeadWeights head = *heads[static_cast<std::size_t>(h)];
      for (Index i = 0; i < head.rows(); ++i) weights(i, h) = head.at(i, j);
      vectors.row(h) = transformed[static_cast<std::size_t>(h)].row(j);
    }
    sums.noalias() = weights * vectors;
    norms.col(j) = sums.rowwise().norm();
  }
  return norms;
}

}  // namespace attn
