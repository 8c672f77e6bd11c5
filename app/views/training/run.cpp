#include "app/views/training/run.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "app/views/training/choice.h"
#include "core/study/library.h"
#include "core/training/save_model.h"

namespace attn::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kBetweenPictures_s = 0.08;
constexpr double kBetweenMeasures_s = 0.3;
constexpr double kMeasureShare = 0.15;  // of the time may go into measuring
constexpr double kMostUnknown = 0.34;   // share of a sentence's words
constexpr std::chrono::milliseconds kNap{10};

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

// The last word of `ids` that pronouns are asked at; -1: none.
int asked_row(const std::vector<int>& ids, const Grammar& grammar, bool last) {
  std::vector<int> asked;
  for (const std::string& word : grammar.pronouns()) asked.push_back(grammar.id(word));
  int found = -1;
  for (std::size_t t = 0; t < ids.size() && (last || found < 0); ++t)
    if (std::find(asked.begin(), asked.end(), ids[t]) != asked.end()) found = static_cast<int>(t);
  return found;
}

std::string own_sentence(const Recipe& recipe, const Grammar& grammar) {
  Random random(2024);
  return grammar.text_of(about_pronouns(recipe) ? grammar.twins(random, {Draw::held_out, Draw::seen}).first
                                                : grammar.sentence(random, "story"));
}

}  // namespace

WatchedSentence watched_sentence(const std::string& text, const Recipe& recipe, const Grammar& grammar,
                                 const Tokenizer& tokenizer) {
  WatchedSentence watched{text, false};
  Encoding encoding = tokenizer.encode(text);
  const auto n_unknown = std::count(encoding.ids.begin(), encoding.ids.end(), 1);
  const bool strange =
      static_cast<double>(n_unknown) > kMostUnknown * static_cast<double>(encoding.ids.size());
  const bool asks = !about_pronouns(recipe) || asked_row(encoding.ids, grammar, false) >= 0;
  if (encoding.ids.empty() || strange || !asks) {
    watched = {own_sentence(recipe, grammar), true};
    encoding = tokenizer.encode(watched.text);
  }
  if (!recipe.question_at_end) return watched;
  const int asked = asked_row(encoding.ids, grammar, false);
  if (asked >= 0)
    watched.text +=
        (grammar.language() == "zh" ? "" : " ") + encoding.tokens[static_cast<std::size_t>(asked)];
  return watched;
}

TrainingRun::TrainingRun(Recipe recipe, std::filesystem::path grammar_file, std::string text)
    : recipe_(std::move(recipe)), grammar_file_(std::move(grammar_file)), text_(std::move(text)) {}

void TrainingRun::go_on(int n_steps) {
  steps_left_ = n_steps;
  paused_ = n_steps == 0;
}

void TrainingRun::watch(std::string text) {
  const std::lock_guard lock(text_mutex_);
  text_ = std::move(text);
}

void TrainingRun::begin(JobControl& control) {
  grammar_ = std::make_shared<const Grammar>(Grammar::load(grammar_file_));
  tokenizer_ = load_tokenizer_from_json(tokenizer_json(*grammar_));
  throw_if_cancelled(control.cancel());
  if (about_pronouns(recipe_))
    held_out_ = std::make_shared<const HeldOut>(held_out_of(grammar_, recipe_.question_at_end));
  trainer_ = std::make_unique<Trainer>(recipe_, grammar_, recipe_.seed);
}

void TrainingRun::measure(JobControl& control) {
  LearningPoint point;
  point.step = trainer_->progress().step;
  point.seconds = trainer_->progress().seconds;
  const std::shared_ptr<const Model> model = trainer_->snapshot();
  if (held_out_)
    point.meter = read_meter(*model, held_out_->pairs, trainer_->with(), &control.pool(), control.cancel());
  else
    point.next_word = score_stories(*model, *grammar_, 20, &control.pool()).next_word;
  if (!learned_.empty() && learned_.back().step == point.step) learned_.pop_back();
  learned_.push_back(point);
}

void TrainingRun::look() {
  std::string text;
  {
    const std::lock_guard lock(text_mutex_);
    text = text_;
  }
  const WatchedSentence watched = watched_sentence(text, recipe_, *grammar_, *tokenizer_);
  auto side = std::make_shared<Side>();
  side->subject.model = recipe_.name;
  side->subject.text = watched.text;
  side->subject.interventions = trainer_->with();
  side->loaded.model = trainer_->snapshot();
  side->loaded.tokenizer = tokenizer_;
  side->text = prepare_text(side->loaded, side->subject, TooLong::cut);
  side->trace = run_prepared(side->loaded, side->text, side->subject.interventions);
  side_ = std::move(side);
  own_sentence_ = watched.own;
  asked_ =
      about_pronouns(recipe_) ? asked_row(side_->text.source.ids, *grammar_, recipe_.question_at_end) : -1;
}

TrainingPicture TrainingRun::picture() const {
  TrainingPicture now;
  now.recipe = recipe_;
  now.grammar = grammar_;
  now.held_out = held_out_;
  now.with = trainer_->with();
  now.progress = trainer_->progress();
  now.losses = losses_;
  now.learned = learned_;
  now.side = side_;
  now.asked = asked_;
  now.own_sentence = own_sentence_;
  now.finished = trainer_->finished();
  return now;
}

// At a chosen speed: sleeps a little while the next step is not due. `since_s`: since the last step.
bool TrainingRun::waits(JobControl& control, double since_s) {
  const int speed = speed_;
  if (speed <= 0 || since_s >= 1.0 / speed) return false;
  throw_if_cancelled(control.cancel());
  std::this_thread::sleep_for(kNap);
  return true;
}

TrainingPicture TrainingRun::work(JobControl& control) {
  const std::lock_guard one_at_a_time(working_);
  if (!trainer_) begin(control);
  measure(control);
  look();
  control.publish(picture());
  Clock::time_point pictured = Clock::now(), measured = pictured, stepped{};
  double measure_s = 0;
  while (!trainer_->finished() && !paused_) {
    if (waits(control, seconds_since(stepped))) continue;
    stepped = Clock::now();
    trainer_->step(&control.pool(), control.cancel());
    losses_.push_back(static_cast<float>(trainer_->progress().loss));
    if (steps_left_ > 0 && --steps_left_ == 0) paused_ = true;
    // At a slow speed every step is seen.
    const int speed = speed_;
    const bool many = speed <= 0 || 1.0 / speed < kBetweenPictures_s;
    if (many && seconds_since(pictured) < kBetweenPictures_s) continue;
    if (seconds_since(measured) > std::max(kBetweenMeasures_s, measure_s / kMeasureShare)) {
      measured = Clock::now();
      measure(control);
      measure_s = seconds_since(measured);
    }
    look();
    control.report(static_cast<float>(trainer_->progress().step) /
                   static_cast<float>(std::max(1, trainer_->progress().n_steps)));
    control.publish(picture());
    pictured = Clock::now();
  }
  measure(control);
  look();
  return picture();
}

}  // namespace attn::app
