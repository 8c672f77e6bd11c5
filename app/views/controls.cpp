#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "app/look/wording.h"
#include "app/views/in_force.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"
#include "core/forward/why_not.h"
#include "core/model/model.h"
#include "core/study/attention_file.h"

namespace attn::app {

namespace {

constexpr int kMostTableHeads = 48;  // more heads: only the selected layer's row is in the table
constexpr int kDotsARow = 8;

// What every section reads.
struct Section {
  Ui& ui;
  const Frame& frame;
  const Study& study;
  const ViewState& view;
  const HeadId head;   // on screen
  const Trace* trace;  // null: nothing computed yet
  const ModelSpec* spec;
  Intents& intents;

  // A recording has its own: what was changed when it was made.
  const Recording* recorded() const { return frame.a ? frame.a->loaded.recorded.get() : nullptr; }
  const Interventions& present() const {
    return recorded() && trace ? trace->interventions : study.a.interventions;
  }
  std::string_view words(std::string_view key) const { return ui.words(key); }
  int n_tokens() const { return trace ? static_cast<int>(trace->tokens.size()) : 0; }

  // Why this model cannot do `wish`, alone; empty: it can.
  std::string why_not_here(const Interventions& wish) const {
    if (!spec) return std::string(words(trace ? "controls.recording" : "controls.no_model"));
    const int n_target = trace ? static_cast<int>(trace->target_tokens.size()) : 0;
    const std::vector<Wording> reasons = reasons_against(wish, *spec, n_tokens(), n_target);
    return reasons.empty() ? std::string() : in_words(ui.words, reasons.front());
  }
  void change(std::function<void(Interventions&)> how, std::string_view together = {}) const {
    intents.edit([how = std::move(how)](Study& s) { how(s.a.interventions); }, together);
  }
  void change_mask(std::function<void(MaskSetting&)> how, std::string_view together = {}) const {
    change(
        [stack = head.stack, how = std::move(how)](Interventions& i) {
          how(i.masks[stack]);
          if (i.masks[stack] == MaskSetting{}) i.masks.erase(stack);
        },
        together);
  }
  MaskSetting mask() const {
    const auto found = present().masks.find(head.stack);
    return found == present().masks.end() ? MaskSetting{} : found->second;
  }
  Stack layer_stack() const { return head.stack == Stack::encoder ? Stack::encoder : Stack::decoder; }
};

// One of several in as few rows as fit.
bool choose(Ui& ui, std::string_view name, std::span<const Choice> choices, int& chosen) {
  float wide = 0;
  for (const Choice& choice : choices) wide += text_size(ui, TextRole::note, choice.text).x + ui.px(10);
  const std::size_t n_rows = wide <= room(ui) ? 1 : 2;
  const std::size_t a_row = (choices.size() + n_rows - 1) / n_rows;
  bool changed = false;
  const int before = chosen;
  for (std::size_t first = 0; first < choices.size(); first += a_row) {
    if (first > 0) close_up(ui);
    const auto row = choices.subspan(first, std::min(a_row, choices.size() - first));
    const int from = static_cast<int>(first);
    int here = before >= from && before < from + static_cast<int>(row.size()) ? before - from : -1;
    if (segmented(ui, name, row, here)) {
      chosen = from + here;
      changed = true;
    }
  }
  return changed;
}

// One sentence about the control above it.
void explain(const Section& d, std::string_view text) {
  close_up(d.ui);
  note(d.ui, text);
}

void section(const Section& d, std::string_view title) {
  space(d.ui, 4);
  heading(d.ui, d.words(title));
}

// What the file of a recording says was changed; nothing of it can be taken off.
void draw_recorded_badges(const Section& d) {
  const Recording& recording = *d.recorded();
  const std::vector<InForce> all = in_force(d.present(), d.ui.words, d.view, d.trace);
  if (!recording.says_interventions)
    badge(d.ui, "controls.in_force", d.words("force.not_known"), BadgeLook::calm);
  else if (all.empty() && recording.interventions.empty())
    badge(d.ui, "controls.in_force", d.words("force.none"), BadgeLook::calm);
  else if (all.empty())  // in words of its writer's
    badge(d.ui, "controls.in_force", recording.interventions, BadgeLook::warning);
  for (const InForce& one : all) {
    badge(d.ui, "controls.in_force." + one.name, one.text, BadgeLook::warning);
    close_up(d.ui);
  }
}

void draw_badges(const Section& d) {
  if (d.recorded()) return draw_recorded_badges(d);
  const std::vector<InForce> all = in_force(d.present(), d.ui.words, d.view, d.trace);
  if (all.empty() && d.study.a.stand_ins.empty()) {
    badge(d.ui, "controls.in_force", d.words("force.none"), BadgeLook::calm);
    return;
  }
  for (const InForce& one : all) {
    if (badge(d.ui, "controls.in_force." + one.name, one.text, BadgeLook::warning, true))
      d.change(one.take_off);
    close_up(d.ui);
  }
  for (const auto& [word, known] : d.study.a.stand_ins) {
    if (badge(d.ui, "controls.in_force.stand_in." + word,
              d.ui.words("force.stand_in", {{"word", word}, {"known", known}}), BadgeLook::warning, true))
      d.intents.edit([word = word](Study& s) { s.a.stand_ins.erase(word); });
    close_up(d.ui);
  }
  space(d.ui, 4);
  if (button(d.ui, "controls.reset", d.words("controls.reset"),
             {.icon = Icon::reset, .width = -1, .small = true, .tooltip = d.words("controls.reset_tip")}))
    d.intents.edit([](Study& s) { s.a = as_trained(std::move(s.a)); });
}

void draw_mask(const Section& d) {
  section(d, "controls.mask.title");
  static constexpr std::array kNames = {"as_trained", "none", "causal", "window", "not_itself"};
  std::array<std::string, 5> reasons;
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    Interventions wish;
    wish.masks[d.head.stack].kind = static_cast<MaskKind>(i);
    if (static_cast<MaskKind>(i) == MaskKind::window) wish.masks[d.head.stack].window = 1;
    reasons[i] = i == 0 ? "" : d.why_not_here(wish);
    choices.push_back({kNames[i], d.words("controls.mask." + std::string(kNames[i])), {}, reasons[i]});
  }
  const MaskSetting mask = d.mask();
  int chosen = static_cast<int>(mask.kind);
  if (choose(d.ui, "controls.mask", choices, chosen))
    d.change_mask([chosen](MaskSetting& m) {
      m.kind = static_cast<MaskKind>(chosen);
      m.window = m.kind == MaskKind::window ? std::max(2, m.window) : 0;
    });
  if (mask.kind == MaskKind::window) {
    float window = static_cast<float>(mask.window);
    const float most = static_cast<float>(std::max({4, d.n_tokens(), mask.window}));
    if (slider(d.ui, "controls.mask.size", d.words("controls.mask.size"), window, 1, most, "%.0f"))
      d.change_mask([n = static_cast<int>(window + 0.5f)](MaskSetting& m) { m.window = n; }, "mask window");
  }
  std::string key = "controls.mask_note." + std::string(kNames[static_cast<std::size_t>(chosen)]);
  if (mask.kind == MaskKind::as_trained && d.spec && d.head.stack != Stack::cross) {
    const std::optional<StackSpec>& stack =
        d.head.stack == Stack::encoder ? d.spec->encoder : d.spec->decoder;
    if (stack && d.head.layer < stack->n_layers() &&
        stack->layers[static_cast<std::size_t>(d.head.layer)].self.causal)
      key += "_causal";
  }
  if (mask.kind == MaskKind::as_trained && !d.spec) {
    if (d.trace) explain(d, d.words("controls.mask_note.recording"));
    return;
  }
  explain(d, d.words(key));
}

std::vector<int> shuffled(int n, double seed) {
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(static_cast<unsigned>(seed * 1000.0));
  const std::vector<int> straight = order;
  while (n > 1 && order == straight) std::shuffle(order.begin(), order.end(), random);
  return order;
}

void draw_positions(const Section& d) {
  section(d, "controls.positions.title");
  static constexpr std::array kNames = {"as_trained", "off", "shuffled", "shifted", "sinusoidal"};
  std::array<std::string, 5> reasons;
  std::vector<Choice> choices;
  const int n = d.n_tokens();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    Interventions wish;
    wish.positions = static_cast<PositionSetting>(i);
    if (wish.positions == PositionSetting::shuffled) wish.permutation = shuffled(n, 1);
    if (wish.positions == PositionSetting::shifted) wish.shift = 1;
    reasons[i] = i == 0 ? "" : d.why_not_here(wish);
    choices.push_back({kNames[i], d.words("controls.positions." + std::string(kNames[i])), {}, reasons[i]});
  }
  int chosen = static_cast<int>(d.present().positions);
  const double seed = d.ui.now_s;
  const auto set = [n, seed](PositionSetting to) {
    return [n, seed, to](Interventions& i) {
      i.positions = to;
      i.permutation = to == PositionSetting::shuffled ? shuffled(n, seed) : std::vector<int>();
      i.shift = to == PositionSetting::shifted ? std::max(1, i.shift) : 0;
    };
  };
  if (choose(d.ui, "controls.positions", choices, chosen))
    d.change(set(static_cast<PositionSetting>(chosen)));
  if (d.present().positions == PositionSetting::shuffled &&
      button(d.ui, "controls.positions.again", d.words("controls.positions.again"), {.small = true}))
    d.change(set(PositionSetting::shuffled));
  if (d.present().positions == PositionSetting::shifted) {
    float shift = static_cast<float>(d.present().shift);
    if (slider(d.ui, "controls.positions.by", d.words("controls.positions.by"), shift, 1, 64, "%.0f"))
      d.change([by = static_cast<int>(shift + 0.5f)](Interventions& i) { i.shift = by; }, "shift");
  }
  explain(d, d.words("controls.positions_note." + std::string(kNames[static_cast<std::size_t>(chosen)])));
}

