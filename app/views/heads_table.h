#pragma once

#include <string>

#include "app/views/heads_table/measured.h"
#include "app/views/views.h"

namespace attn::app {

// What this view keeps from frame to frame; worked out from a Frame alone.
struct HeadsTableCache {
  std::shared_ptr<const AllHeads> heads;      // that `rows` were made of
  std::shared_ptr<const HeadsOfTexts> texts;  // or these
  HeadRows rows;
  HeadPicture head, looks_for;
  std::string pattern_key;
  std::shared_ptr<const Matrix> pattern;
  std::string typed_file;
  bool typed_taken = false;  // typed_file holds the session's file
};

// Tab::heads_table. What heads do: every head with its measures, sorted and filtered, on this text or over a
// file of texts; the grid coloured by one of them, what it looks for, and the heads most like the chosen one.
void draw_heads_table(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                      HeadsTableCache& cache, Intents& intents);

}  // namespace attn::app
