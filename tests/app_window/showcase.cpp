#include "showcase.h"

#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace attn::app {
namespace {

const std::array<const char*, 12> kTokens = {"The",     "animal", "didn't", "cross", "the",   "street",
                                             "because", "it",     "was",    "too",   "tired", "."};
const std::array<const char*, 12> kChinese = {"那个", "动物", "没有", "穿过", "这条", "街道",
                                              "因为", "它",   "太",   "累",   "了",   "。"};

std::string two_digits(float value) {
  char text[8];
  std::snprintf(text, sizeof text, ".%02d", static_cast<int>(std::lround(value * 100)));
  return text;
}

}  // namespace

Showcase::Showcase() {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> noise(0.0f, 1.2f);
  for (int head = 0; head < 8; ++head) {
    Matrix m(12, 12);
    for (Index i = 0; i < 12; ++i) {
      float sum = 0;
      for (Index j = 0; j < 12; ++j) {
        float score = noise(random);
        if (head == 1 && j == i - 1) score += 4;
        if (head == 2 && j == i) score += 3;
        if (head == 3 && j == 0) score += 3;
        if (head == 4) score += i == 7 ? (j == 1 ? 7.0f : 0.0f) : (j == 1 || j == 5 ? 2.0f : 0.0f);
        if (head == 5 && std::abs(i - j) < 2) score += 2;
        m(i, j) = std::exp(score);
        if (head == 6 && j > i) m(i, j) = 0;
        sum += m(i, j);
      }
      m.row(i) /= sum;
      if (head == 6)
        for (Index j = i + 1; j < 12; ++j) m(i, j) = std::numeric_limits<float>::quiet_NaN();
    }
    heads_.push_back(m);
  }
}

void Showcase::draw(Ui& ui) {
  if (stack_.empty()) {
    stack_ = gl::HeatmapStack(12, 12, 9);
    for (int head = 0; head < 8; ++head)
      stack_.set(head, view(std::as_const(heads_[static_cast<std::size_t>(head)])));
    const Matrix difference = heads_[4] - heads_[1];
    stack_.set(8, view(difference));
    Matrix big = Matrix::Zero(512, 512);
    for (Index i = 0; i < 512; ++i) {
      for (Index j = 0; j <= i; ++j) big(i, j) = std::exp(-static_cast<float>(i - j) / 12.0f) * 0.3f;
      big(i, 0) = 0.6f;
      for (Index j = i + 1; j < 512; ++j) big(i, j) = std::numeric_limits<float>::quiet_NaN();
    }
    big(400, 200) = 1.0f;
    large_stack_ = gl::HeatmapStack(512, 512, 1);
    large_stack_.set(0, view(std::as_const(big)));
  }
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  const float top = ui.px(48), strip = ui.px(72), status = ui.px(28), gap = ui.px(8);
  draw_top(ui, {0, 0, size.x, top});
  draw_tokens(ui, {0, top, size.x, top + strip});
  const Rect body{gap, top + strip + gap, size.x - gap, size.y - status - gap};
  const bool panels = ui.logical_size().x >= 1000;
  const float left = panels ? ui.px(left_width) : 0, right = panels ? ui.px(248) : 0;
  if (panels) {
    panel(ui, "left", {body.x0, body.y0, body.x0 + left, body.y1}, PanelLook::bordered,
          [&] { draw_left(ui); });
    splitter(ui, "left.edge", {body.x0 + left, body.y0, body.x0 + left + gap, body.y1}, true, 1, left_width,
             180, 400);
    panel(ui, "right", {body.x1 - right, body.y0, body.x1, body.y1}, PanelLook::bordered,
          [&] { draw_right(ui); });
  }
  const Rect middle{body.x0 + (panels ? left + gap : 0), body.y0, body.x1 - (panels ? right + gap : 0),
                    body.y1};
  panel(ui, "middle", middle, PanelLook::bordered, [&] { draw_middle(ui, middle.shrunk(ui.px(12))); });
  const Rect bar{0, size.y - status, size.x, size.y};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(bar.x0, bar.y0), ImVec2(bar.x1, bar.y1), ui.theme.panel);
  list.AddRectFilled(ImVec2(bar.x0, bar.y0), ImVec2(bar.x1, bar.y0 + ui.px(1)), ui.theme.line);
  draw_text_in(
      ui, list, TextRole::note, {bar.x0 + ui.px(16), bar.y0, bar.x1, bar.y1}, ui.theme.dim,
      "12 tokens     clicks " + std::to_string(clicks) + "     submitted " + std::to_string(submitted));
  draw_text_in(ui, list, TextRole::note, {bar.x0, bar.y0, bar.x1 - ui.px(16), bar.y1}, ui.theme.dim,
               "← ↑ → ↓ head     M mask     ? all keys", 1);
  modal(ui, "about", "About", modal_open, 420, [&] {
    note(ui, "Nothing is sent anywhere. 什么都不会被发送。");
    text_field(ui, "about.answer", answer, {.hint = "Type here"});
    if (button(ui, "about.ok", ui.words("common.ok"), {.look = ButtonLook::primary})) modal_open = false;
  });
}

