#include "app/widgets/registry.h"

#include <algorithm>
#include <numeric>

namespace attn::app {
namespace {

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

Rect intersection(const Rect& a, const Rect& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

Control& Registry::add(std::string_view name, std::string_view kind, std::string_view text, const Rect& rect,
                       const Rect& visible, int layer) {
  if (count_ == controls_.size()) controls_.emplace_back();
  Control& control = controls_[count_++];
  control.name.assign(name);
  control.kind = kind;
  control.text.assign(text);
  control.state.clear();
  control.rect = rect;
  control.visible = visible;
  control.layer = layer;
  control.enabled = true;
  control.hovered = control.focused = control.focusable = false;
  return control;
}

const Control* Registry::find(std::string_view name) const {
  for (std::size_t i = count_; i-- > 0;)
    if (controls_[i].name == name) return &controls_[i];
  return nullptr;
}

const Control* Registry::find_text(std::string_view text) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (!controls_[i].visible.empty() && controls_[i].text.find(text) != std::string::npos)
      return &controls_[i];
  return nullptr;
}

std::vector<std::string> Registry::names_near(std::string_view name, std::size_t most) const {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (std::size_t i = 0; i < count_; ++i) {
    const std::string& other = controls_[i].name;
    if (other.empty()) continue;
    const bool inside = other.find(name) != std::string::npos || name.find(other) != std::string_view::npos;
    ranked.emplace_back(inside ? 0 : distance(name, other), other);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  std::vector<std::string> names;
  for (const auto& [far, other] : ranked) {
    if (names.size() == most) break;
    names.push_back(other);
  }
  return names;
}

int Registry::layer_at(float x, float y) const {
  int layer = 0;
  for (std::size_t i = 0; i < count_; ++i)
    if ((controls_[i].kind == "surface" || controls_[i].kind == "drawer") && controls_[i].rect.contains(x, y))
      layer = std::max(layer, controls_[i].layer);
  return layer;
}

}  // namespace attn::app
