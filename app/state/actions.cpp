#include "app/state/actions.h"

#include <algorithm>
#include <array>

#include "app/state/writing.h"

namespace attn::app {

namespace {

// The part of a model that a mask or a token belongs to when nobody said which.
Stack text_stack(const Frame& frame) {
  const bool has_encoder = frame.a && frame.a->loaded.model && frame.a->loaded.model->spec.encoder;
  return has_encoder || !frame.a ? Stack::encoder : Stack::decoder;
}

void move_head(const ActionContext& c, Intents& intents, int by_layers, int by_heads) {
  const HeadId to = moved_head(c.frame, c.study.selection.head, by_layers, by_heads);
  intents.edit([to](Study& s) { s.selection.head = to; }, "move head");
}

void move_query(const ActionContext& c, Intents& intents, int by) {
  if (!c.frame.a || !c.frame.a->trace) return;
  const int n = static_cast<int>(c.frame.a->trace->query_tokens(c.study.selection.head.stack).size());
  const int to = moved_token(n, c.study.selection.query, by);
  intents.edit(
      [to](Study& s) {
        s.selection.query = to;
        s.selection.key.reset();
      },
      "move token");
}

void set_zoom(const ActionContext& c, Intents& intents, int percent) {
  static constexpr std::array kSteps = {75, 90, 100, 110, 125, 150, 175, 200, 225, 250};
  int to = 100;
  if (percent > 0) {
    to =
        *std::find_if(kSteps.begin(), kSteps.end() - 1, [&](int step) { return step > c.view.zoom_percent; });
  } else if (percent < 0) {
    to = kSteps.front();
    for (const int step : kSteps) {
      if (step < c.view.zoom_percent) to = step;
    }
  }
  intents.look([to](ViewState& v) { v.zoom_percent = to; });
}

void toggle_mask(const ActionContext& c, Intents& intents) {
  const Stack stack = text_stack(c.frame);
  intents.edit([stack](Study& s) {
    MaskSetting& mask = s.a.interventions.masks[stack];
    mask.kind = mask.kind == MaskKind::causal ? MaskKind::as_trained : MaskKind::causal;
    if (mask == MaskSetting{}) s.a.interventions.masks.erase(stack);
  });
}

void toggle_head(const ActionContext& c, Intents& intents) {
  intents.edit([head = c.study.selection.head](Study& s) {
    auto& off = s.a.interventions.heads_off;
    if (!off.erase(head)) off[head] = HeadOff::zero;
  });
}

void toggle_shown(const ActionContext& c, Intents& intents) {
  intents.edit([head = c.study.selection.head](Study& s) {
    auto& shown = s.selection.shown;
    const auto at = std::find(shown.begin(), shown.end(), head);
    if (at == shown.end()) {
      shown.push_back(head);
    } else {
      shown.erase(at);
    }
  });
}

template <class Change>
std::function<void(const ActionContext&, Intents&)> looking(Change change) {
  return [change](const ActionContext&, Intents& intents) { intents.look(change); };
}

// The clicker's keys: they walk where there are steps.
std::function<void(const ActionContext&, Intents&)> stepping(int by) {
  return [by](const ActionContext& c, Intents& intents) {
    if (c.view.tab != Tab::steps) return;
    const int to = std::clamp(static_cast<int>(c.view.steps.step) + by, 0, kSteps - 1);
    intents.look([to](ViewState& v) { v.steps.step = static_cast<Step>(to); });
  };
}

std::function<void(const ActionContext&, Intents&)> asking(Command command) {
  return [command](const ActionContext&, Intents& intents) { intents.ask(command); };
}

std::function<void(const ActionContext&, Intents&)> opening(Tab tab) {
  return looking([tab](ViewState& v) { v.tab = tab; });
}

}  // namespace

std::string_view default_model(Language language) {
  return language == Language::chinese ? "pronouns-zh" : "pronouns-en";
}

HeadId moved_head(const Frame& frame, const HeadId& from, int by_layers, int by_heads) {
  if (!frame.a || !frame.a->trace) return from;
  const int n_layers = frame.a->trace->n_layers(from.stack), n_heads = frame.a->trace->n_heads(from.stack);
  if (n_layers == 0 || n_heads == 0) return from;
  HeadId to = from;
  to.layer = std::clamp(from.layer + by_layers, 0, n_layers - 1);
  int head = from.head + by_heads;
  if (head >= n_heads && to.layer + 1 < n_layers) {
    ++to.layer;
    head = 0;
  } else if (head < 0 && to.layer > 0) {
    --to.layer;
    head = n_heads - 1;
  }
  to.head = std::clamp(head, 0, n_heads - 1);
  return to;
}

int moved_token(int n_tokens, int from, int by) {
  if (n_tokens == 0) return -1;
  if (from < 0) return by > 0 ? 0 : n_tokens - 1;
  return std::clamp(from + by, 0, n_tokens - 1);
}

std::span<const Action> all_actions() {
  static const std::vector<Action> kActions = {
      {"focus_sentence", "Ctrl+L", "sentence", looking([](ViewState& v) { v.focus_sentence = true; })},
      {"continue_text", "Ctrl+Enter", "sentence",
       [](const ActionContext& c, Intents& i) {
         if (c.view.predictions.writing.on)
           stop_writing(i);
         else if (why_no_writing(c.frame).empty())
           start_writing(c.study, c.view, kTokensWritten, i);
       }},
      {"flip_twin", "T", "sentence",
       [](const ActionContext& c, Intents& intents) {
         if (c.study.other()) intents.edit([](Study& s) { s.flipped = !s.flipped; });
       }},
      {"cover", "C", "sentence", looking([](ViewState& v) { v.covered = !v.covered; })},
      {"previous_token", "[", "sentence", [](const ActionContext& c, Intents& i) { move_query(c, i, -1); }},
      {"next_token", "]", "sentence", [](const ActionContext& c, Intents& i) { move_query(c, i, 1); }},

      {"head_left", "Left", "heads", [](const ActionContext& c, Intents& i) { move_head(c, i, 0, -1); }},
      {"head_right", "Right", "heads", [](const ActionContext& c, Intents& i) { move_head(c, i, 0, 1); }},
      {"layer_up", "Up", "heads", [](const ActionContext& c, Intents& i) { move_head(c, i, -1, 0); }},
      {"layer_down", "Down", "heads", [](const ActionContext& c, Intents& i) { move_head(c, i, 1, 0); }},
      {"pin_head", "P", "heads",
       [](const ActionContext& c, Intents& intents) {
         intents.edit([head = c.study.selection.head](Study& s) {
           const bool same = s.selection.pinned == head;
           s.selection.pinned = same ? std::nullopt : std::optional(head);
           s.compare = same ? CompareWith::nothing : CompareWith::other_head;
         });
       }},
      {"show_head_links", "S", "heads", toggle_shown},
      {"fit_map", "F", "heads", looking([](ViewState& v) {
         v.map.zoom = 1;
         v.map.pan_x = v.map.pan_y = 0;
       })},

      {"reset_model", "R", "model",
       [](const ActionContext&, Intents& i) { i.edit([](Study& s) { s.a = as_trained(std::move(s.a)); }); }},
      {"toggle_causal", "M", "model", toggle_mask},
      {"toggle_head", "X", "model", toggle_head},
      {"toggle_positions", "O", "model",
       [](const ActionContext&, Intents& i) {
         i.edit([](Study& s) {
           PositionSetting& p = s.a.interventions.positions;
           p = p == PositionSetting::off ? PositionSetting::as_trained : PositionSetting::off;
         });
       }},
      {"toggle_scaling", "", "model",
       [](const ActionContext&, Intents& i) {
         i.edit([](Study& s) { s.a.interventions.scaling_off = !s.a.interventions.scaling_off; });
       }},
      {"toggle_hard", "", "model",
       [](const ActionContext&, Intents& i) {
         i.edit([](Study& s) {
           SoftmaxSetting& softmax = s.a.interventions.softmax;
           softmax = softmax == SoftmaxSetting::hard ? SoftmaxSetting::soft : SoftmaxSetting::hard;
         });
       }},
      {"block_cells", "B", "model", looking([](ViewState& v) { v.block_cells = !v.block_cells; })},
      {"reload_model", "F5", "model", asking(Command::reload_model)},

      {"next_step", "PageDown", "view", stepping(+1)},
      {"previous_step", "PageUp", "view", stepping(-1)},
      {"tab_heads", "Ctrl+1", "view", opening(Tab::heads)},
      {"tab_links", "Ctrl+2", "view", opening(Tab::links)},
      {"tab_compare", "Ctrl+3", "view", opening(Tab::compare)},
      {"tab_steps", "Ctrl+4", "view", opening(Tab::steps)},
      {"tab_coreference", "Ctrl+5", "view", opening(Tab::coreference)},
      {"tab_predictions", "Ctrl+6", "view", opening(Tab::predictions)},
      {"tab_heads_table", "Ctrl+7", "view", opening(Tab::heads_table)},
      {"tab_start", "Ctrl+8", "view", opening(Tab::start)},
      {"tab_training", "Ctrl+9", "view", opening(Tab::training)},
      {"hide_special", "H", "view", looking([](ViewState& v) { v.map.hide_special = !v.map.hide_special; })},
      {"stacks_together", "", "view", looking([](ViewState& v) { v.stacks_together = !v.stacks_together; })},
      {"words_merged", "W", "view", looking([](ViewState& v) { v.words_merged = !v.words_merged; })},
      {"find_token", "Ctrl+F", "view", looking([](ViewState& v) {
         v.tab = v.tab == Tab::links ? v.tab : Tab::heads;
         v.search_open = true;
       })},
      {"left_panel", "F8", "view", looking([](ViewState& v) { v.switched_panel = SidePanel::left; })},
      {"right_panel", "F9", "view", looking([](ViewState& v) { v.switched_panel = SidePanel::right; })},
      {"zoom_in", "Ctrl++", "view", [](const ActionContext& c, Intents& i) { set_zoom(c, i, 1); }},
      {"zoom_out", "Ctrl+-", "view", [](const ActionContext& c, Intents& i) { set_zoom(c, i, -1); }},
      {"zoom_reset", "Ctrl+0", "view", [](const ActionContext& c, Intents& i) { set_zoom(c, i, 0); }},
      {"next_theme", "F6", "view",
       looking([](ViewState& v) { v.theme = static_cast<ThemeName>((static_cast<int>(v.theme) + 1) % 3); })},
      {"next_color_map", "F7", "view", looking([](ViewState& v) {
         v.color_map = static_cast<ColorMap>((static_cast<int>(v.color_map) + 1) % 3);
       })},
      {"language", "F2", "view", looking([](ViewState& v) {
         v.language = v.language == Language::english ? Language::chinese : Language::english;
       })},
      {"count_from_one", "", "view",
       looking([](ViewState& v) { v.count_heads_from_one = !v.count_heads_from_one; })},

      {"undo", "Ctrl+Z", "file", asking(Command::undo)},
      {"redo", "Ctrl+Y", "file", asking(Command::redo)},
      {"new", "Ctrl+N", "file", asking(Command::new_study)},
      {"open", "Ctrl+O", "file", asking(Command::open)},
      {"save", "Ctrl+S", "file", asking(Command::save)},
      {"save_as", "Ctrl+Shift+S", "file", asking(Command::save_as)},
      {"export_figure", "Ctrl+E", "file", asking(Command::export_figure)},
      {"copy_table", "Ctrl+Shift+C", "file", asking(Command::copy_table)},
      {"copy_picture", "Ctrl+Shift+X", "file", asking(Command::copy_picture)},
      {"help", "F1", "file", looking([](ViewState& v) { v.help_open = !v.help_open; })},
      {"palette", "Ctrl+Shift+P", "file", looking([](ViewState& v) { v.palette_open = true; })},
      {"log", "", "file", looking([](ViewState& v) { v.log_open = true; })},
      {"about", "", "file", looking([](ViewState& v) { v.about_open = true; })},
      {"quit", "Ctrl+Q", "file", asking(Command::quit)},
  };
  return kActions;
}

const Action* find_action(std::string_view name) {
  for (const Action& action : all_actions()) {
    if (action.name == name) return &action;
  }
  return nullptr;
}

}  // namespace attn::app
