#include "core/training/evaluate.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/forward/forward.h"
#include "core/forward/output.h"
#include "core/math/error.h"
#include "core/training/batch_sampler.h"

namespace attn {

float sum_over(const Matrix& weights, int row, const std::vector<int>& keys) {
  float sum = 0;
  for (const int key : keys) sum += weights(row, key);
  return sum;
}

namespace {

// One pass over all sentences: first and second of each pair in turn.
StackSteps<float> run(const Model& model, const std::vector<TwinPair>& pairs, Pool* pool) {
  std::vector<Inputs> inputs;
  for (const TwinPair& pair : pairs)
    for (const Sentence* sentence : {&pair.first, &pair.second}) inputs.emplace_back().ids = sentence->ids;
  ForwardOptions<float> options;
  options.pool = pool;
  return forward(model.spec, model.parameters, plan_pass(model.spec, {}), inputs, options).encoder;
}

// `answers(first)`: whether the sentence's answer is right.
template <class F>
PronounScore score_by(const std::vector<TwinPair>& pairs, const F& right) {
  PronounScore score;
  score.n_pairs = static_cast<int>(pairs.size());
  if (pairs.empty()) return score;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool first = right(pairs[i].first, 2 * i), second = right(pairs[i].second, 2 * i + 1);
    score.pairs_right += first && second;
    score.sentences_right += 0.5 * (first + second);
  }
  score.pairs_right /= score.n_pairs;
  score.sentences_right /= score.n_pairs;
  return score;
}

}  // namespace

PronounScore score_head(const Model& model, const std::vector<TwinPair>& pairs, int layer, int head,
                        Pool* pool) {
  const StackSteps<float> pass = run(model, pairs, pool);
  const AttentionSteps<float>& attention = pass.layers[static_cast<std::size_t>(layer)].self;
  const std::size_t n_heads =
      static_cast<std::size_t>(model.spec.encoder->layers[static_cast<std::size_t>(layer)].self.n_heads);
  double top = 0, mass = 0;
  PronounScore score = score_by(pairs, [&](const Sentence& sentence, std::size_t s) {
    const MatrixOf<float>& weights = attention.weights[s * n_heads + static_cast<std::size_t>(head)];
    const Question& question = sentence.questions.front();
    const float answer = sum_over(weights, question.row, question.answers);
    Index largest = 0;
    weights.row(question.row).maxCoeff(&largest);
    top += std::find(question.answers.begin(), question.answers.end(), static_cast<int>(largest)) !=
           question.answers.end();
    mass += static_cast<double>(answer);
    return answer > sum_over(weights, question.row, question.rivals);
  });
  const double n = std::max<double>(1.0, 2.0 * score.n_pairs);
  score.top = top / n;
  score.weight = mass / n;

  // What the output names at the pronoun: the antecedent's word before the rival's.
  Matrix asked(static_cast<Index>(2 * pairs.size()), pass.output.cols());
  for (std::size_t i = 0; i < 2 * pairs.size(); ++i) {
    const Sentence& sentence = i % 2 == 0 ? pairs[i / 2].first : pairs[i / 2].second;
    asked.row(static_cast<Index>(i)) =
        pass.output.row(pass.rows.begin(static_cast<Index>(i)) + sentence.questions.front().row);
  }
  const Matrix logits = apply_output(model.spec, model.parameters.output, view(std::as_const(asked)), pool);
  double named = 0;
  for (std::size_t i = 0; i < 2 * pairs.size(); ++i) {
    const Sentence& sentence = i % 2 == 0 ? pairs[i / 2].first : pairs[i / 2].second;
    const Question& question = sentence.questions.front();
    if (question.rivals.empty()) continue;
    const int rival = sentence.ids[static_cast<std::size_t>(question.rivals.front())];
    named += logits(static_cast<Index>(i), question.answer_word) > logits(static_cast<Index>(i), rival);
  }
  score.named = named / n;
  return score;
}

