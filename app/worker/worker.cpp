#include "app/worker/worker.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

#include "app/worker/job_lane.h"
#include "core/analysis/health.h"
#include "core/math/worded_error.h"
#include "core/study/generate.h"

namespace attn::app {

namespace {

using Clock = std::chrono::steady_clock;

// Models that stay in memory at once: the present one, the one compared with it, and the last few.
constexpr std::size_t kMostModels = 4;
// A slow pass is shown as it goes, but no more often than this.
constexpr std::chrono::milliseconds kBetweenPartialPictures{40};
constexpr std::chrono::milliseconds kBetweenProgressReports{50};
constexpr int kMostWritten = 96;  // tokens of a target that the model writes by itself

bool writes_its_target(const LoadedModel& loaded, const Subject& subject) {
  return loaded.model && loaded.model->spec.is_encoder_decoder() &&
         loaded.model->spec.output == OutputKind::next_words && !subject.target;
}

bool says_nothing(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

struct Worker::State {
  explicit State(int threads) : pool(threads) {}

  std::function<void()> wake;
  Pool pool;  // of the live lane

  mutable std::mutex mutex;
  std::condition_variable live_work, job_work;
  bool closing = false;

  std::optional<Request> newest;  // not begun
  Request last;                   // the last one that was asked for
  bool asked_before = false;
  bool passing = false;
  std::shared_ptr<CancelToken> pass_cancel;
  std::string passing_model;
  std::uint64_t serial = 0;
  std::uint64_t computations = 0;  // counted by the live lane

  std::shared_ptr<const Frame> mailbox = std::make_shared<const Frame>();

  std::list<std::pair<std::string, LoadedModel>> models;  // most recently used first
  std::optional<std::string> to_load;
  std::string loading;                  // being read; empty: nothing
  std::optional<LoadedModel> arriving;  // that model once its reading has begun: passes wait for its layers
  std::shared_ptr<CancelToken> load_cancel;
  std::map<std::string, Wording> load_problems;  // why a model could not be read

  std::thread live_thread, job_thread;

  // Every picture carries what the jobs have come to, whoever puts it up.
  std::shared_ptr<const JobStates> job_states;
  std::unique_ptr<JobLane> quick, lasting;

  void put_up(const std::string& key, std::optional<JobState> state) {
    {
      std::lock_guard lock(mutex);
      auto states = std::make_shared<JobStates>(job_states ? *job_states : JobStates());
      if (state) {
        (*states)[key] = std::move(*state);
      } else {
        states->erase(key);
      }
      job_states = std::move(states);
      auto frame = std::make_shared<Frame>(*mailbox);
      frame->jobs = job_states;
      mailbox = std::move(frame);
    }
    wake();
  }

  void publish(Frame frame) {
    {
      std::lock_guard lock(mutex);
      frame.jobs = job_states;
      mailbox = std::make_shared<const Frame>(std::move(frame));
    }
    wake();
  }

  // A model that is in memory, or nothing; then it is being read, or the reason why it cannot is thrown.
  std::optional<LoadedModel> find_or_load(const std::string& name) {
    std::lock_guard lock(mutex);
    const auto found =
        std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.first == name; });
    if (found != models.end()) {
      models.splice(models.begin(), models, found);
      return found->second;
    }
    if (const auto problem = load_problems.find(name); problem != load_problems.end())
      throw WordedError(problem->second);
    if (loading == name && arriving) return arriving;
    if (loading != name) {
      if (load_cancel) load_cancel->cancel();
      to_load = name;
      job_work.notify_one();
    }
    return std::nullopt;
  }

