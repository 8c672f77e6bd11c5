#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/look/wording.h"
#include "app/views/coreference/parts.h"
#include "core/analysis/coreference_accuracy.h"
#include "core/model/model.h"
#include "core/study/example_files.h"

namespace attn::app {

namespace {

constexpr float kWide = 560;  // design units: from here on two columns
constexpr float kHigh = 260;

using Examples = std::vector<PronounExample>;

// What this section draws from.
struct FileContext {
  Ui& ui;
  const Frame& frame;
  const ViewState& view;
  Intents& intents;
  const Examples& examples;
  std::shared_ptr<const CoreferenceAccuracy> accuracy;  // null: not there yet
};

void open_file(Intents& intents, const std::string& path) {
  change_coref(intents, [path](CoreferenceState& s) {
    s.file = path;
    s.example = 0;
    s.guesses.clear();
  });
}

std::string built_in_file(const char* name) {
  return (model_places().built_in.parent_path() / "examples" / name).string();
}

void draw_choices_of_files(Ui& ui, const ViewState& view, Intents& intents) {
  const bool small = !view.coreference.file.empty();
  if (button(ui, "coref.file.open", ui.words("coref.file.open"),
             {.look = small ? ButtonLook::plain : ButtonLook::primary, .small = true}))
    intents.ask(Command::open);
  beside(ui);
  if (button(ui, "coref.file.english", ui.words("coref.file.english"), {.small = true}))
    open_file(intents, built_in_file("pronouns-en.jsonl"));
  beside(ui);
  if (button(ui, "coref.file.chinese", ui.words("coref.file.chinese"), {.small = true}))
    open_file(intents, built_in_file("pronouns-zh.jsonl"));
}

// ---- How often each is right ----

// A name, a share with its interval as a line on 0 … 1, and its numbers.
void draw_share(Ui& ui, const Rect& row, std::string_view text, const Interval& share, double chance,
                Colour colour, bool strong) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float name = std::floor(row.width() * 0.36f), number = ui.px(112);
  const float x0 = row.x0 + name + ui.px(8), x1 = std::max(x0 + ui.px(24), row.x1 - number - ui.px(8));
  const auto at = [&](double value) {
    return x0 + (x1 - x0) * static_cast<float>(std::clamp(value, 0.0, 1.0));
  };
  const float middle = std::floor((row.y0 + row.y1) / 2);
  draw_text_in(ui, list, strong ? TextRole::heading : TextRole::small,
               {row.x0 + ui.px(4), row.y0, row.x0 + name, row.y1}, ui.theme.ink, text);
  list.AddLine(ImVec2(x0, middle), ImVec2(x1, middle), ui.theme.line, ui.px(1));
  list.AddLine(ImVec2(at(chance), row.y0 + ui.px(3)), ImVec2(at(chance), row.y1 - ui.px(3)), ui.theme.dim);
  if (std::isfinite(share.low))
    list.AddLine(ImVec2(at(share.low), middle), ImVec2(at(share.high), middle),
                 mix(ui.theme.panel, colour, 0.5f), ui.px(4));
  list.AddCircleFilled(ImVec2(at(share.mean), middle), ui.px(4), colour);
  std::string numbers = fixed(100 * share.mean, 0) + " %";
  if (std::isfinite(share.low))
    numbers += "  " + fixed(100 * share.low, 0) + "–" + fixed(100 * share.high, 0);
  draw_text_in(ui, list, TextRole::small, {row.x1 - number, row.y0, row.x1, row.y1}, ui.theme.ink, numbers,
               1);
}

Interval guesses_of(const FileContext& c) {
  int right = 0, n = 0;
  for (const auto& [example, guess] : c.view.coreference.guesses) {
    if (example < 0 || example >= static_cast<int>(c.examples.size())) continue;
    const std::optional<int>& answer = c.examples[static_cast<std::size_t>(example)].answer;
    if (!answer) continue;
    ++n;
    right += guess == *answer;
  }
  return share_interval(right, n);
}

void draw_accuracy(const FileContext& c, float height) {
  Ui& ui = c.ui;
  const CoreferenceAccuracy& a = *c.accuracy;
  heading(ui,
          ui.words("coref.file.right", {{"n", std::to_string(a.n)}, {"model", c.frame.a->subject.model}}));
  if (a.n_skipped + a.n_neither > 0)
    note(ui, ui.words("coref.file.left_out",
                      {{"skipped", std::to_string(a.n_skipped)}, {"neither", std::to_string(a.n_neither)}}));
  const auto row = [&](std::string_view name, std::string_view text, const Interval& share, Colour colour,
                       bool strong) {
    const Rect rect = here(ui, room(ui) - ui.px(12), ui.px(metric::kRow));
    mark(ui, name, rect, text, fixed(share.mean, 3));
    draw_share(ui, rect, text, share, a.chance, colour, strong);
    ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y1));
  };
  row("coref.file.answer", ui.words("coref.method." + a.method), a.answer, ui.theme.accent, true);
  const Interval guesses = guesses_of(c);
  if (guesses.n > 0)
    row("coref.file.guesses", ui.words("coref.file.guesses", {{"n", std::to_string(guesses.n)}}), guesses,
        ui.theme.warn, true);
  row("coref.file.first", ui.words("coref.file.first"), a.first, ui.theme.dim, false);
  row("coref.file.nearest", ui.words("coref.file.nearest"), a.nearest, ui.theme.dim, false);
  row("coref.file.chance", ui.words("coref.file.chance"), Interval{a.chance, std::nan(""), std::nan(""), a.n},
      ui.theme.dim, false);
  note(ui, ui.words("coref.file.interval"));
  space(ui, 4);
  rule(ui);
  space(ui, 4);
  const float left = std::max(ui.px(96), height - (ImGui::GetCursorScreenPos().y - ImGui::GetWindowPos().y));
  scroll_area(ui, "coref.file.heads", left - ui.px(4), [&] {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float high = ui.px(metric::kRow), wide = room(ui) - ui.px(12);
    const float top = ImGui::GetWindowPos().y, bottom = top + ImGui::GetWindowHeight();
    for (std::size_t i = 0; i < a.heads.size(); ++i) {
      const Rect rect{at.x, at.y + static_cast<float>(i) * high, at.x + wide,
                      at.y + static_cast<float>(i + 1) * high};
      if (rect.y1 < top || rect.y0 > bottom) continue;
      const HeadId id = a.heads[i].head;
      const int from = c.view.count_heads_from_one ? 1 : 0;
      const std::string name = to_text(HeadId{id.stack, id.layer + from, id.head + from});
      const Touch touch =
          touch_area(ui, "coref.file.head." + std::to_string(i), rect, name, fixed(a.heads[i].share.mean, 3));
      if (touch.hovered)
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(rect.x0, rect.y0), ImVec2(rect.x1, rect.y1),
                                                  ui.theme.hover, ui.px(4));
      if (touch.clicked) c.intents.edit([id](Study& s) { s.selection.head = id; });
      draw_share(ui, rect, name, a.heads[i].share, a.chance, ui.theme.ink, false);
    }
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + static_cast<float>(a.heads.size()) * high));
    space(ui, 1);
  });
}

