#pragma once

#include <span>

#include "app/views/heads_table/measured.h"
#include "app/views/views.h"

namespace attn::app {

struct HeadsTableCache;

// The parts of the heads table; `rect` in pixels. Only for the files of this view.

// Every head of `order` (rows of `rows`) with all its measures: numbers over bars. A click on a column's name
// sorts by it, a click on a row chooses its head.
void draw_measure_table(Ui& ui, const Rect& rect, const HeadRows& rows, std::span<const int> order,
                        const HeadId& head, const Frame& frame, const ViewState& view, Intents& intents);
// How wide the table is where every column has room for its numbers, pixels.
float measure_table_width(Ui& ui);

// The grid coloured by the measure, with its formula and source.
void draw_measure_grid(Ui& ui, const Rect& rect, const HeadRows& rows, const HeadId& head, const Frame& frame,
                       const ViewState& view, Intents& intents);
// The chosen head's map, beside it what the measure looks for, and the heads most like it.
void draw_chosen_head(Ui& ui, const Rect& rect, const HeadRows& rows, const HeadId& head, const Frame& frame,
                      const ViewState& view, HeadsTableCache& cache, Intents& intents);
// The texts of the file on which the chosen head has most of the measure.
void draw_texts_of_head(Ui& ui, const Rect& rect, const HeadsOfTexts& texts, const HeadId& head,
                        const Frame& frame, const ViewState& view, Intents& intents);

std::string measure_name(Ui& ui, std::size_t measure);

}  // namespace attn::app
