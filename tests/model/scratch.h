#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "core/math/error.h"

namespace attn {

// A folder of its own for each test, gone afterwards.
class Scratch {
 public:
  Scratch() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("attn_" + std::string(test->test_suite_name()) + "_" +
                                                        test->name() + "_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  // A copy of one of the golden models of tests/data.
  std::filesystem::path golden(const std::string& name) const {
    const std::filesystem::path copy = folder_ / name;
    std::filesystem::copy(std::filesystem::path(ATTN_TEST_DATA) / "golden" / name, copy);
    return copy;
  }

 private:
  std::filesystem::path folder_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The sentence of the Error that `action` throws; "" when it throws none.
inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Expects an Error whose sentence holds `part`.
inline void expect_refusal(const std::function<void()>& action, const std::string& part) {
  const std::string sentence = refusal(action);
  EXPECT_NE(sentence, "") << "nothing was refused, expected a sentence with '" << part << "'";
  EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
}

}  // namespace attn