// ---- One example: guess, then see ----

void draw_wrapped(Ui& ui, const std::string& text, TextRole role) {
  const float width = room(ui) - ui.px(12);
  const Rect rect = here(ui, width, text_size(ui, role, text, width).y);
  draw_text(ui, *ImGui::GetWindowDrawList(), role, ImVec2(rect.x0, rect.y0), ui.theme.ink, text, width);
  ImGui::Dummy(ImVec2(rect.width(), rect.height()));
}

std::string name_of(const PronounExample& example, const std::optional<int>& candidate, Ui& ui) {
  return candidate ? example.candidates[static_cast<std::size_t>(*candidate)].word
                   : std::string(ui.words("coref.file.none"));
}

void draw_outcome(const FileContext& c, const PronounExample& example, std::size_t index) {
  Ui& ui = c.ui;
  value_row(ui, "coref.file.truth", ui.words("coref.file.truth"), name_of(example, example.answer, ui), true);
  if (!c.accuracy || index >= c.accuracy->outcomes.size()) return;
  const ExampleOutcome& outcome = c.accuracy->outcomes[index];
  if (!outcome.why_skipped.empty()) return note(ui, outcome.why_skipped);
  value_row(ui, "coref.file.says", ui.words("coref.method." + c.accuracy->method),
            name_of(example, outcome.answer, ui));
  if (!c.accuracy->heads.empty()) {
    HeadId best = c.accuracy->heads.front().head;
    const int from = c.view.count_heads_from_one ? 1 : 0;
    best.layer += from;
    best.head += from;
    value_row(ui, "coref.file.best_says", ui.words("coref.file.best_head", {{"head", to_text(best)}}),
              name_of(example, outcome.by_best_head, ui));
  }
}

