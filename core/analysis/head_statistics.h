#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/interval.h"
#include "core/forward/trace.h"
#include "core/math/pool.h"

namespace attn {

// How one row of weights (one query token) shares its budget of 1. Shares that have no meaning for the row
// (the token before the first, "itself" in cross-attention) and everything about a wholly masked row are
// not-a-number.
struct RowStatistics {
  double entropy = 0;             // H = -Σ_j A_ij ln A_ij, in nats (Clark et al. 2019)
  double normalised_entropy = 0;  // H / ln n, n = number of keys, masked ones included: 0 one key, 1 uniform
  double confidence = 0;          // max_j A_ij
  double distance = 0;            // Σ_j A_ij |i - j| tokens (Vig & Belinkov 2019)
  double self = 0, previous = 0, next = 0;  // A_ii, A_i,i-1, A_i,i+1
  double first = 0;                         // A_i0: the share of the row that rests on the first token
  double separators = 0;                    // Σ A_ij over separator tokens j
};

// The same over a whole head: means over its rows, wholly masked rows and meaningless shares left out.
struct HeadStatistics {
  HeadId head;
  double entropy = 0, normalised_entropy = 0, confidence = 0, distance = 0;
  double self = 0, previous = 0, next = 0, first = 0, separators = 0;
  double sink = 0;             // the largest column mean: max_j mean_i A_ij
  int sink_key = 0;            // the key j of that column
  double previous_token = 0;   // detector scores on this text (core/analysis/detectors.h);
  double duplicate_token = 0;  // not-a-number in cross-attention
  double induction = 0;
};

// One measure of HeadStatistics with what it means, so that a table, a menu and the command line list the
// same.
struct Measure {
  const char* key;  // "entropy": in JSON and on the command line
  double HeadStatistics::*value;
  const char* formula;
  const char* source;
};
std::span<const Measure> measures();
const Measure* find_measure(std::string_view key);

// Which tokens only separate: [SEP], </s>, <|endoftext|> and alike ([CLS] and punctuation are not among
// them).
std::vector<int> separator_keys(const std::vector<std::string>& tokens);

// row: [n_keys] weights of query number `query`; `separators`: see separator_keys.
RowStatistics row_statistics(std::span<const float> row, Index query, bool cross,
                             const std::vector<int>& separators = {});

// Every head whose weights the Trace has, or can make again from q and k, in the order of layers and heads:
// encoder, decoder, cross. Costs one pass over all weights, about 3 ms for 12 × 12 heads of 128 × 128 on one
// core; weights over the Trace's budget are made head by head, and only as many at once as there are threads.
std::vector<HeadStatistics> all_head_statistics(const Trace& trace, Pool* pool = nullptr,
                                                const CancelToken* cancel = nullptr);

// What a measure looks for in the map of a head, as a 0/1 matrix [Tq, Tk]: the diagonal for "self", the cells
// of a detector, the column of a sink. Empty for measures that no cell stands for (entropy, distance …).
Matrix pattern_of(const Measure& measure, const Trace& trace, const HeadStatistics& head);

// The share of heads that rest on the first token: mean_i A_i0 > epsilon (Gu et al. 2025, epsilon = 0.3).
double sink_share_of_heads(std::span<const HeadStatistics> heads, double epsilon = 0.3);

// Means over many texts, with their 95 % intervals: each text counts once.
class HeadAverages {
 public:
  void add(std::span<const HeadStatistics> text);
  int n_texts() const { return n_texts_; }
  std::vector<HeadId> heads() const;
  Interval interval(const HeadId& head, const Measure& measure) const;

 private:
  std::map<HeadId, std::vector<RunningMean>> means_;  // one for each of measures()
  int n_texts_ = 0;
};

}  // namespace attn
