#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

namespace attn {

// Set from any thread; long computations look at it between layers and throw Cancelled.
class CancelToken {
 public:
  void cancel() { flag_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return flag_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> flag_{false};
};

// Throws Cancelled when `token` is given and set.
void throw_if_cancelled(const CancelToken* token);

// A few threads that share one loop at a time. The calling thread works too, so a Pool of 1 starts no thread.
// Results never depend on the number of threads: each index of a loop is computed by exactly one thread in
// the same way.
//
// Polite on a busy machine: an idle thread looks for the next loop for half a millisecond, then gives its
// core away, then sleeps; a loop never waits for a thread that did not come in time to take part in it.
class Pool {
 public:
  // threads = 0: one per core of this machine.
  explicit Pool(int threads = 0);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const;

  // Calls body(i) once for every i in [0, count), in any order, and returns when all are done. An exception
  // in a body is rethrown here after the loop has stopped. A nested call from inside a body, or one made
  // while another thread is using this pool, runs inline. (A body that captures more than two pointers costs
  // an allocation in std::function: pass std::ref(body) where that matters.)
  void parallel_for(std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// As Pool::parallel_for; a null pool runs inline.
void parallel_for(Pool* pool, std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body);

}  // namespace attn
