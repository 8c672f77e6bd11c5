#include "core/analysis/rollout.h"

#include <algorithm>
#include <limits>

#include "core/forward/pass.h"

namespace attn {

Matrix mean_of_heads(const Trace& trace, Stack stack, int layer) {
  Matrix mean;
  const int n_heads = trace.n_heads(stack);
  for (int head = 0; head < n_heads; ++head) {
    const Matrix weights = compute_weights(trace, {stack, layer, head});
    if (head == 0) mean = Matrix::Zero(weights.rows(), weights.cols());
    mean += weights / static_cast<float>(n_heads);
  }
  return mean;
}

Matrix with_residual(const Matrix& weights) {
  Matrix mixed = 0.5f * weights;
  for (Index i = 0; i < mixed.rows(); ++i) mixed(i, i) += weights.row(i).sum() > 0 ? 0.5f : 1.0f;
  return mixed;
}

std::vector<Matrix> rollout(const Trace& trace, Stack stack) {
  std::vector<Matrix> layers;
  for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
    const Matrix mixed = with_residual(mean_of_heads(trace, stack, layer));
    layers.push_back(layers.empty() ? mixed : Matrix(mixed * layers.back()));
  }
  return layers;
}

Matrix rollout_up_to(const Trace& trace, Stack stack, int layer, const CancelToken* cancel) {
  Matrix rolled;
  for (int l = 0; l <= layer; ++l) {
    throw_if_cancelled(cancel);
    const Matrix mixed = with_residual(mean_of_heads(trace, stack, l));
    rolled = l == 0 ? mixed : Matrix(mixed * rolled);
  }
  return rolled;
}

Matrix rollout_of_head(const Trace& trace, const HeadId& id, const CancelToken* cancel) {
  const Matrix own = compute_weights(trace, id);
  if (id.layer == 0) return own;
  return own * rollout_up_to(trace, id.stack, id.layer - 1, cancel);
}

namespace {

// Dinic's algorithm (1970) on the layered graph: node (l, i) is token i after l layers.
class LayeredFlow {
 public:
  explicit LayeredFlow(std::span<const Matrix> layers) : n_(layers.empty() ? 0 : layers[0].rows()) {
    edges_.resize(static_cast<std::size_t>(n_) * (layers.size() + 1));
    for (std::size_t l = 0; l < layers.size(); ++l)
      for (Index i = 0; i < n_; ++i)
        for (Index j = 0; j < n_; ++j)
          if (layers[l](i, j) > 0) connect(node(l + 1, i), node(l, j), layers[l](i, j));
  }

  std::size_t node(std::size_t layer, Index token) const {
    return layer * static_cast<std::size_t>(n_) + static_cast<std::size_t>(token);
  }

  double largest(std::size_t source, std::size_t sink) {
    for (auto& edges : edges_)
      for (Edge& edge : edges) edge.left = edge.capacity;
    double total = 0;
    while (measure_distances(source, sink)) {
      next_.assign(edges_.size(), 0);
      for (double pushed; (pushed = push(source, sink, std::numeric_limits<double>::infinity())) > 0;)
        total += pushed;
    }
    return total;
  }

 private:
  static constexpr double kNothing = 1e-9;  // below float32's own error
  struct Edge {
    std::size_t to, reverse;
    double capacity, left;
  };

  void connect(std::size_t from, std::size_t to, double capacity) {
    edges_[from].push_back({to, edges_[to].size(), capacity, capacity});
    edges_[to].push_back({from, edges_[from].size() - 1, 0, 0});
  }

  bool measure_distances(std::size_t source, std::size_t sink) {
    distance_.assign(edges_.size(), -1);
    distance_[source] = 0;
    std::vector<std::size_t> queue = {source};
    for (std::size_t k = 0; k < queue.size(); ++k)
      for (const Edge& edge : edges_[queue[k]])
        if (edge.left > kNothing && distance_[edge.to] < 0) {
          distance_[edge.to] = distance_[queue[k]] + 1;
          queue.push_back(edge.to);
        }
    return distance_[sink] >= 0;
  }

  double push(std::size_t from, std::size_t sink, double limit) {
    if (from == sink) return limit;
    for (std::size_t& k = next_[from]; k < edges_[from].size(); ++k) {
      Edge& edge = edges_[from][k];
      if (edge.left <= kNothing || distance_[edge.to] != distance_[from] + 1) continue;
      const double pushed = push(edge.to, sink, std::min(limit, edge.left));
      if (pushed > 0) {
        edge.left -= pushed;
        edges_[edge.to][edge.reverse].left += pushed;
        return pushed;
      }
    }
    return 0;
  }

  Index n_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<int> distance_;
  std::vector<std::size_t> next_;
};

}  // namespace

Row attention_flow(std::span<const Matrix> layers, int query, const CancelToken* cancel) {
  LayeredFlow graph(layers);
  const Index n = layers.empty() ? 0 : layers[0].rows();
  Row flow(n);
  for (Index token = 0; token < n; ++token) {
    throw_if_cancelled(cancel);
    flow(token) = static_cast<float>(graph.largest(graph.node(layers.size(), query), graph.node(0, token)));
  }
  return flow;
}

}  // namespace attn
