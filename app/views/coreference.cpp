#include "app/views/coreference.h"

#include <algorithm>

#include "app/views/coreference/parts.h"

namespace attn::app {

namespace {

void choose_section(Ui& ui, const ViewState& view, Intents& intents) {
  const std::vector<Choice> sections = {{"heads", ui.words("coref.section.heads")},
                                        {"sweep", ui.words("coref.section.sweep")},
                                        {"words", ui.words("coref.section.words")},
                                        {"patching", ui.words("coref.section.patching")},
                                        {"file", ui.words("coref.section.file")}};
  int chosen = static_cast<int>(view.coreference.section);
  if (segmented(ui, "coref.section", sections, chosen, std::min(room(ui), ui.px(520))))
    change_coref(intents, [chosen](CoreferenceState& s) {
      s.section = static_cast<CorefSection>(chosen);
      if (s.section != CorefSection::sweep && s.mark == CorefMark::place) s.mark = CorefMark::candidates;
    });
  space(ui, 6);
}

// Nouns of the word lists, read once for each model.
std::shared_ptr<const NounSet> ask_for_nouns(const Frame& frame, Intents& intents) {
  const std::string model = frame.a->subject.model, key = "coref.nouns|" + model;
  intents.want<NounSet>(key, [model](JobControl&) { return nouns_of_model(model); });
  return frame.answer<NounSet>(key).value;
}

void rank(const Side& side, const CorefQuestion& question, RankedHeads& ranked, std::string& asked) {
  const std::string key = question.key();
  if (ranked.of == side.trace && asked == key) return;
  ranked.of = side.trace;
  asked = key;
  const Trace& trace = *side.trace;
  const Stack stack = trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  ranked.heads = rank_heads(trace, stack, question.pronoun.tokens, question.candidates);
  ranked.pointer = pointer_answer(trace, question.pronoun.tokens, question.candidates);
  ranked.mas = attention_score_answer(ranked.heads, MasDirection::from_pronoun);
  ranked.mas_reversed = attention_score_answer(ranked.heads, MasDirection::from_candidate);
}

void draw_section(const CorefContext& c) {
  Ui& ui = c.ui;
  if (c.view.covered) {
    note(ui, ui.words("details.covered"));
    if (button(ui, "coref.reveal", ui.words("details.reveal"), {.icon = Icon::eye, .small = true}))
      c.intents.look([](ViewState& v) { v.covered = false; });
    return;
  }
  switch (c.view.coreference.section) {
    case CorefSection::heads:
      return draw_heads_section(c);
    case CorefSection::sweep:
      return draw_sweep_section(c);
    case CorefSection::words:
      return draw_words_section(c);
    case CorefSection::patching:
      return draw_patching_section(c);
    case CorefSection::file:
      return;
  }
}

}  // namespace

void draw_coreference(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      CoreferenceCache& cache, Intents& intents) {
  panel(
      ui, "coref", rect, PanelLook::flat,
      [&] {
        choose_section(ui, view, intents);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const Rect rest{at.x, at.y, rect.x1, rect.y1};
        if (view.coreference.section == CorefSection::file)
          return draw_file_section(ui, frame, view, intents);
        const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
        if (!head) return draw_missing_weights(ui, rest, frame, head, {}, intents);
        if (!frame.a->trace->complete)
          return empty_state(ui, rest, ui.words("map.computing"), ui.words("map.computing_hint"));

        const auto nouns = ask_for_nouns(frame, intents);
        const CorefQuestion& question = cache.question.update(frame.a, view.coreference, nouns);
        const bool has_twin = frame.other && frame.other->trace && frame.other->trace->complete && study.twin;
        const CorefQuestion* twin =
            has_twin ? &cache.twin_question.update(frame.other, view.coreference, nouns) : nullptr;
        if (twin && (!twin->complete() || twin->candidates.size() != question.candidates.size()))
          twin = nullptr;
        HeadId looked_at = *head;
        if (looked_at.stack == Stack::cross) looked_at.stack = Stack::decoder;
        const Stack stack = frame.a->trace->n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
        if (looked_at.stack != stack) looked_at = {stack, 0, 0};
        const CorefContext c{ui, frame, study, view, cache, intents, question, twin, looked_at};
        draw_coref_sentence(c);
        if (!question.complete()) {
          const ImVec2 below = ImGui::GetCursorScreenPos();
          return empty_state(
              ui, {below.x, below.y, rect.x1, rect.y1}, ui.words("coref.incomplete"),
              ui.words(question.pronoun.tokens.empty() ? "coref.no_pronoun" : "coref.by_nobody"));
        }
        rank(*frame.a, question, cache.ranked, cache.ranked_for);
        if (twin) rank(*frame.other, *twin, cache.twin_ranked, cache.twin_ranked_for);
        draw_section(c);
      },
      0);
}

}  // namespace attn::app