  void live() {
    while (true) {
      Request request;
      Frame before;
      auto cancel = std::make_shared<CancelToken>();
      {
        std::unique_lock lock(mutex);
        passing = false;
        live_work.wait(lock, [&] { return closing || newest; });
        if (closing) return;
        request = std::move(*newest);
        newest.reset();
        passing = true;
        pass_cancel = cancel;
        passing_model = request.study.a.model;
        before = *mailbox;
        before.serial = ++serial;
      }
      try {
        answer(request, before, cancel);
      } catch (const Cancelled&) {
        // A newer request is waiting, or the program closes.
      } catch (const std::exception& failure) {
        // The last good picture stays under the sentence that says what is wrong.
        before.loading.reset();
        before.problem = dynamic_cast<const std::bad_alloc*>(&failure)
                             ? worded("text.memory",
                                      "There is not enough memory for this text and model; shorten the text.")
                             : wording_of(failure);
        // A model is there and waits for its picture, sound or text: no other's picture stands for it.
        if (asks_for_other_input(before.problem) && before.a &&
            before.a->subject.model != request.study.a.model)
          before.a = before.other = before.baseline = before.b = nullptr;
        before.study = request.study;
        publish(std::move(before));
      }
    }
  }

  std::shared_ptr<const Side> compute_side(const Subject& subject, const LoadedModel& loaded,
                                           const Frame& before, const Request& request,
                                           const std::shared_ptr<CancelToken>& cancel,
                                           const std::function<void(std::shared_ptr<const Side>)>& on_part) {
    std::shared_ptr<const Trace> previous;
    for (const auto& old : {before.a, before.other, before.baseline, before.b}) {
      if (!old || !old->trace || old->loaded.model != loaded.model) continue;
      if (old->subject == subject && old->trace->complete) return with_extras(*old, request);
      if (!previous || old->subject.text == subject.text) previous = old->trace;
    }
    Side side;
    side.subject = subject;
    side.loaded = loaded;
    side.text = prepare_text(loaded, subject, TooLong::cut);

    PassOptions options;
    options.pool = &pool;
    options.cancel = cancel.get();
    options.previous = previous;
    Clock::time_point last_part = Clock::now();
    if (on_part) {
      options.on_layer = [&](std::shared_ptr<const Trace> so_far) {
        if (Clock::now() - last_part < kBetweenPartialPictures) return;
        last_part = Clock::now();
        Side part = side;
        part.trace = std::move(so_far);
        on_part(std::make_shared<const Side>(std::move(part)));
      };
    }
    if (writes_its_target(loaded, subject)) {
      write_target(side, options, on_part);
    } else {
      side.trace = run_prepared(loaded, side.text, in_force(subject), options);
    }
    if (loaded.model) side.warning = first_not_a_number(*side.trace, loaded.model->name);
    side.id = ++computations;
    return with_extras(side, request);
  }

  // The target is written greedily, shown token by token; given up when another text is wanted.
  void write_target(Side& side, PassOptions options,
                    const std::function<void(std::shared_ptr<const Side>)>& on_part) {
    options.on_layer = {};
    const auto wanted_still = [&] {
      std::lock_guard lock(mutex);
      if (!newest) return true;
      const Study& study = newest->study;
      return study.shown() == side.subject || study.other() == side.subject || study.b == side.subject;
    };
    const auto show = [&](const Written& so_far) {
      if (on_part && so_far.end == Written::End::not_yet) {
        Side part = side;
        part.text = so_far.text;
        part.trace = so_far.trace;
        on_part(std::make_shared<const Side>(std::move(part)));
      }
      return !on_part || wanted_still();
    };
    Written written = write_on(side.loaded, side.text, in_force(side.subject), kMostWritten, options, show);
    if (written.end == Written::End::stopped) throw Cancelled();
    side.text = std::move(written.text);
    side.trace = std::move(written.trace);
  }

  // Adds what someone looks at beyond the pass itself: heads over the budget.
  std::shared_ptr<const Side> with_extras(const Side& base, const Request& request) {
    Side side = base;
    std::map<HeadId, std::shared_ptr<const Matrix>> asked;
    for (const HeadId& head : request.wanted_heads) {
      if (const auto made = base.asked_weights.find(head); made != base.asked_weights.end()) {
        asked.insert(*made);
      } else if (!side.trace->weights(head) && side.trace->attention(head.stack, head.layer)) {
        asked[head] = std::make_shared<const Matrix>(compute_weights(*side.trace, head, &pool));
      }
    }
    side.asked_weights = std::move(asked);
    return std::make_shared<const Side>(std::move(side));
  }

