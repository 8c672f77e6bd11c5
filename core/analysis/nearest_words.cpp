#include "core/analysis/nearest_words.h"

#include <algorithm>
#include <cmath>

namespace attn {

std::vector<NearWord> nearest_words(const Model& model, const Tokenizer& tokenizer, int id, int most) {
  const Matrix& table = model.parameters.embedding.words;
  std::vector<NearWord> found;
  if (id < 0 || id >= table.rows() || most <= 0) return found;
  const auto own = table.row(id);
  const float own_length = own.norm();
  for (Index other = 0; other < table.rows(); ++other) {
    const int other_id = static_cast<int>(other);
    if (other_id == id || tokenizer.is_special(other_id)) continue;
    const float length = table.row(other).norm() * own_length;
    if (!(length > 0)) continue;
    found.push_back({other_id, {}, table.row(other).dot(own) / length});
  }
  const auto n = std::min<std::ptrdiff_t>(most, static_cast<std::ptrdiff_t>(found.size()));
  std::partial_sort(found.begin(), found.begin() + n, found.end(), [](const NearWord& a, const NearWord& b) {
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.id < b.id);
  });
  found.resize(static_cast<std::size_t>(n));
  for (NearWord& near : found) near.word = readable_token(tokenizer.token(near.id));
  return found;
}

}  // namespace attn
