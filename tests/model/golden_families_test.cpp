#include <gtest/gtest.h>

#include <filesystem>

#include "core/math/error.h"
#include "core/model/load_model.h"

namespace attn {
namespace {

TEST(GoldenFamilies, EveryFolderLoads) {
  const std::filesystem::path golden = ATTN_GOLDEN_DIR;
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << "shared/golden is not here";
  for (const char* set : {"families", "extra", "e2e", "real"})
    for (const auto& folder : std::filesystem::directory_iterator(golden / set)) {
      if (!folder.is_directory()) continue;
      try {
        const auto model = load_model(folder.path());
        EXPECT_GT(model->n_parameters, 0u);
      } catch (const Error& error) {
        ADD_FAILURE() << folder.path() << ": " << error.what();
      }
    }
}

}  // namespace
}  // namespace attn