  bool is_arriving(const std::string& name) const {
    std::lock_guard lock(mutex);
    return loading == name;
  }

  void answer(const Request& request, const Frame& before, const std::shared_ptr<CancelToken>& cancel) {
    const Study& study = request.study;
    const std::optional<LoadedModel> loaded = find_or_load(study.a.model);
    Frame frame = before;
    frame.study = study;
    if (!loaded) {
      frame.problem = {};
      frame.loading = Loading{study.a.model, 0, 0};
      publish(std::move(frame));
      return;
    }
    if (!is_arriving(study.a.model)) frame.loading.reset();
    frame.problem = {};

    const Subject shown = study.shown();
    const bool reads_text = loaded->model && loaded->model->spec.input == InputKind::words;
    if (reads_text && shown.input_file.empty() &&
        says_nothing(shown.text)) {  // no failure: the screen says what to type
      frame.a = frame.other = frame.baseline = frame.b = nullptr;
      publish(std::move(frame));
      return;
    }
    frame.a = compute_side(shown, *loaded, before, request, cancel, [&](std::shared_ptr<const Side> part) {
      Frame partial = frame;
      partial.a = std::move(part);
      partial.other = partial.baseline = partial.b = nullptr;
      publish(std::move(partial));
    });
    frame.other = frame.baseline = frame.b = nullptr;
    const bool slow = frame.a->trace->pass_ms > 8;
    if (slow) publish(frame);  // the sentence first; what it is compared with follows

    const auto compute = [&](const Subject& subject, const LoadedModel& with) {
      throw_if_cancelled(cancel.get());
      return compute_side(subject, with, before, request, cancel, nullptr);
    };
    try {
      if (in_force(shown).any() || !shown.stand_ins.empty()) {
        frame.baseline = compute(as_trained(shown), *loaded);
      }
      if (const std::optional<Subject> other = study.other()) frame.other = compute(*other, *loaded);
      if (study.b) {
        if (const std::optional<LoadedModel> loaded_b = find_or_load(study.b->model)) {
          frame.b = compute(*study.b, *loaded_b);
        } else {
          frame.loading = Loading{study.b->model, 0, 0};
        }
      }
    } catch (const Error& problem) {
      frame.problem = wording_of(problem);
    }
    publish(std::move(frame));
  }

  void jobs() {
    while (true) {
      std::string name;
      auto cancel = std::make_shared<CancelToken>();
      {
        std::unique_lock lock(mutex);
        loading.clear();
        arriving.reset();
        job_work.wait(lock, [&] { return closing || to_load; });
        if (closing) return;
        name = std::move(*to_load);
        to_load.reset();
        loading = name;
        load_cancel = cancel;
      }
      load(name, cancel);
    }
  }

  // Models that were looked at before give their memory back, but for those on the screen. False: there are
  // none.
  bool forget_models() {
    std::lock_guard lock(mutex);
    const std::size_t n = models.size();
    models.clear();
    return n > 0;
  }

