#include "core/text/vocabulary.h"

#include <algorithm>

#include "core/math/worded_error.h"

namespace attn {

Vocabulary::Vocabulary(std::vector<std::pair<std::string, long long>> tokens, const std::string& place) {
  constexpr long long kLargest = 1LL << 30;
  entries_.reserve(tokens.size());
  for (auto& [token, id] : tokens) {
    if (id < 0 || id > kLargest) {
      throw WordedError(
          worded("tokenizer.id_range",
                 "{file}: the token '{token}' has the id {id}; ids must lie between 0 and 2^30.",
                 {{"file", place}, {"token", token}, {"id", std::to_string(id)}}));
    }
    entries_.emplace_back(std::move(token), static_cast<int>(id));
    end_id_ = std::max(end_id_, entries_.back().second + 1);
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const auto& a, const auto& b) { return a.second < b.second; });
  ids_.reserve(entries_.size());
  for (const auto& [token, id] : entries_) ids_[token] = id;
}

std::optional<int> Vocabulary::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string_view Vocabulary::token(int id) const {
  if (id < 0) return {};
  const auto direct = static_cast<std::size_t>(id);
  if (direct < entries_.size() && entries_[direct].second == id) return entries_[direct].first;
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), id,
                                      [](const auto& entry, int wanted) { return entry.second < wanted; });
  return found != entries_.end() && found->second == id ? std::string_view(found->first) : std::string_view();
}

}  // namespace attn
