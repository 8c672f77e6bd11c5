#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/state/jobs.h"
#include "core/forward/trace.h"
#include "core/math/worded_error.h"
#include "core/study/library.h"
#include "core/study/study.h"

namespace attn::app {

// One Subject, computed.
struct Side {
  std::uint64_t id = 0;  // of this computation, never used twice: what jobs name in their keys; 0: incomplete
  Subject subject;
  LoadedModel loaded;
  PreparedText text;
  std::shared_ptr<const Trace> trace;  // may be incomplete: a slow pass publishes by layer
  std::map<HeadId, std::shared_ptr<const Matrix>>
      asked_weights;  // heads over the budget, made because asked for
  Wording warning;    // something is wrong with what was computed: one sentence

  // A head's weights, from the trace or from what was asked for; nullopt: not yet.
  std::optional<HeadWeights> weights(const HeadId& head) const;
};

// A model that is being read.
struct Loading {
  std::string model;
  std::uint64_t bytes_done = 0, bytes_total = 0;
};

// The model was opened, and reads something else than it was given: a picture, a sound, or words.
bool asks_for_other_input(const Wording& problem);

// What the workers answered to a Study. Sealed: every view of a picture draws from the same Frame.
struct Frame {
  std::uint64_t serial = 0;  // of the request that it answers
  Study study;
  std::shared_ptr<const Side> a;         // the sentence shown; null: nothing yet
  std::shared_ptr<const Side> other;     // its twin; null when it has none
  std::shared_ptr<const Side> baseline;  // as trained, while interventions are in force
  std::shared_ptr<const Side> b;         // the other Subject of a comparison
  std::optional<Loading> loading;
  Wording problem;  // one sentence for the banner; empty: all is well. The last good picture stays.
  std::shared_ptr<const JobStates> jobs;  // null: none was ever asked for

  // What a job that was asked for under this key has come to.
  template <class T>
  Answer<T> answer(std::string_view key) const {
    const JobState* state = job(key);
    if (!state) return {};
    const auto* value = std::any_cast<std::shared_ptr<const T>>(&state->value);
    return {value ? *value : nullptr, state->fraction, state->done, state->problem};
  }

 private:
  const JobState* job(std::string_view key) const;
};

}  // namespace attn::app