  void load(const std::string& name, const std::shared_ptr<CancelToken>& cancel) {
    LoadProgress progress;
    std::mutex done_mutex;
    std::condition_variable done_signal;
    bool done = false;
    // Reports progress while the reading goes on.
    std::thread reporter([&] {
      std::unique_lock lock(done_mutex);
      while (!done_signal.wait_for(lock, kBetweenProgressReports, [&] { return done; })) {
        {
          std::lock_guard state_lock(mutex);
          auto frame = std::make_shared<Frame>(*mailbox);
          frame->loading = Loading{name, progress.bytes_done.load(), progress.bytes_total.load()};
          mailbox = std::move(frame);
        }
        wake();
      }
    });
    std::optional<LoadedModel> loaded;
    Wording problem;
    // The first pass runs with the layers that are there.
    const auto begin_answering = [&](const LoadedModel& begun) {
      std::lock_guard lock(mutex);
      arriving = begun;
      answer_again();
    };
    try {
      Pool loading_pool(pool.threads());
      const auto open = [&] {
        return open_model(name, &loading_pool, &progress, cancel.get(), begin_answering);
      };
      try {
        loaded = open();
      } catch (const WordedError& error) {
        if (error.wording().key != "model.memory" || !forget_models()) throw;
        loaded = open();
      }
    } catch (const Cancelled&) {
      problem = worded("model.cancelled", "Reading {model} was cancelled.", {{"model", name}});
    } catch (const std::exception& failure) {
      problem = dynamic_cast<const std::bad_alloc*>(&failure)
                    ? worded("model.too_large", "{model} does not fit into this computer's memory.",
                             {{"model", name}})
                    : wording_of(failure);
    }
    {
      std::lock_guard lock(done_mutex);
      done = true;
    }
    done_signal.notify_one();
    reporter.join();

    std::lock_guard lock(mutex);
    if (loaded) {
      models.emplace_front(name, std::move(*loaded));
      if (models.size() > kMostModels) models.pop_back();
    } else {
      load_problems[name] = problem;
    }
    loading.clear();
    arriving.reset();
    answer_again();
  }

  // The person may have asked for something newer meanwhile; otherwise the last request is answered now.
  // Under `mutex`.
  void answer_again() {
    if (!newest && asked_before) newest = last;
    live_work.notify_one();
  }
};

Worker::Worker(std::function<void()> wake, int threads) : state_(std::make_unique<State>(threads)) {
  state_->wake = std::move(wake);
  const auto put_up = [s = state_.get()](const std::string& key, std::optional<JobState> state) {
    s->put_up(key, std::move(state));
  };
  state_->quick = std::make_unique<JobLane>(JobKind::quick, threads, put_up);
  state_->lasting = std::make_unique<JobLane>(JobKind::lasting, threads, put_up);
  state_->live_thread = std::thread([s = state_.get()] { s->live(); });
  state_->job_thread = std::thread([s = state_.get()] { s->jobs(); });
}

Worker::~Worker() {
  state_->quick.reset();
  state_->lasting.reset();
  {
    std::lock_guard lock(state_->mutex);
    state_->closing = true;
    if (state_->pass_cancel) state_->pass_cancel->cancel();
    if (state_->load_cancel) state_->load_cancel->cancel();
  }
  state_->live_work.notify_all();
  state_->job_work.notify_all();
  state_->live_thread.join();
  state_->job_thread.join();
}

void Worker::request(Request newest) {
  State& s = *state_;
  {
    std::lock_guard lock(s.mutex);
    if (s.asked_before && newest == s.last) return;
    const bool other_model = s.passing && newest.study.a.model != s.passing_model;
    if (other_model && s.pass_cancel) s.pass_cancel->cancel();
    s.load_problems.erase(newest.study.a.model == s.last.study.a.model ? std::string()
                                                                       : newest.study.a.model);
    s.asked_before = true;
    s.last = newest;
    s.newest = std::move(newest);
  }
  s.live_work.notify_one();
}

std::shared_ptr<const Frame> Worker::latest() const {
  std::lock_guard lock(state_->mutex);
  return state_->mailbox;
}

bool Worker::busy() const {
  if (state_->quick->busy()) return true;
  std::lock_guard lock(state_->mutex);
  return state_->passing || state_->newest || state_->to_load || !state_->loading.empty();
}

void Worker::want(std::vector<JobWish> jobs) {
  state_->quick->want(jobs);
  state_->lasting->want(jobs);
}

void Worker::stop_job(const std::string& key) {
  state_->quick->stop(key);
  state_->lasting->stop(key);
}

void Worker::cancel_loading() {
  std::lock_guard lock(state_->mutex);
  if (state_->load_cancel) state_->load_cancel->cancel();
}

void Worker::reload(const std::string& model) {
  State& s = *state_;
  {
    std::lock_guard lock(s.mutex);
    s.models.remove_if([&](const auto& m) { return m.first == model; });
    s.load_problems.erase(model);
    if (s.asked_before) s.newest = s.last;
  }
  s.live_work.notify_one();
}

}  // namespace attn::app
