#include "app/views/in_force.h"

#include <array>

#include "app/views/strip.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

// "1 cell blocked", "2 cells blocked": one has words of its own.
std::string counted(const Words& words, const std::string& key, std::size_t n) {
  return n == 1 ? std::string(words(key + "_one")) : words(key, {{"n", std::to_string(n)}});
}

constexpr std::size_t kMostNamed = 3;  // more of a kind are counted

// "Decoder: " in front of what belongs to one of several stacks.
std::string of_stack(const Words& words, const Trace* trace, Stack stack, const std::string& text) {
  if (!trace || !several_stacks(*trace)) return text;
  return words("force.of_stack", {{"stack", words("grid." + std::string(name_of(stack)))}, {"what", text}});
}

void tidy(Interventions& interventions, Stack stack) {
  if (interventions.masks[stack] == MaskSetting{}) interventions.masks.erase(stack);
}

std::string hidden_words(const std::set<int>& keys, const Words& words, const Trace* trace, Stack stack) {
  if (keys.size() > kMostNamed) return words("force.n_hidden", {{"n", std::to_string(keys.size())}});
  std::string names;
  for (const int key : keys) {
    const bool known = trace && key >= 0 && key < static_cast<int>(trace->key_tokens(stack).size());
    names += (names.empty() ? "" : ", ") +
             (known ? readable_token(trace->key_tokens(stack), static_cast<std::size_t>(key))
                    : "#" + std::to_string(key));
  }
  return words("force.hidden", {{"words", names}});
}

void add_mask(const MaskSetting& mask, Stack stack, const Words& words, const Trace* trace,
              std::vector<InForce>& out) {
  static constexpr std::array kKinds = {"", "force.mask_none", "force.mask_causal", "force.mask_window",
                                        "force.mask_not_itself"};
  const std::string suffix = "." + std::string(name_of(stack));
  if (mask.kind != MaskKind::as_trained)
    out.push_back(
        {"mask" + suffix,
         of_stack(words, trace, stack,
                  words(kKinds[static_cast<std::size_t>(mask.kind)], {{"n", std::to_string(mask.window)}})),
         [stack](Interventions& i) {
           i.masks[stack].kind = MaskKind::as_trained;
           i.masks[stack].window = 0;
           tidy(i, stack);
         }});
  if (!mask.hidden_keys.empty())
    out.push_back({"hidden" + suffix,
                   of_stack(words, trace, stack, hidden_words(mask.hidden_keys, words, trace, stack)),
                   [stack](Interventions& i) {
                     i.masks[stack].hidden_keys.clear();
                     tidy(i, stack);
                   }});
  if (!mask.blocked.empty())
    out.push_back({"blocked" + suffix,
                   of_stack(words, trace, stack, counted(words, "force.n_blocked", mask.blocked.size())),
                   [stack](Interventions& i) {
                     i.masks[stack].blocked.clear();
                     tidy(i, stack);
                   }});
}

void add_scores(const Interventions& is, const Words& words, std::vector<InForce>& out) {
  static constexpr std::array kPositions = {"", "force.positions_off", "force.positions_shuffled",
                                            "force.positions_shifted", "force.positions_sinusoidal"};
  if (is.positions != PositionSetting::as_trained)
    out.push_back(
        {"positions",
         words(kPositions[static_cast<std::size_t>(is.positions)], {{"n", std::to_string(is.shift)}}),
         [](Interventions& i) {
           i.positions = PositionSetting::as_trained;
           i.permutation.clear();
           i.shift = 0;
         }});
  if (is.scaling_off)
    out.push_back({"scaling", std::string(words("force.scaling_off")),
                   [](Interventions& i) { i.scaling_off = false; }});
  if (is.temperature != 1.0f)
    out.push_back({"temperature",
                   words("force.temperature", {{"t", fixed(static_cast<double>(is.temperature), 2)}}),
                   [](Interventions& i) { i.temperature = 1.0f; }});
  if (is.softmax != SoftmaxSetting::soft)
    out.push_back({"softmax", std::string(words("force.hard")),
                   [](Interventions& i) { i.softmax = SoftmaxSetting::soft; }});
  if (!is.cells.empty())
    out.push_back({"cells", counted(words, "force.n_cells", is.cells.size()),
                   [](Interventions& i) { i.cells.clear(); }});
}

