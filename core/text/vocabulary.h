#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace attn {

// Tokens and their ids. Ids may have gaps; where several ids claim one token the last counts, as in Python.
class Vocabulary {
 public:
  Vocabulary() = default;
  // Throws Error (`place` names file and field) for an id that is negative or above 2^30.
  Vocabulary(std::vector<std::pair<std::string, long long>> tokens, const std::string& place);
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;
  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;

  std::optional<int> find(std::string_view token) const;
  std::string_view token(int id) const;   // "" when there is none
  int end_id() const { return end_id_; }  // largest id + 1
  std::size_t size() const { return entries_.size(); }
  const std::vector<std::pair<std::string, int>>& entries() const { return entries_; }  // sorted by id

 private:
  std::vector<std::pair<std::string, int>> entries_;
  std::unordered_map<std::string_view, int> ids_;
  int end_id_ = 0;
};

}  // namespace attn
