#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "core/math/pool.h"

namespace attn {

// What is there of a model that is still being read, so that a pass may begin with its first layer while the
// last one is on its way. Its parts are numbered: 0 is all that stands outside of layers (embedding, stem,
// norms, output), then come the encoder's layers and the decoder's, each layer's parameters once where layers
// share them. Set by the thread that reads, asked from any other.
class Arrival {
 public:
  explicit Arrival(std::size_t n_parts) : here_(n_parts, false) {}

  void arrived(std::size_t part);
  void all_arrived();
  // Nothing more will come; whoever waits gets this exception.
  void failed(std::exception_ptr why);

  // Returns when the part is there. Throws what the reading failed with, or Cancelled.
  void wait_for(std::size_t part, const CancelToken* cancel) const;

 private:
  std::atomic<bool> whole_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<bool> here_;
  std::exception_ptr failure_;
};

}  // namespace attn
