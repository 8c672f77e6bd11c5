#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/views/shown_matrix.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// What several views share.

// The selected head where the trace has it, otherwise the nearest one that it has (a study may be ahead of
// its frame); nullopt: no trace, or one without attention.
std::optional<HeadId> head_on_screen(const Frame& frame, const HeadId& selected);
bool has_head(const Trace& trace, const HeadId& head);
bool several_stacks(const Trace& trace);
// "L1·H0", "cross L1·H0"; counted from 1 where the person asked for it.
std::string head_name(const Trace& trace, const HeadId& head, const ViewState& view);

std::string weight_text(double weight);       // "0.28"
std::string cell_text(float weight);          // ".28", "1.0"
std::string difference_text(float weight);    // "+.28", "−.28"
std::string fixed(double value, int digits);  // "–" for not-a-number

// Lights a head or tokens up in every view of the next frame; -1 and nullopt leave the others as they are.
void light_up(Ui& ui, const ViewState& view, Intents& intents, std::optional<HeadId> head, int query,
              int key);
void light_up_tokens(Ui& ui, const ViewState& view, Intents& intents, int query, int key);

// One sentence after the other: a blank stands between them, but not behind a full-width stop.
void add_sentence(std::string& text, std::string_view sentence);

// Takes half of the gap above back: what follows belongs to what stands there.
void close_up(Ui& ui);

// Row or column of a token (ShownMatrix::row_of, column_of); -1: none, or left out.
int place_of_token(const std::vector<int>& of_token, int token);

// The column of a row with the largest value above 0, or `of_differences` the largest of either sign; -1:
// none. The chosen word and this key keep their names, however close the columns stand.
int strongest_column(const ShownMatrix& matrix, int row, bool of_differences = false);

// Chooses a head; tokens belong to their own stack.
void choose_head(Intents& intents, const HeadId& head);
// Chooses a token to look from (and a cell's key).
void choose_query(Intents& intents, int query, std::optional<int> key = std::nullopt);

// The colours of weights as the view wants them, on this theme.
gl::HeatmapLook weights_look(const Ui& ui, const ViewState& view);
gl::HeatmapLook difference_look(const Ui& ui, float largest);
Colour colour_of(const gl::HeatmapLook& look, float value);
// What a mask shuts: hatched as on the maps, the lines going on from one rectangle to the next.
void draw_hatch(Ui& ui, ImDrawList& list, const Rect& rect);
// A bar of colours; at: 0 at its left end, 1 at its right end.
void draw_shades(ImDrawList& list, const Rect& rect, const std::function<Colour(float at)>& colour);
// The colours from −largest to +largest with these two numbers, from the left end of `rect`.
void draw_signed_scale(Ui& ui, const Rect& rect, float largest);

// Nothing was computed: why, where something is wrong with the model or what it reads; else what to do. The
// two words are keys of what the view says while nothing was typed.
void draw_nothing_yet(Ui& ui, const Rect& rect, const Frame& frame, std::string_view title,
                      std::string_view what_to_do);

// Why a head cannot be drawn now, in the middle of `rect`; asks for the weights where that helps.
void draw_missing_weights(Ui& ui, const Rect& rect, const Frame& frame, std::optional<HeadId> head,
                          const std::string& problem, Intents& intents);

}  // namespace attn::app
