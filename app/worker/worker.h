#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/jobs.h"

namespace attn::app {

// What the window wants to see computed.
struct Request {
  Study study;
  std::vector<HeadId> wanted_heads;  // heads whose weights the Trace may not have kept
  bool operator==(const Request&) const = default;
};

// The other side of the thread border: takes the newest request when the running pass ends, reads models
// without holding up the pictures, and puts what is done into a mailbox. All members are for the window's
// thread.
//
// Lanes. Live: one pass at a time, newest request first; a slow pass publishes layer by layer. Reading
// models, with progress and cancel. Jobs that views ask for, quick ones and lasting ones, at a lower priority
// than the pictures. A pass is cancelled on a change of model and on close only.
class Worker {
 public:
  // `wake` is called from worker threads whenever the mailbox has something new: it must be safe from any
  // thread.
  explicit Worker(std::function<void()> wake, int threads = 0);
  ~Worker();  // cancels what runs and waits for it
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Replaces a request that has not begun. A request equal to the last one does nothing.
  void request(Request newest);
  // The newest Frame; never null.
  std::shared_ptr<const Frame> latest() const;
  // Something is computed or read at the moment, or waits for it.
  bool busy() const;
  void cancel_loading();
  // What the last frame's views want done beside the pictures. Quick jobs that are not among them are given
  // up; answers stay for a while.
  void want(std::vector<JobWish> jobs);
  void stop_job(const std::string& key);
  // Forgets what was read of this model, so that the next request reads it again.
  void reload(const std::string& model);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attn::app
