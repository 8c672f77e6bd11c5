#include "app/worker/job_lane.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "core/math/worded_error.h"

namespace attn::app {

namespace {

using Clock = std::chrono::steady_clock;

// Answers that are kept while nobody looks: going back to a view shows them at once.
constexpr std::size_t kMostAnswers = 48;
constexpr std::chrono::milliseconds kBetweenReports{50};

// This thread and those that it starts give way to the pictures.
void give_way() {
#ifdef __linux__
  constexpr int kLowerPriority = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLowerPriority);
#endif
}

}  // namespace

struct JobLane::State {
  JobKind kind = JobKind::quick;
  int threads = 0;
  PutUp put_up;

  mutable std::mutex mutex;
  std::condition_variable work_waits;
  bool closing = false;
  std::deque<JobWish> waiting;
  std::string running;  // its key; empty: idle
  std::shared_ptr<CancelToken> cancel;
  std::list<std::string> answered;  // newest first
  std::vector<std::string> wanted;  // by the last frame

  std::thread thread;

  class Control : public JobControl {
   public:
    Control(State& lane, std::string key, Pool& pool, std::shared_ptr<CancelToken> cancel)
        : lane_(lane), key_(std::move(key)), pool_(pool), cancel_(std::move(cancel)) {}
    const CancelToken* cancel() const override { return cancel_.get(); }
    Pool& pool() override { return pool_; }
    void report(float fraction) override {
      state_.fraction = fraction;
      if (Clock::now() - reported_ >= kBetweenReports) put_up();
    }
    JobState& state() { return state_; }

   protected:
    void publish_any(std::any shared) override {
      state_.value = std::move(shared);
      put_up();
    }

   private:
    void put_up() {
      reported_ = Clock::now();
      lane_.put_up(key_, state_);
    }
    State& lane_;
    std::string key_;
    Pool& pool_;
    std::shared_ptr<CancelToken> cancel_;
    JobState state_;
    Clock::time_point reported_{};
  };

  bool is_answered(const std::string& key) const {
    return std::find(answered.begin(), answered.end(), key) != answered.end();
  }

  void run() {
    give_way();
    Pool pool(threads);
    while (true) {
      JobWish job;
      auto token = std::make_shared<CancelToken>();
      {
        std::unique_lock lock(mutex);
        running.clear();
        work_waits.wait(lock, [&] { return closing || !waiting.empty(); });
        if (closing) return;
        job = std::move(waiting.front());
        waiting.pop_front();
        running = job.key;
        cancel = token;
      }
      Control control(*this, job.key, pool, token);
      std::optional<JobState> end = perform(job, control);
      if (token->cancelled()) end.reset();  // stopped: asked for again, it begins anew
      std::vector<std::string> forgotten;
      {
        std::lock_guard lock(mutex);
        if (end) answered.push_front(job.key);
        forgotten = forget_oldest();
      }
      put_up(job.key, std::move(end));
      for (const std::string& key : forgotten) put_up(key, std::nullopt);
    }
  }

  std::optional<JobState> perform(const JobWish& job, Control& control) {
    JobState& state = control.state();
    try {
      state.value = job.work(control);
    } catch (const Cancelled&) {
      return std::nullopt;
    } catch (const std::bad_alloc&) {
      state.problem = worded("job.memory", "There is not enough memory for this.");
    } catch (const std::exception& failure) {
      state.problem = wording_of(failure);
    }
    state.done = true;
    return state;
  }

  std::vector<std::string> forget_oldest() {
    std::vector<std::string> forgotten;
    for (auto it = answered.end(); it != answered.begin() && answered.size() > kMostAnswers;) {
      --it;
      if (std::find(wanted.begin(), wanted.end(), *it) != wanted.end()) continue;
      forgotten.push_back(*it);
      it = answered.erase(it);
    }
    return forgotten;
  }
};

JobLane::JobLane(JobKind kind, int threads, PutUp put_up) : state_(std::make_unique<State>()) {
  state_->kind = kind;
  state_->threads = threads;
  state_->put_up = std::move(put_up);
  state_->thread = std::thread([s = state_.get()] { s->run(); });
}

JobLane::~JobLane() {
  {
    std::lock_guard lock(state_->mutex);
    state_->closing = true;
    if (state_->cancel) state_->cancel->cancel();
  }
  state_->work_waits.notify_all();
  state_->thread.join();
}

void JobLane::want(const std::vector<JobWish>& wishes) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  s.wanted.clear();
  std::deque<JobWish> waiting;
  for (const JobWish& wish : wishes) {
    if (wish.kind != s.kind) continue;
    s.wanted.push_back(wish.key);
    const bool queued = std::any_of(waiting.begin(), waiting.end(),
                                    [&](const JobWish& other) { return other.key == wish.key; });
    if (wish.key != s.running && !queued && !s.is_answered(wish.key)) waiting.push_back(wish);
  }
  const bool still_wanted = std::find(s.wanted.begin(), s.wanted.end(), s.running) != s.wanted.end();
  if (s.kind == JobKind::quick) {
    if (!s.running.empty() && !still_wanted && s.cancel) s.cancel->cancel();
    s.waiting = std::move(waiting);
  } else {
    for (JobWish& wish : waiting) {
      const bool queued = std::any_of(s.waiting.begin(), s.waiting.end(),
                                      [&](const JobWish& other) { return other.key == wish.key; });
      if (!queued) s.waiting.push_back(std::move(wish));
    }
  }
  if (!s.waiting.empty()) s.work_waits.notify_one();
}

void JobLane::stop(const std::string& key) {
  State& s = *state_;
  bool forgotten = false;
  {
    std::lock_guard lock(s.mutex);
    if (s.running == key && s.cancel) s.cancel->cancel();
    std::erase_if(s.waiting, [&](const JobWish& job) { return job.key == key; });
    forgotten = std::erase(s.answered, key) > 0;
  }
  if (forgotten) s.put_up(key, std::nullopt);
}

bool JobLane::busy() const {
  std::lock_guard lock(state_->mutex);
  return !state_->running.empty() || !state_->waiting.empty();
}

}  // namespace attn::app
