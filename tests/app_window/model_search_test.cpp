#include "app/window/model_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/model/scratch.h"

namespace attn::app {
namespace {

namespace fs = std::filesystem;

// A worker that does at once what a frame asks for.
class AtOnce : public JobControl {
 public:
  const CancelToken* cancel() const override { return nullptr; }
  Pool& pool() override { return pool_; }
  void report(float) override {}
  // How many jobs there were to do.
  std::size_t answer(const Intents& intents, Frame& frame) {
    auto states = std::make_shared<JobStates>();
    for (const JobWish& wish : intents.jobs()) {
      JobState& state = (*states)[wish.key];
      state.value = wish.work(*this);
      state.done = true;
    }
    frame.jobs = states;
    return states->size();
  }

 protected:
  void publish_any(std::any) override {}

 private:
  Pool pool_{1};
};

class Menu : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("HF_HUB_CACHE", cache_.c_str(), 1);
    models_ = ModelSearch::built_in();
  }
  void TearDown() override { ::unsetenv("HF_HUB_CACHE"); }

  // A model as huggingface_hub leaves it.
  void download(const std::string& name) const {
    const fs::path built_in = fs::path(ATTN_SOURCE_DIR) / "assets" / "models" / "tagger";
    fs::create_directories(cache_ / name / "snapshots");
    fs::copy(built_in, cache_ / name / "snapshots" / "0123", fs::copy_options::recursive);
  }
  // Frames until nothing is searched any more; how many searches there were.
  std::size_t run() {
    std::size_t searches = 0;
    for (int i = 0; i < 4; ++i) {
      Intents intents;
      search_.take_in(frame_, intents, models_);
      searches += worker_.answer(intents, frame_);
    }
    return searches;
  }
  const MenuModel* find(const std::string& name) const {
    const auto found = std::find_if(models_.begin(), models_.end(),
                                    [&](const MenuModel& model) { return model.name == name; });
    return found == models_.end() ? nullptr : &*found;
  }

  const Scratch scratch_;
  const fs::path cache_ = scratch_.folder();
  ModelSearch search_;
  std::vector<MenuModel> models_;
  Frame frame_;
  AtOnce worker_;
};

TEST_F(Menu, HasTheBuiltInModelsBeforeAnythingWasSearched) {
  EXPECT_NE(find("pronouns-en"), nullptr);
  EXPECT_TRUE(std::all_of(models_.begin(), models_.end(), [](const MenuModel& m) { return m.built_in; }));
}

TEST_F(Menu, IsFilledByOneSearchAtTheStart) {
  download("models--some--tagger");
  EXPECT_EQ(run(), 1u);
  ASSERT_NE(find("some/tagger"), nullptr);
  EXPECT_EQ(find("some/tagger")->n_layers, 2);
  EXPECT_NE(find("pronouns-en"), nullptr);
}

TEST_F(Menu, NoticesWhatWasDownloadedOrRemovedOnlyWhenAskedAgain) {
  run();
  EXPECT_EQ(find("some/tagger"), nullptr);
  download("models--some--tagger");
  EXPECT_EQ(run(), 0u);
  EXPECT_EQ(find("some/tagger"), nullptr);
  search_.again();
  EXPECT_EQ(run(), 1u);
  EXPECT_NE(find("some/tagger"), nullptr);
  fs::remove_all(cache_ / "models--some--tagger");
  search_.again();
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(find("some/tagger"), nullptr);
}

}  // namespace
}  // namespace attn::app
