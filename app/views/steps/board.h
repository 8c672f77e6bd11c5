#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/views/steps.h"
#include "app/views/strip.h"
#include "app/views/view_parts.h"

namespace attn::app {

// The parts of the steps view. Rows keep their places from step to step; what a step adds appears where there
// was room kept for it.

struct Board {
  Ui& ui;
  const HeadWalk& walk;
  const Trace& trace;
  const Study& study;
  const ViewState& view;
  StepsCache& cache;
  Intents& intents;

  Step step() const { return view.steps.step; }
  bool reached(Step s) const { return static_cast<int>(step()) >= static_cast<int>(s); }
  bool now(Step s) const { return step() == s; }
  // Names of tokens as a person reads them.
  std::string query_name() const;
  std::string key_name(int key) const;
  std::string head() const;
  // Scores, weights and what follows from them are hidden: the class predicts first.
  bool covered() const { return view.covered; }
};

inline constexpr float kBoardRow = 22;             // design units: height of a row
inline constexpr float kBoardLabel = kStripLabel;  // of its label
inline constexpr float kBoardScale = kStripScale;  // of the number at its right end

// A vector of the board, labels and numbers as wide as its own; returns the entry under the mouse, -1: none.
int draw_strip_row(Board& board, const Rect& row, const StripRow& what);
// The same where each entry can be set by hand: a click asks for a number. first: the number of entry 0.
int draw_strip_row(Board& board, const Rect& row, const StripRow& what, const OverwrittenNumber& first);
// … which number each entry is.
int draw_strip_row(Board& board, const Rect& row, StripRow what,
                   const std::function<OverwrittenNumber(int)>& number_of);

// Numbers of this walk that can be set by hand: of its head, its layer, its stack. token < 0: the query's.
OverwrittenNumber number_at(const Board& board, NumberPlace place, int token = -1);
// … of the stream that enters this attention, and of what W_Q (in self-attention W_K and W_V too) reads.
OverwrittenNumber stream_before(const Board& board, int token = -1);
OverwrittenNumber read_by_attention(const Board& board, int token = -1);
// … of the encoder's output, what W_K and W_V of cross-attention read.
OverwrittenNumber encoder_output(const Board& board, int token);
// What it was set to; null: as computed.
const OverwrittenNumber* find_set(const Board& board, const OverwrittenNumber& number);
// Opens the box in which a number is typed. title: which number; value: what it is now; under `anchor`.
void ask_for_number(Board& board, const OverwrittenNumber& number, const std::string& title,
                    const Rect& anchor);
void draw_number_box(Board& board);

// The numbers of each key stand in columns at the right of the vectors, in the order of the steps.
struct NumberColumn {
  enum class What { dot, scaled, position, score, masked, weight };
  What what;
  Step step;  // that fills it
  std::string title;
  float x0 = 0, x1 = 0;
};
std::vector<NumberColumn> number_columns(Board& board, const Rect& rect);
// q, k and v of the head: the first rows of every step that has them, in the same place. lit: which of them
// the present step works on. Returns the height.
float draw_head_vectors(Board& board, const Rect& rect);
// Sets one weight of this row by hand, an intervention: the rest of the row shares what is left, and the
// consequence runs through the layers.
void set_weight(Board& board, int key, float weight);
// The controls of the softmax step: what if, and a weight set by hand. Returns the height.
float draw_weight_controls(Board& board, const Rect& rect);

// The sheets: each draws in `rect` and returns how much height it took.
float draw_start_sheet(Board& board, const Rect& rect);       // Step::start
float draw_projection_sheet(Board& board, const Rect& rect);  // Step::projections
float draw_key_sheet(Board& board, const Rect& rect);         // Step::products … values
float draw_output_sheet(Board& board, const Rect& rect);      // Step::output … feed_forward

// The formula of a step in one line.
struct FormulaPiece {
  std::string text;
  bool lit = false;
};
std::vector<FormulaPiece> formula_of(const HeadWalk& walk, Step step);
// The present term with this query's and key's numbers; empty where there is none in one line.
std::string in_numbers(const HeadWalk& walk, Step step, const std::string& key_name);
// The step's computation in NumPy.
std::vector<std::string> code_of(const HeadWalk& walk, Step step);
// The name of what a step is called under "steps.explain.": differs with what the model does.
std::string explanation_key(const HeadWalk& walk, Step step);

}  // namespace attn::app
