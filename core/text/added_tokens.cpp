#include "core/text/added_tokens.h"

namespace attn {
namespace {

std::size_t white_space_before(std::string_view text, std::size_t end, std::size_t least) {
  while (end > least) {
    std::size_t at = end - 1;
    while (at > least && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    if (!unicode::is_python_space(unicode::decode(text, at).value)) break;
    end = at;
  }
  return end;
}

std::size_t white_space_after(std::string_view text, std::size_t begin) {
  while (begin < text.size()) {
    const auto c = unicode::decode(text, begin);
    if (!unicode::is_python_space(c.value)) break;
    begin += c.length;
  }
  return begin;
}

bool word_ends_at(std::string_view text, std::size_t end) {
  if (end == 0) return false;
  std::size_t at = end - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return unicode::is_word(unicode::decode(text, at).value);
}

bool word_begins_at(std::string_view text, std::size_t begin) {
  return begin < text.size() && unicode::is_word(unicode::decode(text, begin).value);
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer)
    : tokens_(std::move(tokens)) {
  std::vector<std::pair<std::string_view, int>> as_written, in_normalised;
  std::vector<std::string> normalised(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    by_id_.emplace(token.id, i);
    if (token.normalized && normalizer != nullptr) {
      AlignedText content = AlignedText::from_utf8(token.content);
      normalizer->apply(content);
      normalised[i] = content.text();
      in_normalised.emplace_back(normalised[i], static_cast<int>(i));
    } else {
      as_written.emplace_back(token.content, static_cast<int>(i));
    }
  }
  as_written_ = Trie(std::move(as_written));
  normalised_ = Trie(std::move(in_normalised));
}

std::vector<AddedTokens::Part> AddedTokens::split(std::string_view text, const Trie& trie) const {
  std::vector<Part> parts;
  std::size_t done = 0;
  for (std::size_t at = 0; !trie.empty() && at < text.size();) {
    const auto match = trie.longest(text.substr(at));
    if (match.value == Trie::kNone) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(match.value)];
    std::size_t begin = at, end = at + match.length;
    at = end;
    if (token.single_word && (word_ends_at(text, begin) || word_begins_at(text, end))) continue;
    if (begin < done) continue;
    if (token.lstrip) begin = white_space_before(text, begin, done);
    if (token.rstrip) end = white_space_after(text, end);
    if (begin > done) parts.push_back({done, begin, -1});
    parts.push_back({begin, end, token.id});
    done = end;
    at = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), -1});
  return parts;
}

const AddedToken* AddedTokens::find(int id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second];
}

const AddedToken* AddedTokens::find(std::string_view content) const {
  for (const AddedToken& token : tokens_) {
    if (token.content == content) return &token;
  }
  return nullptr;
}

}  // namespace attn
