#include "core/analysis/pseudo_likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/analysis/short_texts.h"
#include "core/math/error.h"

namespace attn {

double log_probability(const Row& logits, int id) {
  const double largest = logits.maxCoeff();
  const double sum = (logits.cast<double>().array() - largest).exp().sum();
  return logits(id) - largest - std::log(sum);
}

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Inputs inputs_of(const Encoding& encoding) {
  Inputs inputs;
  inputs.ids = encoding.ids;
  inputs.type_ids = encoding.type_ids;
  return inputs;
}

TextLikelihood masked_likelihood(const std::shared_ptr<const Model>& model, const Tokenizer& tokenizer,
                                 const Encoding& encoding, const Interventions& interventions, Pool* pool,
                                 const CancelToken* cancel) {
  const std::optional<int> mask = tokenizer.mask_id();
  if (!mask)
    throw Error("This model's tokenizer has no mask token, so its words cannot be hidden one at a time.");
  std::vector<int> places;
  for (std::size_t t = 0; t < encoding.ids.size(); ++t)
    if (!encoding.special[t]) places.push_back(static_cast<int>(t));

  TextLikelihood likelihood{std::vector<double>(encoding.ids.size(), kNone), 0};
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  for (std::size_t first = 0; first < places.size(); first += kShortTextsABatch) {
    const std::size_t count = std::min(kShortTextsABatch, places.size() - first);
    std::vector<Inputs> texts(count, inputs_of(encoding));
    for (std::size_t k = 0; k < count; ++k) texts[k].ids[static_cast<std::size_t>(places[first + k])] = *mask;
    const auto traces = run_batch(model, texts, interventions, options);
    for (std::size_t k = 0; k < count; ++k) {
      const int place = places[first + k];
      const std::vector<int> rows = {place};
      const auto at = static_cast<std::size_t>(place);
      likelihood.tokens[at] =
          log_probability(compute_logits(*traces[k], rows, pool).row(0), encoding.ids[at]);
      likelihood.sum += likelihood.tokens[at];
    }
  }
  return likelihood;
}

TextLikelihood causal_likelihood(const std::shared_ptr<const Model>& model, const Encoding& encoding,
                                 const Interventions& interventions, Pool* pool, const CancelToken* cancel) {
  TextLikelihood likelihood{std::vector<double>(encoding.ids.size(), kNone), 0};
  if (encoding.ids.empty()) return likelihood;
  Inputs inputs;
  inputs.ids = encoding.ids;
  // The first word is judged too when a beginning-of-text token stands before it.
  const int bos = model->spec.bos_id;
  const bool prepend = bos >= 0 && inputs.ids.front() != bos;
  if (prepend) inputs.ids.insert(inputs.ids.begin(), bos);
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  const auto trace = run_pass(model, inputs, interventions, options);
  const std::size_t shift = prepend ? 1 : 0;
  for (std::size_t t = prepend ? 0 : 1; t < encoding.ids.size(); ++t) {
    if (encoding.special[t]) continue;
    const std::vector<int> rows = {static_cast<int>(t + shift) - 1};
    likelihood.tokens[t] = log_probability(compute_logits(*trace, rows, pool).row(0), encoding.ids[t]);
    likelihood.sum += likelihood.tokens[t];
  }
  return likelihood;
}

}  // namespace

TextLikelihood text_likelihood(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                               const Encoding& encoding, const Interventions& interventions, Pool* pool,
                               const CancelToken* cancel) {
  if (model->spec.output == OutputKind::masked_words)
    return masked_likelihood(model, tokenizer, encoding, interventions, pool, cancel);
  if (model->spec.output == OutputKind::next_words && !model->spec.is_encoder_decoder())
    return causal_likelihood(model, encoding, interventions, pool, cancel);
  throw Error("This model cannot say how likely a text is: it predicts neither masked nor next words of it.");
}

SubstitutionAnswer substitution_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                                       const std::string& text, const Mention& pronoun,
                                       std::span<const Mention> candidates,
                                       const Interventions& interventions, Pool* pool,
                                       const CancelToken* cancel) {
  SubstitutionAnswer result{{"substitution", {}, {}}, {}};
  for (const Mention& candidate : candidates) {
    const std::string word = text.substr(candidate.begin, candidate.end - candidate.begin);
    Substitution substitution;
    substitution.text = text.substr(0, pronoun.begin) + word + text.substr(pronoun.end);
    const Encoding encoding = tokenizer.encode(substitution.text);
    const TextLikelihood likelihood =
        text_likelihood(model, tokenizer, encoding, interventions, pool, cancel);
    substitution.sum = likelihood.sum;
    for (const int token : tokens_between(encoding, pronoun.begin, pronoun.begin + word.size())) {
      const double value = likelihood.tokens[static_cast<std::size_t>(token)];
      if (!std::isnan(value)) substitution.candidate += value;
    }
    substitution.rest = substitution.sum - substitution.candidate;
    result.answer.scores.push_back(substitution.sum);
    result.texts.push_back(std::move(substitution));
  }
  return result;
}

}  // namespace attn
