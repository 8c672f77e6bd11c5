#pragma once

#include "app/views/attention_map/parts.h"

namespace attn::app {

// An encoder-decoder's three attentions side by side: one head of each stack, their tokens linked. Cross
// attention looks from the target's tokens (the decoder's) at the source's (the encoder's).

// The cell, row or column of `stack`'s maps that shows the same tokens as `cell`; -1: it has none of them.
StackCell linked_cell(const StackCell& cell, Stack stack);

// Whether the person wants them side by side, and this trace has three.
bool wants_stacks_together(const Trace& trace, const ViewState& view);

// Whether this trace has three stacks, and why they cannot stand side by side in `rect` now.
StacksTogether stacks_together(Ui& ui, const Rect& rect, const Trace& trace, const ViewState& view);

// The three maps; `head` is the chosen one, and the others are those of its layer and number, or the nearest
// that their stack has. The first line of `rect`, `header` pixels high, holds the view's buttons at its
// right.
struct Drawn {
  const ShownMatrix* matrix = nullptr;  // of the chosen stack; null: the weights are not all there yet
  float lowest = 0;                     // the lower edge of the maps, pixels
};
Drawn draw_stacks(Ui& ui, const Rect& rect, float header, const Frame& frame, const HeadId& head,
                  const Study& study, const ViewState& view, ViewCaches& caches, Intents& intents);

}  // namespace attn::app
