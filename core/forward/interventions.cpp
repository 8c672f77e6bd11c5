#include "core/forward/interventions.h"

#include <algorithm>

namespace attn {

bool Interventions::any() const {
  const auto masked = [](const auto& entry) { return entry.second != MaskSetting(); };
  const auto some_off = [](const auto& entry) { return entry.second != LayerParts(); };
  return std::any_of(masks.begin(), masks.end(), masked) || positions != PositionSetting::as_trained ||
         scaling_off || temperature != 1.0f || softmax != SoftmaxSetting::soft || !heads_off.empty() ||
         !cells.empty() || !numbers.empty() || std::any_of(layers.begin(), layers.end(), some_off);
}

bool belongs_to_head(NumberPlace place) {
  return place >= NumberPlace::query && place <= NumberPlace::mixed;
}

bool belongs_to_attention(NumberPlace place) {
  return place >= NumberPlace::attention_norm && place <= NumberPlace::attention_sum;
}

bool belongs_to_layer(NumberPlace place) {
  return place > NumberPlace::embedding && place != NumberPlace::final_norm;
}

void set_cell(Interventions& interventions, const OverwrittenCell& cell) {
  float taken = cell.weight;
  std::erase_if(interventions.cells, [&](const OverwrittenCell& other) {
    if (other.head != cell.head || other.query != cell.query) return false;
    const bool gives_way = other.key == cell.key || taken + other.weight > 1;
    if (!gives_way) taken += other.weight;
    return gives_way;
  });
  interventions.cells.push_back(cell);
}

void set_number(Interventions& interventions, const OverwrittenNumber& number) {
  clear_number(interventions, number);
  interventions.numbers.push_back(number);
}

void clear_number(Interventions& interventions, const OverwrittenNumber& number) {
  std::erase_if(interventions.numbers,
                [&](const OverwrittenNumber& other) { return other.same_number(number); });
}

}  // namespace attn
