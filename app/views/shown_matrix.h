#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/view_state.h"
#include "core/analysis/words.h"
#include "core/attention/mask.h"
#include "core/math/matrix.h"

namespace attn::app {

// Which cells no query may look into; nullopt where every cell is open, and for a recording, which does not
// say.
std::optional<AttentionMask> mask_of(const Trace& trace, const HeadId& head);

// A head's weights as a view shows them: pieces merged to words, tokens left out, masked cells marked.
struct ShownMatrix {
  Matrix values;                           // [rows, columns] weights; not-a-number: masked
  std::vector<std::string> rows, columns;  // what they are called, as a person reads it
  std::vector<int> row_of, column_of;      // the row or column of each token; -1: left out
  std::vector<int> query_of, key_of;       // the (first) token of each row or column
  std::vector<bool> supervised;            // of each row; all true where nothing was supervised in this head
  bool renormalised = false;               // columns are left out, and each row is divided by what is left

  int n_rows() const { return static_cast<int>(values.rows()); }
  int n_columns() const { return static_cast<int>(values.cols()); }
};

// What of the view changes a ShownMatrix.
struct ShownOptions {
  bool hide_special = false, hide_first = false, words_merged = false;
  bool per_row = false;  // drawn in parts of each row's largest
  int only_query = -1;   // the row of this query alone; -1: all
  bool operator==(const ShownOptions&) const = default;
};
ShownOptions shown_options(const ViewState& view);

// Nullopt: the weights are not there yet. Costs O(Tq Tk).
// `values`: [Tq, Tk] in place of the weights (app/views/map_values.h); columns that are left out are only
// left out then, and nothing is renormalised.
std::optional<ShownMatrix> make_shown_matrix(const Side& side, const HeadId& head,
                                             const ShownOptions& options, const Matrix* values = nullptr);

// The largest value of the map; 0: there is none.
float largest_of(const ShownMatrix& matrix);

// a - b, laid over one another by their tokens.
struct Difference {
  Matrix values;        // shaped like a; not-a-number: no partner on the other side
  float largest = 0;    // by size
  double distance = 0;  // mean Jensen-Shannon divergence of the rows, nats
};
Difference difference_of(const ShownMatrix& a, const ShownMatrix& b);

// The bytes of the sentence that a token of this stack's queries stands for; nullopt: none (it is special, of
// the pair, of a target, or a picture's).
std::optional<std::pair<std::size_t, std::size_t>> letters_of(const Side& side, Stack stack, int token);

// The places of a sequence of this stack: its tokens one by one, or merged to words. Names as a person reads
// them.
WordGroups places_of(const Trace& trace, Stack stack, bool queries, bool merged);

// Which tokens are no words of the text ([CLS], </s>): of the sequence that the keys (or queries) of this
// stack are.
std::vector<bool> special_keys(const Side& side, Stack stack);
std::vector<bool> special_queries(const Side& side, Stack stack);

// Rows that this head was trained to answer; all true for heads that nothing supervised.
std::vector<bool> supervised_rows(const Side& side, const HeadId& head);

}  // namespace attn::app
