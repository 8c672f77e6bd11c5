#include "app/views/heads_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/heads_table/parts.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kTopParts = 208, kLeastTable = 200;  // heights where parts stand above one another
constexpr float kSidePane = 320;                     // the least width of what stands beside the table

void choose_measure(Ui& ui, const ViewState& view, Intents& intents) {
  std::vector<std::string> names;
  for (std::size_t m = 0; m < measures().size(); ++m) names.push_back(measure_name(ui, m));
  std::vector<Choice> choices;
  for (std::size_t m = 0; m < measures().size(); ++m) choices.push_back({measures()[m].key, names[m]});
  int chosen = static_cast<int>(place_of(view.heads_table.measure));
  if (combo(ui, "heads_table.measure", choices, chosen, ui.px(180)))
    intents.look([key = std::string(measures()[static_cast<std::size_t>(chosen)].key)](ViewState& v) {
      v.heads_table.measure = key;
      v.heads_table.at_least = -1;
    });
}

void choose_source(Ui& ui, const ViewState& view, Intents& intents) {
  const std::array<Choice, 2> sources = {Choice{"text", ui.words("heads_table.this_text")},
                                         Choice{"file", ui.words("heads_table.many_texts")}};
  int source = view.heads_table.over_texts ? 1 : 0;
  if (segmented(ui, "heads_table.source", sources, source, ui.px(210)))
    intents.look([source](ViewState& v) { v.heads_table.over_texts = source == 1; });
}

void choose_least(Ui& ui, const HeadRows& rows, std::size_t n_shown, const ViewState& view,
                  Intents& intents) {
  const std::size_t m = place_of(view.heads_table.measure);
  const Range range = range_of(rows, m);
  float least = std::clamp(view.heads_table.at_least, range.least, range.most);
  const std::string text = ui.words(
      "heads_table.at_least", {{"n", std::to_string(n_shown)}, {"all", std::to_string(rows.heads.size())}});
  if (slider(ui, "heads_table.at_least", text, least, range.least, std::max(range.most, range.least + 1e-3f),
             digits_of(m) == 1 ? "≥ %.1f" : "≥ %.2f", {.width = std::min(ui.px(210), room(ui) - ui.px(14))}))
    intents.look(
        [least, off = least <= range.least](ViewState& v) { v.heads_table.at_least = off ? -1 : least; });
}

// The file of texts: its path, start and stop, how far it is, what went wrong. Returns the answer so far.
Answer<HeadsOfTexts> draw_texts_controls(Ui& ui, const Frame& frame, const ViewState& view,
                                         HeadsTableCache& cache, Intents& intents) {
  const HeadsTableState& state = view.heads_table;
  const Answer<HeadsOfTexts> answer = frame.answer<HeadsOfTexts>(texts_job_key(*frame.a, state.texts_file));
  if (!cache.typed_taken) {
    cache.typed_file = state.texts_file;
    cache.typed_taken = true;
  }
  TextFieldOptions field;
  field.hint = ui.words("heads_table.file_hint");
  const bool runs = state.texts_asked && !answer.done;
  const std::string_view action = ui.words(runs ? "heads_table.stop" : "heads_table.run");
  const float button_width = text_size(ui, TextRole::body, action).x + ui.px(40);
  field.width = std::max(ui.px(160), room(ui) - button_width - ui.px(metric::kGap));
  const TextEdited edited = text_field(ui, "heads_table.file", cache.typed_file, field);
  beside(ui);
  const std::string_view why =
      cache.typed_file.empty() ? ui.words("heads_table.no_file") : std::string_view();
  const bool pressed = button(ui, "heads_table.run", action,
                              {.look = runs ? ButtonLook::plain : ButtonLook::primary, .disabled = why}) ||
                       (edited.submitted && why.empty());
  if (pressed) {
    // Asked again: what is known of the file is forgotten, as it may have changed.
    intents.stop_job(texts_job_key(*frame.a, state.texts_file));
    intents.look([file = cache.typed_file, runs](ViewState& v) {
      v.heads_table.texts_file = file;
      v.heads_table.texts_asked = !runs;
    });
  } else if (state.texts_asked) {
    want_texts(frame.a, state, intents);
  }
  if (!answer.problem.empty()) {
    banner(ui, "heads_table.problem", in_words(ui.words, answer.problem));
  } else if (runs) {
    progress(ui, "heads_table.progress", answer.fraction, ui.words("heads_table.reading"));
  } else if (answer.value) {
    const HeadsOfTexts& texts = *answer.value;
    std::string says = ui.words("heads_table.texts_done", {{"n", std::to_string(texts.texts.size())}});
    if (texts.n_cut > 0)
      says += " " + ui.words("heads_table.texts_cut", {{"n", std::to_string(texts.n_cut)}});
    if (texts.n_failed > 0)
      says += " " + ui.words("heads_table.texts_failed",
                             {{"n", std::to_string(texts.n_failed)}, {"why", texts.problem}});
    note(ui, says);
  } else {
    note(ui, ui.words("heads_table.file_note"));
  }
  return answer;
}

