#pragma once

#include <span>

#include "core/attention/positions.h"
#include "core/forward/plan.h"
#include "core/model/model.h"

namespace attn {

// What positions do to the scores of one layer, made ready once for all of its heads and sequences (rotary
// positions turn the queries and keys themselves and are not here). Only the members of its kind are filled.
template <class S>
struct PositionTerms {
  std::vector<ByDistance<S>> bias;      // alibi, bucket_bias: one a head, added after the scale
  std::vector<ByDistance<S>> key_bias;  // Falcon's alibi: likewise, by the key's position
  ByDistance<int> slot;                 // the others: which row of the tables belongs to a distance
  // q · key_table(distance), k · query_table(distance): [n_slots, H * d_head], or [n_slots, d_head] where all
  // heads share one (relative_key). Empty: no such term.
  MatrixOf<S> key_table, query_table;
  RowOf<S> query_shift;  // transformer_xl: added to q (which carries content_bias) before it meets key_table
  RowOf<S> segment_shift;     // transformer_xl: likewise before it meets segment_table
  MatrixOf<S> segment_table;  // [2, H * d_head]: same segment, another segment; empty: no such term

  bool empty() const {
    return bias.empty() && key_bias.empty() && key_table.size() == 0 && query_table.size() == 0 &&
           segment_table.size() == 0;
  }
};

// positions: where the tokens of every sequence stand.
template <class S>
PositionTerms<S> make_position_terms(const StackSpec& spec, const StackParameters<S>& parameters, int layer,
                                     const PositionPlan& plan, std::span<const int> positions);

// One head's share of the terms, for one sequence.
template <class S>
struct HeadPositions {
  const PositionTerms<S>* terms = nullptr;
  Index head = 0;
  Index d_head = 0;
  std::span<const int> query_positions, key_positions;
  std::span<const int> query_segments, key_segments;  // token types; empty: all the same

  // Made by prepare() where a table is read:
  Index first_slot = 0, n_slots = 0;  // the rows that the distances of this sequence fall on
  ByDistance<int> slot;               // counted from first_slot
  MatrixOf<S> by_key;                 // [Tk, n_slots] scale * k · query_table

  bool empty() const { return !terms || terms->empty(); }
  // keys: [Tk, d_head]. Once, before add_position_scores.
  void prepare(ConstViewOf<S> keys, S scale);
};

// scores += what positions say. queries: [n, d_head], the rows first_query … of the head's; scores: [n, Tk].
// Terms of q and k are multiplied by `scale`; biases are not.
template <class S>
void add_position_scores(const HeadPositions<S>& positions, ConstViewOf<S> queries, Index first_query,
                         S scale, ViewOf<S> scores);

}  // namespace attn
