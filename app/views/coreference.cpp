#include "app/views/coreference.h"

namespace attn::app {

void draw_coreference(Ui& ui, const Rect& rect, const Frame&, const Study&, const ViewState&,
                      CoreferenceCache&, Intents&) {
  empty_state(ui, rect, ui.words("action.tab_coreference"), "");
}

}  // namespace attn::app
