#include "core/text/sentencepiece.h"

#include <algorithm>
#include <cfloat>
#include <cstdio>
#include <limits>
#include <queue>

#include "core/math/worded_error.h"

namespace attn {
namespace {

constexpr float kUnknownPenalty = 10.0f;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

}  // namespace

SentencePiece::SentencePiece(SentencePieceFile file, const std::string& place) : file_(std::move(file)) {
  if (file_.kind != SentencePieceFile::Kind::unigram && file_.kind != SentencePieceFile::Kind::bpe) {
    throw WordedError(
        worded("tokenizer.sentencepiece_kind",
               "{file} is a SentencePiece model of words or characters; only unigram and BPE are known.",
               {{"file", place}}));
  }
  if (!file_.precompiled_charsmap.empty()) {
    charsmap_ = std::make_unique<PrecompiledMap>(file_.precompiled_charsmap, place);
  }
  std::vector<std::pair<std::string_view, int>> strings, user_defined;
  least_score_ = FLT_MAX;
  greatest_score_ = FLT_MIN;
  unknown_ = -1;
  for (int id = 0; id < size(); ++id) {
    const std::string& text = piece(id);
    const PieceType kind = type(id);
    if (kind == PieceType::normal || kind == PieceType::user_defined || kind == PieceType::unused) {
      ids_.emplace(text, id);
      longest_piece_ = std::max(longest_piece_, text.size());
      strings.emplace_back(text, id);
    } else {
      reserved_.emplace(text, id);
    }
    if (kind == PieceType::user_defined) user_defined.emplace_back(text, id);
    if (kind == PieceType::unknown) {
      if (unknown_ >= 0)
        throw WordedError(framed("tokenizer.damaged", place + " has more than one unknown piece."));
      unknown_ = id;
    }
    if (kind == PieceType::normal) {
      least_score_ = std::min(least_score_, score(id));
      greatest_score_ = std::max(greatest_score_, score(id));
    }
  }
  if (unknown_ < 0) throw WordedError(framed("tokenizer.damaged", place + " has no unknown piece (type 2)."));
  trie_ = Trie(std::move(strings));
  user_defined_ = Trie(std::move(user_defined));
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    bytes_[byte] = id_of(name);
  }
  find_blanks_inside();
}

void SentencePiece::find_blanks_inside() {
  words_are_apart_ = true;
  for (const auto& [text, id] : ids_) {
    std::size_t begin = 0;
    while (text.substr(begin).starts_with(kBlank)) begin += kBlank.size();
    if (text.find(kBlank, begin) != std::string_view::npos) words_are_apart_ = false;
  }
}

int SentencePiece::id_of(std::string_view text) const {
  if (const auto found = reserved_.find(text); found != reserved_.end()) return found->second;
  const auto found = ids_.find(text);
  return found == ids_.end() ? unknown_ : found->second;
}

AlignedText SentencePiece::normalise(const AlignedText& text) const {
  AlignedText out = text.emptied();
  out.reserve(text.size() + text.size() / 2);
  const std::string_view all = text.view();
  const std::string_view blank = file_.escape_whitespaces ? kBlank : std::string_view(" ");

  struct Step {
    std::string_view becomes;
    std::size_t length;
  };
  const auto next = [&](std::size_t at) -> Step {
    const std::string_view rest = all.substr(at);
    if (const auto match = user_defined_.longest(rest); match.length > 0) {
      return {rest.substr(0, match.length), match.length};
    }
    if (charsmap_) {
      const auto match = charsmap_->longest(rest);
      if (match && !out.is_too_much(out.size() + match->replacement.size() * kBlank.size())) {
        return {match->replacement, match->length};
      }
    }
    const std::size_t length = unicode::decode(all, at).length;
    return {rest.substr(0, length), length};
  };

  std::size_t at = 0;
  if (file_.remove_extra_whitespaces) {
    while (at < all.size()) {
      const Step step = next(at);
      if (step.becomes != " ") break;
      at += step.length;
    }
  }
  if (at == all.size()) return out;
  const auto add_blank = [&](Span origin) { out.append(blank, origin); };
  if (file_.add_dummy_prefix && !file_.treat_whitespace_as_suffix) add_blank(text.span(at, at));

  bool after_blank = file_.remove_extra_whitespaces;
  while (at < all.size()) {
    const Step step = next(at);
    const Span origin = text.span(at, at + step.length);
    std::string_view becomes = step.becomes;
    while (after_blank && becomes.starts_with(' ')) becomes.remove_prefix(1);
    if (!becomes.empty()) {
      for (std::size_t i = 0; i < becomes.size(); ++i) {
        if (becomes[i] == ' ') {
          add_blank(origin);
        } else {
          out.append(becomes.substr(i, 1), origin);
        }
      }
      after_blank = becomes.back() == ' ';
    }
    at += step.length;
    if (!file_.remove_extra_whitespaces) after_blank = false;
  }
  if (file_.remove_extra_whitespaces) {
    std::size_t end = out.size();
    while (end >= blank.size() && out.view().substr(end - blank.size(), blank.size()) == blank) {
      end -= blank.size();
    }
    if (end < out.size()) out = out.slice(0, end);
  }
  if (file_.add_dummy_prefix && file_.treat_whitespace_as_suffix) add_blank(text.span(at, at));
  return out;
}

