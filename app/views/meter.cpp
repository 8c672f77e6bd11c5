#include "app/views/meter.h"

#include <cmath>

#include "app/look/wording.h"
#include "app/state/held_out.h"
#include "app/views/view_parts.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

constexpr float kAlike = 1e-6f;

bool may_have_held_out(const Frame& frame) {
  if (!frame.a || !frame.a->trace || !frame.a->loaded.model || !frame.a->loaded.tokenizer) return false;
  const ModelSpec& spec = frame.a->loaded.model->spec;
  return spec.encoder && !spec.decoder && spec.output == OutputKind::masked_words;
}

// The model says what a pronoun means, or a word in its place.
bool answers(const Side& side) {
  if (!side.trace->model) return false;
  const ModelSpec& spec = side.trace->model->spec;
  return spec.pointer || spec.output == OutputKind::masked_words;
}

// Asks for the reading with these interventions and gives it when it is there.
Answer<MeterReading> reading_of(const Frame& frame, const std::shared_ptr<const HeldOut>& set,
                                const Interventions& now, Intents& intents) {
  const std::shared_ptr<const Model> model = frame.a->loaded.model;
  const std::string key = "meter " + model->path + " " + model->fingerprint + " " + to_text(now);
  intents.want<MeterReading>(key, [model, set, now](JobControl& control) {
    return read_meter(*model, set->pairs, now, &control.pool(), control.cancel());
  });
  return frame.answer<MeterReading>(key);
}

}  // namespace

void meter_row(Ui& ui, std::string_view name, std::string_view text, const MeterReading& reading, int right,
               bool dimmed) {
  value_row(ui, name, text,
            ui.words("meter.of", {{"right", std::to_string(right)}, {"n", std::to_string(reading.n_pairs)}}),
            !dimmed, dimmed);

  const float share =
      reading.n_pairs > 0 ? static_cast<float>(right) / static_cast<float>(reading.n_pairs) : 0;
  const Rect line = here(ui, room(ui), ui.px(4));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(line.x0, line.y0), ImVec2(line.x1, line.y1),
                     mix(ui.theme.panel, ui.theme.dim, 0.25f), ui.px(2));
  list.AddRectFilled(ImVec2(line.x0, line.y0), ImVec2(line.x0 + line.width() * share, line.y1),
                     dimmed ? ui.theme.dim : ui.theme.accent, ui.px(2));
  ImGui::Dummy(ImVec2(line.width(), ui.px(4)));
}

std::shared_ptr<const HeldOut> held_out_of_model(const Frame& frame, Intents& intents) {
  if (!may_have_held_out(frame)) return nullptr;
  const LoadedModel loaded = frame.a->loaded;
  const std::string key = "held_out " + loaded.model->path + " " + loaded.model->fingerprint;
  intents.want<HeldOut>(key, [loaded](JobControl&) { return find_held_out(loaded); });
  return frame.answer<HeldOut>(key).value;
}

void draw_meter(Ui& ui, const Frame& frame, Intents& intents) {
  const std::shared_ptr<const HeldOut> set = held_out_of_model(frame, intents);
  if (!set || !set->grammar) return;
  space(ui, 12);
  heading(ui, ui.words("meter.title"));
  // What was done to single tokens belongs to one sentence.
  const Interventions all = in_force(frame.a->subject), now = without_tokens(all);
  const Answer<MeterReading> reading = reading_of(frame, set, now, intents);
  if (!reading.problem.empty()) return note(ui, in_words(ui.words, reading.problem));
  if (!reading.value) return note(ui, ui.words("meter.counting"));
  const MeterReading& is = *reading.value;
  meter_row(ui, "meter.now", ui.words(now.any() ? "meter.as_it_is" : "meter.as_trained"), is, is.right);
  tooltip(ui, ui.words("meter.tip"));
  if (now.any()) {
    const Answer<MeterReading> before = reading_of(frame, set, {}, intents);
    if (before.value)
      meter_row(ui, "meter.before", ui.words("meter.as_trained"), *before.value, before.value->right, true);
  }
  if (is.has_pointer) meter_row(ui, "meter.named", ui.words("meter.named"), is, is.named, true);
  if (is.silent) note(ui, ui.words("meter.silent"));
  note(ui, ui.words("meter.note", {{"chance", std::to_string(is.n_pairs / 4)}}));
  if (!(all == now)) note(ui, ui.words("meter.tokens_left_out"));
  if (set->question_at_end) note(ui, ui.words("meter.at_end"));
}

bool twins_alike(const Side& one, const Side& other, int asked) {
  const int there = asked < 0 ? -1 : follow_token(one.trace->tokens, other.trace->tokens, asked);
  if (there < 0 || there != asked || !one.trace->complete || !other.trace->complete) return false;
  bool compared = false;
  const Stack stack = one.trace->n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  for (int l = 0; l < one.trace->n_layers(stack); ++l)
    for (int h = 0; h < one.trace->n_heads(stack); ++h) {
      const HeadId id{stack, l, h};
      const auto a = one.weights(id), b = other.weights(id);
      if (!a || !b || asked >= a->rows() || asked >= b->rows()) return false;
      for (Index k = 0; k < std::min(a->cols(), b->cols()); ++k)
        if (std::abs(a->at(asked, k) - b->at(asked, k)) > kAlike) return false;
      compared = true;
    }
  return compared;
}

void draw_twins_alike(Ui& ui, const Frame& frame, int asked) {
  if (!frame.a || !frame.other || !frame.a->trace || !frame.other->trace) return;
  if (!twins_alike(*frame.a, *frame.other, asked)) return;
  const std::string word = readable_token(frame.a->trace->tokens[static_cast<std::size_t>(asked)]);
  badge(ui, "details.twins_alike", ui.words("meter.twins_alike", {{"word", word}}), BadgeLook::warning);
  std::string why = ui.words("meter.twins_alike_note", {{"word", word}});
  if (answers(*frame.a)) add_sentence(why, ui.words("meter.one_is_wrong"));
  note(ui, why);
}

}  // namespace attn::app
