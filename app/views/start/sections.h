#pragma once

#include <string>

#include "app/views/start.h"
#include "app/views/strip.h"
#include "app/views/view_parts.h"

namespace attn::app {

// The parts of the view of where a token starts; each draws in its place.
struct StartPage {
  Ui& ui;
  const StartFacts& facts;
  const Trace& trace;
  const Side& side;
  const ViewState& view;
  StartCache& cache;
  Intents& intents;
  int chosen = 0;  // the token

  std::string name(int token) const;
  int id() const { return facts.start.ids[static_cast<std::size_t>(chosen)]; }
};

// From the number to the vector that enters the first layer. Returns the height.
float draw_token_strips(StartPage& page, const Rect& rect);
// The words of the text and their neighbours as points.
void draw_word_map(StartPage& page, const Rect& rect);
// Cosines between the tokens' embeddings.
void draw_similarities(StartPage& page, const Rect& rect);
// The table of positions, or what there is in its place.
void draw_positions(StartPage& page, const Rect& rect);

// A heading and a note over a part; returns where its picture begins.
float draw_section_title(StartPage& page, const Rect& rect, std::string_view title, std::string_view note);

}  // namespace attn::app
