#include "app/views/compare/other.h"

#include <algorithm>
#include <array>

#include "app/look/wording.h"
#include "app/views/shell.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

std::shared_ptr<const Side> computed(const std::shared_ptr<const Side>& side) {
  return side && side->trace ? side : nullptr;
}

// What sets the second subject apart: its model, its sentence, or its settings.
std::string title_of(const Words& words, const Subject& subject, const Subject& beside) {
  if (subject.model != beside.model) return short_model_name(subject.model);
  if (subject.text != beside.text) return "“" + subject.text + "”";
  return subject.interventions.any() ? to_text(subject.interventions)
                                     : std::string(words("compare.as_trained"));
}

Other second_subject(const Words& words, const Frame& frame, const Study& study, const HeadId& head) {
  Other other;
  other.head = head;
  other.why_not = words("compare.no_subject");
  if (!study.b) return other;
  const Subject front = study.shown();
  other.same = *study.b == front;
  const std::string title =
      other.same ? std::string(words("compare.same_so_far")) : title_of(words, *study.b, front);
  other.title = words("compare.side_b", {{"what", title}});
  other.of_front = words("compare.side_a", {{"what", title_of(words, front, *study.b)}});
  const bool answers = frame.b && frame.b->subject == *study.b;
  other.side = answers ? computed(frame.b) : nullptr;
  if (!other.side) {
    other.why_not = words("map.computing");
  } else if (std::string why = why_not_comparable(words, *frame.a, *frame.b, head); !why.empty()) {
    other.side = nullptr;
    other.why_not = std::move(why);
  }
  return other;
}

}  // namespace

std::string why_not_comparable(const Words& words, const Side& a, const Side& b, const HeadId& head) {
  if (b.trace->n_layers(head.stack) == 0)
    return words("compare.other_kind", {{"model", short_model_name(b.subject.model)},
                                        {"stack", words("grid." + std::string(name_of(head.stack)))}});
  if (!has_head(*b.trace, head))
    return words("compare.no_such_head", {{"model", short_model_name(b.subject.model)},
                                          {"layers", std::to_string(b.trace->n_layers(head.stack))},
                                          {"heads", std::to_string(b.trace->n_heads(head.stack))}});
  const bool same_text = a.subject.text == b.subject.text && a.subject.pair == b.subject.pair;
  if (a.subject.model == b.subject.model || !same_text) return {};
  if (a.trace->key_tokens(head.stack) == b.trace->key_tokens(head.stack)) return {};
  return words("compare.other_tokens", {{"a", short_model_name(a.subject.model)},
                                        {"n_a", std::to_string(a.trace->tokens.size())},
                                        {"b", short_model_name(b.subject.model)},
                                        {"n_b", std::to_string(b.trace->tokens.size())}});
}

Other find_other(const Words& words, CompareWith with, const Frame& frame, const Study& study,
                 const HeadId& head, const ViewState& view) {
  Other other;
  other.head = head;
  switch (with) {
    case CompareWith::nothing:
      break;
    case CompareWith::other_head:
      if (study.selection.pinned && has_head(*frame.a->trace, *study.selection.pinned)) {
        other.side = frame.a;
        other.head = *study.selection.pinned;
        other.title = head_name(*frame.a->trace, other.head, view);
        other.of_front = head_name(*frame.a->trace, head, view);
      }
      other.why_not = words("compare.no_pin");
      break;
    case CompareWith::twin:
      other.side = computed(frame.other);
      if (study.twin) {
        const bool flipped = study.flipped;
        other.title =
            words("compare.with_word", {{"word", flipped ? study.twin->word : study.twin->alternative}});
        other.of_front =
            words("compare.with_word", {{"word", flipped ? study.twin->alternative : study.twin->word}});
      }
      other.why_not = words("compare.no_twin");
      break;
    case CompareWith::as_trained:
      other.side = computed(frame.baseline);
      other.title = words("compare.as_trained");
      other.of_front = words("compare.now");
      other.why_not = words("compare.no_interventions");
      break;
    case CompareWith::other_subject:
      return second_subject(words, frame, study, head);
  }
  if (other.side && !has_head(*other.side->trace, other.head)) other.side = nullptr;
  return other;
}

