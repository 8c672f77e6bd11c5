#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/forward/pass.h"
#include "core/text/tokenizer.h"

namespace attn {

// One entry of the output head at one place.
struct Prediction {
  int id = -1;
  std::string name;  // a token as the tokenizer spells it, or the label that config.json names
  float logit = 0;
  double probability = 0;  // softmax over the row
};

// What the output head calls its entry `id`: "LABEL_3", "animal"; the number where nobody names it.
std::string output_name(const ModelSpec& spec, const Tokenizer* tokenizer, int id);

// The `most` likeliest entries of one row of logits, the likeliest first; of equals the first.
std::vector<Prediction> most_likely(const ModelSpec& spec, const Tokenizer* tokenizer,
                                    std::span<const float> logits, int most);
// One entry of the row, with its probability. Throws Error when the row has no such entry.
Prediction prediction_of(const ModelSpec& spec, const Tokenizer* tokenizer, std::span<const float> logits,
                         int id);
// How many entries of the row are likelier than `id`.
int rank_of(std::span<const float> logits, int id);

// The token that stands for a masked word. Few configs name it; every tokenizer of such a model does.
std::optional<int> mask_token(const ModelSpec& spec, const Tokenizer* tokenizer);

// The same inputs with these tokens (of the text) covered by the mask token.
Inputs with_masked(const Inputs& inputs, std::span<const int> tokens, int mask_id);

// The answer to a question of a text: the span with the largest start + end logit, of at most
// `longest` tokens, among `allowed` (empty: all). logits: [T, 2].
struct AnswerSpan {
  int begin = -1, end = -1;  // tokens, both included; -1: there is none
  double probability = 0;    // p(start = begin) p(end = end)
};
// Which tokens may answer: never the question itself, where the text that holds the answer stands apart.
std::vector<bool> may_answer(const Encoding& source);
AnswerSpan best_span(const Matrix& logits, const std::vector<bool>& allowed, int longest = 15);

// The logit lens at every token: what each layer's residual stream would say (see core/analysis/lens.h).
struct LensCell {
  int id = -1;  // the likeliest word
  float probability = 0;
  float of_answer = 0;  // the probability of what the model says in the end
};
struct LensTable {
  int n_rows = 0, n_tokens = 0;    // n_layers + 1, T
  std::vector<LensCell> cells;     // [n_rows, n_tokens]
  std::vector<std::string> names;  // of the cells, as output_name has them
  const LensCell& at(int row, int token) const {
    return cells[static_cast<std::size_t>(row) * static_cast<std::size_t>(n_tokens) +
                 static_cast<std::size_t>(token)];
  }
  const std::string& name(int row, int token) const {
    return names[static_cast<std::size_t>(row) * static_cast<std::size_t>(n_tokens) +
                 static_cast<std::size_t>(token)];
  }
};
// `tokens`: for these places only (columns of the others stay empty, id -1); empty: all. on_token is called
// after each with the table so far. Throws Error where logit_lens does, and Cancelled.
LensTable lens_table(const Trace& trace, const Tokenizer* tokenizer, std::span<const int> tokens = {},
                     Pool* pool = nullptr, const CancelToken* cancel = nullptr,
                     const std::function<void(const LensTable&, int n_done)>& on_token = {});

}  // namespace attn
