#include "core/study/written_tokens.h"

#include <algorithm>

#include "core/analysis/words.h"

namespace attn {

namespace {

// What a session file says may be anything.
bool belongs_to(const WrittenTokens& written, const Subject& subject) {
  if (written.model != subject.model || written.text != subject.text || written.ids.empty() ||
      written.ids.size() != written.ends.size())
    return false;
  return written.typed <= written.ends.front() && written.ends.back() <= subject.text.size() &&
         std::is_sorted(written.ends.begin(), written.ends.end());
}

}  // namespace

void append_written(Subject& subject, std::string text, int id) {
  if (!subject.written || !belongs_to(*subject.written, subject))
    subject.written = WrittenTokens{subject.model, subject.text, subject.text.size(), {}, {}};
  subject.written->ids.push_back(id);
  subject.written->ends.push_back(text.size());
  subject.written->text = text;
  subject.text = std::move(text);
}

bool take_end_away(Encoding& encoding, int eos_id) {
  if (encoding.ids.size() <= 1 || !encoding.special.back() || encoding.ids.back() != eos_id) return false;
  encoding.ids.pop_back();
  encoding.tokens.pop_back();
  encoding.type_ids.pop_back();
  encoding.special.pop_back();
  encoding.begin.pop_back();
  encoding.end.pop_back();
  encoding.words.pop_back();
  return true;
}

void append_token(Encoding& encoding, int id, const Tokenizer* tokenizer, std::size_t end) {
  encoding.ids.push_back(id);
  encoding.tokens.push_back(tokenizer ? tokenizer->token(id) : std::to_string(id));
  encoding.type_ids.push_back(0);
  encoding.special.push_back(tokenizer && tokenizer->is_special(id));
  encoding.begin.push_back(encoding.end.empty() ? 0 : encoding.end.back());
  encoding.end.push_back(std::max(end, encoding.begin.back()));
  encoding.words.push_back(-1);
}

void put_written_tokens(const Subject& subject, const Tokenizer& tokenizer, int eos_id, Encoding& encoding) {
  if (!subject.written || !belongs_to(*subject.written, subject)) return;
  const WrittenTokens& written = *subject.written;
  Encoding own = tokenizer.encode(std::string_view(subject.text).substr(0, written.typed),
                                  EncodeOptions{subject.special_tokens});
  while (take_end_away(own, eos_id)) {
  }
  for (std::size_t i = 0; i < written.ids.size(); ++i)
    append_token(own, written.ids[i], &tokenizer, written.ends[i]);
  Encoding as_spelled = encoding;
  while (take_end_away(as_spelled, eos_id)) {
  }
  if (own.ids == as_spelled.ids) return;
  own.words = infer_words(own.tokens);
  encoding = std::move(own);
}

}  // namespace attn
