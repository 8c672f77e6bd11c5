#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/forward/trace.h"

namespace attn {

// What a kind of head should look at, as a 0/1 matrix D [T, T] (row = query, column = key), and how much of a
// head's weight lies there. Definitions of TransformerLens (head_detector.py); D is lower triangular, as they
// are made for models that read from left to right.

// D[i, i-1] = 1.
Matrix previous_token_pattern(Index n_tokens);
// D[i, j] = 1 where j < i and the token at j is the token at i.
Matrix duplicate_token_pattern(std::span<const int> ids);
// D[i, j] = 1 where 0 < j <= i and the token at j - 1 is an earlier copy of the token at i: "what came after
// this token the last times".
Matrix induction_pattern(std::span<const int> ids);

struct DetectorOptions {
  bool exclude_first = false;  // leave out column 0 (beginning of text), where heads rest
  bool exclude_self = false;   // leave out the diagonal
};

// Σ A ⊙ D / Σ A over the cells that are not excluded; 0 when nothing is left. Self-attention only: A and D
// [T, T].
double detector_score(const HeadWeights& weights, const Matrix& pattern, const DetectorOptions& options = {});

// Numbers that stand for tokens, so that equal tokens are equal: the ids, or for a recording, which has none,
// the places of the token strings.
std::vector<int> token_identities(const Trace& trace, Stack stack);

// [bos] + n random tokens + the same n tokens again. Ids are drawn from [0, n_vocab) without `avoid`; the
// same seed gives the same tokens on every machine. bos < 0: none in front.
std::vector<int> repeated_random_ids(int n_vocab, int period, std::uint64_t seed, int bos = -1,
                                     std::span<const int> avoid = {});

// How strongly a head follows a place, on a text of repeated_random_ids(period).
struct PositionalScores {
  double previous = 0;   // mean A[i, i-1] over all i >= 1
  double duplicate = 0;  // mean A[i, i-n] over the second half
  double induction = 0;  // mean A[i, i-n+1] over the second half (Olsson et al. 2022: prefix matching)
};

// `start`: where the first period begins (1 behind a bos token). weights: [start + 2 period, same].
PositionalScores positional_scores(const HeadWeights& weights, int period, int start);

}  // namespace attn
