#include "app/views/training.h"

namespace attn::app {

void draw_training(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&, TrainingCache&,
                   Intents&) {
  empty_state(ui, rect, ui.words("action.tab_training"), "");
}

}  // namespace attn::app