void draw_scores(const Section& d) {
  section(d, "controls.scores.title");
  Interventions wish;
  wish.scaling_off = true;
  bool scaled = !d.present().scaling_off;
  if (toggle(d.ui, "controls.scaling", d.words("controls.scaling"), scaled, d.why_not_here(wish)))
    d.change([scaled](Interventions& i) { i.scaling_off = !scaled; });
  explain(d, d.words(scaled ? "controls.scaling_note" : "controls.scaling_note_off"));
  wish = {};
  wish.temperature = 2;
  const std::string no_temperature = d.why_not_here(wish);
  float temperature = d.present().temperature;
  if (slider(d.ui, "controls.temperature", d.words("controls.temperature"), temperature, 0.1f, 10, "%.2f",
             {.logarithmic = true, .start = 1, .has_start = true, .disabled = no_temperature}))
    // Near the middle it snaps to what the model was trained with.
    d.change(
        [t = std::abs(temperature - 1) < 0.04f ? 1.0f : temperature](Interventions& i) { i.temperature = t; },
        "temperature");
  explain(d, d.words("controls.temperature_note"));
  wish = {};
  wish.softmax = SoftmaxSetting::hard;
  const std::string no_hard = d.why_not_here(wish);
  const std::array<Choice, 2> softmax = {Choice{"soft", d.words("controls.softmax.soft")},
                                         Choice{"hard", d.words("controls.softmax.hard"), {}, no_hard}};
  int hard = static_cast<int>(d.present().softmax);
  if (segmented(d.ui, "controls.softmax", softmax, hard))
    d.change([hard](Interventions& i) { i.softmax = static_cast<SoftmaxSetting>(hard); });
  explain(d, d.words(hard ? "controls.softmax_note.hard" : "controls.softmax_note.soft"));
}

