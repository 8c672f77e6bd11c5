#include "core/study/generate.h"

#include <gtest/gtest.h>

#include "core/math/error.h"
#include "core/study/written_tokens.h"

namespace attn {
namespace {

LoadedModel storyteller() {
  return open_model(std::string(ATTN_SOURCE_DIR) + "/assets/models/storyteller");
}

Subject beginning() {
  Subject subject;
  subject.text = "the dog";
  return subject;
}

TEST(WriteOn, EachTokenIsTheLikeliestAfterTheTextSoFar) {
  const LoadedModel loaded = storyteller();
  const Written written = write_on(loaded, prepare_text(loaded, beginning()), {}, 4);
  const std::vector<int>& ids = written.text.inputs.ids;
  ASSERT_GT(written.n_written, 0);
  for (int n = written.n_written; n > 0; --n) {
    PreparedText prefix = written.text;
    prefix.inputs.ids.assign(ids.begin(), ids.end() - n);
    const auto trace = run_pass(loaded.model, prefix.inputs);
    const Matrix logits = compute_logits(*trace);
    Index best = 0;
    logits.row(logits.rows() - 1).maxCoeff(&best);
    EXPECT_EQ(ids[ids.size() - static_cast<std::size_t>(n)], best);
  }
  EXPECT_EQ(written.trace->tokens.size(), ids.size());
}

// A token whose letters the text cannot say is read as it was written, until a person changes the text.
TEST(WriteOn, WhatWasWrittenIsReadAgainTokenByToken) {
  const LoadedModel loaded = storyteller();
  const int cat = loaded.tokenizer->find_id("cat").value();
  Subject subject = beginning();
  const std::vector<int> typed = prepare_text(loaded, subject).source.ids;
  append_written(subject, "the dog", cat);
  append_written(subject, "the dog cat", cat);
  std::vector<int> expected = typed;
  expected.insert(expected.end(), {cat, cat});
  const PreparedText read = prepare_text(loaded, subject);
  EXPECT_EQ(read.source.ids, expected);
  EXPECT_EQ(read.inputs.ids, expected);
  EXPECT_EQ(read.source.begin.back(), std::string("the dog").size());
  EXPECT_EQ(read.source.end.back(), subject.text.size());

  Subject other_model = subject;
  other_model.model = "another";
  EXPECT_EQ(prepare_text(loaded, other_model).source.ids.size(), typed.size() + 1);
  subject.text += " cat";
  EXPECT_EQ(prepare_text(loaded, subject).source.ids.size(), typed.size() + 2);
}

TEST(WriteOn, StopsWhenItIsTold) {
  const LoadedModel loaded = storyteller();
  const Written written = write_on(loaded, prepare_text(loaded, beginning()), {}, 50, {},
                                   [](const Written& so_far) { return so_far.n_written < 2; });
  EXPECT_EQ(written.n_written, 2);
  EXPECT_EQ(written.end, Written::End::stopped);
}

TEST(WriteOn, WhatIsWrittenReadsAsTheSameTokens) {
  const LoadedModel loaded = storyteller();
  const PreparedText start = prepare_text(loaded, beginning());
  const Written written = write_on(loaded, start, {}, 5);
  const std::vector<int>& ids = written.text.inputs.ids;
  const std::vector<int> before(ids.begin(), ids.end() - written.n_written);
  Subject longer = beginning();
  longer.text += continuation(*loaded.tokenizer, before, ids);
  std::vector<int> again = prepare_text(loaded, longer).inputs.ids;
  again.resize(std::min(again.size(), ids.size()));
  EXPECT_EQ(again, ids);
}

TEST(WriteOn, AModelThatPredictsNoNextWordsSaysSo) {
  const LoadedModel loaded = open_model(std::string(ATTN_SOURCE_DIR) + "/assets/models/pronouns-en");
  EXPECT_FALSE(why_no_writing(loaded).empty());
  EXPECT_THROW(write_on(loaded, prepare_text(loaded, beginning()), {}, 1), Error);
}

}  // namespace
}  // namespace attn