void Showcase::draw_top(Ui& ui, const Rect& rect) {
  panel(
      ui, "top", rect, PanelLook::flat,
      [&] {
        ImGui::SetCursorScreenPos(
            ImVec2(ui.px(16), ui.px(8) + std::floor((ui.px(32) - ui.fonts[TextRole::body].size_px) / 2)));
        const float name_width = text_size(ui, TextRole::body_bold, ui.words("app.name")).x;
        label(ui, "app.name", ui.words("app.name"), TextRole::body_bold);
        ImGui::SetCursorScreenPos(ImVec2(ui.px(16) + name_width + ui.px(16), ui.px(8)));
        if (drop_button(ui, "model", "pronouns-en", "2 layers × 4 heads")) open_popup(ui, "model.menu");
        const std::array<Choice, 3> models = {
            Choice{"en", "pronouns-en", "2 layers × 4 heads"}, Choice{"zh", "pronouns-zh", "中文"},
            Choice{"bert", "bert-base-uncased", "12 × 12", "The weights are not on this computer.", true}};
        popup(ui, "model.menu", last_rect(), ui.px(320), [&] {
          if (const auto picked = menu_items(ui, "model", models, model)) model = *picked;
        });
        beside(ui);
        const float examples = text_size(ui, TextRole::body, "Examples").x + ui.px(42);
        const float field =
            rect.x1 - ui.px(16) - ImGui::GetCursorScreenPos().x - examples - ui.px(8 * 4 + 32 * 3);
        if (text_field(
                ui, "sentence", sentence,
                {.hint = "Type a sentence", .role = TextRole::sentence, .width = std::max(ui.px(120), field)})
                .submitted)
          ++submitted;
        beside(ui);
        if (drop_button(ui, "examples", "Examples")) ++clicks;
        beside(ui);
        icon_button(ui, "undo", Icon::undo, "Undo  Ctrl+Z");
        beside(ui);
        icon_button(ui, "redo", Icon::redo, "Redo", {.disabled = "There is nothing to redo."});
        beside(ui);
        if (icon_button(ui, "about.open", Icon::info, "About", {.look = ButtonLook::quiet}))
          modal_open = true;
      },
      0);
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(rect.x0, rect.y1 - ui.px(1)), ImVec2(rect.x1, rect.y1),
                                            ui.theme.line);
}

void Showcase::draw_tokens(Ui& ui, const Rect& rect) {
  panel(
      ui, "tokens", rect, PanelLook::flat,
      [&] {
        ImGui::SetCursorScreenPos(ImVec2(ui.px(16), rect.y0 + ui.px(10)));
        for (std::size_t i = 0; i < kTokens.size(); ++i) {
          const std::string index = std::to_string(i);
          TokenLook look;
          look.index = index;
          look.shade = heads_[4](chosen_token, static_cast<Index>(i));
          look.chosen = static_cast<int>(i) == chosen_token;
          if (token(ui, "token." + index, ui.words("app.name") == "Attention Lab" ? kTokens[i] : kChinese[i],
                    look)
                  .clicked)
            chosen_token = static_cast<int>(i);
          beside(ui, 2);
        }
      },
      0);
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(rect.x0, rect.y1 - ui.px(1)), ImVec2(rect.x1, rect.y1),
                                            ui.theme.line);
}