struct Part {
  const char* name;
  bool LayerParts::*on;
};
constexpr std::array<Part, 4> kParts = {{{"attention", &LayerParts::attention},
                                         {"residual", &LayerParts::residual},
                                         {"norm", &LayerParts::norm},
                                         {"feed_forward", &LayerParts::feed_forward}}};

void draw_layers(const Section& d) {
  if (!d.trace) return;
  section(d, "controls.layers.title");
  Ui& ui = d.ui;
  const Stack stack = d.layer_stack();
  const Rect line = here(ui, room(ui), ui.px(18));
  const int from = d.view.count_heads_from_one ? 1 : 0, n_layers = d.trace->n_layers(stack);
  const float last_name = text_size(ui, TextRole::small, "L" + std::to_string(n_layers - 1 + from)).x;
  const float name_width = std::max(ui.px(18), last_name + ui.px(2)), dot_side = ui.px(20);
  // Columns are as wide as their titles, spread to the right edge.
  std::array<float, 4> middle{};
  float sum = 0;
  for (const Part& part : kParts)
    sum += text_size(ui, TextRole::note, d.words("controls.part." + std::string(part.name))).x;
  const float gap = std::max(0.0f, (line.width() - name_width - sum) / 4);
  float x = line.x0 + name_width;
  std::array<std::string, 4> reasons;
  for (std::size_t p = 0; p < kParts.size(); ++p) {
    const std::string_view title = d.words("controls.part." + std::string(kParts[p].name));
    const float width = text_size(ui, TextRole::note, title).x;
    draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note,
                 {x + gap, line.y0, x + gap + width, line.y1}, ui.theme.dim, title);
    middle[p] = x + gap + width / 2;
    x += gap + width;
    Interventions wish;
    wish.layers[{stack, 0}].*(kParts[p].on) = false;
    reasons[p] = d.why_not_here(wish);
  }
  float y = line.y1;
  for (int l = 0; l < n_layers; ++l) {
    draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::small,
                 {line.x0, y, line.x0 + name_width, y + ui.px(metric::kRow)}, ui.theme.ink,
                 "L" + std::to_string(l + from));
    const auto found = d.present().layers.find({stack, l});
    const LayerParts parts = found == d.present().layers.end() ? LayerParts{} : found->second;
    for (std::size_t p = 0; p < kParts.size(); ++p) {
      ImGui::SetCursorScreenPos(ImVec2(std::floor(middle[p] - dot_side / 2), y));
      bool on = parts.*(kParts[p].on);
      const std::string name = "controls.layer." + std::to_string(l) + "." + kParts[p].name;
      if (dot(ui, name, on, d.words("controls.part_tip." + std::string(kParts[p].name)), reasons[p]))
        d.change([stack, l, p, on](Interventions& i) {
          i.layers[{stack, l}].*(kParts[p].on) = on;
          if (i.layers[{stack, l}] == LayerParts{}) i.layers.erase({stack, l});
        });
    }
    y += ui.px(metric::kRow);
  }
  ImGui::SetCursorScreenPos(ImVec2(line.x0, y));
  ImGui::Dummy(ImVec2(line.width(), 1));
  explain(d, d.words("controls.layers_note"));
}

