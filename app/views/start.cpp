#include "app/views/start.h"

namespace attn::app {

void draw_start(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&, StartCache&,
                Intents&) {
  empty_state(ui, rect, ui.words("action.tab_start"), "");
}

}  // namespace attn::app
