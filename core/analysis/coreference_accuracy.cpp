#include "core/analysis/coreference_accuracy.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/analysis/short_texts.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn {

namespace {

// One example, ready to run.
struct ReadyExample {
  std::size_t index = 0;
  Inputs inputs;
  Mention pronoun;
  std::vector<Mention> candidates;
};

int position_limit_of(const ModelSpec& spec) {
  const StackSpec& stack = spec.encoder ? *spec.encoder : *spec.decoder;
  return stack.position.n_positions;
}

ReadyExample make_ready(const PronounExample& example, const Model& model, const Tokenizer& tokenizer) {
  ReadyExample ready;
  const Encoding encoding = tokenizer.encode(example.text);
  const int limit = position_limit_of(model.spec);
  if (limit > 0 && static_cast<int>(encoding.ids.size()) > limit)
    throw Error("The text has " + std::to_string(encoding.ids.size()) + " tokens; this model takes " +
                std::to_string(limit) + ".");
  ready.inputs.ids = encoding.ids;
  ready.inputs.type_ids = encoding.type_ids;
  if (model.spec.is_encoder_decoder()) ready.inputs.target_ids = {model.spec.decoder_start_id};
  ready.pronoun = resolve(example.pronoun, example.text, encoding);
  for (const ExampleMention& candidate : example.candidates)
    ready.candidates.push_back(resolve(candidate, example.text, encoding));
  return ready;
}

int nearest_before(const ReadyExample& example) {
  int nearest = 0;
  std::size_t closest = 0;
  for (std::size_t c = 0; c < example.candidates.size(); ++c)
    if (example.candidates[c].begin < example.pronoun.begin && example.candidates[c].begin >= closest) {
      closest = example.candidates[c].begin;
      nearest = static_cast<int>(c);
    }
  return nearest;
}

int first_mentioned(const ReadyExample& example) {
  const auto first = std::min_element(example.candidates.begin(), example.candidates.end(),
                                      [](const Mention& a, const Mention& b) { return a.begin < b.begin; });
  return static_cast<int>(first - example.candidates.begin());
}

// What is counted while the examples go by.
struct Counts {
  int n = 0, answered_right = 0, first_right = 0, nearest_right = 0;
  double chance = 0;
  std::map<HeadId, int> right;
  std::vector<std::map<HeadId, int>> chosen;  // by example: what each head chose
};

int largest(const std::vector<double>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

void judge(const Trace& trace, const ReadyExample& ready, const PronounExample& example, Counts& counts,
           ExampleOutcome& outcome, Pool* pool) {
  const Stack stack = trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  const std::vector<HeadCoreference> heads =
      rank_heads(trace, stack, ready.pronoun.tokens, ready.candidates, pool);
  outcome.answer = trace.model->spec.pointer
                       ? pointer_answer(trace, ready.pronoun.tokens, ready.candidates).best()
                       : attention_score_answer(heads, MasDirection::from_pronoun).best();
  std::map<HeadId, int>& chosen = counts.chosen[ready.index];
  for (const HeadCoreference& head : heads) chosen[head.head] = largest(head.to_candidates);
  if (!example.answer) return;
  ++counts.n;
  counts.chance += 1.0 / static_cast<double>(example.candidates.size());
  counts.answered_right += outcome.answer == example.answer;
  counts.first_right += first_mentioned(ready) == *example.answer;
  counts.nearest_right += nearest_before(ready) == *example.answer;
  for (const auto& [head, choice] : chosen) counts.right[head] += choice == *example.answer;
}

void conclude(const Counts& counts, CoreferenceAccuracy& result) {
  result.n = counts.n;
  for (const auto& [head, right] : counts.right)
    result.heads.push_back({head, right, share_interval(right, counts.n)});
  std::stable_sort(result.heads.begin(), result.heads.end(),
                   [](const HeadAccuracy& a, const HeadAccuracy& b) { return a.right > b.right; });
  result.answer = share_interval(counts.answered_right, counts.n);
  result.first = share_interval(counts.first_right, counts.n);
  result.nearest = share_interval(counts.nearest_right, counts.n);
  result.chance = counts.n > 0 ? counts.chance / counts.n : 0;
  if (result.heads.empty()) return;
  for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
    const auto at = counts.chosen[i].find(result.heads.front().head);
    if (at != counts.chosen[i].end()) result.outcomes[i].by_best_head = at->second;
  }
}

}  // namespace

