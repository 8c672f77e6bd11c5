#include <algorithm>

#include "core/math/error.h"
#include "core/training/grammar_derivation.h"

namespace attn {

namespace {

// A word and the leaf that said it; both sides of a leaf share the number.
struct Spoken {
  std::string word;
  int leaf = -1;  // -1: says nothing that the other side says too
};

struct BothSides {
  std::vector<Spoken> source, target;
};

void append(std::vector<Spoken>& to, const std::vector<Spoken>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

// Says one derivation in both languages at once: what is drawn for the source is drawn for the target too.
class ParallelSpeaker {
 public:
  ParallelSpeaker(const Grammar& grammar, Grammar::Derivation& derivation)
      : grammar_(grammar), d_(derivation) {}

  BothSides say(const Rule& rule, char role) {
    BothSides both;
    const Alternative* alternative = grammar_.choose(d_, rule, role);
    if (alternative == nullptr) return both;
    // An alternative of words alone is a leaf: its words mean each other.
    const auto is_said = [](const Piece& piece) { return piece.is_word || piece.text == "M"; };
    const bool is_leaf =
        std::all_of(alternative->pieces.begin(), alternative->pieces.end(), is_said) &&
        std::all_of(alternative->translation.begin(), alternative->translation.end(), is_said);
    const int leaf = is_leaf ? new_leaf(false) : -1;

    struct Part {
      const Piece* piece;
      BothSides both;
      bool used = false;
    };
    std::vector<Part> parts;
    for (const Piece& piece : alternative->pieces) {
      if (piece.is_word) {
        both.source.push_back({piece.text, leaf});
        continue;
      }
      const bool left_out = piece.percent < 100 && d_.random.below(100) >= piece.percent;
      parts.push_back({&piece, left_out ? BothSides() : say_piece(piece, role)});
      append(both.source, parts.back().both.source);
    }
    for (const Piece& piece : alternative->translation) {
      if (is_said(piece)) {
        both.target.push_back({piece.is_word ? piece.text : piece.form + noun(role).measure, leaf});
        continue;
      }
      const auto same = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
        return !part.used && part.piece->text == piece.text && part.piece->role == piece.role;
      });
      if (same == parts.end()) {  // the translation alone says it
        append(both.target, say_piece(piece, role).target);
      } else {
        same->used = true;
        append(both.target, same->both.target);
      }
    }
    return both;
  }

  int pronoun_leaf() const { return pronoun_leaf_; }
  bool is_content(int leaf) const { return leaf >= 0 && content_[static_cast<std::size_t>(leaf)]; }

 private:
  int new_leaf(bool content) {
    content_.push_back(content);
    return static_cast<int>(content_.size()) - 1;
  }
  const Noun& noun(char role) const { return *d_.nouns[d_.index_of(role == 0 ? 'R' : role)]; }

  BothSides leaf(const std::vector<std::string>& source, const std::vector<std::string>& target) {
    const int number = new_leaf(true);
    BothSides both;
    for (const std::string& word : source) both.source.push_back({word, number});
    for (const std::string& word : target) both.target.push_back({word, number});
    return both;
  }

  BothSides say_piece(const Piece& piece, char role) {
    const char of = piece.role != 0 ? piece.role : role;
    if (piece.text == "N") return leaf({noun(of).one}, {noun(of).translation});
    if (piece.text == "V") {
      const VerbForms& v = *d_.verb;
      const std::vector<std::string>& form = piece.form == "s"     ? v.s
                                             : piece.form == "ed"  ? v.ed
                                             : piece.form == "en"  ? v.en
                                             : piece.form == "ing" ? v.ing
                                                                   : v.base;
      return leaf(form, v.translation);
    }
    const int side = d_.side == Side::first ? 0 : 1;
    if (piece.text == "A") return leaf(d_.reasons[side]->words, d_.reasons[side]->translation);
    if (piece.text == "B") return leaf(d_.others[side]->words, d_.others[side]->translation);
    if (piece.text == "it") {
      const BothSides both = leaf({grammar_.pronoun_of(d_, 'R')}, {noun('R').translation});
      pronoun_leaf_ = both.source.front().leaf;
      return both;
    }
    return say(grammar_.rule_named(d_, piece.text), of);
  }

