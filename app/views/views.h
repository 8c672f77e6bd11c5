#pragma once

#include "app/state/desk.h"
#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/views/view_caches.h"
#include "app/widgets/ui.h"

namespace attn::app {

// The views: free functions of what the workers answered (`frame`), what is examined (`study`) and how it is
// looked at (`view`). Wishes go out through `intents`; what is worked out from a Frame alone is kept in
// `caches`, which the caller owns and hands over each time. `rect` in pixels; a view draws the inside of its
// panel, no border.
//
// ViewState::hover is wished for anew in each frame that something is under the mouse: the program sets it to
// Hover{} before it applies a frame's intents.

// Layers × heads as thumbnails. Hover previews, click selects, Shift+click pins for comparing.
void draw_head_grid(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                    ViewCaches& caches, Intents& intents);

// The selected head: query rows down, key columns across.
void draw_attention_map(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                        const ViewState& view, ViewCaches& caches, Intents& intents);

// The sentence twice, with curves from the chosen token (or all) to what it looks at.
void draw_links(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                ViewCaches& caches, Intents& intents);
// The sentence once, each word shaded by how much the chosen token looks at it.
void draw_shaded_sentence(Ui& ui, const Rect& rect, const Frame& frame, const Study& study,
                          const ViewState& view, ViewCaches& caches, Intents& intents);

// Tab::heads: grid and map side by side, links under them where there is room. On small screens the links
// fold away first, then the grid.
void draw_heads_view(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                     ViewCaches& caches, Intents& intents);
// Tab::links: links with all their controls, and the shaded sentence.
void draw_links_view(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                     ViewCaches& caches, Intents& intents);
// Tab::compare: two maps and the signed difference between them, and how much every head differs.
void draw_compare(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                  const Desk& desk, ViewCaches& caches, Intents& intents);

// The left panel: every intervention, and what is in force. Drawn at the cursor of a panel that scrolls.
void draw_controls(Ui& ui, const Frame& frame, const Study& study, const ViewState& view, ViewCaches& caches,
                   Intents& intents);
// The right panel: what the selection means in words and numbers. Drawn likewise.
void draw_details(Ui& ui, const Frame& frame, const Study& study, const ViewState& view, const Desk& desk,
                  ViewCaches& caches, Intents& intents);

}  // namespace attn::app
