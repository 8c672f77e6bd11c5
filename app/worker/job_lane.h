#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/state/jobs.h"

namespace attn::app {

// One thread that does the jobs of one kind, one after the other, and keeps their answers. It and its pool
// run at a lower priority than the pictures where the system lets them.
class JobLane {
 public:
  // Called from the lane's thread: a job's state changed, or (nullopt) was forgotten.
  using PutUp = std::function<void(const std::string& key, std::optional<JobState>)>;

  JobLane(JobKind kind, int threads, PutUp put_up);
  ~JobLane();  // cancels what runs and waits for it
  JobLane(const JobLane&) = delete;
  JobLane& operator=(const JobLane&) = delete;

  // Takes the wishes of its kind: those without an answer are begun in this order. A quick job that runs and
  // is not wanted any more is cancelled.
  void want(const std::vector<JobWish>& wishes);
  // Cancels the job, or forgets its answer.
  void stop(const std::string& key);
  bool busy() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attn::app
