#include "core/analysis/word_answer.h"

#include "core/analysis/pseudo_likelihood.h"
#include "core/forward/pass.h"
#include "core/model/model.h"

namespace attn {

std::optional<int> token_in_place(const Tokenizer& tokenizer, const std::string& text, const Mention& pronoun,
                                  const Mention& candidate) {
  const std::string word = text.substr(candidate.begin, candidate.end - candidate.begin);
  const Encoding encoding = tokenizer.encode(text.substr(0, pronoun.begin) + word + text.substr(pronoun.end));
  const std::vector<int> tokens = tokens_between(encoding, pronoun.begin, pronoun.begin + word.size());
  if (tokens.size() != 1) return std::nullopt;
  const int id = encoding.ids[static_cast<std::size_t>(tokens.front())];
  return id == tokenizer.unknown_id() ? std::nullopt : std::optional(id);
}

namespace {

CoreferenceAnswer answer_at_pronoun(bool hides_pronoun, std::string method,
                                    std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                                    const std::string& text, const Mention& pronoun,
                                    std::span<const Mention> candidates, const Interventions& interventions,
                                    Pool* pool, const CancelToken* cancel) {
  CoreferenceAnswer answer{std::move(method), {}, {}};
  const OutputKind output = model->spec.output;
  const bool masked = output == OutputKind::masked_words;
  if (model->spec.is_encoder_decoder() || (!masked && output != OutputKind::next_words)) {
    answer.why_not = "This model writes no words in the pronoun's place.";
    return answer;
  }
  std::vector<int> wanted;
  for (const Mention& candidate : candidates) {
    const std::optional<int> id = token_in_place(tokenizer, text, pronoun, candidate);
    if (!id) {
      answer.why_not = "\"" + candidate.word + "\" is not one known token in the pronoun's place.";
      return answer;
    }
    wanted.push_back(*id);
  }
  const Encoding encoding = tokenizer.encode(text);
  const std::vector<int> places = tokens_between(encoding, pronoun.begin, pronoun.end);
  if (places.size() != 1 || (masked ? !tokenizer.mask_id() : places.front() == 0)) {
    answer.why_not = masked ? "The pronoun is not one token that can be masked."
                            : "Nothing stands before the pronoun that could foretell it.";
    return answer;
  }
  Inputs inputs;
  inputs.ids = encoding.ids;
  inputs.type_ids = encoding.type_ids;
  if (masked && hides_pronoun) inputs.ids[static_cast<std::size_t>(places.front())] = *tokenizer.mask_id();
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  const auto trace = run_pass(model, inputs, interventions, options);
  const std::vector<int> rows = {masked ? places.front() : places.front() - 1};
  const Row logits = compute_logits(*trace, rows, pool).row(0);
  for (const int id : wanted) answer.scores.push_back(log_probability(logits, id));
  return answer;
}

}  // namespace

CoreferenceAnswer word_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                              const std::string& text, const Mention& pronoun,
                              std::span<const Mention> candidates, const Interventions& interventions,
                              Pool* pool, const CancelToken* cancel) {
  return answer_at_pronoun(true, "word", std::move(model), tokenizer, text, pronoun, candidates,
                           interventions, pool, cancel);
}

CoreferenceAnswer named_answer(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                               const std::string& text, const Mention& pronoun,
                               std::span<const Mention> candidates, const Interventions& interventions,
                               Pool* pool, const CancelToken* cancel) {
  if (model->spec.names_at.empty())
    return {"named", {}, "This model was not trained to name what a pronoun stands for."};
  return answer_at_pronoun(false, "named", std::move(model), tokenizer, text, pronoun, candidates,
                           interventions, pool, cancel);
}

}  // namespace attn