HeadOff chosen_off(const Section& d) {
  if (!d.present().heads_off.empty()) return d.present().heads_off.begin()->second;
  return static_cast<HeadOff>(static_cast<int>(d.ui.memory.numbers["controls.heads.kind"]));
}

void draw_head_dots(const Section& d, int layer, float& y, HeadOff off, const std::string& disabled) {
  Ui& ui = d.ui;
  const int n_heads = d.trace->n_heads(d.head.stack), from = d.view.count_heads_from_one ? 1 : 0;
  const Rect line = here(ui, room(ui), 1);
  draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::small,
               {line.x0, y, line.x0 + ui.px(28), y + ui.px(metric::kRow)}, ui.theme.ink,
               "L" + std::to_string(layer + from));
  const int a_row = std::min(n_heads, kDotsARow);
  const float pitch = std::min(ui.px(24), (line.width() - ui.px(28)) / static_cast<float>(a_row));
  for (int h = 0; h < n_heads; ++h) {
    const HeadId id{d.head.stack, layer, h};
    const float x = line.x1 - pitch * static_cast<float>(a_row - h % a_row);
    ImGui::SetCursorScreenPos(ImVec2(std::floor(x), y + ui.px(metric::kRow) * static_cast<float>(h / a_row)));
    bool on = d.present().heads_off.count(id) == 0;
    const std::string name = "controls.head." + std::to_string(layer) + "." + std::to_string(h);
    if (dot(ui, name, on, head_name(*d.trace, id, d.view), disabled))
      d.change([id, on, off](Interventions& i) {
        if (on)
          i.heads_off.erase(id);
        else
          i.heads_off[id] = off;
      });
  }
  y += ui.px(metric::kRow) * static_cast<float>((n_heads + a_row - 1) / a_row);
  ImGui::SetCursorScreenPos(ImVec2(line.x0, y));
}

