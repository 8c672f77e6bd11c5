#include "core/math/pool.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/math/error.h"

namespace attn {

void throw_if_cancelled(const CancelToken* token) {
  if (token && token->cancelled()) throw Cancelled();
}

namespace {
thread_local bool inside_a_loop = false;
}

struct Pool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  std::vector<std::thread> workers;
  bool closing = false;
  std::uint64_t round = 0;  // which loop the workers should join
  int active = 0;           // workers still inside the present loop

  const std::function<void(std::ptrdiff_t)>* body = nullptr;
  std::ptrdiff_t count = 0;
  std::atomic<std::ptrdiff_t> next{0};
  std::exception_ptr failure;

  void work() {
    inside_a_loop = true;
    for (std::ptrdiff_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        (*body)(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next.store(count);
      }
    }
    inside_a_loop = false;
  }

  void live() {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return closing || round != seen; });
      if (closing) return;
      seen = round;
      lock.unlock();
      work();
      lock.lock();
      if (--active == 0) done.notify_one();
    }
  }
};

Pool::Pool(int threads) : state_(std::make_unique<State>()) {
  if (threads <= 0) threads = std::max(1u, std::thread::hardware_concurrency());
  for (int t = 1; t < threads; ++t) state_->workers.emplace_back([s = state_.get()] { s->live(); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->wake.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

int Pool::threads() const {
  return static_cast<int>(state_->workers.size()) + 1;
}

void Pool::parallel_for(std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body) {
  if (inside_a_loop || state_->workers.empty() || count <= 1) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
    return;
  }
  State& s = *state_;
  {
    std::lock_guard lock(s.mutex);
    s.body = &body;
    s.count = count;
    s.next.store(0);
    s.failure = nullptr;
    s.active = static_cast<int>(s.workers.size());
    ++s.round;
  }
  s.wake.notify_all();
  s.work();
  std::unique_lock lock(s.mutex);
  s.done.wait(lock, [&] { return s.active == 0; });
  s.body = nullptr;
  if (s.failure) std::rethrow_exception(s.failure);
}

void parallel_for(Pool* pool, std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body) {
  if (pool) {
    pool->parallel_for(count, body);
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
  }
}

}  // namespace attn
