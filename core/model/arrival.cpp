#include "core/model/arrival.h"

#include <chrono>

namespace attn {

namespace {
constexpr std::chrono::milliseconds kBetweenLooks{10};  // at whether the wait was cancelled
}

void Arrival::arrived(std::size_t part) {
  {
    const std::lock_guard lock(mutex_);
    here_[part] = true;
  }
  changed_.notify_all();
}

void Arrival::all_arrived() {
  {
    const std::lock_guard lock(mutex_);
    here_.assign(here_.size(), true);
  }
  whole_.store(true, std::memory_order_release);
  changed_.notify_all();
}

void Arrival::failed(std::exception_ptr why) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(why);
  }
  changed_.notify_all();
}

void Arrival::wait_for(std::size_t part, const CancelToken* cancel) const {
  if (whole_.load(std::memory_order_acquire)) return;
  std::unique_lock lock(mutex_);
  while (!here_[part]) {
    if (failure_) std::rethrow_exception(failure_);
    throw_if_cancelled(cancel);
    changed_.wait_for(lock, kBetweenLooks);
  }
}

}  // namespace attn
