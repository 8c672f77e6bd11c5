#include "app/views/predictions/said.h"

#include <algorithm>
#include <cmath>

#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

std::span<const float> row_of(const Matrix& logits, Index row) {
  return {logits.data() + row * logits.cols(), static_cast<std::size_t>(logits.cols())};
}

// The side's own Trace, or one of the same text with words covered.
std::shared_ptr<const Trace> covered(const Side& side, const std::vector<int>& masked, Pool* pool,
                                     const CancelToken* cancel) {
  if (masked.empty()) return side.trace;
  const Model& model = *side.loaded.model;
  const std::optional<int> mask = mask_token(model.spec, side.loaded.tokenizer.get());
  if (!mask) throw Error("This model's tokenizer has no mask token, so no word can be covered.");
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  return run_pass(side.loaded.model, with_masked(side.trace->inputs, masked, *mask),
                  side.trace->interventions, options);
}

std::string spelled(const Side& side, const AnswerSpan& span) {
  if (span.begin < 0) return {};
  const Encoding& source = side.text.source;
  const auto b = static_cast<std::size_t>(span.begin), e = static_cast<std::size_t>(span.end);
  const bool in_pair = source.type_ids[b] == 1 && side.subject.pair;
  const std::string& text = in_pair ? *side.subject.pair : side.subject.text;
  if (source.end[e] > text.size() || source.begin[b] > source.end[e]) return {};
  return text.substr(source.begin[b], source.end[e] - source.begin[b]);
}

// What really stands in the place that the row speaks of: the word itself, or the next one.
int own_id(const ModelSpec& spec, const Trace& trace, int row) {
  const std::vector<int>& ids = spec.is_encoder_decoder() ? trace.inputs.target_ids : trace.inputs.ids;
  const std::size_t at = static_cast<std::size_t>(row) + (spec.output == OutputKind::next_words ? 1 : 0);
  const bool words = spec.output == OutputKind::next_words || spec.output == OutputKind::masked_words;
  return words && at < ids.size() ? ids[at] : -1;
}

double sigmoid(float x) {
  return 1 / (1 + std::exp(-static_cast<double>(x)));
}

struct Reader {
  const ModelSpec& spec;
  const Tokenizer* tokenizer;
  int most;

  std::vector<Prediction> read(std::span<const float> logits) const {
    if (spec.output != OutputKind::replaced_words) return most_likely(spec, tokenizer, logits, most);
    return {{0, {}, logits[0], sigmoid(logits[0])}};
  }
};

}  // namespace

std::string SaidWish::key(std::uint64_t side, std::uint64_t baseline) const {
  std::string key = "predictions.said " + std::to_string(side) + " " + std::to_string(baseline) + " " +
                    std::to_string(most) + " rows";
  for (const int row : rows) key += " " + std::to_string(row);
  key += " masked";
  for (const int token : masked) key += " " + std::to_string(token);
  return key;
}

const std::vector<std::string>& output_tokens(const Trace& trace) {
  return trace.target_tokens.empty() ? trace.tokens : trace.target_tokens;
}

std::vector<int> pieces_of_word(const Side& side, int token) {
  const std::vector<int>& words = side.text.source.words;
  const auto at = static_cast<std::size_t>(token);
  if (at >= words.size() || words[at] < 0) return {token};
  std::vector<int> pieces;
  for (std::size_t t = 0; t < words.size(); ++t) {
    const bool same_text =
        side.text.source.type_ids.empty() || side.text.source.type_ids[t] == side.text.source.type_ids[at];
    if (words[t] == words[at] && same_text) pieces.push_back(static_cast<int>(t));
  }
  return pieces;
}

bool comes_after_pointer(const ModelSpec& spec, const HeadId& head) {
  if (!spec.pointer) return false;
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  if (head.stack != stack) return false;
  return head.layer > spec.pointer->layer ||
         (head.layer == spec.pointer->layer && head.head != spec.pointer->head);
}

Said what_is_said(const Side& side, const Side* baseline, const SaidWish& wish, Pool* pool,
                  const CancelToken* cancel) {
  if (!side.loaded.model) throw Error("This is a recording: it has no output layer that could say anything.");
  const ModelSpec& spec = side.loaded.model->spec;
  if (spec.output == OutputKind::none) throw Error("This model has no output layer.");
  const bool covers = spec.output == OutputKind::masked_words;
  const std::vector<int> masked = covers ? wish.masked : std::vector<int>{};
  // A label of the whole text, or of the answer's span, needs every row at once.
  const bool needs_all = spec.output == OutputKind::sequence_label || spec.output == OutputKind::question;
  const std::vector<int> rows = needs_all ? std::vector<int>{} : wish.rows;
  const auto logits_of = [&](const Side& of) {
    return compute_logits(*covered(of, masked, pool, cancel), rows, pool);
  };
  const Matrix now = logits_of(side);
  throw_if_cancelled(cancel);
  const Matrix before = baseline ? logits_of(*baseline) : Matrix();

  Said said;
  said.side = side.id;
  said.kind = spec.output;
  if (spec.output == OutputKind::question) {
    said.span = best_span(now, may_answer(side.text.source));
    said.answer = spelled(side, said.span);
    if (baseline) {
      said.span_before = best_span(before, may_answer(baseline->text.source));
      said.answer_before = spelled(*baseline, said.span_before);
    }
    return said;
  }
  const Tokenizer* tokenizer = side.loaded.tokenizer.get();
  const Reader reader{spec, tokenizer, wish.most};
  const std::vector<std::string>& tokens = output_tokens(*side.trace);
  for (Index r = 0; r < now.rows(); ++r) {
    Place place;
    if (spec.output != OutputKind::sequence_label)
      place.token = rows.empty() ? static_cast<int>(r) : rows[static_cast<std::size_t>(r)];
    if (place.token >= 0 && place.token < static_cast<int>(tokens.size()))
      place.name = readable_token(tokens, static_cast<std::size_t>(place.token));
    place.masked = std::find(masked.begin(), masked.end(), place.token) != masked.end();
    place.now = reader.read(row_of(now, r));
    if (baseline) place.before = reader.read(row_of(before, r));
    if (const int own = place.token < 0 ? -1 : own_id(spec, *side.trace, place.token); own >= 0) {
      place.own_now = prediction_of(spec, tokenizer, row_of(now, r), own);
      place.own_rank = rank_of(row_of(now, r), own);
      if (baseline) place.own_before = prediction_of(spec, tokenizer, row_of(before, r), own);
    }
    said.places.push_back(std::move(place));
  }
  return said;
}

}  // namespace attn::app
