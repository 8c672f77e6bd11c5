#include <algorithm>

#include "core/training/batch_sampler.h"

namespace attn {

Inputs inputs_of(const Translation& translation) {
  Inputs inputs;
  inputs.ids = translation.source;
  inputs.ids.push_back(2);
  inputs.target_ids = {0};
  inputs.target_ids.insert(inputs.target_ids.end(), translation.target.begin(), translation.target.end());
  return inputs;
}

std::vector<Batch> draw_translation_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                                          Random random, int n_parts) {
  std::vector<Batch> parts(static_cast<std::size_t>(n_parts));
  std::vector<int> rows(parts.size(), 0);  // of targets so far, of each part
  int n_words = 0, n_aligned = 0;
  const HeadId guided{Stack::cross, spec.decoder->n_layers() - 1, 0};
  for (int i = 0; i < recipe.batch; ++i) {
    Random own = random.fork(static_cast<std::uint64_t>(i));
    const std::size_t p = static_cast<std::size_t>(i) * parts.size() / static_cast<std::size_t>(recipe.batch);
    Batch& part = parts[p];
    const Translation drawn = grammar.translation(own);
    Inputs inputs = inputs_of(drawn);
    const int n_target = static_cast<int>(drawn.target.size());
    for (int t = 0; t <= n_target; ++t) {
      const int next = t < n_target ? drawn.target[static_cast<std::size_t>(t)] : spec.eos_id;
      part.outputs.push_back({rows[p] + t, next, 1.0});
      ++n_words;
    }
    for (int t = 0; t < n_target && recipe.guided_weight > 0; ++t) {
      const std::vector<int>& keys = drawn.aligned[static_cast<std::size_t>(t)];
      if (keys.empty()) continue;
      part.attention.push_back({guided, static_cast<int>(part.inputs.size()), t, keys, recipe.guided_weight});
      ++n_aligned;
    }
    rows[p] += static_cast<int>(inputs.target_ids.size());
    part.inputs.push_back(std::move(inputs));
  }
  for (Batch& part : parts) {
    for (OutputTarget& target : part.outputs) target.weight /= std::max(1, n_words);
    for (AttentionTarget& target : part.attention) target.weight /= std::max(1, n_aligned);
  }
  return parts;
}

std::vector<Batch> draw_tagging_batch(const Recipe& recipe, const Grammar& grammar, Random random,
                                      int n_parts) {
  std::vector<Batch> parts(static_cast<std::size_t>(n_parts));
  std::vector<int> rows(parts.size(), 0);
  int n_words = 0;
  for (int i = 0; i < recipe.batch; ++i) {
    Random own = random.fork(static_cast<std::uint64_t>(i));
    const std::size_t p = static_cast<std::size_t>(i) * parts.size() / static_cast<std::size_t>(recipe.batch);
    TaggedText text = grammar.tagged(own);
    for (std::size_t t = 0; t < text.ids.size(); ++t) {
      parts[p].outputs.push_back({rows[p] + static_cast<int>(t), text.labels[t], 1.0});
      ++n_words;
      if (t > 0 && own.chance(recipe.unknown)) text.ids[t] = 1;
    }
    rows[p] += static_cast<int>(text.ids.size());
    parts[p].inputs.emplace_back().ids = std::move(text.ids);
  }
  for (Batch& part : parts)
    for (OutputTarget& target : part.outputs) target.weight /= std::max(1, n_words);
  return parts;
}

}  // namespace attn