const HeadRows* rows_to_show(const Answer<AllHeads>& heads, const Answer<HeadsOfTexts>& texts,
                             bool over_texts, HeadsTableCache& cache) {
  if (over_texts) {
    if (!texts.value || texts.value->texts.empty()) return nullptr;
    if (cache.texts != texts.value) {
      cache.rows = rows_of(*texts.value);
      if (heads.value) cache.rows.of_text = *heads.value;
    }
    cache.texts = texts.value;
    cache.heads.reset();
    return &cache.rows;
  }
  if (!heads.value || heads.value->empty()) return nullptr;
  if (cache.heads != heads.value) cache.rows = rows_of(*heads.value);
  cache.heads = heads.value;
  cache.texts.reset();
  return &cache.rows;
}

// Formula and source of the measure, and how many heads rest on the first token.
void draw_formula(Ui& ui, const HeadRows& rows, const ViewState& view) {
  const std::size_t m = place_of(view.heads_table.measure);
  const Measure& measure = measures()[m];
  std::string text =
      std::string(ui.words("heads_table.formula." + std::string(measure.key))) + " · " + measure.source;
  if (measure.value == &HeadStatistics::first && !rows.of_text.empty()) {
    const double share = sink_share_of_heads(rows.of_text);
    text += " · " +
            ui.words("heads_table.sinks", {{"n", fixed(share * static_cast<double>(rows.of_text.size()), 0)},
                                           {"all", std::to_string(rows.of_text.size())}});
  }
  note(ui, text);
}

// The table with its parts around it: beside it where there is room, else above it.
void draw_parts(Ui& ui, const Rect& rect, const HeadRows& rows, const std::vector<int>& order,
                const HeadsOfTexts* texts, const HeadId& head, const Frame& frame, const ViewState& view,
                HeadsTableCache& cache, Intents& intents) {
  const float gap = ui.px(24);
  const float table = measure_table_width(ui);
  if (rect.width() >= table + gap + ui.px(kSidePane)) {
    draw_measure_table(ui, {rect.x0, rect.y0, rect.x0 + table, rect.y1}, rows, order, head, frame, view,
                       intents);
    const float x = rect.x0 + table + gap;
    const float grid = std::min(rect.height() * 0.38f, ui.px(320));
    draw_measure_grid(ui, {x, rect.y0, rect.x1, rect.y0 + grid}, rows, head, frame, view, intents);
    const float below = rect.y0 + grid + ui.px(16);
    const float end = texts ? below + (rect.y1 - below) * 0.6f : rect.y1;
    draw_chosen_head(ui, {x, below, rect.x1, end}, rows, head, frame, view, cache, intents);
    if (texts)
      draw_texts_of_head(ui, {x, end + ui.px(8), rect.x1, rect.y1}, *texts, head, frame, view, intents);
    return;
  }
  const float top = ui.px(kTopParts);
  const float grid = std::min(rect.width() * 0.32f, ui.px(240));
  draw_measure_grid(ui, {rect.x0, rect.y0, rect.x0 + grid, rect.y0 + top}, rows, head, frame, view, intents);
  const Rect right{rect.x0 + grid + gap, rect.y0, rect.x1, rect.y0 + top};
  if (texts)
    draw_texts_of_head(ui, right, *texts, head, frame, view, intents);
  else
    draw_chosen_head(ui, right, rows, head, frame, view, cache, intents);
  draw_measure_table(ui, {rect.x0, rect.y0 + top + ui.px(4), rect.x1, rect.y1}, rows, order, head, frame,
                     view, intents);
}

}  // namespace

void draw_heads_table(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      HeadsTableCache& cache, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return draw_missing_weights(ui, rect, frame, head, {}, intents);
  if (view.covered)
    return empty_state(ui, rect, ui.words("heads_table.covered"), ui.words("heads_table.covered_hint"));
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  scroll_area(ui, "heads_table.all", rect.height(), [&] {
    const Answer<AllHeads> heads = want_measures(frame, frame.a, intents);
    choose_measure(ui, view, intents);
    beside(ui);
    choose_source(ui, view, intents);
    if (!cache.rows.heads.empty()) {
      beside(ui, 16);
      choose_least(ui, cache.rows, ordered(cache.rows, view.heads_table).size(), view, intents);
    }
    Answer<HeadsOfTexts> texts;
    if (view.heads_table.over_texts) texts = draw_texts_controls(ui, frame, view, cache, intents);
    const HeadRows* rows = rows_to_show(heads, texts, view.heads_table.over_texts, cache);
    if (!rows) {
      if (view.heads_table.over_texts) return;
      const bool failed = heads.done && !heads.problem.empty();
      return empty_state(
          ui, {rect.x0, rect.y0 + ui.px(60), rect.x1, rect.y1},
          ui.words(failed ? "map.cannot" : "map.computing"),
          failed ? in_words(ui.words, heads.problem) : std::string(ui.words("heads_table.computing_hint")));
    }
    const std::vector<int> order = ordered(*rows, view.heads_table);
    draw_formula(ui, *rows, view);
    space(ui, 4);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    // Where the window is low, the whole view scrolls.
    const float height = std::max(rect.y1 - at.y - ImGui::GetScrollY(), ui.px(kTopParts + kLeastTable));
    draw_parts(ui, {at.x, at.y, rect.x1 - ui.px(12), at.y + height}, *rows, order, texts.value.get(), *head,
               frame, view, cache, intents);
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + height - 1));
  });
}

}  // namespace attn::app