void Showcase::draw_left(Ui& ui) {
  if (mask == 0)
    badge(ui, "badge", "As trained: no interventions", BadgeLook::calm);
  else if (badge(ui, "badge", "Causal mask · L1 residual off", BadgeLook::warning, true))
    mask = 0;
  space(ui);
  heading(ui, "Attention mask");
  const std::array<Choice, 4> masks = {Choice{"trained", "Trained"}, Choice{"none", "None"},
                                       Choice{"causal", "Causal"}, Choice{"window", "Window"}};
  segmented(ui, "mask", masks, mask);
  note(ui, mask == 2 ? "A token sees itself and what came before it." : "Every token sees every token.");
  space(ui);
  heading(ui, "Positions 位置编码");
  const std::array<Choice, 4> kinds = {
      Choice{"trained", "原样"}, Choice{"off", "关闭"}, Choice{"shuffle", "打乱"},
      Choice{"sine", "正弦", {}, "This model learned its positions; there is no table."}};
  segmented(ui, "positions", kinds, positions);
  space(ui);
  heading(ui, "Scores");
  toggle(ui, "scale", "÷ √d_head", scale_scores);
  slider(ui, "temperature", "Temperature", temperature, 0.1f, 10.0f, "%.2f",
         {.logarithmic = true, .start = 1.0f, .has_start = true});
  const std::array<Choice, 2> kinds2 = {Choice{"soft", "Soft"}, Choice{"hard", "Hard"}};
  segmented(ui, "softmax", kinds2, softmax);
  checkbox(ui, "special", "Hide [CLS] and [SEP]", special);
  space(ui);
  heading(ui, "Layers");
  for (int layer = 0; layer < 2; ++layer) {
    cell_label(ui, "L" + std::to_string(layer), 40);
    for (int part = 0; part < 4; ++part) {
      beside(ui, part == 0 ? 80.0f : 4.0f);
      dot(ui, "layer." + std::to_string(layer) + "." + std::to_string(part), layers_on[layer][part],
          "L0 attention");
    }
  }
}

void Showcase::draw_middle(Ui& ui, const Rect& rect) {
  const std::array<Choice, 6> tabs = {
      Choice{"heads", "Heads"},     Choice{"links", "Links"},       Choice{"steps", "Step by step"},
      Choice{"compare", "Compare"}, Choice{"coref", "Coreference"}, Choice{"train", "训练", {}, "Not yet."}};
  tab_bar(ui, "tabs", tabs, tab);
  if (tab == 1)
    return empty_state(ui, rect, "Nothing to compare yet",
                       "Pin a head with P, then choose another one. 用 P 固定一个头，再选另一个。");
  ImDrawList& list = *ImGui::GetWindowDrawList();
  gl::HeatmapLook look;
  look.map = is_signed ? ColorMap::diverging : map;
  look.low = low;
  look.high = high;
  look.scale = scale;
  look.is_signed = is_signed;
  look.pixel_scale = ui.scale;
  const auto parts = [](Colour c) {
    const ImVec4 v = ImGui::ColorConvertU32ToFloat4(c);
    return std::array<float, 3>{v.x, v.y, v.z};
  };
  look.hatch = parts(ui.theme.hatch);
  look.hatch_ground = parts(ui.theme.hatch_ground);
  const auto gap = parts(ui.theme.cell_gap);
  look.gap = {gap[0], gap[1], gap[2], 1};

  const float thumb = ui.px(48), step = ui.px(56), x0 = rect.x0 + ui.px(28), y0 = rect.y0 + ui.px(64);
  std::vector<gl::HeatmapQuad> quads;
  for (int layer = 0; layer < 2; ++layer)
    for (int head = 0; head < 4; ++head) {
      const float x = x0 + step * static_cast<float>(head), y = y0 + step * static_cast<float>(layer);
      quads.push_back({ImVec2(x, y), ImVec2(x + thumb, y + thumb), layer * 4 + head});
      mark(ui, "grid." + std::to_string(layer) + "." + std::to_string(head), {x, y, x + thumb, y + thumb});
    }
  for (int head = 0; head < 4; ++head)
    draw_text_in(ui, list, TextRole::note,
                 {x0 + step * static_cast<float>(head), y0 - ui.px(20),
                  x0 + step * static_cast<float>(head) + thumb, y0},
                 ui.theme.dim, "H" + std::to_string(head), 0.5f);
  ui.heatmaps.draw(
      list, large ? large_stack_ : stack_, look,
      large ? std::vector<gl::HeatmapQuad>{{ImVec2(x0, y0), ImVec2(x0 + ui.px(216), y0 + ui.px(216))}}
            : quads);

  const float cell = ui.px(27), mx = rect.x0 + ui.px(350), my = rect.y0 + ui.px(140);
  const gl::HeatmapQuad map_quad{ImVec2(mx, my), ImVec2(mx + 12 * cell, my + 12 * cell), is_signed ? 8 : 6};
  ui.heatmaps.draw(list, stack_, look, std::array{map_quad});
  for (int i = 0; i < 12; ++i) {
    const float along = static_cast<float>(i) * cell;
    draw_text_in(ui, list, i == 7 ? TextRole::heading : TextRole::note,
                 {mx - ui.px(90), my + along, mx - ui.px(6), my + along + cell},
                 i == 7 ? ui.theme.accent : ui.theme.ink, kTokens[static_cast<std::size_t>(i)], 1);
    draw_text_turned(ui, list, TextRole::note, ImVec2(mx + along + cell * 0.6f, my - ui.px(6)), 45,
                     ui.theme.ink,
                     i % 2 ? kTokens[static_cast<std::size_t>(i)] : kChinese[static_cast<std::size_t>(i)]);
    for (int j = 0; j < 12; ++j) {
      const float value = is_signed ? 0.0f : heads_[6](i, j);
      const Rect place{mx + static_cast<float>(j) * cell, my + along, mx + static_cast<float>(j + 1) * cell,
                       my + along + cell};
      mark(ui, "map." + std::to_string(i) + "." + std::to_string(j), place);
      if (value > 0.095f) {
        const auto c = look.colour(value);
        const Colour ground = IM_COL32(static_cast<int>(c[0] * 255), static_cast<int>(c[1] * 255),
                                       static_cast<int>(c[2] * 255), 255);
        draw_text_in(ui, list, TextRole::cell, place, readable_on(ground), two_digits(value), 0.5f);
      }
    }
  }
  ImGui::SetCursorScreenPos(ImVec2(mx, my + 12 * cell + ui.px(16)));
  range_bar(ui, "range", low, high, 0, 1, 12 * cell, [&](ImDrawList& bar_list, const Rect& bar) {
    for (int i = 0; i < 64; ++i) {
      const auto c = color_at(look.map, (static_cast<float>(i) + 0.5f) / 64.0f);
      const float w = bar.width() / 64.0f;
      bar_list.AddRectFilled(ImVec2(bar.x0 + w * static_cast<float>(i), bar.y0),
                             ImVec2(bar.x0 + w * static_cast<float>(i + 1) + 1, bar.y1),
                             IM_COL32(static_cast<int>(c[0] * 255), static_cast<int>(c[1] * 255),
                                      static_cast<int>(c[2] * 255), 255));
    }
  });
}

