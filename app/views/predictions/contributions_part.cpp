#include <algorithm>
#include <cmath>
#include <map>

#include "app/views/predictions/parts.h"

namespace attn::app {

namespace {

constexpr int kMostOffered = 12;
constexpr float kCell = 54, kCellHeight = 26, kNameWidth = 64, kComboWidth = 180;  // design units

std::string signed_text(double value) {
  const std::string size = fixed(std::abs(value), 2);
  if (size == "0.00") return size;
  return (value < 0 ? "−" : "+") + size;
}

struct Question {
  int token = 0, target = -1, distractor = -1;
  std::string target_name, distractor_name;
};

// The two words: those that were chosen, else the likeliest and the next one.
std::optional<Question> question(const PredictionsPart& part) {
  SaidWish wish;
  wish.rows = {part.place()};
  wish.most = kMostOffered;
  const Said* said = ask_said(part, part.cache.offered, wish);
  if (!said || said->places.empty() || said->places.front().now.size() < 2) return std::nullopt;
  const std::vector<Prediction>& offered = said->places.front().now;
  Question q;
  q.token = part.place();
  const auto n_vocab = static_cast<int>(part.side().loaded.model->parameters.output.project.outputs());
  const auto wanted = [&](int id, int otherwise) { return id >= 0 && id < n_vocab ? id : otherwise; };
  q.target = wanted(part.view.predictions.target, offered[0].id);
  q.distractor = wanted(part.view.predictions.distractor, offered[q.target == offered[1].id ? 0 : 1].id);
  const auto name = [&](int id) {
    return readable_token(output_name(part.spec(), part.side().loaded.tokenizer.get(), id));
  };
  q.target_name = name(q.target);
  q.distractor_name = name(q.distractor);
  return q;
}

// One of the likeliest words; `chosen` stays among them when it is none.
void word_combo(const PredictionsPart& part, std::string_view name, int chosen,
                const std::function<void(ViewState&, int)>& set) {
  const std::vector<Prediction>& offered = part.cache.offered.value->places.front().now;
  std::vector<std::string> names, remarks;
  std::vector<int> ids;
  for (const Prediction& entry : offered) {
    ids.push_back(entry.id);
    names.push_back(readable_token(entry.name));
    remarks.push_back(weight_text(entry.probability));
  }
  if (std::find(ids.begin(), ids.end(), chosen) == ids.end()) {
    ids.push_back(chosen);
    names.push_back(readable_token(output_name(part.spec(), part.side().loaded.tokenizer.get(), chosen)));
    remarks.emplace_back();
  }
  std::vector<std::string> keys;
  for (const int id : ids) keys.push_back(std::to_string(id));
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < ids.size(); ++i) choices.push_back({keys[i], names[i], remarks[i]});
  int at = static_cast<int>(std::find(ids.begin(), ids.end(), chosen) - ids.begin());
  if (combo(part.ui, name, choices, at, part.ui.px(kComboWidth)))
    part.intents.look([set, id = ids[static_cast<std::size_t>(at)]](ViewState& v) { set(v, id); });
}

void draw_value_cell(const PredictionsPart& part, const Rect& cell, double value, const gl::HeatmapLook& look,
                     bool chosen) {
  Ui& ui = part.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Rect inside = cell.shrunk(ui.px(1));
  const Colour ground = colour_of(look, static_cast<float>(value));
  list.AddRectFilled(ImVec2(inside.x0, inside.y0), ImVec2(inside.x1, inside.y1), ground, ui.px(3));
  if (chosen)
    list.AddRect(ImVec2(inside.x0, inside.y0), ImVec2(inside.x1, inside.y1), ui.theme.ink, ui.px(3), 0,
                 ui.px(2));
  draw_text_in(ui, list, TextRole::note, inside, readable_on(ground), signed_text(value), 0.5f);
}

// Layers × heads (cross-attention in rows of its own), each head's part as a signed colour.
float draw_grid(const PredictionsPart& part, const Rect& rect, const DirectContributions& parts,
                float largest) {
  Ui& ui = part.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  std::vector<std::pair<Stack, int>> rows;
  int n_heads = 1;
  for (const auto& head : parts.heads) {
    const std::pair<Stack, int> row{head.head.stack, head.head.layer};
    if (rows.empty() || rows.back() != row) rows.push_back(row);
    n_heads = std::max(n_heads, head.head.head + 1);
  }
  const gl::HeatmapLook look = difference_look(ui, largest);
  const float width = std::clamp(std::floor((rect.width() - ui.px(kNameWidth)) / static_cast<float>(n_heads)),
                                 ui.px(38), ui.px(kCell));
  const float height = ui.px(kCellHeight), names = ui.px(18);
  const int from = part.view.count_heads_from_one ? 1 : 0;
  for (int h = 0; h < n_heads; ++h) {
    const float x = rect.x0 + ui.px(kNameWidth) + static_cast<float>(h) * width;
    draw_text_in(ui, list, TextRole::note, {x, rect.y0, x + width, rect.y0 + names}, ui.theme.dim,
                 "H" + std::to_string(h + from), 0.5f);
  }
  for (const auto& head : parts.heads) {
    const auto row = static_cast<float>(
        std::find(rows.begin(), rows.end(), std::pair{head.head.stack, head.head.layer}) - rows.begin());
    const float y = rect.y0 + names + row * height;
    const float x = rect.x0 + ui.px(kNameWidth) + static_cast<float>(head.head.head) * width;
    if (head.head.head == 0) {
      const int layer = head.head.layer + from;
      const std::string name = (head.head.stack == Stack::cross ? "cross L" : "L") + std::to_string(layer);
      draw_text_in(ui, list, TextRole::note, {rect.x0, y, x - ui.px(4), y + height}, ui.theme.dim, name);
    }
    const Rect cell{x, y, x + width, y + height};
    draw_value_cell(part, cell, head.value, look, head.head == part.study.selection.head);
    const std::string name = head_name(*part.side().trace, head.head, part.view);
    const Touch touch =
        touch_area(ui, "predictions.head." + to_text(head.head), cell, name, signed_text(head.value));
    if (touch.hovered) {
      light_up(ui, part.view, part.intents, head.head, -1, -1);
      preview(ui, [&] {
        label(ui, {}, name, TextRole::heading);
        label(ui, {}, std::string(ui.words("predictions.adds")) + "  " + signed_text(head.value),
              TextRole::small);
      });
    }
    if (touch.clicked) part.intents.edit([id = head.head](Study& s) { s.selection.head = id; });
  }
  return names + static_cast<float>(rows.size()) * height;
}

void draw_sums(const PredictionsPart& part, const DirectContributions& parts) {
  Ui& ui = part.ui;
  double heads = 0, ffn = 0;
  for (const auto& head : parts.heads) heads += head.value;
  for (const double value : parts.ffn) ffn += value;
  heading(ui, ui.words("predictions.parts"));
  value_row(ui, "predictions.part_embedding", ui.words("predictions.part_embedding"),
            signed_text(parts.embedding));
  value_row(ui, "predictions.part_heads", ui.words("predictions.part_heads"), signed_text(heads));
  for (std::size_t l = 0; l < parts.ffn.size() && parts.ffn.size() <= 12; ++l) {
    const int layer = static_cast<int>(l) + (part.view.count_heads_from_one ? 1 : 0);
    value_row(ui, {}, ui.words("predictions.part_ffn_of", {{"layer", std::to_string(layer)}}),
              signed_text(parts.ffn[l]), false, true);
  }
  value_row(ui, "predictions.part_ffn", ui.words("predictions.part_ffn"), signed_text(ffn));
  value_row(ui, "predictions.part_biases", ui.words("predictions.part_biases"), signed_text(parts.biases));
  rule(ui);
  value_row(ui, "predictions.part_total", ui.words("predictions.part_total"), signed_text(parts.total), true);
}

}  // namespace

