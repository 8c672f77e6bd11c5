#include "app/window/first_selection.h"

#include <algorithm>

#include "core/analysis/mentions.h"
#include "core/analysis/notable_head.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"
#include "core/text/unicode.h"

namespace attn::app {

namespace {

// A lower head "looks at the reason" from here on.
constexpr float kReasonWeight = 0.5f;

// The first token that is one of the words which the pointing head answers for; -1: there is none.
int first_asked_token(const Trace& trace, const PointerSpec& pointer) {
  for (std::size_t t = 0; t < trace.tokens.size(); ++t) {
    const std::string token = unicode::lower_case(readable_token(trace.tokens[t]));
    if (std::find(pointer.asked_at.begin(), pointer.asked_at.end(), token) != pointer.asked_at.end())
      return static_cast<int>(t);
  }
  return -1;
}

// The head below the pointing one that looks most from `query` at `word`, the reason; nullopt: none does.
std::optional<HeadId> reason_head(const Trace& trace, const HeadId& pointing, int query,
                                  const std::string& word) {
  std::optional<HeadId> best;
  float most = 0;
  for (std::size_t t = 0; t < trace.tokens.size(); ++t) {
    if (unicode::lower_case(readable_token(trace.tokens[t])) != unicode::lower_case(word)) continue;
    for (int layer = 0; layer < pointing.layer; ++layer) {
      for (int head = 0; head < trace.n_heads(pointing.stack); ++head) {
        const std::optional<HeadWeights> weights = trace.weights({pointing.stack, layer, head});
        const float weight = weights ? weights->at(query, static_cast<Index>(t)) : 0;
        if (weight < kReasonWeight || weight <= most) continue;
        most = weight;
        best = HeadId{pointing.stack, layer, head};
      }
    }
  }
  return best;
}

// Nothing was supervised in this model, or not one head.
HeadId first_head(const ModelSpec& spec, const Trace& trace) {
  if (spec.alignment_head && trace.attention(Stack::cross, spec.alignment_head->layer))
    return *spec.alignment_head;
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  if (!spec.encoder)
    if (const std::optional<HeadId> notable = notable_head(trace, stack)) return *notable;
  return {stack, 0, 0};
}

// Whose looks are worth seeing first where nothing says so: the first pronoun, else the last word of the
// text. -1: it has none but special tokens.
int telling_token(const Side& side) {
  const std::vector<std::string>& tokens = side.trace->tokens;
  const std::vector<bool>& special = side.text.source.special;
  int last = -1;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (t < special.size() && special[t]) continue;
    const std::string word = unicode::lower_case(readable_token(tokens[t]));
    const bool is_mark = word.find_first_not_of(" .,;:!?()\"'") == std::string::npos;
    if (is_mark && last >= 0) continue;
    last = static_cast<int>(t);
    for (const std::string_view pronoun : third_person_pronouns())
      if (word == pronoun) return last;
  }
  return last;
}

bool is_untouched(const Study& study) {
  return study.selection.head == HeadId{} && study.selection.shown.empty();
}

}  // namespace

Study with_first_selection(const Study& study, const Side& side) {
  Study next = study;
  const Trace& trace = *side.trace;
  Selection& selection = next.selection;
  const bool reads_words = !side.text.media && !side.trace->tokens.empty();
  if (!side.loaded.model) {  // a recording
    if (selection.query < 0 && reads_words && selection.head.stack != Stack::cross &&
        trace.target_tokens.empty())
      selection.query = telling_token(side);
    return next;
  }
  const ModelSpec& spec = side.loaded.model->spec;
  if (!spec.pointer) {
    const bool stays = !is_untouched(study) && trace.attention(selection.head.stack, selection.head.layer);
    if (!stays) selection.head = first_head(spec, trace);
    // The queries of a translator's decoder and of its cross attention are the target's tokens.
    const bool of_text = selection.head.stack == (spec.encoder ? Stack::encoder : Stack::decoder);
    if (!of_text && !stays) {
      selection.query = -1;
      selection.key.reset();
    }
    if (of_text && selection.query < 0 && reads_words) selection.query = telling_token(side);
    return next;
  }

  const HeadId pointing{spec.encoder ? Stack::encoder : Stack::decoder, spec.pointer->layer,
                        spec.pointer->head};
  selection.head = pointing;
  selection.shown = {pointing};
  if (selection.query < 0) selection.query = first_asked_token(trace, *spec.pointer);
  if (selection.query < 0 || !study.twin) return next;
  const std::string& reason = study.flipped ? study.twin->alternative : study.twin->word;
  if (const std::optional<HeadId> lower = reason_head(trace, pointing, selection.query, reason))
    selection.shown.push_back(*lower);
  return next;
}

}  // namespace attn::app
