#include "app/views/heads_table.h"

namespace attn::app {

void draw_heads_table(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&,
                      HeadsTableCache&, Intents&) {
  empty_state(ui, rect, ui.words("action.tab_heads_table"), "");
}

}  // namespace attn::app
