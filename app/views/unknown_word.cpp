#include "app/views/unknown_word.h"

#include <algorithm>

#include "app/state/held_out.h"
#include "app/views/meter.h"
#include "app/views/view_parts.h"
#include "core/study/stand_ins.h"

namespace attn::app {

namespace {

// A kind of thing that the model knows, and the known word that stands for it.
struct Kind {
  std::string name, word;
};

// The grammar's word lists, each with its first word that sentences of training had.
std::vector<Kind> kinds_of(const Grammar& grammar) {
  std::vector<Kind> kinds;
  for (std::size_t i = 0; i < grammar.list_names().size(); ++i) {
    const auto first = std::find_if(grammar.nouns().begin(), grammar.nouns().end(), [&](const Noun& noun) {
      return noun.list == static_cast<int>(i) && !noun.held_out;
    });
    if (first == grammar.nouns().end()) continue;
    std::string name = grammar.list_names()[i];
    std::replace(name.begin(), name.end(), '_', ' ');
    kinds.push_back({std::move(name), first->one});
  }
  return kinds;
}

void read_as(Intents& intents, const std::string& word, const std::string& known) {
  intents.edit([key = stand_in_key(word), known](Study& s) {
    if (known.empty())
      s.a.stand_ins.erase(key);
    else
      s.a.stand_ins[key] = known;
  });
}

}  // namespace

std::optional<Stranger> stranger_at(const Side& side, std::size_t token) {
  const Encoding& source = side.text.source;
  if (!side.loaded.tokenizer || token >= source.ids.size()) return std::nullopt;
  const std::string& text = side.subject.text;
  if (source.end[token] <= source.begin[token] || source.end[token] > text.size()) return std::nullopt;
  const std::string own = text.substr(source.begin[token], source.end[token] - source.begin[token]);
  const auto found = side.subject.stand_ins.find(stand_in_key(own));
  if (found != side.subject.stand_ins.end() && source.ids[token] != side.loaded.tokenizer->unknown_id())
    return source.tokens[token].ends_with("≈" + found->second) ? std::optional(Stranger{own, found->second})
                                                               : std::nullopt;
  if (source.ids[token] != side.loaded.tokenizer->unknown_id()) return std::nullopt;
  for (const UnknownWord& word : unknown_words(*side.loaded.tokenizer, source, text))
    if (token >= word.first && token <= word.last) return Stranger{word.text, {}};
  return std::nullopt;
}

void draw_kinds(Ui& ui, const Frame& frame, const Stranger& stranger, Intents& intents) {
  const std::shared_ptr<const HeldOut> set = held_out_of_model(frame, intents);
  if (!set || !set->grammar) return;
  heading(ui, ui.words("tokens.kind_title", {{"word", stranger.word}}));
  note(ui, ui.words("tokens.kind_note"));
  ButtonOptions row;
  row.look = ButtonLook::quiet;
  row.small = true;
  for (const Kind& kind : kinds_of(*set->grammar)) {
    row.selected = kind.word == stranger.known;
    if (button(ui, "tokens.kind." + kind.word,
               ui.words("tokens.kind", {{"kind", kind.name}, {"word", kind.word}}), row)) {
      read_as(intents, stranger.word, kind.word);
      close_popup(ui);
    }
  }
  row.selected = false;
  if (!stranger.known.empty() && button(ui, "tokens.kind_none", ui.words("tokens.kind_none"), row)) {
    read_as(intents, stranger.word, {});
    close_popup(ui);
  }
}

}  // namespace attn::app
