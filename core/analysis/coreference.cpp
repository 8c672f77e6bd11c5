#include "core/analysis/coreference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/model/model.h"

namespace attn {

double word_weight(const HeadWeights& weights, std::span<const int> from, std::span<const int> to) {
  assert(!from.empty());
  double sum = 0;
  for (const int query : from)
    for (const int key : to) sum += weights.at(query, key);
  return sum / static_cast<double>(from.size());
}

double signed_margin(std::span<const double> values) {
  if (values.empty()) return 0;
  if (values.size() == 1) return values[0];
  return values[0] - *std::max_element(values.begin() + 1, values.end());
}

HeadCoreference connect(const HeadWeights& weights, const HeadId& head, std::span<const int> pronoun,
                        std::span<const Mention> candidates) {
  HeadCoreference result{head, {}, {}, 0};
  for (const Mention& candidate : candidates) {
    result.to_candidates.push_back(word_weight(weights, pronoun, candidate.tokens));
    result.from_candidates.push_back(word_weight(weights, candidate.tokens, pronoun));
  }
  result.margin = signed_margin(result.to_candidates);
  return result;
}

std::vector<HeadCoreference> rank_heads(const Trace& trace, Stack stack, std::span<const int> pronoun,
                                        std::span<const Mention> candidates, Pool* pool) {
  assert(stack != Stack::cross);
  std::vector<HeadId> ids;
  for (int layer = 0; layer < trace.n_layers(stack); ++layer)
    for (int head = 0; head < trace.n_heads(stack); ++head)
      if (trace.weights({stack, layer, head})) ids.push_back({stack, layer, head});

  std::vector<HeadCoreference> heads(ids.size());
  parallel_for(pool, static_cast<std::ptrdiff_t>(ids.size()), [&](std::ptrdiff_t h) {
    const HeadId& id = ids[static_cast<std::size_t>(h)];
    heads[static_cast<std::size_t>(h)] = connect(*trace.weights(id), id, pronoun, candidates);
  });
  std::stable_sort(heads.begin(), heads.end(), [](const HeadCoreference& a, const HeadCoreference& b) {
    return std::abs(a.margin) > std::abs(b.margin);
  });
  return heads;
}

std::optional<int> CoreferenceAnswer::best() const {
  if (scores.empty()) return std::nullopt;
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

double CoreferenceAnswer::lead() const {
  const std::optional<int> first = best();
  if (!first) return 0;
  const double highest = scores[static_cast<std::size_t>(*first)];
  std::optional<double> next;
  for (std::size_t c = 0; c < scores.size(); ++c)
    if (static_cast<int>(c) != *first && (!next || scores[c] > *next)) next = scores[c];
  return next ? highest - *next : highest;
}

double undecided_below(std::string_view method) {
  return method.starts_with("mas") ? 0.01 : 0.1;
}

std::optional<int> CoreferenceAnswer::decided() const {
  // A likelihood says nothing about a candidate that stands alone.
  if (scores.size() == 1 && scores[0] < 0) return best();
  return lead() >= undecided_below(method) ? best() : std::nullopt;
}

CoreferenceAnswer pointer_answer(const Trace& trace, std::span<const int> pronoun,
                                 std::span<const Mention> candidates) {
  CoreferenceAnswer answer{"pointer", {}, {}};
  if (!trace.model || !trace.model->spec.pointer) {
    answer.why_not = "This model has no head that was trained to point at what a pronoun means.";
    return answer;
  }
  const PointerSpec& pointer = *trace.model->spec.pointer;
  const HeadId id{trace.model->spec.encoder ? Stack::encoder : Stack::decoder, pointer.layer, pointer.head};
  if (trace.interventions.heads_off.contains(id)) {
    answer.why_not = "The pointing head " + to_text(id) + " is switched off.";
    return answer;
  }
  const auto layer = trace.interventions.layers.find({id.stack, id.layer});
  if (layer != trace.interventions.layers.end() && !layer->second.attention) {
    answer.why_not = "The attention of layer " + std::to_string(id.layer) +
                     ", where the pointing head is, is switched off.";
    return answer;
  }
  const std::optional<HeadWeights> weights = trace.weights(id);
  if (!weights) {
    answer.why_not = "The weights of the pointing head " + to_text(id) + " are not there yet.";
    return answer;
  }
  answer.scores = connect(*weights, id, pronoun, candidates).to_candidates;
  return answer;
}

CoreferenceAnswer attention_score_answer(std::span<const HeadCoreference> heads, MasDirection direction) {
  const bool from_pronoun = direction == MasDirection::from_pronoun;
  CoreferenceAnswer answer{from_pronoun ? "mas" : "mas-reversed", {}, {}};
  std::vector<double> kept;
  double total = 0;
  for (const HeadCoreference& head : heads) {
    const std::vector<double>& weights = from_pronoun ? head.to_candidates : head.from_candidates;
    kept.resize(weights.size());
    const auto best = std::max_element(weights.begin(), weights.end());
    if (best == weights.end()) continue;
    kept[static_cast<std::size_t>(best - weights.begin())] += *best;
    total += *best;
  }
  if (!(total > 0)) {
    answer.why_not = "No head puts any weight between the pronoun and a candidate.";
    return answer;
  }
  for (const double weight : kept) answer.scores.push_back(weight / total);
  return answer;
}

std::string to_json(const CoreferenceReport& report) {
  using Json = nlohmann::ordered_json;
  const bool can_say = report.answer.best().has_value();
  const std::optional<int> answer = report.answer.decided();
  Json candidates = Json::array();
  for (std::size_t c = 0; c < report.candidates.size(); ++c) {
    const Mention& candidate = report.candidates[c];
    candidates.push_back({{"word", candidate.word},
                          {"indices", candidate.tokens},
                          {"score", can_say ? Json(report.answer.scores[c]) : Json(nullptr)}});
  }
  Json heads = Json::array();
  for (const HeadCoreference& head : report.heads)
    heads.push_back({{"head", to_text(head.head, report.several_stacks)},
                     {"layer", head.head.layer},
                     {"head_index", head.head.head},
                     {"to_candidates", head.to_candidates},
                     {"from_candidates", head.from_candidates},
                     {"margin", head.margin}});
  const int index = report.pronoun.tokens.empty() ? -1 : report.pronoun.tokens.front();
  const bool known = index >= 0 && index < static_cast<int>(report.tokens.size());
  const Json json = {
      {"model", report.model},
      {"text", report.text},
      {"tokens", report.tokens},
      {"pronoun",
       {{"token", known ? report.tokens[static_cast<std::size_t>(index)] : report.pronoun.word},
        {"index", index}}},
      {"candidates", candidates},
      {"answer", answer ? Json(report.candidates[static_cast<std::size_t>(*answer)].word) : Json(nullptr)},
      {"method", report.answer.method},
      {"undecided_below", undecided_below(report.answer.method)},
      {"why_not", can_say ? Json(nullptr) : Json(report.answer.why_not)},
      {"heads", heads}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace attn