  const Grammar& grammar_;
  Grammar::Derivation& d_;
  std::vector<bool> content_;
  int pronoun_leaf_ = -1;
};

// One in eight, the same ones always (FNV-1a over the two words).
bool Grammar::held_out_pair(const Derivation& d) const {
  std::uint64_t hash = 14695981039346656037ull;
  for (const std::string& word : {d.nouns[0]->one, d.nouns[1]->one})
    for (const char c : word + ' ') hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return (hash >> 24) % 8 == 0;
}

bool Grammar::translate(Derivation& d, Translation& out) const {
  ParallelSpeaker speaker(*this, d);
  const BothSides both = speaker.say(choose_line(d.random, "")->rule, 0);
  std::vector<std::string> drawn;
  for (const Spoken& spoken : both.target) drawn.push_back(spoken.word);
  std::vector<int> row_of(drawn.size() + 1);
  if (read_back(drawn, row_of) != drawn) return false;  // a reader would find other words
  for (std::size_t i = 0; i < both.source.size(); ++i) {
    const std::string& word = both.source[i].word;
    const bool before_vowel =
        word == "a" && i + 1 < both.source.size() &&
        std::string_view("aeiou").find(both.source[i + 1].word[0]) != std::string_view::npos;
    out.source.push_back(id(before_vowel ? "an" : word));
    if (both.source[i].leaf >= 0 && both.source[i].leaf == speaker.pronoun_leaf())
      out.pronoun_row = static_cast<int>(i);
  }
  for (std::size_t t = 0; t < both.target.size(); ++t) {
    const int leaf = both.target[t].leaf;
    out.target.push_back(id(both.target[t].word));
    out.content.push_back(speaker.is_content(leaf));
    std::vector<int>& rows = out.aligned.emplace_back();
    for (std::size_t i = 0; leaf >= 0 && i < both.source.size(); ++i)
      if (both.source[i].leaf == leaf) rows.push_back(static_cast<int>(i));
    if (leaf >= 0 && leaf == speaker.pronoun_leaf()) out.named_row = static_cast<int>(t);
  }
  return true;
}

Translation Grammar::translation(Random& random, Draw pairs) const {
  if (translation_language_.empty()) throw Error("The grammar has no translation.");
  for (int attempt = 0; attempt < 1000; ++attempt) {
    Derivation d;
    if (!prepare(d, random, {}, -1)) continue;
    if (pairs != Draw::any && held_out_pair(d) != (pairs == Draw::held_out)) continue;
    Translation out;
    if (translate(d, out)) return out;
  }
  throw Error("The grammar draws no sentence whose translation reads as its words.");
}

std::pair<Translation, Translation> Grammar::translated_twins(Random& random, Draw pairs) const {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    Derivation first;
    if (!prepare(first, random, {}, -1)) continue;
    if (pairs != Draw::any && held_out_pair(first) != (pairs == Draw::held_out)) continue;
    if (pronoun_of(first, 'X') != pronoun_of(first, 'Y')) continue;  // the pronoun alone would tell
    first.side = Side::first;
    Derivation second = first;
    second.side = Side::second;
    std::pair<Translation, Translation> twins;
    if (!translate(first, twins.first) || !translate(second, twins.second)) continue;
    const std::vector<int>&a = twins.first.source, &b = twins.second.source;
    if (a.size() != b.size() || twins.first.pronoun_row < 0) continue;
    int n_different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) n_different += a[i] != b[i];
    if (n_different == 1) return twins;
  }
  throw Error("The grammar draws no twin pairs: are there frames whose two roles share a pronoun?");
}

}  // namespace attn
