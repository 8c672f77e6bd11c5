#include "core/text/precompiled.h"

#include "core/math/worded_error.h"

namespace attn {
namespace {

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// A unit of the trie, as Darts-clone packs it.
bool has_leaf(std::uint32_t unit) {
  return ((unit >> 8) & 1) != 0;
}
std::uint32_t leaf_value(std::uint32_t unit) {
  return unit & 0x7FFFFFFFu;
}
std::uint32_t label(std::uint32_t unit) {
  return unit & 0x800000FFu;
}
std::uint32_t offset(std::uint32_t unit) {
  return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(std::shared_ptr<const PrecompiledMap> map) : map_(std::move(map)) {}

  void apply(AlignedText& text) const override {
    constexpr std::size_t kLongestGrapheme = 5;
    AlignedText out = text.emptied();
    out.reserve(text.size());
    const std::string_view all = text.view();
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t end = unicode::grapheme_end(all, at);
      if (end - at <= kLongestGrapheme) {
        if (const auto match = map_->shortest(all.substr(at, end - at));
            match && !out.is_too_much(out.size() + match->replacement.size())) {
          out.append(match->replacement, text.span(at, end));
          at = end;
          continue;
        }
      }
      while (at < end) {
        const std::size_t length = unicode::decode(all, at).length;
        if (const auto match = map_->shortest(all.substr(at, length));
            match && !out.is_too_much(out.size() + match->replacement.size())) {
          out.append(match->replacement, text.span(at, at + length));
        } else {
          out.append(text, at, at + length);
        }
        at += length;
      }
    }
    text = std::move(out);
  }

 private:
  std::shared_ptr<const PrecompiledMap> map_;
};

}  // namespace

PrecompiledMap::PrecompiledMap(std::string_view bytes, const std::string& place) {
  if (bytes.empty()) return;
  const std::size_t trie_bytes = bytes.size() >= 4 ? little_endian(bytes, 0) : 0;
  if (bytes.size() < 4 || trie_bytes % 4 != 0 || trie_bytes > bytes.size() - 4) {
    throw WordedError(
        framed("tokenizer.damaged", place + ": the compiled normalisation is damaged: its trie of " +
                                        std::to_string(trie_bytes) + " bytes does not fit into " +
                                        std::to_string(bytes.size()) + "."));
  }
  units_.reserve(trie_bytes / 4);
  for (std::size_t at = 4; at < 4 + trie_bytes; at += 4) units_.push_back(little_endian(bytes, at));
  replacements_ = std::string(bytes.substr(4 + trie_bytes));
}

std::optional<PrecompiledMap::Match> PrecompiledMap::find(std::string_view text, bool longest_one) const {
  std::optional<Match> best;
  if (units_.empty()) return best;
  std::size_t node = offset(units_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0) break;  // Darts' strings end at zero
    node ^= byte;
    if (node >= units_.size() || label(units_[node]) != byte) break;
    const std::uint32_t unit = units_[node];
    node ^= offset(unit);
    if (has_leaf(unit) && node < units_.size()) {
      const std::size_t begin = leaf_value(units_[node]);
      if (begin < replacements_.size()) {
        const std::size_t end = replacements_.find('\0', begin);
        best =
            Match{i + 1, std::string_view(replacements_)
                             .substr(begin, (end == std::string::npos ? replacements_.size() : end) - begin)};
        if (!longest_one) return best;
      }
    }
  }
  return best;
}

NormalizerPtr precompiled_normalizer(std::shared_ptr<const PrecompiledMap> map) {
  return std::make_shared<Precompiled>(std::move(map));
}

std::string decode_base64(std::string_view text, const std::string& place) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n') continue;
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (value < 0) throw WordedError(framed("tokenizer.damaged", place + " is not base64."));
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    n_bits += 6;
    if (n_bits >= 8) {
      n_bits -= 8;
      out += static_cast<char>((bits >> n_bits) & 0xFF);
    }
  }
  return out;
}

}  // namespace attn
