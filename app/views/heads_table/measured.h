#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/views/value_grid.h"
#include "core/analysis/head_statistics.h"
#include "core/study/heads_of_texts.h"

namespace attn::app {

// What every head does, as jobs work it out: on the present text, or over the texts of a file.

using AllHeads = std::vector<HeadStatistics>;
Answer<AllHeads> want_measures(const Frame& frame, const std::shared_ptr<const Side>& side, Intents& intents);

// The file that `state` names, read by the model and with the interventions of `side`. A lasting job.
std::string texts_job_key(const Side& side, const std::string& file);
void want_texts(const std::shared_ptr<const Side>& side, const HeadsTableState& state, Intents& intents);

// The numbers of the table: heads down, measures() across.
struct HeadRows {
  std::vector<HeadId> heads;
  Matrix mean;                           // [heads, measures()]
  Matrix low, high;                      // 95 % intervals over texts; empty for one text
  AllHeads of_text;                      // the present text's own: where sinks are
  int row_of(const HeadId& head) const;  // -1: none
};
HeadRows rows_of(const AllHeads& heads);
HeadRows rows_of(const HeadsOfTexts& texts);

// Least and most of a measure, not-a-number left out; {0, 0} where there is none.
struct Range {
  float least = 0, most = 0;
};
Range range_of(const HeadRows& rows, std::size_t measure);
// What the colours and bars of a measure go from and to: shares from 0 to 1, others from 0 to the largest.
Range scale_of(const HeadRows& rows, std::size_t measure);
std::size_t place_of(std::string_view measure);  // in measures(); 0 for an unknown one
int digits_of(std::size_t measure);

// The chosen measure as a grid of heads, those below state.at_least dimmed. It reads `rows` when it is drawn.
ValueGrid measure_grid(std::string_view name, const HeadRows& rows, Stack stack, int n_layers, int n_heads,
                       const HeadsTableState& state);

// The rows in the order of a measure, those below state.at_least left out; not-a-number comes last.
std::vector<int> ordered(const HeadRows& rows, const HeadsTableState& state);

}  // namespace attn::app
