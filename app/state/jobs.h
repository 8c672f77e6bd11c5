#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/math/pool.h"
#include "core/math/worded_error.h"

namespace attn::app {

// Work that a view wants done beside the pictures (a sweep, a table of many texts, training), and what came
// of it. A view asks for it in every frame that shows it (Intents::want); the workers do it once and put the
// answer into a later Frame (Frame::answer). Nothing that a job touches may belong to the window's thread:
// it captures values and shared_ptrs to what never changes.

// The workers' side of one job, handed to its work. All members may be called from the job's thread only.
class JobControl {
 public:
  virtual ~JobControl() = default;
  // Nobody wants the answer any more: pass it to long computations, or look at it between steps.
  virtual const CancelToken* cancel() const = 0;
  virtual Pool& pool() = 0;
  // How far it is, 0 … 1; below 0: unknown.
  virtual void report(float fraction) = 0;
  // What there is so far, of the answer's type: shown while the work goes on.
  template <class T>
  void publish(T so_far) {
    publish_any(std::make_shared<const T>(std::move(so_far)));
  }

 protected:
  virtual void publish_any(std::any shared) = 0;
};

enum class JobKind {
  quick,   // cancelled as soon as no frame asks for it; done one after the other
  lasting  // on a lane of its own; goes on while other views are shown, until it is stopped by name
};

struct JobWish {
  std::string key;  // names the work and everything that its answer depends on
  JobKind kind = JobKind::quick;
  std::function<std::any(JobControl&)> work;  // gives a std::shared_ptr<const T>; may throw Error, Cancelled
};

struct JobState {
  std::any value;  // std::shared_ptr<const T>; empty: nothing yet
  float fraction = -1;
  bool done = false;
  Wording problem;  // why there is no answer; then done
};
using JobStates = std::map<std::string, JobState, std::less<>>;

// An answer as a view reads it. value null: not there (yet).
template <class T>
struct Answer {
  std::shared_ptr<const T> value;
  float fraction = -1;
  bool done = false;
  Wording problem;
};

}  // namespace attn::app