void draw_contributions_part(const PredictionsPart& part, const Rect& rect) {
  Ui& ui = part.ui;
  const std::optional<Question> q = question(part);
  if (!draw_progress_or_problem(part, rect, q.has_value(), part.cache.offered.problem, -1)) return;

  const std::string place =
      readable_token(output_tokens(*part.side().trace), static_cast<std::size_t>(q->token));
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  const auto words = [&](const std::string& text) {
    cell_label(ui, text, text_size(ui, TextRole::small, text).x / ui.scale + 4, metric::kControl);
    beside(ui);
  };
  words(ui.words("predictions.pro", {{"word", place}}));
  word_combo(part, "predictions.target", q->target, [](ViewState& v, int id) { v.predictions.target = id; });
  beside(ui);
  words(std::string(ui.words("predictions.against")));
  word_combo(part, "predictions.distractor", q->distractor,
             [](ViewState& v, int id) { v.predictions.distractor = id; });
  const float top = rect.y0 + ui.px(metric::kControl + 8);
  const std::string hint =
      ui.words("predictions.parts_hint", {{"target", q->target_name}, {"distractor", q->distractor_name}});
  draw_text(ui, *ImGui::GetWindowDrawList(), TextRole::note, ImVec2(rect.x0, top), ui.theme.dim, hint,
            rect.width());
  const Rect below{rect.x0, top + text_size(ui, TextRole::note, hint, rect.width()).y + ui.px(10), rect.x1,
                   rect.y1};
  const std::shared_ptr<const Side> side = part.frame.a;
  const std::string key = "predictions.parts " + std::to_string(side->id) + " " + std::to_string(q->token) +
                          " " + std::to_string(q->target) + " " + std::to_string(q->distractor);
  const DirectContributions* parts =
      ask<DirectContributions>(part, part.cache.contributions, key, [side, ask = *q](JobControl& control) {
        return direct_contributions(*side->trace, ask.token, ask.target, ask.distractor, &control.pool());
      });
  if (!draw_progress_or_problem(part, below, parts != nullptr, part.cache.contributions.problem, -1)) return;
  panel(
      ui, "predictions.contributions", below, PanelLook::flat,
      [&] {
        float largest = 0.05f;
        for (const auto& head : parts->heads)
          largest = std::max(largest, std::abs(static_cast<float>(head.value)));
        const ImVec2 start = ImGui::GetCursorScreenPos();
        const float sums = ui.px(230), gap = ui.px(24);
        const bool wide = below.width() > ui.px(520);
        const float grid_width = wide ? below.width() - sums - gap - ui.px(12) : below.width() - ui.px(12);
        const float grid_height =
            draw_grid(part, {start.x, start.y, start.x + grid_width, start.y}, *parts, largest);
        const Rect beside_it =
            wide ? Rect{start.x + grid_width + gap, start.y, start.x + grid_width + gap + sums, below.y1}
                 : Rect{start.x, start.y + grid_height + ui.px(12), start.x + grid_width,
                        start.y + grid_height + ui.px(12 + 24 * 8) +
                            ui.px(24) * static_cast<float>(parts->ffn.size())};
        panel(
            ui, "predictions.sums", beside_it, PanelLook::flat, [&] { draw_sums(part, *parts); }, 0);
        ImGui::SetCursorScreenPos(
            ImVec2(start.x, std::max(start.y + grid_height, wide ? start.y : beside_it.y1)));
        ImGui::Dummy(ImVec2(1, 1));
      },
      0);
}

}  // namespace attn::app
