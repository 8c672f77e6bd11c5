#include "core/training/evaluate_tasks.h"

#include <algorithm>
#include <map>

#include "core/forward/forward.h"
#include "core/forward/output.h"
#include "core/math/error.h"
#include "core/training/batch_sampler.h"

namespace attn {

namespace {

void check_vocabulary(const Model& model, const Grammar& grammar) {
  if (model.spec.embedding.n_vocab != static_cast<int>(grammar.vocabulary().size()))
    throw Error("This model knows " + std::to_string(model.spec.embedding.n_vocab) +
                " words and the grammar " + std::to_string(grammar.vocabulary().size()) +
                ": it was trained on another version of the grammar.");
}

ForwardSteps<float> run(const Model& model, const ParametersOf<float>& parameters,
                        const std::vector<Inputs>& inputs, Pool* pool) {
  ForwardOptions<float> options;
  options.pool = pool;
  return forward(model.spec, parameters, plan_pass(model.spec, {}), inputs, options);
}

// The most likely output of every row.
std::vector<int> likeliest(const Model& model, const StackSteps<float>& steps, Pool* pool) {
  const Matrix logits = apply_output(model.spec, model.parameters.output, view(steps.output), pool);
  std::vector<int> best;
  for (Index r = 0; r < logits.rows(); ++r) {
    Index at = 0;
    logits.row(r).maxCoeff(&at);
    best.push_back(static_cast<int>(at));
  }
  return best;
}

// Of each sentence whether it is translated word for word. The most likely words after the right ones are all
// right exactly when greedy translation, left to itself, writes the same.
struct Translated {
  std::vector<bool> exact;
  ForwardSteps<float> pass;
};

Translated translate(const Model& model, const std::vector<Translation>& texts, Pool* pool) {
  std::vector<Inputs> inputs;
  for (const Translation& text : texts) inputs.push_back(inputs_of(text));
  Translated out{{}, run(model, model.parameters, inputs, pool)};
  const std::vector<int> words = likeliest(model, out.pass.decoder, pool);
  for (std::size_t s = 0; s < texts.size(); ++s) {
    const std::size_t first = static_cast<std::size_t>(out.pass.decoder.rows.begin(static_cast<Index>(s)));
    bool right = words[first + texts[s].target.size()] == model.spec.eos_id;
    for (std::size_t t = 0; t < texts[s].target.size(); ++t) right &= words[first + t] == texts[s].target[t];
    out.exact.push_back(right);
  }
  return out;
}

double share_of(const std::vector<bool>& all) {
  return all.empty() ? 0
                     : static_cast<double>(std::count(all.begin(), all.end(), true)) /
                           static_cast<double>(all.size());
}

// The share of content words for which `weights_of(sentence)` [Tt, T] is largest on their source.
template <class F>
double aligned_share(const std::vector<Translation>& texts, const F& weights_of) {
  int n = 0, right = 0;
  for (std::size_t s = 0; s < texts.size(); ++s) {
    const Matrix weights = weights_of(s);
    for (std::size_t t = 0; t < texts[s].target.size(); ++t) {
      if (!texts[s].content[t]) continue;
      Index at = 0;
      weights.row(static_cast<Index>(t)).maxCoeff(&at);
      const std::vector<int>& rows = texts[s].aligned[t];
      right += std::find(rows.begin(), rows.end(), static_cast<int>(at)) != rows.end();
      ++n;
    }
  }
  return n > 0 ? static_cast<double>(right) / n : 0;
}

}  // namespace

std::vector<NamedShare> evaluate_translation(const Model& model, const Grammar& grammar, int n, Pool* pool) {
  if (!model.spec.is_encoder_decoder() || grammar.translation_language().empty())
    throw Error("Translations are asked of encoder-decoders and bilingual grammars.");
  check_vocabulary(model, grammar);
  Random random(20242);
  std::vector<Translation> held_out, seen, twins;
  for (int i = 0; i < n; ++i) held_out.push_back(grammar.translation(random, Draw::held_out));
  for (int i = 0; i < n; ++i) seen.push_back(grammar.translation(random, Draw::seen));
  for (int i = 0; i < n; ++i) {
    auto [first, second] = grammar.translated_twins(random, Draw::held_out);
    twins.push_back(std::move(first));
    twins.push_back(std::move(second));
  }
  const Translated of_held_out = translate(model, held_out, pool);
  std::vector<NamedShare> measures = {
      {"held-out sentences translated exactly", share_of(of_held_out.exact)},
      {"sentences of seen noun pairs translated exactly", share_of(translate(model, seen, pool).exact)}};

  const std::vector<int> words = [&] {
    std::vector<Inputs> inputs;
    for (const Translation& text : twins) inputs.push_back(inputs_of(text));
    return likeliest(model, run(model, model.parameters, inputs, pool).decoder, pool);
  }();
  std::vector<bool> named;
  std::size_t row = 0;
  for (const Translation& twin : twins) {
    const std::size_t at = static_cast<std::size_t>(twin.named_row);
    // Where measure words differ, the one before the noun shows the choice as well.
    named.push_back(words[row + at] == twin.target[at] &&
                    (at == 0 || words[row + at - 1] == twin.target[at - 1]));
    row += twin.target.size() + 1;
  }
  std::vector<bool> both;
  for (std::size_t i = 0; i + 1 < named.size(); i += 2) both.push_back(named[i] && named[i + 1]);
  measures.push_back({"both held-out twins name what \"it\" stands for", share_of(both)});

  const int n_layers = model.spec.decoder->n_layers();
  const int n_heads = model.spec.decoder->layers.front().cross->n_heads;
  const auto weights_at = [&](int layer, int head) {
    return [&, layer, head](std::size_t s) -> Matrix {
      return of_held_out.pass.decoder.layers[static_cast<std::size_t>(layer)]
          .cross.weights[s * static_cast<std::size_t>(n_heads) + static_cast<std::size_t>(head)];
    };
  };
  const int last = n_layers - 1;
  double best = 0;
  for (int l = 0; l < n_layers; ++l)
    for (int h = 0; h < n_heads; ++h)
      if (l != last || h != 0) best = std::max(best, aligned_share(held_out, weights_at(l, h)));
  measures.push_back(
      {"content words aligned by the guided head", aligned_share(held_out, weights_at(last, 0))});
  measures.push_back(
      {"content words aligned by the mean of its layer", aligned_share(held_out, [&](std::size_t s) {
         Matrix sum = weights_at(last, 0)(s);
         for (int h = 1; h < n_heads; ++h) sum += weights_at(last, h)(s);
         return sum;
       })});
  measures.push_back({"content words aligned by the best head that nobody guided", best});
  double chance = 0;
  int n_content = 0;
  for (const Translation& text : held_out)
    for (std::size_t t = 0; t < text.target.size(); ++t) {
      if (!text.content[t]) continue;
      chance += static_cast<double>(text.aligned[t].size()) / static_cast<double>(text.source.size() + 1);
      ++n_content;
    }
  measures.push_back({"baseline: chance alignment", chance / std::max(1, n_content)});
  int n_diagonal = 0;
  for (const Translation& text : held_out)
    for (std::size_t t = 0; t < text.target.size(); ++t) {
      const std::vector<int>& rows = text.aligned[t];
      const double there = static_cast<double>(t) * static_cast<double>(text.source.size()) /
                           static_cast<double>(text.target.size());
      n_diagonal +=
          text.content[t] && std::find(rows.begin(), rows.end(), static_cast<int>(there)) != rows.end();
    }
  measures.push_back(
      {"baseline: diagonal alignment", static_cast<double>(n_diagonal) / std::max(1, n_content)});
  return measures;
}

namespace {

// The share of words (rows but [CLS]) that `counts(text, row)` admits and whose class is right.
template <class F>
double words_right(const std::vector<TaggedText>& texts, const std::vector<int>& classes, const F& counts) {
  int n = 0, right = 0;
  std::size_t row = 0;
  for (const TaggedText& text : texts)
    for (std::size_t t = 0; t < text.ids.size(); ++t, ++row) {
      if (!counts(text, t)) continue;
      ++n;
      right += classes[row] == text.labels[t];
    }
  return n > 0 ? static_cast<double>(right) / n : 0;
}

std::vector<int> classes_of(const Model& model, const ParametersOf<float>& parameters,
                            const std::vector<TaggedText>& texts, Pool* pool) {
  std::vector<Inputs> inputs;
  for (const TaggedText& text : texts) inputs.emplace_back().ids = text.ids;
  return likeliest(model, run(model, parameters, inputs, pool).encoder, pool);
}

}  // namespace

std::vector<NamedShare> evaluate_tags(const Model& model, const Grammar& grammar, int n, Pool* pool) {
  if (model.spec.output != OutputKind::token_label || grammar.labels().empty())
    throw Error("Word classes are asked of models and grammars that have them.");
  check_vocabulary(model, grammar);
  Random random(20243);
  std::map<int, std::map<int, int>> counts;  // how often each word has each class
  for (int i = 0; i < 5000; ++i) {
    const TaggedText text = grammar.tagged(random);
    for (std::size_t t = 1; t < text.ids.size(); ++t) ++counts[text.ids[t]][text.labels[t]];
  }
  std::vector<TaggedText> texts;
  for (int i = 0; i < n; ++i) texts.push_back(grammar.tagged(random, Draw::held_out));
  std::vector<TaggedText> hidden = texts;  // one word of each as [UNK]
  std::vector<std::size_t> hidden_at;
  for (TaggedText& text : hidden) {
    hidden_at.push_back(1 + static_cast<std::size_t>(random.below(static_cast<int>(text.ids.size()) - 1)));
    text.ids[hidden_at.back()] = 1;
  }
  const auto is_word = [](const TaggedText&, std::size_t t) { return t > 0; };
  const auto is_ambiguous = [&](const TaggedText& text, std::size_t t) {
    return t > 0 && counts[text.ids[t]].size() > 1;
  };
  const std::vector<int> classes = classes_of(model, model.parameters, texts, pool);
  std::vector<int> most_frequent;
  for (const TaggedText& text : texts)
    for (const int word : text.ids) {
      int best = -1, most = 0;
      for (const auto& [label, count] : counts[word])
        if (count > most) best = label, most = count;
      most_frequent.push_back(best);
    }
  std::vector<NamedShare> measures = {
      {"words of held-out sentences", words_right(texts, classes, is_word)},
      {"of these, words of more than one class", words_right(texts, classes, is_ambiguous)},
      {"one word of each sentence hidden as [UNK]",
       words_right(hidden, classes_of(model, model.parameters, hidden, pool),
                   [](const TaggedText& text, std::size_t t) { return text.ids[t] == 1; })},
      {"kind of the whole sentence, at [CLS]",
       words_right(texts, classes, [](const TaggedText&, std::size_t t) { return t == 0; })}};
  ParametersOf<float> placeless = model.parameters;
  placeless.encoder.position_table.setZero();
  const std::vector<int> without = classes_of(model, placeless, texts, pool);
  measures.push_back({"positions switched off: words", words_right(texts, without, is_word)});
  measures.push_back(
      {"positions switched off: words of more than one class", words_right(texts, without, is_ambiguous)});
  measures.push_back(
      {"baseline: most frequent class of the word", words_right(texts, most_frequent, is_word)});
  measures.push_back(
      {"baseline: the same, words of more than one class", words_right(texts, most_frequent, is_ambiguous)});
  measures.push_back({"baseline: chance", 1.0 / static_cast<double>(grammar.labels().size())});
  return measures;
}

}  // namespace attn
