#pragma once

#include <functional>

#include "core/study/library.h"

namespace attn {

// Greedy continuation: the most likely next token, again and again, until the end token, `most_tokens`, or
// the model's last position. A decoder continues the text; an encoder-decoder writes its target. Returns the
// whole prepared text, ready to be run. `on_token` is called after each new token with the text so far.
// Throws Error for a model that predicts no next words, Cancelled when asked to stop.
PreparedText generate(const LoadedModel& loaded, PreparedText start, const Interventions& interventions,
                      int most_tokens, const PassOptions& options = {},
                      const std::function<void(const PreparedText&)>& on_token = {});

}  // namespace attn
