#pragma once

#include <stdexcept>
#include <string>

namespace attn {

// The outside world failed: a file, an argument, a text. `what()` is one clear sentence for a person: what is
// wrong, where, what was expected, what to do. The only exception type that crosses a room; caught in the
// workers' loop and in main.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
};

// Thrown out of a computation whose CancelToken was set. Not a failure: nobody is told.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

}  // namespace attn