std::vector<double> reason_weights(const Model& model, const std::vector<TwinPair>& pairs, Pool* pool) {
  const StackSteps<float> pass = run(model, pairs, pool);
  const StackSpec& spec = *model.spec.encoder;
  const std::size_t n_heads = static_cast<std::size_t>(spec.layers.front().self.n_heads);
  std::vector<double> mean(spec.layers.size() * n_heads, 0.0);
  for (std::size_t l = 0; l < spec.layers.size(); ++l)
    for (std::size_t h = 0; h < n_heads; ++h)
      for (std::size_t s = 0; s < 2 * pairs.size(); ++s) {
        const Sentence& sentence = s % 2 == 0 ? pairs[s / 2].first : pairs[s / 2].second;
        double sum = 0;
        for (int k = 0; k < sentence.n_reason_words; ++k)
          sum += static_cast<double>(pass.layers[l].self.weights[s * n_heads + h](
              sentence.questions.front().row, sentence.reason_row + k));
        mean[l * n_heads + h] += sum / static_cast<double>(2 * pairs.size());
      }
  return mean;
}

HeadId find_pointing_head(const Model& model, const std::vector<TwinPair>& pairs, Pool* pool) {
  HeadId best{Stack::encoder, 0, 0};
  double best_share = -1;
  for (int l = 0; l < model.spec.encoder->n_layers(); ++l)
    for (int h = 0; h < model.spec.encoder->layers[static_cast<std::size_t>(l)].self.n_heads; ++h) {
      const double share = score_head(model, pairs, l, h, pool).sentences_right;
      if (share <= best_share) continue;
      best_share = share;
      best = {Stack::encoder, l, h};
    }
  return best;
}

std::vector<TwinPair> held_out_pairs(const Grammar& grammar, const SentenceOptions& options, int n_pairs,
                                     std::uint64_t seed) {
  Random random(seed);
  std::vector<TwinPair> pairs;
  for (int i = 0; i < n_pairs; ++i) pairs.push_back(grammar.twins(random, options));
  return pairs;
}

namespace {

// A rule that knows which kinds of nouns a reason is said of, and nothing of who does what: a coin decides
// where that does not.
PronounScore score_categories(const Grammar& grammar, const std::vector<TwinPair>& pairs) {
  std::map<std::vector<int>, std::set<int>> lists_of_reason;
  for (const Frame& frame : grammar.frames())
    for (const std::size_t side : {0u, 1u})
      for (const Reason& reason : frame.reasons[side]) {
        std::vector<int> ids;
        for (const std::string& word : reason.words) ids.push_back(grammar.id(word));
        lists_of_reason[ids].insert(frame.lists[side].begin(), frame.lists[side].end());
      }
  std::map<int, std::set<int>> lists_of_noun;
  for (const Noun& noun : grammar.nouns())
    for (const std::string& word : {noun.one, noun.many})
      if (!word.empty()) lists_of_noun[grammar.id(word)].insert(noun.list);
  const auto chance_of = [&](const Sentence& sentence) {
    const auto reason = sentence.ids.begin() + sentence.reason_row;
    const std::set<int>& lists = lists_of_reason[{reason, reason + sentence.n_reason_words}];
    const auto fits = [&](const std::vector<int>& rows) {
      for (const int row : rows)
        for (const int list : lists_of_noun[sentence.ids[static_cast<std::size_t>(row)]])
          if (lists.contains(list)) return true;
      return false;
    };
    const Question& question = sentence.questions.front();
    const bool answer = fits(question.answers), rival = fits(question.rivals);
    return answer == rival ? 0.5 : answer ? 1.0 : 0.0;
  };
  PronounScore score;
  score.n_pairs = static_cast<int>(pairs.size());
  for (const TwinPair& pair : pairs) {
    const double first = chance_of(pair.first), second = chance_of(pair.second);
    score.pairs_right += first * second / score.n_pairs;
    score.sentences_right += 0.5 * (first + second) / score.n_pairs;
  }
  return score;
}

}  // namespace

