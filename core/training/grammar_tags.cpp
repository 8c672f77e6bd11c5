#include "core/math/error.h"
#include "core/training/grammar_derivation.h"

namespace attn {

void Grammar::say_tagged(Derivation& d, const Rule& rule, int label, TaggedText& out) const {
  const Alternative* alternative = choose(d, rule, 0);
  if (alternative == nullptr) return;
  for (const Piece& piece : alternative->pieces) {
    if (piece.percent < 100 && d.random.below(100) >= piece.percent) continue;
    if (piece.is_word) {
      out.ids.push_back(id(piece.text));
      out.labels.push_back(label);
      continue;
    }
    const auto own = label_of_rule_.find(piece.text);
    say_tagged(d, rules_.at(piece.text), own == label_of_rule_.end() ? label : own->second, out);
  }
}

TaggedText Grammar::tagged(Random& random, Draw sentences) const {
  if (labels_.empty()) throw Error("The grammar has no word classes.");
  for (int attempt = 0; attempt < 10000; ++attempt) {
    Derivation d;
    d.random = random.fork(random.next());
    const SentenceLine* line = choose_line(d.random, "");
    TaggedText out;
    out.ids = {3};  // [CLS]
    for (std::size_t i = 0; i < labels_.size(); ++i)
      if (labels_[i] == line->kind) out.labels = {static_cast<int>(i)};
    say_tagged(d, line->rule, -1, out);
    std::uint64_t hash = 14695981039346656037ull;  // FNV-1a over the words
    for (std::size_t i = 1; i < out.ids.size(); ++i) {
      const int word = out.ids[i];
      if (vocabulary_[static_cast<std::size_t>(word)] == "a" && i + 1 < out.ids.size()) {
        const std::string& next = vocabulary_[static_cast<std::size_t>(out.ids[i + 1])];
        if (std::string_view("aeiou").find(next[0]) != std::string_view::npos) out.ids[i] = id("an");
      }
      hash = (hash ^ static_cast<std::uint64_t>(word)) * 1099511628211ull;
    }
    if (sentences == Draw::any || ((hash >> 24) % 8 == 0) == (sentences == Draw::held_out)) return out;
  }
  throw Error("The grammar has too few sentences to hold some out.");
}

}  // namespace attn
