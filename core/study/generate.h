#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/study/library.h"

namespace attn {

// A text that a model goes on with: a decoder's own, or an encoder-decoder's target.
struct Written {
  enum class End { not_yet, end_token, positions_used_up, enough, stopped };
  PreparedText text;
  std::shared_ptr<const Trace> trace;  // of `text`
  int n_written = 0;
  End end = End::not_yet;
};

// Greedy continuation: the most likely next token, again and again, until the end token, `most_tokens`, or
// the model's last position. `on_token` is called with the text so far after each pass (first with the start
// as it was given) and may say false to stop. Padding is never written.
// Throws Error for a model that predicts no next words, Cancelled.
Written write_on(const LoadedModel& loaded, PreparedText start, const Interventions& interventions,
                 int most_tokens, const PassOptions& options = {},
                 const std::function<bool(const Written&)>& on_token = {});

// What the tokens after the first before.size() of `after` add to the text that `before` decodes to. A
// character whose last bytes are still to come is left out.
std::string continuation(const Tokenizer& tokenizer, const std::vector<int>& before,
                         const std::vector<int>& after);

// Why this model cannot go on with a text (or write a target); empty: it can.
std::string why_no_writing(const LoadedModel& loaded);

}  // namespace attn
