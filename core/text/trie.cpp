#include "core/text/trie.h"

#include <algorithm>

namespace attn {

Trie::Trie(std::vector<std::pair<std::string_view, int>> strings) {
  std::stable_sort(strings.begin(), strings.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  // Level by level: each node owns a range of the sorted strings that share its beginning.
  struct Range {
    std::size_t begin, end, depth;
    std::int32_t node;
  };
  std::vector<Range> queue{{0, strings.size(), 0, kRoot}};
  for (std::size_t next = 0; next < queue.size(); ++next) {
    auto [begin, end, depth, node] = queue[next];
    while (begin < end && strings[begin].first.size() == depth) {
      if (depth > 0) nodes_[static_cast<std::size_t>(node)].value = strings[begin].second;
      ++begin;
    }
    nodes_[static_cast<std::size_t>(node)].first_child = static_cast<std::int32_t>(nodes_.size());
    std::int32_t n_children = 0;
    while (begin < end) {
      const auto label = static_cast<unsigned char>(strings[begin].first[depth]);
      std::size_t stop = begin;
      while (stop < end && static_cast<unsigned char>(strings[stop].first[depth]) == label) ++stop;
      const auto child = static_cast<std::int32_t>(nodes_.size());
      nodes_.push_back({0, 0, kNone, label});
      if (node == kRoot) from_root_[label] = child;
      queue.push_back({begin, stop, depth + 1, child});
      ++n_children;
      begin = stop;
    }
    nodes_[static_cast<std::size_t>(node)].n_children = n_children;
  }
}

int Trie::step(int node, char byte) const {
  const auto label = static_cast<unsigned char>(byte);
  if (node == kRoot) return from_root_[label];
  const Node& here = nodes_[static_cast<std::size_t>(node)];
  const auto first = nodes_.begin() + here.first_child;
  const auto last = first + here.n_children;
  const auto found = std::lower_bound(first, last, label,
                                      [](const Node& child, unsigned char l) { return child.label < l; });
  return found != last && found->label == label ? static_cast<int>(found - nodes_.begin()) : kNone;
}

Trie::Match Trie::longest(std::string_view text) const {
  Match best;
  prefixes(text, [&](std::size_t length, int value) { best = {length, value}; });
  return best;
}

}  // namespace attn
