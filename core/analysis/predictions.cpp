#include "core/analysis/predictions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/lens.h"
#include "core/math/error.h"

namespace attn {

namespace {

bool says_labels(const ModelSpec& spec) {
  return spec.output == OutputKind::sequence_label || spec.output == OutputKind::token_label;
}

// Σ exp(logit - largest), the softmax's denominator.
double denominator(std::span<const float> logits, float largest) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - static_cast<double>(largest));
  return sum;
}

double probability(float logit, float largest, double sum) {
  return std::exp(static_cast<double>(logit) - static_cast<double>(largest)) / sum;
}

std::span<const float> row_of(const Matrix& logits, Index row) {
  return {logits.data() + row * logits.cols(), static_cast<std::size_t>(logits.cols())};
}

}  // namespace

std::string output_name(const ModelSpec& spec, const Tokenizer* tokenizer, int id) {
  std::string name;
  if (says_labels(spec)) {
    const auto at = static_cast<std::size_t>(id);
    if (id >= 0 && at < spec.label_names.size()) name = spec.label_names[at];
  } else if (tokenizer) {
    name = tokenizer->token(id);
  }
  return name.empty() ? std::to_string(id) : name;
}

std::vector<Prediction> most_likely(const ModelSpec& spec, const Tokenizer* tokenizer,
                                    std::span<const float> logits, int most) {
  if (logits.empty()) return {};
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto n = static_cast<std::ptrdiff_t>(std::min(logits.size(), static_cast<std::size_t>(most)));
  const auto at = [&](int id) { return logits[static_cast<std::size_t>(id)]; };
  std::partial_sort(order.begin(), order.begin() + n, order.end(),
                    [&](int a, int b) { return at(a) > at(b) || (at(a) == at(b) && a < b); });
  const float largest = at(order[0]);
  const double sum = denominator(logits, largest);
  std::vector<Prediction> out;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const int id = order[static_cast<std::size_t>(i)];
    out.push_back({id, output_name(spec, tokenizer, id), at(id), probability(at(id), largest, sum)});
  }
  return out;
}

Prediction prediction_of(const ModelSpec& spec, const Tokenizer* tokenizer, std::span<const float> logits,
                         int id) {
  if (id < 0 || static_cast<std::size_t>(id) >= logits.size())
    throw Error("There is no entry " + std::to_string(id) + " among the model's " +
                std::to_string(logits.size()) + " outputs.");
  const float largest = *std::max_element(logits.begin(), logits.end());
  const float logit = logits[static_cast<std::size_t>(id)];
  return {id, output_name(spec, tokenizer, id), logit,
          probability(logit, largest, denominator(logits, largest))};
}

int rank_of(std::span<const float> logits, int id) {
  const float own = logits[static_cast<std::size_t>(id)];
  return static_cast<int>(std::count_if(logits.begin(), logits.end(), [&](float l) { return l > own; }));
}

std::optional<int> mask_token(const ModelSpec& spec, const Tokenizer* tokenizer) {
  if (tokenizer && tokenizer->mask_id()) return tokenizer->mask_id();
  return spec.mask_id >= 0 ? std::optional(spec.mask_id) : std::nullopt;
}

Inputs with_masked(const Inputs& inputs, std::span<const int> tokens, int mask_id) {
  Inputs masked = inputs;
  for (const int token : tokens) {
    if (token >= 0 && token < static_cast<int>(masked.ids.size()))
      masked.ids[static_cast<std::size_t>(token)] = mask_id;
  }
  return masked;
}

std::vector<bool> may_answer(const Encoding& source) {
  const bool pair = std::find(source.type_ids.begin(), source.type_ids.end(), 1) != source.type_ids.end();
  std::vector<bool> allowed(source.ids.size());
  for (std::size_t t = 0; t < allowed.size(); ++t)
    allowed[t] = !source.special[t] && (!pair || source.type_ids[t] == 1);
  return allowed;
}

AnswerSpan best_span(const Matrix& logits, const std::vector<bool>& allowed, int longest) {
  AnswerSpan best;
  if (logits.rows() == 0 || logits.cols() < 2) return best;
  const auto may = [&](Index t) { return allowed.empty() || allowed[static_cast<std::size_t>(t)]; };
  float most = 0;
  for (Index b = 0; b < logits.rows(); ++b) {
    if (!may(b)) continue;
    const Index last = std::min<Index>(logits.rows(), b + longest);
    for (Index e = b; e < last && may(e); ++e) {
      const float score = logits(b, 0) + logits(e, 1);
      if (best.begin >= 0 && !(score > most)) continue;
      most = score;
      best.begin = static_cast<int>(b);
      best.end = static_cast<int>(e);
    }
  }
  if (best.begin < 0) return best;
  const auto share = [&](Index column, int at) {
    const float largest = logits.col(column).maxCoeff();
    const double sum = (logits.col(column).cast<double>().array() - static_cast<double>(largest)).exp().sum();
    return probability(logits(at, column), largest, sum);
  };
  best.probability = share(0, best.begin) * share(1, best.end);
  return best;
}

LensTable lens_table(const Trace& trace, const Tokenizer* tokenizer, std::span<const int> tokens, Pool* pool,
                     const CancelToken* cancel,
                     const std::function<void(const LensTable&, int n_done)>& on_token) {
  const StackTrace& layers = trace.decoder.layers.empty() ? trace.encoder : trace.decoder;
  LensTable table;
  table.n_rows = static_cast<int>(layers.layers.size()) + 1;
  table.n_tokens = static_cast<int>(layers.output.rows());
  const auto n_cells = static_cast<std::size_t>(table.n_rows) * static_cast<std::size_t>(table.n_tokens);
  table.cells.resize(n_cells);
  table.names.resize(n_cells);
  std::vector<int> places(tokens.begin(), tokens.end());
  if (places.empty()) {
    places.resize(static_cast<std::size_t>(table.n_tokens));
    std::iota(places.begin(), places.end(), 0);
  }
  int n_done = 0;
  for (const int token : places) {
    throw_if_cancelled(cancel);
    const Matrix logits = logit_lens(trace, token, pool);
    Index answer = 0;
    logits.row(logits.rows() - 1).maxCoeff(&answer);
    for (int row = 0; row < table.n_rows; ++row) {
      const std::span<const float> own = row_of(logits, row);
      Index best = 0;
      const float largest = logits.row(row).maxCoeff(&best);
      const double sum = denominator(own, largest);
      const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(table.n_tokens) +
                      static_cast<std::size_t>(token);
      table.cells[at] = {static_cast<int>(best), static_cast<float>(1 / sum),
                         static_cast<float>(probability(logits(row, answer), largest, sum))};
      table.names[at] = output_name(trace.model->spec, tokenizer, static_cast<int>(best));
    }
    if (on_token) on_token(table, ++n_done);
  }
  return table;
}

}  // namespace attn
