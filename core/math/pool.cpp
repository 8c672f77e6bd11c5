#include "core/math/pool.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/math/error.h"

namespace attn {

void throw_if_cancelled(const CancelToken* token) {
  if (token && token->cancelled()) throw Cancelled();
}

namespace {

using Loop = std::function<void(std::ptrdiff_t)>;

void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `ready` holds, first in place, then giving the core away. False when it took too long: time to
// sleep.
template <class Ready>
bool wait_awake(const Ready& ready) {
  // Longer than what lies between two loops of a pass: on a busy machine a core that was given away comes
  // back after milliseconds.
  constexpr auto kInPlace = std::chrono::microseconds(500), kPatience = std::chrono::microseconds(800);
  constexpr int kPauses = 64;  // between looks at the clock: 1 to 3 microseconds
  const auto start = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration waited{};
  do {
    for (int i = 0; i < kPauses; ++i) {
      if (ready()) return true;
      pause_core();
    }
    if (waited > kInPlace) std::this_thread::yield();
    waited = std::chrono::steady_clock::now() - start;
  } while (waited < kPatience);
  return ready();
}

// A sleeping place for threads that wait for an atomic to change. Who changes it calls wake_all() after.
class Bed {
 public:
  template <class Ready>
  void sleep_until(const Ready& ready) {
    std::unique_lock lock(mutex_);
    // Either the waker sees this count, or we see its change: both sides are sequentially consistent.
    sleepers_.fetch_add(1);
    wake_.wait(lock, ready);
    sleepers_.fetch_sub(1);
  }
  void wake_all() {
    if (sleepers_.load() == 0) return;
    { std::lock_guard lock(mutex_); }
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
};

}  // namespace

// The loop in progress is the pair (body, count); `claim` holds its number in the high half and the next free
// index in the low half. Indices are taken by compare-and-swap on both halves at once, so a thread that read
// an older loop's body and count can never take an index of a newer one, and the caller need only wait for
// indices that were taken. While a loop is being set up its number is odd, and nobody takes part.
struct Pool::State {
  std::atomic<std::uint64_t> claim{0};
  std::atomic<const Loop*> body{nullptr};
  std::atomic<std::uint32_t> count{0};
  std::atomic<std::uint32_t> finished{0};  // indices done
  std::atomic<bool> failed{false};
  std::atomic<bool> closing{false};
  std::atomic<bool> in_use{false};
  std::mutex failure_mutex;
  std::exception_ptr failure;
  Bed workers_bed;
  Bed caller_bed;
  std::vector<std::thread> workers;

  static std::uint32_t loop_of(std::uint64_t claim_value) {
    return static_cast<std::uint32_t>(claim_value >> 32);
  }

  // Takes and runs chunks of loop number `loop` until none is left. Chunks shrink towards the end, so that a
  // thread that lost its core holds up little.
  void take_part(std::uint32_t loop) {
    const Loop* const loop_body = body.load();
    const std::uint32_t end = count.load();
    const std::uint32_t share = 4 * (static_cast<std::uint32_t>(workers.size()) + 1);
    std::uint64_t seen = claim.load();
    while (loop_of(seen) == loop) {
      const std::uint32_t first = static_cast<std::uint32_t>(seen);
      if (first >= end) return;
      const std::uint32_t chunk = std::max<std::uint32_t>(1, (end - first) / share);
      if (!claim.compare_exchange_weak(seen, seen + chunk)) continue;
      for (std::uint32_t i = first; i < first + chunk; ++i) run(*loop_body, i);
      if (finished.fetch_add(chunk) + chunk == end) caller_bed.wake_all();
      seen = claim.load();
    }
  }

  void run(const Loop& loop_body, std::uint32_t i) {
    if (failed.load(std::memory_order_relaxed)) return;
    try {
      loop_body(i);
    } catch (...) {
      std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
      failed.store(true, std::memory_order_relaxed);
    }
  }

  void live() {
    std::uint32_t last = 0;
    const auto called = [&] {
      const std::uint32_t loop = loop_of(claim.load());
      return closing.load() || (loop != last && loop % 2 == 0);
    };
    while (true) {
      if (!wait_awake(called)) workers_bed.sleep_until(called);
      if (closing.load()) return;
      last = loop_of(claim.load());
      take_part(last);
    }
  }
};

Pool::Pool(int threads) : state_(std::make_unique<State>()) {
  if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  state_->workers.reserve(static_cast<std::size_t>(threads) - 1);
  for (int t = 1; t < threads; ++t) state_->workers.emplace_back([s = state_.get()] { s->live(); });
}

Pool::~Pool() {
  state_->closing.store(true);
  state_->workers_bed.wake_all();
  for (std::thread& worker : state_->workers) worker.join();
}

int Pool::threads() const {
  return static_cast<int>(state_->workers.size()) + 1;
}

void Pool::parallel_for(std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body) {
  assert(count <= std::numeric_limits<std::int32_t>::max());
  State& s = *state_;
  if (count <= 1 || s.workers.empty() || s.in_use.exchange(true)) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
    return;
  }
  const std::uint32_t loop = State::loop_of(s.claim.load()) + 2;
  s.claim.store(static_cast<std::uint64_t>(loop - 1) << 32);
  s.body.store(&body);
  s.count.store(static_cast<std::uint32_t>(count));
  s.finished.store(0);
  s.failed.store(false);
  s.claim.store(static_cast<std::uint64_t>(loop) << 32);
  s.workers_bed.wake_all();

  s.take_part(loop);
  const auto done = [&] { return s.finished.load() == static_cast<std::uint32_t>(count); };
  if (!wait_awake(done)) s.caller_bed.sleep_until(done);

  const std::exception_ptr failure = std::exchange(s.failure, nullptr);
  s.in_use.store(false);
  if (failure) std::rethrow_exception(failure);
}

void parallel_for(Pool* pool, std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body) {
  if (pool) {
    pool->parallel_for(count, body);
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
  }
}

}  // namespace attn
