#include "core/study/recording_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/math/error.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

class RecordingCheckTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  // A pass of a built-in model, written down as that of `name`.
  fs::path recorded_as(const std::string& name) {
    const LoadedModel loaded = open_model("pronouns-en");
    Subject subject;
    subject.model = "pronouns-en";
    subject.text = "The dog chased the cat because it was angry.";
    const auto trace = run_subject(loaded, subject);
    auto named = std::make_shared<Model>(*trace->model);
    named->path = named->name = name;
    Trace copy = *trace;
    copy.model = named;
    const fs::path file = folder_ / "recorded.safetensors";
    write_attention_file(copy, file);
    return file;
  }

  fs::path folder_ = fs::temp_directory_path() / ("attn-check-" + std::to_string(::getpid()));
};

TEST_F(RecordingCheckTest, AModelAgreesWithItsOwnRecording) {
  const RecordingCheck check = check_recording(recorded_as("pronouns-en"));
  EXPECT_EQ(check.model, "pronouns-en");
  EXPECT_LT(check.largest_weight, 1e-6);
}

TEST_F(RecordingCheckTest, FindsAFolderThatWasMovedByItsFingerprint) {
  const fs::path file = recorded_as("nobody-has-this");
  const std::string here = open_model("pronouns-en").model->path, other = open_model("tagger").model->path;
  EXPECT_LT(check_recording(file, nullptr, nullptr, {other, here}).largest_weight, 1e-6);
}

TEST_F(RecordingCheckTest, SaysWhichModelIsNotOnThisComputer) {
  try {
    check_recording(recorded_as("nobody-has-this"));
    FAIL() << "nothing was refused";
  } catch (const Error& problem) {
    EXPECT_NE(std::string(problem.what()).find("nobody-has-this"), std::string::npos) << problem.what();
  }
}

}  // namespace
}  // namespace attn
