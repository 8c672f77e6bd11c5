#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/text/pattern.h"

#include <pcre2.h>

#include <cstdint>

#include "core/math/worded_error.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

// White_Space, and \w as Unicode's annex 18 has it: PCRE2's \s takes U+180E too, its \w leaves out marks.
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr std::string_view kWords = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{24b6}-\x{24e9})";

// What `\kind` is, written out; "" where PCRE2 means the same as Oniguruma.
std::string spelled_out(char kind, bool in_class) {
  const std::string spaces(kSpaces), words(kWords);
  if (in_class) return kind == 's' ? spaces : kind == 'w' ? words : std::string();
  switch (kind) {
    case 's':
      return "[" + spaces + "]";
    case 'S':
      return "[^" + spaces + "]";
    case 'w':
      return "[" + words + "]";
    case 'W':
      return "[^" + words + "]";
    case 'b':
      return "(?:(?<=[" + words + "])(?![" + words + "])|(?<![" + words + "])(?=[" + words + "]))";
    case 'B':
      return "(?:(?<=[" + words + "])(?=[" + words + "])|(?<![" + words + "])(?![" + words + "]))";
    default:
      return {};
  }
}

// Oniguruma's expression in PCRE2's words: \s, \w and \b as Unicode has them, and classes inside classes,
// which are unions, flattened.
std::string in_pcre2(std::string_view expression) {
  std::string out;
  int depth = 0;  // of classes
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      const std::string spelled = spelled_out(expression[++i], depth > 0);
      out += spelled.empty() ? std::string{c, expression[i]} : spelled;
    } else if (c == '[' && depth == 0) {
      ++depth;
      out += c;
      if (i + 1 < expression.size() && expression[i + 1] == '^') out += expression[++i];
      if (i + 1 < expression.size() && expression[i + 1] == ']') {
        out += "\\]";
        ++i;
      }
    } else if (c == '[' && expression.substr(i + 1, 1) == ":") {
      out += c;  // [:alpha:]
      const std::size_t end = expression.find(":]", i);
      if (end == std::string_view::npos) continue;
      out += expression.substr(i + 1, end + 1 - i);
      i = end + 1;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']' && depth > 0) {
      if (--depth == 0) out += c;
    } else {
      out += c;
    }
  }
  return out;
}

// As Oniguruma: ^ and $ at every line, a dot takes no line end. \C would tear characters.
constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
constexpr std::uint32_t kMatchLimit = 1'000'000;

}  // namespace

struct Pattern::Compiled {
  pcre2_code* code = nullptr;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { pcre2_code_free(code); }
};

Pattern Pattern::literal(std::string text) {
  Pattern pattern;
  pattern.literal_ = std::move(text);
  return pattern;
}

Pattern Pattern::regex(const std::string& expression, const std::string& place) {
  const std::string spelled = in_pcre2(expression);
  int error = 0;
  PCRE2_SIZE at = 0;
  auto compiled = std::make_shared<Compiled>();
  compiled->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spelled.data()), spelled.size(), kOptions,
                                 &error, &at, nullptr);
  if (compiled->code == nullptr) {
    PCRE2_UCHAR message[256] = {0};
    pcre2_get_error_message(error, message, sizeof message);
    throw WordedError(
        framed("tokenizer.damaged", place + ": the regular expression '" + expression.substr(0, 200) +
                                        "' cannot be used: " + reinterpret_cast<const char*>(message) + "."));
  }
  pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);  // without it, matching is only slower
  Pattern pattern;
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

std::vector<TextPart> Pattern::cut(std::string_view text) const {
  std::vector<TextPart> parts;
  std::size_t done = 0;
  const auto found = [&](std::size_t begin, std::size_t end) {
    if (begin > done) parts.push_back({done, begin, false});
    if (end > begin) parts.push_back({begin, end, true});
    done = end;
  };
  if (!compiled_) {
    for (std::size_t at = 0; !literal_.empty() && (at = text.find(literal_, at)) != std::string_view::npos;) {
      found(at, at + literal_.size());
      at = done;
    }
  } else {
    const auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    pcre2_match_data* data = pcre2_match_data_create_from_pattern(compiled_->code, nullptr);
    pcre2_match_context* limits = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(limits, kMatchLimit);
    for (std::size_t at = 0; at < text.size();) {
      int n = pcre2_match(compiled_->code, subject, text.size(), at, PCRE2_NO_UTF_CHECK, data, limits);
      if (n == PCRE2_ERROR_JIT_STACKLIMIT) {
        n = pcre2_match(compiled_->code, subject, text.size(), at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data,
                        limits);
      }
      if (n < 0) break;
      const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data);
      if (range[1] > range[0] && range[0] >= done) found(range[0], range[1]);
      // A match of nothing moves on by one character.
      if (range[1] > at && range[1] > range[0]) {
        at = range[1];
      } else {
        const std::size_t from = range[1] > at ? range[1] : at;
        at = from < text.size() ? from + unicode::decode(text, from).length : text.size();
      }
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
  }
  if (done < text.size()) parts.push_back({done, text.size(), false});
  return parts;
}

}  // namespace attn
