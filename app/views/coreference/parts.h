#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/views/coreference.h"
#include "app/views/view_parts.h"

namespace attn::app {

// What the sections of the coreference view share.

// Everything that a section draws from.
struct CorefContext {
  Ui& ui;
  const Frame& frame;
  const Study& study;
  const ViewState& view;
  CoreferenceCache& cache;
  Intents& intents;
  const CorefQuestion& question;        // of the sentence in front
  const CorefQuestion* twin = nullptr;  // of its twin; null: there is none, or the words are not in it
  HeadId head;                          // that is looked at

  const Side& side() const { return *frame.a; }
  // What a side of the twin pair is called: the exchanged word as it stands there.
  std::string word_here() const, word_there() const;
};

// What each method says the pronoun means, here and on the twin.
void draw_answers(const CorefContext& c);
void draw_heads_section(const CorefContext& c);
void draw_sweep_section(const CorefContext& c);
void draw_words_section(const CorefContext& c);
void draw_patching_section(const CorefContext& c);
void draw_file_section(Ui& ui, const Frame& frame, const ViewState& view, Intents& intents);

// The sentence's own words: a click or a drag chooses the pronoun, the candidates or the word to exchange.
void draw_coref_sentence(const CorefContext& c);

void change_coref(Intents& intents, std::function<void(CoreferenceState&)> change);

// ---- Colours and numbers ----

std::string signed_text(double value, int digits = 2);  // "+0.93", "−0.05"; "0.00" without a sign
// Orange: for the first candidate; blue: for the others.
Colour side_colour(const Ui& ui, bool first);
Colour margin_colour(const Ui& ui, double margin, double largest);
// A bar from the middle of `rect` to the right (for the first candidate) or the left.
void draw_margin_bar(Ui& ui, const Rect& rect, double margin, double largest);
// "blue: for street · white: 0 · orange: for animal" with the colours.
void draw_margin_legend(const CorefContext& c, double largest, std::string_view less, std::string_view more);

// ---- A grid of numbers with names ----

struct NumberGrid {
  std::string_view name;  // of the cells, for scripts: "coref.grid" → "coref.grid.1.3"
  std::vector<std::string> rows, columns;
  Matrix values;       // not-a-number: there is none
  double largest = 1;  // of the colours
  int chosen_row = -1, chosen_column = -1;
  int lit_column = -1;
  bool turned = false;   // column names stand at 45°
  float most_cell = 40;  // design units
};
// At the cursor, `width` pixels wide at most. Returns the cell that was clicked as row * columns + column, or
// -1; `hovered` gets the one under the mouse.
int draw_number_grid(Ui& ui, const NumberGrid& grid, float width, int* hovered = nullptr);

// ---- Work beside the pictures ----

// Passes that would take longer than this wait for a click, run on their own lane, and can be cancelled.
inline constexpr double kLongJob_ms = 3000;

// Asks for `work` and shows how far it is: a button that starts it where it is long, progress, its problem.
// Returns what there is (null: nothing yet).
template <class T>
std::shared_ptr<const T> ask(const CorefContext& c, std::string_view name, const std::string& key,
                             double estimated_ms, std::function<T(JobControl&)> work);

// The drawing of it. Returns true when the job is to be asked for in this frame.
struct JobLook {
  bool done = false, has_value = false;
  float fraction = -1;
  Wording problem;
};
bool draw_job(Ui& ui, const ViewState& view, Intents& intents, std::string_view name, const std::string& key,
              double estimated_ms, const JobLook& look);

template <class T>
std::shared_ptr<const T> ask(const CorefContext& c, std::string_view name, const std::string& key,
                             double estimated_ms, std::function<T(JobControl&)> work) {
  const Answer<T> answer = c.frame.answer<T>(key);
  const JobLook look{answer.done, answer.value != nullptr, answer.fraction, answer.problem};
  if (draw_job(c.ui, c.view, c.intents, name, key, estimated_ms, look))
    c.intents.want<T>(key, std::move(work), estimated_ms > kLongJob_ms ? JobKind::lasting : JobKind::quick);
  return answer.value;
}

// How long `n` passes over the sentence in front may take on a slow core, in milliseconds.
double passes_ms(const CorefContext& c, double n);

// How the answer stands: signed, for the first candidate. The pointing head's weight, else the attention
// score's share. 0 where there is no answer.
double answer_margin(const Trace& trace, const CorefQuestion& question);

}  // namespace attn::app