Mention resolve(const ExampleMention& mention, const std::string& text, const Encoding& encoding) {
  if (mention.begin == mention.end) return find_mention(text, encoding, mention.word);
  Mention found{mention.word, mention.begin, mention.end,
                tokens_between(encoding, mention.begin, mention.end)};
  if (found.tokens.empty()) throw Error("\"" + mention.word + "\" has no token of its own in this model.");
  return found;
}

CoreferenceAccuracy coreference_accuracy(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                                         const std::vector<PronounExample>& examples,
                                         const Interventions& interventions, Pool* pool,
                                         const CancelToken* cancel,
                                         const std::function<void(float)>& progress) {
  CoreferenceAccuracy result;
  result.method = model->spec.pointer ? "pointer" : "mas";
  result.outcomes.resize(examples.size());
  Counts counts;
  counts.chosen.resize(examples.size());
  for (std::size_t first = 0; first < examples.size(); first += kShortTextsABatch) {
    std::vector<ReadyExample> batch;
    std::vector<Inputs> inputs;
    for (std::size_t i = first; i < std::min(first + kShortTextsABatch, examples.size()); ++i) {
      try {
        batch.push_back(make_ready(examples[i], *model, tokenizer));
        batch.back().index = i;
        inputs.push_back(batch.back().inputs);
      } catch (const Error& problem) {
        result.outcomes[i].why_skipped = problem.what();
        ++result.n_skipped;
        continue;
      }
      result.n_neither += !examples[i].answer;
    }
    PassOptions options;
    options.pool = pool;
    options.cancel = cancel;
    if (!inputs.empty()) {
      const auto traces = run_batch(model, inputs, interventions, options);
      for (std::size_t k = 0; k < batch.size(); ++k)
        judge(*traces[k], batch[k], examples[batch[k].index], counts, result.outcomes[batch[k].index], pool);
    }
    if (progress)
      progress(std::min(1.0f,
                        static_cast<float>(first + kShortTextsABatch) / static_cast<float>(examples.size())));
  }
  if (!examples.empty() && result.n_skipped == static_cast<int>(examples.size()))
    throw Error("Not one of the " + std::to_string(examples.size()) +
                " examples can be read by this model; the first: " + result.outcomes.front().why_skipped);
  conclude(counts, result);
  return result;
}

std::string to_json(const CoreferenceAccuracy& accuracy, const std::vector<PronounExample>& examples,
                    const std::string& model, bool several_stacks) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  const auto with_share = [&](Json json, const Interval& share) {
    json["accuracy"] = number(share.mean);
    json["low"] = number(share.low);
    json["high"] = number(share.high);
    return json;
  };
  Json heads = Json::array(), skipped = Json::array();
  for (const HeadAccuracy& head : accuracy.heads)
    heads.push_back(with_share({{"head", to_text(head.head, several_stacks)},
                                {"layer", head.head.layer},
                                {"head_index", head.head.head}},
                               head.share));
  for (std::size_t i = 0; i < examples.size(); ++i)
    if (!accuracy.outcomes[i].why_skipped.empty())
      skipped.push_back({{"line", examples[i].line}, {"why", accuracy.outcomes[i].why_skipped}});
  const Json json = {{"model", model},
                     {"n", accuracy.n},
                     {"n_skipped", accuracy.n_skipped},
                     {"n_neither", accuracy.n_neither},
                     {"answer", with_share({{"method", accuracy.method}}, accuracy.answer)},
                     {"baselines",
                      {{"first", with_share(Json::object(), accuracy.first)},
                       {"nearest", with_share(Json::object(), accuracy.nearest)},
                       {"chance", number(accuracy.chance)}}},
                     {"heads", heads},
                     {"skipped", skipped}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace attn