void SentencePiece::encode(std::string_view normalised, std::vector<PieceToken>& out) const {
  std::vector<PieceToken> tokens;
  if (file_.kind == SentencePieceFile::Kind::unigram) {
    encode_unigram(normalised, tokens);
  } else {
    encode_bpe(normalised, tokens);
  }
  bool after_unknown = false;
  for (const PieceToken& token : tokens) {
    const bool unknown = token.id == unknown_;
    if (unknown && file_.byte_fallback) {
      for (std::size_t at = token.begin; at < token.end;) {  // each byte points at its character
        const std::size_t end = at + unicode::decode(normalised, at).length;
        for (std::size_t i = at; i < end; ++i) {
          out.push_back({bytes_[static_cast<unsigned char>(normalised[i])], at, end});
        }
        at = end;
      }
    } else if (unknown && after_unknown) {
      out.back().end = token.end;
    } else {
      out.push_back(token);
    }
    after_unknown = unknown;
  }
}

// Scores are added as in SentencePiece: in double, and kept in float.
void SentencePiece::encode_unigram(std::string_view text, std::vector<PieceToken>& out) const {
  struct Best {
    int id = -1;
    float score = 0;
    std::size_t begin = kNowhere;
  };
  std::vector<Best> ends_at(text.size() + 1);
  const float unknown_score = least_score_ - kUnknownPenalty;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = unicode::decode(text, at).length;
    const float here = ends_at[at].score;
    bool covers_character = false;
    const auto offer = [&](std::size_t end, int id, double total) {
      Best& best = ends_at[end];
      if (best.begin == kNowhere || total > static_cast<double>(best.score)) {
        best = {id, static_cast<float>(total), at};
      }
    };
    trie_.prefixes(text.substr(at), [&](std::size_t n, int id) {
      if (type(id) == PieceType::unused) return;
      const double own = type(id) == PieceType::user_defined
                             ? static_cast<double>(static_cast<float>(n) * greatest_score_) - 0.1
                             : static_cast<double>(score(id));
      offer(at + n, id, own + static_cast<double>(here));
      covers_character = covers_character || n == length;
    });
    if (!covers_character) offer(at + length, unknown_, static_cast<double>(unknown_score + here));
    at += length;
  }
  for (std::size_t end = text.size(); end > 0; end = ends_at[end].begin) {
    out.push_back({ends_at[end].id, ends_at[end].begin, end});
  }
  std::reverse(out.begin(), out.end());
}

void SentencePiece::encode_bpe(std::string_view text, std::vector<PieceToken>& out) const {
  if (!words_are_apart_) return encode_bpe_word(text, out);
  std::unordered_map<std::string_view, std::vector<PieceToken>> known;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (text.substr(end).starts_with(kBlank)) end += kBlank.size();
    end = std::min(text.find(kBlank, end), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const auto [entry, is_new] = known.try_emplace(word);
    if (is_new) encode_bpe_word(word, entry->second);
    for (const PieceToken& token : entry->second) {
      out.push_back({token.id, begin + token.begin, begin + token.end});
    }
    begin = end;
  }
}

void SentencePiece::encode_bpe_word(std::string_view text, std::vector<PieceToken>& out) const {
  struct Symbol {
    std::size_t begin, end;  // empty: merged away
    int previous, next;
    bool frozen;
  };
  struct Candidate {
    float score;
    int left, right;
    std::uint32_t size;  // of both, in bytes
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : left > other.left;
    }
  };
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    const auto match = user_defined_.longest(text.substr(at));
    const std::size_t length = match.length > 0 ? match.length : unicode::decode(text, at).length;
    const int here = static_cast<int>(symbols.size());
    if (here > 0) symbols.back().next = here;
    symbols.push_back({at, at + length, here - 1, -1, match.length > 0});
    at += length;
  }

  // What an unused piece was made of: it is taken apart again in the end.
  std::unordered_map<std::string_view, std::size_t> unused_split;
  std::priority_queue<Candidate> queue;
  const auto consider = [&](int left, int right) {
    if (left < 0 || right < 0) return;
    const Symbol& a = symbols[static_cast<std::size_t>(left)];
    const Symbol& b = symbols[static_cast<std::size_t>(right)];
    if (a.frozen || b.frozen) return;
    const std::string_view joined = text.substr(a.begin, b.end - a.begin);
    if (joined.size() > longest_piece_) return;
    const auto found = ids_.find(joined);
    if (found == ids_.end()) return;
    queue.push({score(found->second), left, right, static_cast<std::uint32_t>(joined.size())});
    if (type(found->second) == PieceType::unused) unused_split[joined] = a.end - a.begin;
  };
  for (std::size_t i = 1; i < symbols.size(); ++i) consider(static_cast<int>(i) - 1, static_cast<int>(i));
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<std::size_t>(best.left)];
    Symbol& right = symbols[static_cast<std::size_t>(best.right)];
    if (left.begin == left.end || right.begin == right.end || right.end - left.begin != best.size ||
        left.next != best.right) {
      continue;
    }
    left.end = right.end;
    left.next = right.next;
    if (right.next >= 0) symbols[static_cast<std::size_t>(right.next)].previous = best.left;
    right.begin = right.end;
    consider(left.previous, best.left);
    consider(best.left, left.next);
  }

  std::vector<std::pair<std::size_t, std::size_t>> pending;
  for (int i = symbols.empty() ? -1 : 0; i >= 0; i = symbols[static_cast<std::size_t>(i)].next) {
    pending.emplace_back(symbols[static_cast<std::size_t>(i)].begin,
                         symbols[static_cast<std::size_t>(i)].end);
    while (!pending.empty()) {
      const auto [begin, end] = pending.back();
      pending.pop_back();
      const std::string_view text_of = text.substr(begin, end - begin);
      const int id = id_of(text_of);
      const auto split = unused_split.find(text_of);
      if (type(id) == PieceType::unused && split != unused_split.end()) {
        pending.emplace_back(begin + split->second, end);
        pending.emplace_back(begin, begin + split->second);
      } else {
        out.push_back({id, begin, end});
      }
    }
  }
}

}  // namespace attn