// The example becomes the sentence in front, its words the question.
void look_at(const FileContext& c, const PronounExample& example) {
  c.intents.edit([text = example.text](Study& s) {
    s.a.text = text;
    s.twin.reset();
    s.flipped = false;
    s.selection.query = -1;
    s.selection.key.reset();
  });
  std::vector<std::string> candidates;
  for (const ExampleMention& candidate : example.candidates) candidates.push_back(candidate.word);
  // An occurrence that is not the first is named by its number.
  std::string pronoun = example.pronoun.word;
  if (example.pronoun.begin < example.pronoun.end) {
    int occurrence = 1;
    for (std::size_t at = example.text.find(pronoun); at < example.pronoun.begin;
         at = example.text.find(pronoun, at + 1)) {
      const auto is_letter = [&](std::size_t i) {
        return i < example.text.size() && std::isalnum(static_cast<unsigned char>(example.text[i])) != 0;
      };
      if (!(at > 0 && is_letter(at - 1)) && !is_letter(at + pronoun.size())) ++occurrence;
    }
    if (occurrence > 1) pronoun += "#" + std::to_string(occurrence);
  }
  change_coref(c.intents, [pronoun, candidates](CoreferenceState& s) {
    s.section = CorefSection::heads;
    s.pronoun = pronoun;
    s.candidates = candidates;
    s.place.clear();
  });
}

void draw_example(const FileContext& c) {
  Ui& ui = c.ui;
  const auto n = static_cast<int>(c.examples.size());
  const int index = std::clamp(c.view.coreference.example, 0, n - 1);
  const PronounExample& example = c.examples[static_cast<std::size_t>(index)];
  heading(ui, ui.words("coref.file.example", {{"n", std::to_string(index + 1)}, {"all", std::to_string(n)}}));
  const auto go = [&](int to) { change_coref(c.intents, [to](CoreferenceState& s) { s.example = to; }); };
  const std::string no_earlier(index == 0 ? ui.words("coref.file.no_earlier") : "");
  const std::string no_later(index + 1 == n ? ui.words("coref.file.no_later") : "");
  if (button(ui, "coref.file.previous", ui.words("coref.file.previous"),
             {.small = true, .disabled = no_earlier}))
    go(index - 1);
  beside(ui);
  if (button(ui, "coref.file.next", ui.words("coref.file.next"), {.small = true, .disabled = no_later}))
    go(index + 1);
  beside(ui);
  if (button(ui, "coref.file.look", ui.words("coref.file.look"), {.small = true})) look_at(c, example);
  space(ui, 6);
  draw_wrapped(ui, example.text, TextRole::sentence);
  space(ui, 6);
  note(ui, ui.words("coref.file.ask", {{"word", example.pronoun.word}}));
  const auto guess = c.view.coreference.guesses.find(index);
  const bool guessed = guess != c.view.coreference.guesses.end();
  for (std::size_t k = 0; k < example.candidates.size(); ++k) {
    const int candidate = static_cast<int>(k);
    const std::string word = shortened(ui, TextRole::body, example.candidates[k].word, room(ui) * 0.6f);
    if (k > 0) {
      beside(ui);
      if (room(ui) < text_size(ui, TextRole::body, word).x + ui.px(32)) ImGui::NewLine();
    }
    if (button(ui, "coref.file.guess." + std::to_string(k), word,
               {.small = true, .selected = guessed && guess->second == candidate}))
      change_coref(c.intents, [index, candidate](CoreferenceState& s) { s.guesses[index] = candidate; });
  }
  space(ui, 6);
  if (guessed)
    draw_outcome(c, example, static_cast<std::size_t>(index));
  else
    note(ui, ui.words("coref.file.guess_first"));
}

