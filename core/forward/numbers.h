#pragma once

#include <span>
#include <vector>

#include "core/forward/interventions.h"
#include "core/math/matrix.h"

namespace attn {

// Where the sequences of a batch lie in a matrix that holds all of their rows, one sequence after another.
class BatchRows {
 public:
  void add(Index n_rows) { begins_.push_back(begins_.back() + n_rows); }
  Index n_sequences() const { return static_cast<Index>(begins_.size()) - 1; }
  Index begin(Index sequence) const { return begins_[static_cast<std::size_t>(sequence)]; }
  Index count(Index sequence) const { return begin(sequence + 1) - begin(sequence); }
  Index total() const { return begins_.back(); }

 private:
  std::vector<Index> begins_{0};
};

// Which tokens the rows of a batch are: those of each sequence from n_past on, or of one sequence the ones
// that are named (which may come twice).
struct TokensOfRows {
  const BatchRows& rows;
  Index n_past = 0;
  std::span<const int> named{};
};

// Numbers set by hand into what the pass computed at `place`. x: [N, …]; of a head's vector the numbers of
// every head lie side by side, `width` for each, and `heads_to_one` heads share one.
template <class S>
void put_numbers(std::span<const OverwrittenNumber> numbers, NumberPlace place, const TokensOfRows& tokens,
                 ViewOf<S> x, Index width = 0, Index heads_to_one = 1);
// The same where `block` is rows [first, first + n) of such a matrix.
template <class S>
void put_numbers_in_block(std::span<const OverwrittenNumber> numbers, NumberPlace place,
                          const TokensOfRows& tokens, Index first, ViewOf<S> block);

}  // namespace attn
