#include "app/views/writing.h"

namespace attn::app {

float writing_width(Ui& ui, const Frame& frame, const ViewState& view) {
  if (!why_no_writing(frame).empty()) return 0;
  const auto wide = [&](std::string_view text) { return text_size(ui, TextRole::body, text).x + ui.px(44); };
  return view.predictions.writing.on
             ? wide(ui.words("predictions.stop"))
             : wide(ui.words("predictions.write")) + wide(ui.words("predictions.write_one")) + ui.px(8);
}

float draw_writing(Ui& ui, std::string_view name, bool small, const Frame& frame, const Study& study,
                   const ViewState& view, Intents& intents) {
  if (!why_no_writing(frame).empty()) return 0;
  const std::string prefix(name);
  const float x = ImGui::GetCursorScreenPos().x;
  ButtonOptions options;
  options.small = small;
  if (view.predictions.writing.on) {
    options.icon = Icon::stop;
    if (button(ui, prefix + ".stop", ui.words("predictions.stop"), options)) stop_writing(intents);
    return last_rect().x1 - x;
  }
  options.icon = Icon::play;
  options.tooltip = ui.words("predictions.write_tip");
  if (button(ui, prefix + ".write", ui.words("predictions.write"), options))
    start_writing(study, view, kTokensWritten, intents);
  beside(ui);
  options.icon = Icon::plus;
  options.tooltip = ui.words("predictions.write_one_tip");
  if (button(ui, prefix + ".write_one", ui.words("predictions.write_one"), options))
    start_writing(study, view, 1, intents);
  return last_rect().x1 - x;
}

}  // namespace attn::app
