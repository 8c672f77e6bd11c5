#include "app/views/coreference/words_in_place.h"

#include "core/analysis/word_answer.h"
#include "core/model/model.h"

namespace attn::app {

std::vector<int> candidate_ids(const Side& side, const CorefQuestion& question) {
  std::vector<int> ids;
  for (const Mention& candidate : question.candidates) {
    const std::optional<int> id =
        token_in_place(*side.loaded.tokenizer, question.text, question.pronoun, candidate);
    if (!id)
      throw WordedError(worded("coref.not_one_token",
                               "“{word}” is not one known token in the pronoun's place.",
                               {{"word", candidate.word}}));
    ids.push_back(*id);
  }
  return ids;
}

WordedError two_candidates_needed() {
  return WordedError(
      worded("coref.two_candidates", "A word is measured against another: choose two candidates."));
}

AskedInPlace ask_in_place(const Side& side, const CorefQuestion& question) {
  AskedInPlace asked{side.text.inputs, question.pronoun.tokens.front()};
  if (side.loaded.model->spec.output == OutputKind::masked_words) {
    const std::optional<int> mask = side.loaded.tokenizer->mask_id();
    if (!mask) throw WordedError(worded("coref.no_mask", "This model's tokenizer has no mask token."));
    for (const int token : question.pronoun.tokens) asked.inputs.ids[static_cast<std::size_t>(token)] = *mask;
  } else if (--asked.row < 0) {
    throw WordedError(
        worded("coref.nothing_before", "Nothing stands before the pronoun that could foretell it."));
  }
  return asked;
}

}  // namespace attn::app