void draw_heads(const Section& d) {
  if (!d.trace) return;
  section(d, "controls.heads.title");
  Ui& ui = d.ui;
  const HeadOff off = chosen_off(d);
  Interventions wish;
  wish.heads_off[d.head] = off;
  const std::string disabled = d.why_not_here(wish);
  const int n_layers = d.trace->n_layers(d.head.stack), n_heads = d.trace->n_heads(d.head.stack);
  float y = ImGui::GetCursorScreenPos().y;
  const float left = ImGui::GetCursorScreenPos().x;
  if (n_layers * n_heads <= kMostTableHeads) {
    for (int l = 0; l < n_layers; ++l) draw_head_dots(d, l, y, off, disabled);
  } else {
    draw_head_dots(d, d.head.layer, y, off, disabled);
  }
  ImGui::SetCursorScreenPos(ImVec2(left, y));
  ImGui::Dummy(ImVec2(1, 1));
  // What is chosen stays readable; nothing else can be.
  const auto why = [&](HeadOff other) { return other == off ? std::string_view() : disabled; };
  const std::array<Choice, 3> kinds = {
      Choice{"zero", d.words("controls.heads.zero"), {}, why(HeadOff::zero)},
      Choice{"mean", d.words("controls.heads.mean"), {}, why(HeadOff::mean)},
      Choice{"uniform", d.words("controls.heads.uniform"), {}, why(HeadOff::uniform)}};
  int kind = static_cast<int>(off);
  if (segmented(ui, "controls.heads.kind", kinds, kind)) {
    ui.memory.numbers["controls.heads.kind"] = kind;
    if (!d.present().heads_off.empty())
      d.change([kind](Interventions& i) {
        for (auto& [id, how] : i.heads_off) how = static_cast<HeadOff>(kind);
      });
  }
  explain(d, d.words(std::array{"controls.heads_note.zero", "controls.heads_note.mean",
                                "controls.heads_note.uniform"}[static_cast<std::size_t>(kind)]));
}

