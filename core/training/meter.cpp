#include "core/training/meter.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "core/forward/forward.h"
#include "core/forward/output.h"
#include "core/math/error.h"
#include "core/training/evaluate.h"

namespace attn {

namespace {

constexpr std::size_t kPairsAtOnce = 50;  // bounds the memory, and how long a cancel waits

const Sentence& sentence_of(const std::vector<TwinPair>& pairs, std::size_t s) {
  return s % 2 == 0 ? pairs[s / 2].first : pairs[s / 2].second;
}

// What one sentence was answered.
struct Answered {
  bool pointed = false, named = false;
  double weight = 0;
};

// Sentences [first, end) of the pairs, first and second of each in turn.
std::vector<Answered> answer(const Model& model, const PassPlan& plan, const std::vector<TwinPair>& pairs,
                             std::size_t first, std::size_t end, Pool* pool, const CancelToken* cancel) {
  std::vector<Inputs> inputs(end - first);
  for (std::size_t s = first; s < end; ++s) inputs[s - first].ids = sentence_of(pairs, s).ids;
  ForwardOptions<float> options;
  options.pool = pool;
  options.cancel = cancel;
  const StackSteps<float> pass = forward(model.spec, model.parameters, plan, inputs, options).encoder;

  Matrix asked(static_cast<Index>(inputs.size()), pass.output.cols());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    asked.row(static_cast<Index>(i)) = pass.output.row(pass.rows.begin(static_cast<Index>(i)) +
                                                       sentence_of(pairs, first + i).questions.front().row);
  const Matrix logits = apply_output(model.spec, model.parameters.output, view(std::as_const(asked)), pool);

  std::vector<Answered> answers(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Sentence& sentence = sentence_of(pairs, first + i);
    const Question& question = sentence.questions.front();
    if (!question.rivals.empty()) {
      const int rival = sentence.ids[static_cast<std::size_t>(question.rivals.front())];
      const Index row = static_cast<Index>(i);
      answers[i].named = logits(row, question.answer_word) > logits(row, rival);
    }
    if (!model.spec.pointer) continue;
    const std::size_t layer = static_cast<std::size_t>(model.spec.pointer->layer);
    const std::size_t n_heads = static_cast<std::size_t>(model.spec.encoder->layers[layer].self.n_heads);
    const MatrixOf<float>& weights =
        pass.layers[layer].self.weights[i * n_heads + static_cast<std::size_t>(model.spec.pointer->head)];
    const float weight = sum_over(weights, question.row, question.answers);
    answers[i].weight = static_cast<double>(weight);
    answers[i].pointed = weight > sum_over(weights, question.row, question.rivals);
  }
  return answers;
}

bool pointer_is_off(const PointerSpec& pointer, const Interventions& now) {
  const auto layer = now.layers.find({Stack::encoder, pointer.layer});
  return now.heads_off.contains({Stack::encoder, pointer.layer, pointer.head}) ||
         (layer != now.layers.end() && !layer->second.attention);
}

void check(const Model& model, const std::vector<TwinPair>& pairs, const Interventions& now) {
  if (!model.spec.encoder || model.spec.decoder || model.spec.output != OutputKind::masked_words)
    throw Error("Pronouns are asked of encoders that name words; this model is none.");
  std::size_t longest = 0;
  for (std::size_t s = 0; s < 2 * pairs.size(); ++s)
    longest = std::max(longest, sentence_of(pairs, s).ids.size());
  const std::vector<std::string> reasons = why_not(now, model.spec, static_cast<int>(longest));
  if (!reasons.empty()) throw Error(reasons.front());
}

}  // namespace

MeterReading read_meter(const Model& model, const std::vector<TwinPair>& pairs, const Interventions& now,
                        Pool* pool, const CancelToken* cancel) {
  check(model, pairs, now);
  MeterReading reading;
  reading.n_pairs = static_cast<int>(pairs.size());
  reading.has_pointer = model.spec.pointer.has_value();
  reading.silent = reading.has_pointer && pointer_is_off(*model.spec.pointer, now);
  const PassPlan plan = plan_pass(model.spec, now);
  int n_right = 0;
  for (std::size_t first = 0; first < pairs.size(); first += kPairsAtOnce) {
    throw_if_cancelled(cancel);
    const std::size_t end = std::min(pairs.size(), first + kPairsAtOnce);
    const std::vector<Answered> answers = answer(model, plan, pairs, 2 * first, 2 * end, pool, cancel);
    for (std::size_t i = 0; i < answers.size(); i += 2) {
      const Answered &a = answers[i], &b = answers[i + 1];
      const bool a_right = reading.has_pointer ? a.pointed && !reading.silent : a.named;
      const bool b_right = reading.has_pointer ? b.pointed && !reading.silent : b.named;
      reading.right += a_right && b_right;
      reading.named += a.named && b.named;
      reading.weight += reading.silent ? 0.0 : a.weight + b.weight;
      n_right += a_right + b_right;
    }
  }
  const double n_sentences = std::max(1.0, 2.0 * reading.n_pairs);
  reading.sentences = n_right / n_sentences;
  reading.weight /= n_sentences;
  return reading;
}

namespace {

int distance(const std::vector<int>& rows, int from) {
  int nearest = std::numeric_limits<int>::max();
  for (const int row : rows) nearest = std::min(nearest, std::abs(row - from));
  return nearest;
}

bool guesses_right(const Question& question, Guess guess) {
  if (question.rivals.empty()) return true;
  return guess == Guess::first_noun
             ? question.answers.front() < question.rivals.front()
             : distance(question.answers, question.row) < distance(question.rivals, question.row);
}

}  // namespace

MeterReading guess_answers(const std::vector<TwinPair>& pairs, Guess guess) {
  MeterReading reading;
  reading.n_pairs = static_cast<int>(pairs.size());
  int n_right = 0;
  for (const TwinPair& pair : pairs) {
    const bool first = guesses_right(pair.first.questions.front(), guess);
    const bool second = guesses_right(pair.second.questions.front(), guess);
    reading.right += first && second;
    n_right += first + second;
  }
  reading.named = reading.right;
  reading.sentences = n_right / std::max(1.0, 2.0 * reading.n_pairs);
  return reading;
}

}  // namespace attn