// ---- The jobs ----

std::shared_ptr<const CoreferenceAccuracy> ask_accuracy(Ui& ui, const Frame& frame, const ViewState& view,
                                                        Intents& intents,
                                                        const std::shared_ptr<const Examples>& examples) {
  if (!frame.a || !frame.a->loaded.model || !frame.a->loaded.tokenizer || !frame.a->trace) {
    note(ui, ui.words("coref.needs_model"));
    return nullptr;
  }
  const std::string key = "coref.file|" + view.coreference.file + "|" + frame.a->subject.model + "|" +
                          to_text(without_tokens(frame.a->trace->interventions));
  const double estimated = static_cast<double>(examples->size()) * std::max(0.1, frame.a->trace->pass_ms);
  const Answer<CoreferenceAccuracy> answer = frame.answer<CoreferenceAccuracy>(key);
  const JobLook look{answer.done, answer.value != nullptr, answer.fraction, answer.problem};
  if (draw_job(ui, view, intents, "coref.file.job", key, estimated, look))
    intents.want<CoreferenceAccuracy>(
        key,
        [side = frame.a, examples](JobControl& control) {
          return coreference_accuracy(side->loaded.model, *side->loaded.tokenizer, *examples,
                                      without_tokens(side->trace->interventions), &control.pool(),
                                      control.cancel(), [&](float share) { control.report(share); });
        },
        estimated > kLongJob_ms ? JobKind::lasting : JobKind::quick);
  return answer.value;
}

}  // namespace

void draw_file_section(Ui& ui, const Frame& frame, const ViewState& view, Intents& intents) {
  const std::string& path = view.coreference.file;
  draw_choices_of_files(ui, view, intents);
  space(ui, 4);
  if (path.empty()) return note(ui, ui.words("coref.file.what"));

  const std::string key = "coref.examples|" + path;
  intents.want<Examples>(key, [path](JobControl&) { return load_example_file(path); });
  const Answer<Examples> read = frame.answer<Examples>(key);
  if (!read.problem.empty()) {
    note(ui, in_words(ui.words, read.problem));
    if (button(ui, "coref.file.again", ui.words("coref.file.again"), {.icon = Icon::reset, .small = true}))
      intents.stop_job(key);
    return;
  }
  note(ui, shortened(ui, TextRole::note, std::filesystem::path(path).filename().string(), room(ui)));
  if (!read.value) {
    progress(ui, "coref.file.reading", -1, ui.words("coref.job.working"));
    return ui.wake_in(0.1);
  }
  const auto accuracy = ask_accuracy(ui, frame, view, intents, read.value);
  const FileContext c{ui, frame, view, intents, *read.value, accuracy};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = room(ui), height = std::max(ui.px(200), ImGui::GetContentRegionAvail().y);
  if (width < ui.px(kWide) || ImGui::GetContentRegionAvail().y < ui.px(kHigh)) {
    draw_example(c);
    space(ui, 12);
    if (accuracy) draw_accuracy(c, 0);
    return;
  }
  const float left = std::floor(width * 0.46f), gap = ui.px(20);
  panel(
      ui, "coref.file.left", {at.x, at.y, at.x + left, at.y + height}, PanelLook::flat,
      [&] { draw_example(c); }, 0);
  if (accuracy)
    panel(
        ui, "coref.file.right", {at.x + left + gap, at.y, at.x + width, at.y + height}, PanelLook::flat,
        [&] { draw_accuracy(c, height); }, 0);
}

}  // namespace attn::app
