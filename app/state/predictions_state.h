#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/math/worded_error.h"
#include "core/study/study.h"

namespace attn::app {

// A text that the model goes on with at the moment, a token at a time.
struct Writing {
  int run = 0;      // counted up with each start: names the job
  bool on = false;  // tokens are still taken in
  bool stopping = false;
  int most = 0;                                // tokens to write
  int n_taken = 0;                             // tokens that stand in the text already
  std::string model;                           // who writes
  std::string start;                           // the text when it began
  std::optional<WrittenTokens> start_written;  // what of it the model had written before
  std::string taken;  // the text with the last token that was taken in; anything else: a person typed
  Wording ended;      // why it stopped by itself; empty: it did not
  bool operator==(const Writing&) const = default;
};

// How the predictions view is looked at: plain values, written out with a session (but for the writing).
inline constexpr int kPredictionsParts = 4;
struct PredictionsState {
  enum class Part { words, layers, heads, changes };
  Part part = Part::words;
  std::vector<int> masked;  // tokens that are covered by the mask, of the text below
  std::string masked_text;
  // What the heads are asked about: an entry of the vocabulary for another; -1: the likeliest, the next one.
  int target = -1, distractor = -1;
  Writing writing;
  bool operator==(const PredictionsState&) const = default;
};

}  // namespace attn::app
