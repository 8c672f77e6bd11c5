#include "core/training/batch_sampler.h"

#include <algorithm>

namespace attn {

namespace {

std::vector<Batch> draw_pronoun_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                                      Random random, int step, int n_parts) {
  std::vector<Batch> parts(static_cast<std::size_t>(n_parts));
  std::vector<int> rows(parts.size(), 0);  // so far, of each part
  int n_masked = 0, n_named = 0, n_pointed = 0;
  struct Named {
    std::size_t part, at;
  };
  std::vector<Named> named;
  const double breadth = std::min(1.0, recipe.breadth + (1 - recipe.breadth) * step / recipe.full_breadth_at);
  const SentenceOptions seen{Draw::seen, Draw::seen, breadth}, any{Draw::any, Draw::any, breadth};
  // Sentences that say the noun again teach of held-out words too, where a recipe hides that noun more often.
  const bool repeats_teach = recipe.masked_again > recipe.masked;
  Sentence twin;  // the other half of a pair, when it is next
  bool has_twin = false;
  for (int i = 0; i < recipe.batch; ++i) {
    Random own = random.fork(static_cast<std::uint64_t>(i));
    const std::size_t p = static_cast<std::size_t>(i) * parts.size() / static_cast<std::size_t>(recipe.batch);
    Batch& part = parts[p];
    // Sentences with a pronoun from the seen words only; what tells of properties from all of them.
    Sentence sentence;
    if (has_twin) {
      sentence = twin;
      has_twin = false;
    } else if (own.chance(recipe.properties)) {
      sentence = grammar.sentence(own, "property", any);
    } else if (own.chance(recipe.repeats)) {
      sentence = grammar.sentence(own, "repeat", repeats_teach ? any : seen);
    } else if (own.chance(recipe.twins)) {
      TwinPair pair = grammar.twins(own, seen);
      sentence = std::move(pair.first);
      twin = std::move(pair.second);
      has_twin = true;
    } else {
      sentence = grammar.sentence(own, "pronoun", seen);
    }
    if (recipe.question_at_end) ask_at_end(sentence);
    const int first = rows[p];
    Inputs inputs;
    const int length = std::min(static_cast<int>(sentence.ids.size()), recipe.n_positions);
    std::vector<bool> asked(sentence.ids.size(), false);
    for (const Question& question : sentence.questions) {
      asked[static_cast<std::size_t>(question.row)] = true;
      if (recipe.objective == Objective::pointer) {
        part.attention.push_back({{Stack::encoder, spec.pointer->layer, spec.pointer->head},
                                  static_cast<int>(part.inputs.size()),
                                  question.row,
                                  question.answers,
                                  1.0});
        ++n_pointed;
      }
      named.push_back({p, part.outputs.size()});
      part.outputs.push_back({first + question.row, question.answer_word, recipe.naming_weight});
      ++n_named;
    }
    for (int t = 0; t < length; ++t) {
      int word = sentence.ids[static_cast<std::size_t>(t)];
      if (!asked[static_cast<std::size_t>(t)]) {
        // What a property sentence teaches is its adjective: that is hidden more often than other words.
        const bool property = sentence.kind == "property",
                   repeat = repeats_teach && sentence.kind == "repeat";
        const bool told = (property || repeat) && t == sentence.reason_row;
        const bool again = repeat && t == sentence.repeated_row;
        if (own.chance(told       ? recipe.masked_reason
                       : again    ? recipe.masked_again
                       : property ? recipe.masked_property
                                  : recipe.masked)) {
          part.outputs.push_back({first + t, word, recipe.masked_weight});
          ++n_masked;
          // As BERT (Devlin et al. 2019): mostly hidden, at times another word, at times left alone.
          const double how = own.uniform();
          if (how < 0.8)
            word = spec.mask_id;
          else if (how < 0.9)
            word = 3 + own.below(spec.embedding.n_vocab - 3);
        } else if (own.chance(recipe.unknown)) {
          word = 1;
        }
      }
      inputs.ids.push_back(word);
    }
    part.inputs.push_back(std::move(inputs));
    rows[p] += length;
  }
  for (Batch& part : parts) {
    for (AttentionTarget& target : part.attention) target.weight /= std::max(1, n_pointed);
    for (OutputTarget& target : part.outputs) target.weight /= std::max(1, n_masked);
  }
  // The named words are averaged over themselves, not over the masked ones.
  for (const Named& where : named)
    parts[where.part].outputs[where.at].weight = recipe.naming_weight / n_named;
  return parts;
}

// The next word of every word; of repeated random words only from the second time on, when it can be known.
std::vector<Batch> draw_story_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                                    Random random, int n_parts) {
  std::vector<Batch> parts(static_cast<std::size_t>(n_parts));
  std::vector<int> rows(parts.size(), 0);
  int n_targets = 0;
  for (int i = 0; i < recipe.batch; ++i) {
    Random own = random.fork(static_cast<std::uint64_t>(i));
    const std::size_t p = static_cast<std::size_t>(i) * parts.size() / static_cast<std::size_t>(recipe.batch);
    const bool repeated = own.chance(recipe.repeated);
    const int period = 6 + own.below(15);
    Inputs inputs;
    inputs.ids = repeated ? repeated_words(spec.embedding.n_vocab, period,
                                           std::min(recipe.n_positions, 3 * period), own)
                          : grammar.sentence(own, "story").ids;
    if (static_cast<int>(inputs.ids.size()) > recipe.n_positions)
      inputs.ids.resize(static_cast<std::size_t>(recipe.n_positions));
    const int length = static_cast<int>(inputs.ids.size());
    for (int t = repeated ? period : 0; t + 1 < length; ++t) {
      parts[p].outputs.push_back({rows[p] + t, inputs.ids[static_cast<std::size_t>(t + 1)], 1.0});
      ++n_targets;
    }
    rows[p] += length;
    parts[p].inputs.push_back(std::move(inputs));
  }
  for (Batch& part : parts)
    for (OutputTarget& target : part.outputs) target.weight /= std::max(1, n_targets);
  return parts;
}

}  // namespace

void ask_at_end(Sentence& sentence) {
  for (Question& question : sentence.questions) {
    sentence.ids.push_back(sentence.ids[static_cast<std::size_t>(question.row)]);
    question.row = static_cast<int>(sentence.ids.size()) - 1;
  }
}

std::vector<int> repeated_words(int n_vocab, int period, int length, Random& random) {
  std::vector<int> ids;
  for (int t = 0; t < length; ++t)
    ids.push_back(t < period ? 3 + random.below(n_vocab - 3) : ids[static_cast<std::size_t>(t - period)]);
  return ids;
}

std::vector<Batch> draw_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                              Random random, int step, int n_parts) {
  switch (recipe.objective) {
    case Objective::stories:
      return draw_story_batch(recipe, spec, grammar, random, n_parts);
    case Objective::translation:
      return draw_translation_batch(recipe, spec, grammar, random, n_parts);
    case Objective::tagging:
      return draw_tagging_batch(recipe, grammar, random, n_parts);
    default:
      return draw_pronoun_batch(recipe, spec, grammar, random, step, n_parts);
  }
}

}  // namespace attn
