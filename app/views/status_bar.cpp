#include <algorithm>
#include <cmath>

#include "app/views/in_force.h"
#include "app/views/shell.h"
#include "app/views/view_parts.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

std::string megabytes(std::uint64_t bytes) {
  return fixed(static_cast<double>(bytes) / 1e6, 0);
}

// Words of the text that the model's vocabulary does not have.
int n_unknown(const Frame& frame) {
  if (!frame.a->loaded.tokenizer) return 0;
  const std::optional<int> unknown = frame.a->loaded.tokenizer->unknown_id();
  const std::vector<int>& ids = frame.a->text.source.ids;
  return unknown ? static_cast<int>(std::count(ids.begin(), ids.end(), *unknown)) : 0;
}

// How many of the model's positions the text takes: a number, and a meter where there is a limit.
void draw_positions_used(Ui& ui, const Rect& rect, const Trace& trace, float& x, float middle) {
  const std::size_t n = trace.tokens.size();
  const int most = trace.model ? position_limit(trace.model->spec,
                                                trace.model->spec.encoder ? Stack::encoder : Stack::decoder)
                               : 0;
  // A picture takes as many as it takes.
  const bool words = trace.model && trace.model->spec.input == InputKind::words;
  const bool nearly = words && most > 0 && n * 10 > static_cast<std::size_t>(most) * 9;
  const Colour ink = nearly ? ui.theme.warn : ui.theme.dim;
  const std::string text =
      most > 0 ? ui.words("status.positions", {{"n", std::to_string(n)}, {"most", std::to_string(most)}})
               : ui.words("status.tokens", {{"n", std::to_string(n)}});
  ImGui::SetCursorScreenPos({x, middle});
  label(ui, "status.tokens", text, TextRole::note, ink);
  x += text_size(ui, TextRole::note, text).x + ui.px(8);
  if (most > 0) {
    const float width = ui.px(48), high = ui.px(6), top = rect.y0 + std::floor((rect.height() - high) / 2);
    const float part = std::min(1.0f, static_cast<float>(n) / static_cast<float>(most));
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({x, top}, {x + width, top + high}, ui.theme.line, high / 2);
    list.AddRectFilled({x, top}, {x + std::max(high, width * part), top + high}, ink, high / 2);
    x += width;
  }
  x += ui.px(12);
}

}  // namespace

void draw_status_bar(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                     const Desk& desk, const PanelsAway& away, Intents& intents) {
  const float middle = rect.y0 + (rect.height() - text_size(ui, TextRole::note, "0").y) / 2;
  float x = rect.x0 + ui.px(16);
  // What does not fit is shortened; what would be but a letter is left out.
  const auto fact = [&](std::string_view name, const std::string& text, Colour colour) {
    const float left = rect.x1 - ui.px(16) - x;
    if (left < ui.px(48)) return;
    const std::string shown = shortened(ui, TextRole::note, text, left);
    ImGui::SetCursorScreenPos({x, middle});
    label(ui, name, shown, TextRole::note, colour);
    x += text_size(ui, TextRole::note, shown).x + ui.px(20);
  };
  const Colour dim = ui.theme.dim;
  if (frame.loading) {
    const Loading& loading = *frame.loading;
    const float share = loading.bytes_total > 0
                            ? static_cast<float>(loading.bytes_done) / static_cast<float>(loading.bytes_total)
                            : -1.0f;
    fact("status.loading",
         ui.words("status.loading", {{"model", loading.model},
                                     {"done", megabytes(loading.bytes_done)},
                                     {"total", megabytes(loading.bytes_total)}}),
         ui.theme.accent);
    const float bar = rect.y0 + std::floor((rect.height() - ui.px(4)) / 2);
    panel(
        ui, "status.bar", {x, bar, x + ui.px(120), bar + ui.px(4)}, PanelLook::flat,
        [&] { progress(ui, "status.progress", share, ""); }, 0);
    x += ui.px(132);
    ImGui::SetCursorScreenPos({x, rect.y0});
    ButtonOptions cancel;
    cancel.small = true;
    cancel.look = ButtonLook::quiet;
    if (button(ui, "status.cancel", ui.words("status.cancel"), cancel)) intents.ask(Command::cancel_loading);
    return;
  }
  // What was just done comes first where there is no room for all.
  if (!desk.message.empty()) fact("status.message", desk.message, ui.theme.accent);
  if (away.left) {
    const Trace* trace = frame.a ? frame.a->trace.get() : nullptr;
    std::string changed;
    for (const InForce& one : in_force(study.a.interventions, ui.words, view, trace))
      changed += (changed.empty() ? "" : " · ") + one.text;
    for (const auto& [word, known] : study.a.stand_ins)
      changed +=
          (changed.empty() ? "" : " · ") + ui.words("force.stand_in", {{"word", word}, {"known", known}});
    if (!changed.empty()) fact("status.in_force", changed, ui.theme.warn);
  }
  if (!desk.session_file.empty())
    fact("status.file", (desk.unsaved ? "• " : "") + short_model_name(desk.session_file),
         desk.unsaved ? ui.theme.ink : dim);
  if (frame.a && frame.a->trace) {
    const Trace& trace = *frame.a->trace;
    fact("status.model", short_model_name(frame.a->subject.model), dim);
    draw_positions_used(ui, rect, trace, x, middle);
    if (const int n = n_unknown(frame); n > 0) {
      const Tokenizer& tokenizer = *frame.a->loaded.tokenizer;
      const std::string token = tokenizer.token(*tokenizer.unknown_id());
      fact("status.unknown", ui.words("notice.unknown", {{"n", std::to_string(n)}, {"token", token}}),
           ui.theme.warn);
    }
    if (frame.a->text.n_cut > 0) {
      fact("status.cut", ui.words("status.cut", {{"n", std::to_string(frame.a->text.n_cut)}}), ui.theme.warn);
    }
    if (trace.model) {
      fact("status.pass", ui.words("status.pass", {{"ms", fixed(trace.pass_ms, trace.pass_ms < 10 ? 2 : 0)}}),
           dim);
    } else {
      fact("status.recording", std::string(ui.words("status.recording")), ui.theme.warn);
    }
    if (!trace.complete) fact("status.partial", std::string(ui.words("status.partial")), ui.theme.accent);
  }
  fact("status.frame", ui.words("status.frame", {{"ms", fixed(desk.frame_ms, 1)}}), dim);

  const std::string keys(ui.words("status.keys"));
  const float width = text_size(ui, TextRole::note, keys).x;
  if (rect.x1 - ui.px(16) - width > x) {
    ImGui::SetCursorScreenPos({rect.x1 - ui.px(16) - width, middle});
    label(ui, "status.keys", keys, TextRole::note, dim);
  }
}

}  // namespace attn::app
