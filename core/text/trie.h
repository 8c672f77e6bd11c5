#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace attn {

// Strings by their beginnings: finds every known string that a text starts with in one walk.
class Trie {
 public:
  Trie() = default;
  // Each string with its number; of equal strings the last counts, empty ones are left out. Values >= 0.
  explicit Trie(std::vector<std::pair<std::string_view, int>> strings);

  static constexpr int kRoot = 0;
  static constexpr int kNone = -1;

  bool empty() const { return nodes_.size() <= 1; }
  int step(int node, char byte) const;  // kNone where no string goes on
  int value(int node) const { return nodes_[static_cast<std::size_t>(node)].value; }  // kNone: no string ends

  // Calls found(length, value) for each string that `text` starts with, shortest first.
  template <class Found>
  void prefixes(std::string_view text, Found&& found) const {
    int node = kRoot;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = step(node, text[i]);
      if (node == kNone) return;
      if (value(node) != kNone) found(i + 1, value(node));
    }
  }

  struct Match {
    std::size_t length = 0;
    int value = kNone;
  };
  Match longest(std::string_view text) const;

 private:
  struct Node {
    std::int32_t first_child = 0;  // children stand side by side, sorted by label
    std::int32_t n_children = 0;
    std::int32_t value = kNone;
    unsigned char label = 0;
  };
  std::vector<Node> nodes_{Node{}};
  std::array<std::int32_t, 256> from_root_ = [] {
    std::array<std::int32_t, 256> none;
    none.fill(kNone);
    return none;
  }();
};

}  // namespace attn
