#include "core/analysis/head_script.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "hand_made_trace.h"
#include "models_of_all_kinds.h"

namespace attn {
namespace {

// The first Python on this computer that has NumPy; empty: none.
std::string find_python() {
  for (const char* python : {"python3", "/usr/bin/python3"})
    if (std::system((std::string(python) + " -c 'import numpy' >/dev/null 2>&1").c_str()) == 0) return python;
  return {};
}

class HeadScript : public testing::Test {
 protected:
  void SetUp() override {
    python_ = find_python();
    if (python_.empty()) GTEST_SKIP() << "There is no NumPy here: apt-get install python3-numpy.";
    // Tests run side by side.
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = std::filesystem::path(testing::TempDir()) / ("attnlab_head_script_" + name + ".py");
  }
  void TearDown() override { std::filesystem::remove(path_); }
  bool runs(const std::string& script) {
    std::ofstream(path_) << script;
    return std::system((python_ + " '" + path_.string() + "' >/dev/null").c_str()) == 0;
  }
  std::string python_;
  std::filesystem::path path_;
};

TEST_F(HeadScript, GivesTheSameDigitsForEveryKindOfAttention) {
  // All heads of one kind in one file: starting Python costs more than the arithmetic.
  for (const KindOfPass& pass : passes_of_all_kinds()) {
    std::string all;
    for (const Stack stack : pass.stacks)
      for (int layer = 0; layer < 2; ++layer)
        for (int head = 0; head < 3; ++head) all += numpy_script(*pass.trace, {stack, layer, head}) + "\n";
    EXPECT_TRUE(runs(all)) << pass.name;
  }
}

TEST_F(HeadScript, FailsWhereANumberWasChanged) {
  const KindOfPass pass = passes_of_all_kinds()[0];
  std::string script = numpy_script(*pass.trace, {Stack::encoder, 0, 0});
  ASSERT_TRUE(runs(script));
  const std::size_t at = script.find("scale = np.float32(0.5)");
  ASSERT_NE(at, std::string::npos);
  script.replace(at, 23, "scale = np.float32(0.6)");
  EXPECT_FALSE(runs(script + "\n"));
}

TEST(HeadScriptText, NamesTheHeadAndWhatWasChanged) {
  for (const KindOfPass& pass : passes_of_all_kinds()) {
    if (pass.name != "a weight set by hand") continue;
    const std::string script = numpy_script(*pass.trace, {Stack::encoder, 1, 2});
    EXPECT_NE(script.find("weight 1.2 3:1=0.8"), std::string::npos);
    EXPECT_NE(script.find("L1·H2"), std::string::npos);
  }
}

TEST(HeadScriptText, RefusesARecording) {
  const Trace recording = hand_made_trace({{matrix_of({{1}})}}, {"a"});
  EXPECT_THROW(numpy_script(recording, {Stack::encoder, 0, 0}), Error);
}

}  // namespace
}  // namespace attn
