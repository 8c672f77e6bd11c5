#include "app/views/steps.h"

namespace attn::app {

void draw_steps(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&, StepsCache&,
                Intents&) {
  empty_state(ui, rect, ui.words("action.tab_steps"), "");
}

}  // namespace attn::app
