#include "core/analysis/words.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "core/text/tokenizer.h"

namespace attn {

namespace {

bool is_special_name(std::string_view token) {
  const bool bracketed = token.size() > 2 && token.front() == '[' && token.back() == ']';
  const bool angled = token.size() > 2 && token.front() == '<' && token.back() == '>';
  return (bracketed && token != "[UNK]") || (angled && !token.starts_with("<0x") && token != "<unk>");
}

bool continues_word(std::string_view token) {
  return token.size() > 2 && token.starts_with("##");
}
bool begins_word(std::string_view token) {
  return token.starts_with("Ġ") || token.starts_with("▁") || token.starts_with(" ");
}

}  // namespace

std::vector<int> infer_words(const std::vector<std::string>& tokens) {
  const bool marks_beginnings = std::any_of(tokens.begin(), tokens.end(), begins_word);
  std::vector<int> words;
  int word = -1;
  bool after_special = true;
  for (const std::string& token : tokens) {
    if (is_special_name(token)) {
      words.push_back(-1);
      after_special = true;
      continue;
    }
    const bool continues = marks_beginnings ? !begins_word(token) : continues_word(token);
    if (!continues || after_special) ++word;
    words.push_back(word);
    after_special = false;
  }
  return words;
}

WordGroups group_words(const std::vector<std::string>& tokens, const std::vector<int>& words) {
  const std::vector<int> numbers = words.size() == tokens.size() ? words : infer_words(tokens);
  WordGroups result;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (t > 0 && numbers[t] >= 0 && numbers[t] == numbers[t - 1])
      result.groups.back().push_back(static_cast<int>(t));
    else
      result.groups.push_back({static_cast<int>(t)});
  }
  for (const std::vector<int>& group : result.groups)
    result.names.push_back(
        readable_word(std::span(tokens).subspan(static_cast<std::size_t>(group.front()), group.size())));
  return result;
}

Matrix merge_words(const HeadWeights& weights, const WordGroups& queries, const WordGroups& keys) {
  Matrix merged = Matrix::Zero(queries.n_words(), keys.n_words());
  for (int i = 0; i < queries.n_words(); ++i) {
    const std::vector<int>& pieces = queries.groups[static_cast<std::size_t>(i)];
    for (int j = 0; j < keys.n_words(); ++j) {
      double sum = 0;
      for (const int query : pieces)
        for (const int key : keys.groups[static_cast<std::size_t>(j)]) sum += weights.at(query, key);
      merged(i, j) = static_cast<float>(sum / static_cast<double>(pieces.size()));
    }
  }
  return merged;
}

Matrix hide_keys(const HeadWeights& weights, const std::vector<bool>& hidden) {
  assert(static_cast<Index>(hidden.size()) == weights.cols());
  Matrix shown(weights.rows(), weights.cols());
  for (Index i = 0; i < weights.rows(); ++i) {
    for (Index j = 0; j < weights.cols(); ++j)
      shown(i, j) = hidden[static_cast<std::size_t>(j)] ? 0.0f : weights.at(i, j);
    const float left = shown.row(i).sum();
    if (left > 0) shown.row(i) /= left;
  }
  return shown;
}

}  // namespace attn
