#include "app/worker/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace attn::app {
namespace {

// Waits for the mailbox; a minute without an answer is a hang.
class Mailbox {
 public:
  std::function<void()> wake() {
    return [this] {
      {
        std::lock_guard lock(mutex_);
        ++n_;
      }
      signal_.notify_all();
    };
  }
  std::shared_ptr<const Frame> wait_for(const Worker& worker,
                                        const std::function<bool(const Frame&)>& wanted) {
    std::unique_lock lock(mutex_);
    std::shared_ptr<const Frame> frame = worker.latest();
    signal_.wait_for(lock, std::chrono::minutes(1), [&] {
      frame = worker.latest();
      return wanted(*frame);
    });
    return frame;
  }

 private:
  std::mutex mutex_;
  std::condition_variable signal_;
  int n_ = 0;
};

Request animal_request() {
  Request request;
  request.study.a.model = "pronouns-en";
  request.study.a.text = "The animal didn't cross the street because it was too tired.";
  return request;
}

bool answered(const Frame& frame, const Study& study) {
  return frame.a && frame.a->trace && frame.a->trace->complete && frame.study == study;
}

TEST(Worker, AnswersTheNewestRequestWithEveryHeadsWeights) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  const Request request = animal_request();
  worker.request(request);
  const auto frame = mailbox.wait_for(worker, [&](const Frame& f) { return answered(f, request.study); });
  ASSERT_TRUE(frame->a && frame->a->trace);
  const Trace& trace = *frame->a->trace;
  for (int layer = 0; layer < trace.n_layers(Stack::encoder); ++layer) {
    for (int head = 0; head < trace.n_heads(Stack::encoder); ++head) {
      const auto weights = frame->a->weights({Stack::encoder, layer, head});
      ASSERT_TRUE(weights);
      float sum = 0;
      for (Index k = 0; k < weights->cols(); ++k) sum += weights->at(0, k);
      EXPECT_NEAR(sum, 1.0f, 1e-5f);
    }
  }
}

TEST(Worker, SkipsRequestsThatANewerOneReplaced) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  Request request = animal_request();
  for (int i = 0; i < 200; ++i) {
    request.study.a.text += " tired";
    worker.request(request);
  }
  const auto frame = mailbox.wait_for(
      worker, [&](const Frame& f) { return f.study == request.study && (f.a || !f.problem.empty()); });
  EXPECT_EQ(frame->study.a.text, request.study.a.text);
}

TEST(Worker, KeepsTheLastGoodPictureUnderTheSentenceThatSaysWhatIsWrong) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  Request request = animal_request();
  worker.request(request);
  const auto good = mailbox.wait_for(worker, [&](const Frame& f) { return answered(f, request.study); });
  request.study.a.interventions.heads_off[{Stack::encoder, 99, 0}] = HeadOff::zero;
  worker.request(request);
  const auto bad = mailbox.wait_for(worker, [](const Frame& f) { return !f.problem.empty(); });
  EXPECT_FALSE(bad->problem.empty());
  ASSERT_TRUE(bad->a);
  EXPECT_EQ(bad->a->trace, good->a->trace);
}

TEST(Worker, AnEmptyTextIsNoFailureButAnEmptyPicture) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  Request request = animal_request();
  worker.request(request);
  mailbox.wait_for(worker, [&](const Frame& f) { return answered(f, request.study); });
  for (const char* text : {"", "  \t"}) {
    request.study.a.text = text;
    worker.request(request);
    const auto empty = mailbox.wait_for(worker, [&](const Frame& f) { return f.study == request.study; });
    EXPECT_TRUE(empty->problem.empty()) << empty->problem.english;
    EXPECT_FALSE(empty->a);
  }
}

TEST(Worker, SaysWhyAModelCannotBeOpened) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  Request request = animal_request();
  request.study.a.model = "./no/such/folder";
  worker.request(request);
  const auto frame = mailbox.wait_for(worker, [](const Frame& f) { return !f.problem.empty(); });
  EXPECT_EQ(frame->problem.key, "model.unknown");
  EXPECT_NE(frame->problem.english.find("no/such/folder"), std::string::npos) << frame->problem.english;
}

TEST(Worker, ComputesTwinAndBaselineBesideTheSentence) {
  Mailbox mailbox;
  Worker worker(mailbox.wake(), 2);
  Request request = animal_request();
  request.study.twin = Twin{"tired", 0, "wide"};
  request.study.a.interventions.temperature = 2;
  worker.request(request);
  const auto frame = mailbox.wait_for(
      worker, [&](const Frame& f) { return answered(f, request.study) && f.baseline && f.other; });
  ASSERT_TRUE(frame->baseline && frame->other);
  EXPECT_FALSE(frame->baseline->trace->interventions.any());
  EXPECT_NE(frame->other->subject.text.find("wide"), std::string::npos);
}

TEST(Worker, ClosesInTheMiddleOfWork) {
  for (int i = 0; i < 20; ++i) {
    Worker worker([] {}, 2);
    Request request = animal_request();
    worker.request(request);
    if (i % 2) {
      request.study.a.text = "it was tired";
      worker.request(request);
    }
  }
}

}  // namespace
}  // namespace attn::app