void Showcase::draw_right(Ui& ui) {
  heading(ui, "\"it\" in L1·H0 looks at");
  bar_row(ui, "top.animal", "animal", 0.99f, "0.99");
  bar_row(ui, "top.street", "street", 0.03f, "0.03");
  bar_row(ui, "top.zh", "动物", 0.4f, "0.40", ui.theme.hues[1]);
  space(ui);
  heading(ui, "The model says");
  value_row(ui, "says.animal", "it → animal", "0.97", true);
  value_row(ui, "says.street", "it → street", "0.02", false, true);
  space(ui);
  const std::array<Choice, 3> scales = {Choice{"linear", "Linear"}, Choice{"root", "Square root"},
                                        Choice{"log", "Logarithmic"}};
  int chosen = static_cast<int>(scale);
  if (combo(ui, "value_scale", scales, chosen, room(ui))) scale = static_cast<ValueScale>(chosen);
  button(ui, "primary", "Open", {.look = ButtonLook::primary, .icon = Icon::play});
  beside(ui);
  if (button(ui, "plain", "Pin", {.icon = Icon::pin})) ++clicks;
  beside(ui);
  button(ui, "off", "Redo", {.disabled = "There is nothing to redo."});
  button(ui, "chosen", "Signed", {.small = true, .selected = true});
  beside(ui);
  button(ui, "quiet", "Reset", {.look = ButtonLook::quiet, .icon = Icon::reset, .small = true});
  banner(ui, "banner", "The model has moved.", "Find");
  progress(ui, "progress", 0.4f, "Reading bert-base-uncased");
  note(ui,
       "This small model learned from made-up sentences. One head was trained to point at the noun that "
       "\"it\" means; the others were not. 这个小模型只从造出来的句子里学习。 Emoji: 😀 rare: 𠮷 arab: سلام "
       "none: \xF0\x93\x80\x80");
  for (std::size_t i = 0; i < ui.theme.hues.size(); ++i) {
    const Rect r = here(ui, ui.px(20), ui.px(20));
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(r.x0, r.y0), ImVec2(r.x1, r.y1), ui.theme.hues[i],
                                              ui.px(4));
    ImGui::Dummy(ImVec2(r.width(), r.height()));
    if (i + 1 < ui.theme.hues.size()) beside(ui, 4);
  }
}

}  // namespace attn::app
