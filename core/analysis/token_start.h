#pragma once

#include <string>
#include <vector>

#include "core/analysis/projection.h"
#include "core/forward/retrace.h"
#include "core/forward/trace.h"
#include "core/math/pool.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"

namespace attn {

// Where the tokens of one sequence start: their rows of the embedding table and what is added to them.
struct TokenStart {
  Stack stack = Stack::encoder;
  std::vector<int> ids;
  int n_vocab = 0;
  double scale = 1;             // that rows of the table are multiplied by
  RetracedEmbedding embedding;  // all tokens: words, positions, types, their sum, what enters the first layer
  bool has_norm = false;        // a norm or projection between the sum and the first layer
  Matrix similar;               // [n, n] cosines between the first n tokens' rows of the table (n ≤ 96)
};
// Throws Error for a recording and for sequences that are no words.
TokenStart token_start(const Trace& trace, Stack stack);

// What there is of positions to look at.
enum class PositionPicture {
  none,        // nothing: no positions, or an intervention took them away
  learned,     // [positions, D] the table
  sinusoidal,  // [positions, D]
  rotary,      // [positions, pairs] cos of the angle by which each pair of dimensions is turned
  distance,    // [H, distances] what each head of the first layer adds for a distance (ALiBi, T5)
  elsewhere,   // positions work inside the layers, in no such table
};
struct PositionTable {
  PositionPicture picture = PositionPicture::none;
  PositionKind kind = PositionKind::none;  // in force
  bool switched_off = false;               // by an intervention
  Matrix values;                           // empty for none and elsewhere
  int first = 0;                           // the position (or distance) that the first row (column) is of
};
// The first `most` positions, but at least those of the text.
PositionTable position_table(const Trace& trace, Stack stack, int most);

// Words as points of a plane: the distinct tokens of a sequence (the first `most_tokens` of them) and the
// words of the vocabulary nearest to each (`most_near`).
struct WordPoint {
  int id = 0;
  std::string word;
  bool in_text = false;
  std::vector<int> near;  // in_text: the points of its nearest words, most alike first
};
struct WordMap {
  std::vector<WordPoint> words;
  PlaneProjection plane;  // a point a word
};
// Costs a product of the embedding table, V × d, for each distinct token. Throws Cancelled.
WordMap word_map(const Model& model, const Tokenizer& tokenizer, const std::vector<int>& ids, int most_tokens,
                 int most_near, const CancelToken* cancel = nullptr);

}  // namespace attn
