#include "core/math/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/math/error.h"

namespace attn {
namespace {

TEST(Pool, CallsTheBodyOnceForEveryIndex) {
  for (int threads : {1, 2, 3, 5}) {
    Pool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    for (int count : {0, 1, 2, 7, 64, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      pool.parallel_for(count, [&](std::ptrdiff_t i) { ++calls[static_cast<std::size_t>(i)]; });
      for (int i = 0; i < count; ++i)
        ASSERT_EQ(calls[static_cast<std::size_t>(i)], 1)
            << i << " of " << count << ", " << threads << " threads";
    }
  }
}

TEST(Pool, ALoopThatFollowsAnotherSeesWhatItWrote) {
  Pool pool(4);
  std::vector<int> values(37, 0);
  for (int round = 1; round <= 2000; ++round) {
    pool.parallel_for(37, [&](std::ptrdiff_t i) { ++values[static_cast<std::size_t>(i)]; });
    ASSERT_EQ(std::accumulate(values.begin(), values.end(), 0), 37 * round);
  }
}

TEST(Pool, AThreadThatSleptIsWokenForTheNextLoop) {
  Pool pool(2);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::atomic<int> inside{0};
    // Index 0 and 1 wait for each other: this ends only when two threads take part.
    pool.parallel_for(2, [&](std::ptrdiff_t) {
      ++inside;
      while (inside.load() < 2) std::this_thread::yield();
    });
    ASSERT_EQ(inside, 2);
  }
}

TEST(Pool, AnExceptionInABodyIsRethrownAndThePoolWorksOn) {
  Pool pool(3);
  for (int round = 0; round < 50; ++round) {
    try {
      pool.parallel_for(100, [](std::ptrdiff_t i) {
        if (i == 41) throw std::runtime_error("index 41");
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& e) {
      ASSERT_STREQ(e.what(), "index 41");
    }
    std::atomic<int> calls{0};
    pool.parallel_for(10, [&](std::ptrdiff_t) { ++calls; });
    ASSERT_EQ(calls, 10);
  }
}

TEST(Pool, ANestedLoopRunsInline) {
  Pool pool(3);
  std::atomic<int> calls{0};
  pool.parallel_for(8, [&](std::ptrdiff_t) {
    const std::thread::id outer = std::this_thread::get_id();
    pool.parallel_for(8, [&](std::ptrdiff_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      ++calls;
    });
  });
  EXPECT_EQ(calls, 64);
}

TEST(Pool, TwoThreadsThatShareItBothGetTheirLoopsDone) {
  Pool pool(2);
  std::atomic<int> calls{0};
  const auto use = [&] {
    for (int round = 0; round < 200; ++round) pool.parallel_for(20, [&](std::ptrdiff_t) { ++calls; });
  };
  std::thread other(use);
  use();
  other.join();
  EXPECT_EQ(calls, 2 * 200 * 20);
}

TEST(Pool, ACancelledTokenThrowsOutOfTheLoop) {
  Pool pool(2);
  CancelToken token;
  token.cancel();
  EXPECT_THROW(pool.parallel_for(4, [&](std::ptrdiff_t) { throw_if_cancelled(&token); }), Cancelled);
  EXPECT_NO_THROW(throw_if_cancelled(nullptr));
}

TEST(Pool, WithoutAPoolTheLoopRunsInOrder) {
  std::vector<std::ptrdiff_t> order;
  parallel_for(nullptr, 4, [&](std::ptrdiff_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<std::ptrdiff_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace attn
