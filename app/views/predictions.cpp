#include "app/views/predictions.h"

namespace attn::app {

void draw_predictions(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&,
                      PredictionsCache&, Intents&) {
  empty_state(ui, rect, ui.words("action.tab_predictions"), "");
}

}  // namespace attn::app