void draw_cells(const Section& d) {
  if (!d.trace) return;
  section(d, "controls.cells.title");
  Ui& ui = d.ui;
  const std::vector<std::string>& keys = d.trace->key_tokens(d.head.stack);
  const MaskSetting mask = d.mask();
  Interventions wish;
  wish.masks[d.head.stack].hidden_keys = {0};
  const std::string disabled = d.why_not_here(wish);
  // The key of the chosen cell, else the chosen token itself.
  const int token =
      d.study.selection.key.value_or(d.head.stack == Stack::cross ? -1 : d.study.selection.query);
  if (token >= 0 && token < static_cast<int>(keys.size())) {
    bool hidden = mask.hidden_keys.count(token) > 0;
    const std::string text =
        ui.words("controls.hide_key", {{"word", readable_token(keys, static_cast<std::size_t>(token))}});
    if (toggle(ui, "controls.hide_key", text, hidden, disabled))
      d.change_mask([token, hidden](MaskSetting& m) {
        if (hidden)
          m.hidden_keys.insert(token);
        else
          m.hidden_keys.erase(token);
      });
    explain(d, d.words("controls.hide_key_note"));
  } else {
    explain(d, d.words("controls.hide_key_choose"));
  }
  bool blocking = d.view.block_cells;
  if (toggle(ui, "controls.block_cells", d.words("controls.block_cells"), blocking, disabled))
    d.intents.look([blocking](ViewState& v) { v.block_cells = blocking; });
  explain(d, d.words("controls.block_cells_note"));
}

// The chosen cell's weight, set by hand.
void draw_set_weight(const Section& d) {
  const int query = d.study.selection.query;
  if (!d.trace || !d.study.selection.key || query < 0) return;
  const int key = *d.study.selection.key;
  const std::vector<std::string>& queries = d.trace->query_tokens(d.head.stack);
  const std::vector<std::string>& keys = d.trace->key_tokens(d.head.stack);
  if (query >= static_cast<int>(queries.size()) || key >= static_cast<int>(keys.size())) return;
  OverwrittenCell cell{d.head, query, key, 0};
  const auto is_it = [cell](const OverwrittenCell& other) {
    return other.head == cell.head && other.query == cell.query && other.key == cell.key;
  };
  const std::vector<OverwrittenCell>& cells = d.present().cells;
  const auto found = std::find_if(cells.begin(), cells.end(), is_it);
  bool set = found != cells.end();
  const std::optional<HeadWeights> weights = d.frame.a->weights(d.head);
  cell.weight = set ? found->weight : weights ? std::clamp(weights->at(query, key), 0.0f, 1.0f) : 0.5f;
  Interventions wish;
  wish.cells = {cell};
  const std::string disabled = d.why_not_here(wish);
  const std::string text =
      d.ui.words("controls.set_weight", {{"query", readable_token(queries, static_cast<std::size_t>(query))},
                                         {"key", readable_token(keys, static_cast<std::size_t>(key))}});
  if (toggle(d.ui, "controls.set_weight", text, set, disabled))
    d.change([cell, is_it, set](Interventions& i) {
      std::erase_if(i.cells, is_it);
      if (set) i.cells.push_back(cell);
    });
  else if (set && slider(d.ui, "controls.set_weight.to", d.words("controls.set_weight_to"), cell.weight, 0, 1,
                         "%.2f"))
    d.change(
        [cell, is_it](Interventions& i) {
          for (OverwrittenCell& one : i.cells)
            if (is_it(one)) one.weight = cell.weight;
        },
        "set weight");
  explain(d, d.words("controls.set_weight_note"));
}

}  // namespace

void draw_controls(Ui& ui, const Frame& frame, const Study& study, const ViewState& view, ViewCaches&,
                   Intents& intents) {
  const Trace* trace = frame.a ? frame.a->trace.get() : nullptr;
  const ModelSpec* spec = trace && trace->model ? &trace->model->spec : nullptr;
  const HeadId head = head_on_screen(frame, study.selection.head).value_or(study.selection.head);
  const Section d{ui, frame, study, view, head, trace, spec, intents};
  draw_badges(d);
  draw_mask(d);
  draw_positions(d);
  draw_scores(d);
  draw_heads(d);
  draw_layers(d);
  draw_cells(d);
  draw_set_weight(d);
}

}  // namespace attn::app
