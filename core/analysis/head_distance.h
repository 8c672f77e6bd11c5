#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/forward/trace.h"
#include "core/math/pool.h"

namespace attn {

// Jensen-Shannon divergence of two distributions, in nats, 0 … ln 2 (Lin 1991):
//   JS(p, q) = H((p + q) / 2) - (H(p) + H(q)) / 2
// Two rows without any weight are alike (0); one such row and another are as far apart as can be (ln 2).
double jensen_shannon(std::span<const float> p, std::span<const float> q);

// Mean over the rows of JS(A_i, B_i) (Clark et al. 2019, section 6, sum the same over tokens). Same shape.
double head_distance(const HeadWeights& a, const HeadWeights& b);

struct HeadDifference {
  HeadId head;
  double distance = 0;  // nats
};

// The heads of the Trace most like `head`, nearest first, itself left out: heads of the same shape only.
std::vector<HeadDifference> heads_like(const Trace& trace, const HeadId& head, Pool* pool = nullptr);

// Pairs (token of a, token of b) that stand for each other, ascending in both. Equal tokens are paired along
// a longest common subsequence; between them, stretches of the same length are paired one to one, so that
// "tired" is paired with "wide" in a twin.
using Alignment = std::vector<std::pair<int, int>>;
Alignment align_tokens(const std::vector<std::string>& a, const std::vector<std::string>& b);

// The same head in two Traces: mean of JS over the aligned rows. Weight on tokens that have no partner counts
// as weight where the other row has none.
double aligned_distance(const HeadWeights& a, const HeadWeights& b, const Alignment& queries,
                        const Alignment& keys);

// Every head that both Traces have, the most different first.
std::vector<HeadDifference> rank_differences(const Trace& a, const Trace& b, Pool* pool = nullptr);

// a - b on aligned cells, for the difference map; rows and columns without a partner are not-a-number.
// Shape of a.
Matrix aligned_difference(const HeadWeights& a, const HeadWeights& b, const Alignment& queries,
                          const Alignment& keys);

}  // namespace attn
