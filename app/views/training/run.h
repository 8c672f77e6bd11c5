#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/held_out.h"
#include "app/state/jobs.h"
#include "core/training/evaluate.h"
#include "core/training/trainer.h"

namespace attn::app {

// How well the model did on text it never saw, at one moment of its training.
struct LearningPoint {
  int step = 0;
  double seconds = 0;    // of training
  MeterReading meter;    // recipes about pronouns
  double next_word = 0;  // storytellers: share of a fresh story's words that were the likeliest one
  double share(bool about_pronouns) const {
    return !about_pronouns ? next_word : meter.n_pairs > 0 ? double(meter.right) / meter.n_pairs : 0;
  }
};

// What a training run has come to: sealed when published.
struct TrainingPicture {
  Recipe recipe;  // with the seed that it is trained with
  std::shared_ptr<const Grammar> grammar;
  std::shared_ptr<const HeldOut> held_out;  // recipes about pronouns
  Interventions with;                       // trained_with(recipe)
  TrainingProgress progress;
  std::vector<float> losses;           // of each step
  std::vector<LearningPoint> learned;  // in order
  std::shared_ptr<const Side> side;    // the chosen sentence through the model as it is now
  int asked = -1;                      // the word that is asked about in it
  bool own_sentence = false;  // the person's sentence could not be used; this is one of the grammar's
  bool finished = false;
};

// One model being trained. Shared by the window, which only sets wishes, and by one job after the other,
// which do the work: pausing ends a job and going on begins another, so that a paused run keeps no thread.
class TrainingRun {
 public:
  // `text`: the sentence that is watched. Reads nothing yet.
  TrainingRun(Recipe recipe, std::filesystem::path grammar_file, std::string text);

  // The window's side, at any time.
  void pause() { paused_ = true; }
  void go_on(int n_steps = -1);                                        // -1: to the end; 0: only looks again
  void set_speed(int steps_per_second) { speed_ = steps_per_second; }  // 0: as fast as it goes
  void watch(std::string text);

  // The job's side: trains until paused or done, publishing pictures; returns the last one. Throws Error for
  // a grammar that cannot be read, Cancelled; a cancelled run can be gone on with.
  TrainingPicture work(JobControl& control);

 private:
  void begin(JobControl& control);
  void measure(JobControl& control);
  void look();
  TrainingPicture picture() const;
  bool waits(JobControl& control, double since_s);

  const Recipe recipe_;
  const std::filesystem::path grammar_file_;
  std::atomic<bool> paused_ = false;
  std::atomic<int> steps_left_ = -1;
  std::atomic<int> speed_ = 0;
  std::mutex text_mutex_;
  std::string text_;

  // Touched by the one working job only.
  std::mutex working_;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<const Grammar> grammar_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<const HeldOut> held_out_;
  std::vector<float> losses_;
  std::vector<LearningPoint> learned_;
  std::shared_ptr<const Side> side_;
  int asked_ = -1;
  bool own_sentence_ = false;
};

// The sentence `text` as a model of this grammar is watched on it; a sentence of the grammar's own where the
// model would not know most of its words or finds no word to ask about. At the end of the sentence the
// question is added where the recipe asks there.
struct WatchedSentence {
  std::string text;
  bool own = false;
};
WatchedSentence watched_sentence(const std::string& text, const Recipe& recipe, const Grammar& grammar,
                                 const Tokenizer& tokenizer);

}  // namespace attn::app