std::vector<EvaluationRow> evaluate_pronouns(const Model& model, const Grammar& grammar, int n_pairs,
                                             Pool* pool) {
  if (!model.spec.encoder) throw Error("Pronouns are asked of encoders; this model is a decoder.");
  if (model.spec.embedding.n_vocab != static_cast<int>(grammar.vocabulary().size()))
    throw Error("This model knows " + std::to_string(model.spec.embedding.n_vocab) +
                " words and the grammar " + std::to_string(grammar.vocabulary().size()) +
                ": it was trained on another version of the grammar.");
  std::vector<EvaluationRow> rows;
  HeadId pointer = find_pointing_head(model, held_out_pairs(grammar, {}, std::min(n_pairs, 100)), pool);
  if (model.spec.pointer) pointer = {Stack::encoder, model.spec.pointer->layer, model.spec.pointer->head};
  const std::pair<const char*, SentenceOptions> splits[] = {
      {"seen words", {}},
      {"held-out nouns", {Draw::held_out, Draw::seen}},
      {"held-out adjectives", {Draw::seen, Draw::held_out}},
      {"held-out nouns and adjectives", {Draw::held_out, Draw::held_out}},
  };
  for (const auto& [name, options] : splits)
    rows.push_back({name, score_head(model, held_out_pairs(grammar, options, n_pairs), pointer.layer,
                                     pointer.head, pool)});

  const std::vector<TwinPair> pairs = held_out_pairs(grammar, splits[1].second, n_pairs);
  rows.push_back({"baseline: first noun", score_by(pairs, [](const Sentence& s, std::size_t) {
                    const Question& q = s.questions.front();
                    return q.rivals.empty() || q.answers.front() < q.rivals.front();
                  })});
  rows.push_back({"baseline: nearest noun", score_by(pairs, [](const Sentence& s, std::size_t) {
                    const Question& q = s.questions.front();
                    const auto distance = [&](const std::vector<int>& at) {
                      int best = 1000000;
                      for (const int row : at) best = std::min(best, std::abs(row - q.row));
                      return best;
                    };
                    return distance(q.answers) < distance(q.rivals);
                  })});
  rows.push_back({"baseline: category only", score_categories(grammar, pairs)});
  PronounScore chance;
  chance.n_pairs = n_pairs;
  chance.pairs_right = 0.25;
  chance.sentences_right = 0.5;
  rows.push_back({"baseline: chance", chance});
  return rows;
}

StoryScore score_stories(const Model& model, const Grammar& grammar, int n_texts, Pool* pool) {
  if (!model.spec.decoder || model.spec.encoder)
    throw Error("Stories are told by decoders; this model is none.");
  constexpr int kPeriod = 12;
  Random random(20241);
  std::vector<Inputs> repeated(static_cast<std::size_t>(n_texts)), stories(static_cast<std::size_t>(n_texts));
  for (Inputs& inputs : repeated)
    inputs.ids = repeated_words(model.spec.embedding.n_vocab, kPeriod, 2 * kPeriod, random);
  for (Inputs& inputs : stories) inputs.ids = grammar.sentence(random, "story").ids;
  ForwardOptions<float> options;
  options.pool = pool;
  const PassPlan plan = plan_pass(model.spec, {});
  const StackSteps<float> pass = forward(model.spec, model.parameters, plan, repeated, options).decoder;

  StoryScore best;
  const int n_heads = model.spec.decoder->layers.front().self.n_heads;
  for (int l = 0; l < model.spec.decoder->n_layers(); ++l)
    for (int h = 0; h < n_heads; ++h) {
      double induction = 0, previous = 0;
      for (int s = 0; s < n_texts; ++s)
        for (int t = kPeriod; t < 2 * kPeriod; ++t) {
          const Matrix& weights = pass.layers[static_cast<std::size_t>(l)]
                                      .self.weights[static_cast<std::size_t>(s * n_heads + h)];
          induction += static_cast<double>(weights(t, t - kPeriod + 1)) / (n_texts * kPeriod);
          previous += static_cast<double>(weights(t, t - 1)) / (n_texts * kPeriod);
        }
      const HeadId head{Stack::decoder, l, h};
      if (induction > best.induction.score) best.induction = {head, induction};
      if (previous > best.previous.score) best.previous = {head, previous};
    }

  const StackSteps<float> told = forward(model.spec, model.parameters, plan, stories, options).decoder;
  const Matrix logits = apply_output(model.spec, model.parameters.output, view(told.output), pool);
  int n = 0, right = 0;
  for (int s = 0; s < n_texts; ++s) {
    const std::vector<int>& ids = stories[static_cast<std::size_t>(s)].ids;
    for (std::size_t t = 0; t + 1 < ids.size(); ++t, ++n) {
      Index likeliest = 0;
      logits.row(told.rows.begin(s) + static_cast<Index>(t)).maxCoeff(&likeliest);
      right += likeliest == ids[t + 1];
    }
  }
  best.next_word = n > 0 ? static_cast<double>(right) / n : 0;
  return best;
}

}  // namespace attn