// "q of it [3] = 0.50 (L1·H0)": a number set by hand, by its place, token, entry and head or layer.
std::string number_words(const OverwrittenNumber& one, const Words& words, const ViewState& view,
                         const Trace* trace) {
  static constexpr std::array<const char*, kNumberPlaces> kPlaces = {"word",
                                                                     "position",
                                                                     "type",
                                                                     "embedding_sum",
                                                                     "embedding",
                                                                     "attention_norm",
                                                                     "query",
                                                                     "key",
                                                                     "value",
                                                                     "score",
                                                                     "mixed",
                                                                     "attention",
                                                                     "attention_post_norm",
                                                                     "attention_sum",
                                                                     "feed_forward_norm",
                                                                     "activation",
                                                                     "feed_forward",
                                                                     "feed_forward_post_norm",
                                                                     "feed_forward_sum",
                                                                     "stream",
                                                                     "final_norm"};
  const auto name = [&](const std::vector<std::string>* tokens, int token) {
    const bool known = tokens && token >= 0 && token < static_cast<int>(tokens->size());
    return known ? readable_token(*tokens, static_cast<std::size_t>(token)) : "#" + std::to_string(token);
  };
  const std::vector<std::string>*queries = trace ? &trace->query_tokens(one.at.stack) : nullptr,
        *keys = trace ? &trace->key_tokens(one.at.stack) : nullptr;
  const bool of_key = one.place == NumberPlace::key || one.place == NumberPlace::value;
  const std::string word = name(of_key ? keys : queries, one.token);
  const std::string entry =
      one.place == NumberPlace::score ? name(keys, one.entry) : std::to_string(one.entry);
  const int shown = one.at.layer + (view.count_heads_from_one ? 1 : 0);
  const std::string where = !belongs_to_layer(one.place)  ? ""
                            : !belongs_to_head(one.place) ? "L" + std::to_string(shown)
                            : trace                       ? head_name(*trace, one.at, view)
                                                          : to_text(one.at);
  return words("force.number." + std::string(kPlaces[static_cast<std::size_t>(one.place)]),
               {{"word", word},
                {"entry", entry},
                {"where", where},
                {"value", number_text(static_cast<double>(one.value), 2)}});
}

void add_numbers(const Interventions& is, const Words& words, const ViewState& view, const Trace* trace,
                 std::vector<InForce>& out) {
  if (is.numbers.size() > kMostNamed) {
    out.push_back({"numbers", words("force.n_numbers", {{"n", std::to_string(is.numbers.size())}}),
                   [](Interventions& i) { i.numbers.clear(); }});
    return;
  }
  for (std::size_t n = 0; n < is.numbers.size(); ++n)
    out.push_back({"number." + std::to_string(n), number_words(is.numbers[n], words, view, trace),
                   [one = is.numbers[n]](Interventions& i) { clear_number(i, one); }});
}

void add_heads(const Interventions& is, const Words& words, const ViewState& view, const Trace* trace,
               std::vector<InForce>& out) {
  static constexpr std::array kKinds = {"force.head_zero", "force.head_mean", "force.head_uniform"};
  if (is.heads_off.size() > kMostNamed) {
    out.push_back({"heads", words("force.n_heads", {{"n", std::to_string(is.heads_off.size())}}),
                   [](Interventions& i) { i.heads_off.clear(); }});
    return;
  }
  for (const auto& [id, off] : is.heads_off) {
    const std::string head = trace ? head_name(*trace, id, view) : to_text(id);
    out.push_back({"head." + std::to_string(id.layer) + "." + std::to_string(id.head),
                   words(kKinds[static_cast<std::size_t>(off)], {{"head", head}}),
                   [id = id](Interventions& i) { i.heads_off.erase(id); }});
  }
}

void add_layers(const Interventions& is, const Words& words, const ViewState& view, const Trace* trace,
                std::vector<InForce>& out) {
  if (is.layers.size() > kMostNamed) {
    out.push_back({"layers", words("force.n_layers", {{"n", std::to_string(is.layers.size())}}),
                   [](Interventions& i) { i.layers.clear(); }});
    return;
  }
  for (const auto& [where, parts] : is.layers) {
    std::string off;
    const auto add = [&](bool on, const char* key) {
      if (!on) off += (off.empty() ? "" : ", ") + std::string(words(key));
    };
    add(parts.attention, "controls.part.attention");
    add(parts.residual, "controls.part.residual");
    add(parts.norm, "controls.part.norm");
    add(parts.feed_forward, "controls.part.feed_forward");
    const int shown = where.second + (view.count_heads_from_one ? 1 : 0);
    out.push_back({"layer." + std::to_string(where.second),
                   of_stack(words, trace, where.first,
                            words("force.layer", {{"layer", std::to_string(shown)}, {"parts", off}})),
                   [where = where](Interventions& i) { i.layers.erase(where); }});
  }
}

}  // namespace

std::vector<InForce> in_force(const Interventions& interventions, const Words& words, const ViewState& view,
                              const Trace* trace) {
  std::vector<InForce> out;
  for (const auto& [stack, mask] : interventions.masks) add_mask(mask, stack, words, trace, out);
  add_scores(interventions, words, out);
  add_numbers(interventions, words, view, trace, out);
  add_heads(interventions, words, view, trace, out);
  add_layers(interventions, words, view, trace, out);
  return out;
}

}  // namespace attn::app