Other choose_other(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const HeadId& head,
                   const ViewState& view, CompareWith& shown, Intents& intents) {
  static constexpr std::array kWays = {CompareWith::other_head, CompareWith::twin, CompareWith::as_trained,
                                       CompareWith::other_subject};
  static constexpr std::array kNames = {"other_head", "twin", "as_trained", "other_subject"};
  std::array<Other, kWays.size()> others;
  std::array<std::string, kWays.size()> reasons;
  std::vector<Choice> choices;
  int chosen = -1;
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    others[i] = find_other(ui.words, kWays[i], frame, study, head, view);
    // A second subject can always be made.
    const bool can = others[i].side || kWays[i] == CompareWith::other_subject;
    reasons[i] = can ? "" : others[i].why_not;
    choices.push_back({kNames[i], ui.words("compare." + std::string(kNames[i])), {}, reasons[i]});
    if (kWays[i] == study.compare) chosen = static_cast<int>(i);
  }
  const auto possible = [&](int i) {
    return i >= 0 && choices[static_cast<std::size_t>(i)].disabled.empty();
  };
  if (!possible(chosen)) {
    chosen = -1;
    for (std::size_t i = 0; i + 1 < others.size() && chosen < 0; ++i)
      if (others[i].side) chosen = static_cast<int>(i);
  }
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  if (segmented(ui, "compare.with", choices, chosen, std::min(rect.width(), ui.px(420))))
    intents.edit([to = kWays[static_cast<std::size_t>(chosen)]](Study& s) {
      s.compare = to;
      if (to == CompareWith::other_subject && !s.b) s.b = s.shown();
    });
  shown = chosen >= 0 ? kWays[static_cast<std::size_t>(chosen)] : CompareWith::nothing;
  return chosen >= 0 ? others[static_cast<std::size_t>(chosen)] : Other{};
}

void draw_second_subject(Ui& ui, const Rect& rect, const Study& study, const Desk& desk, Intents& intents) {
  if (!study.b) return;
  std::vector<Choice> models;
  std::vector<std::string> reasons;  // the choices point into it
  reasons.reserve(desk.models.size());
  int chosen = -1;
  for (const MenuModel& model : desk.models) {
    if (model.name == study.b->model) chosen = static_cast<int>(models.size());
    reasons.push_back(in_words(ui.words, model.why_not));
    models.push_back({model.name, model.title, {}, reasons.back()});
  }
  const std::string own = short_model_name(study.b->model);
  if (chosen < 0) {
    chosen = static_cast<int>(models.size());
    models.push_back({study.b->model, own});
  }
  const float model_width = std::min(ui.px(170), rect.width() * 0.28f);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0 + ui.px(2)));
  if (combo(ui, "compare.b_model", models, chosen, model_width))
    intents.edit([name = std::string(models[static_cast<std::size_t>(chosen)].name)](Study& s) {
      if (!s.b) return;
      s.b->model = name;
      s.b->interventions = {};  // settings of one model mean nothing in another
    });
  const std::string_view settings = ui.words("compare.take_settings");
  const float settings_width = text_size(ui, TextRole::note, settings).x + ui.px(24);
  const float x = rect.x0 + model_width + ui.px(8);
  ImGui::SetCursorScreenPos(ImVec2(x, rect.y0));
  std::string text = study.b->text;
  TextFieldOptions field;
  field.hint = ui.words("compare.b_text_hint");
  field.width = std::max(ui.px(80), rect.x1 - x - settings_width - ui.px(8));
  if (text_field(ui, "compare.b_text", text, field).changed)
    intents.edit(
        [text](Study& s) {
          if (s.b) s.b->text = text;
        },
        "type b");
  ImGui::SetCursorScreenPos(ImVec2(rect.x1 - settings_width, rect.y0 + ui.px(2)));
  if (button(ui, "compare.take_settings", settings,
             {.small = true,
              .tooltip = ui.words("compare.take_settings_tip"),
              .disabled = study.b->model == study.a.model ? std::string_view()
                                                          : ui.words("compare.other_model_settings")}))
    intents.edit([](Study& s) {
      if (!s.b || s.b->model != s.a.model) return;
      s.b->interventions = s.a.interventions;
      s.b->bound_text = s.a.bound_text;
    });
}

}  // namespace attn::app
