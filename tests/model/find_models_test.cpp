#include "core/model/find_models.h"

#include <gtest/gtest.h>

#include "core/model/load_model.h"
#include "tests/model/scratch.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

// One of the golden models as huggingface_hub would have stored it: files in blobs/, links in snapshots/.
fs::path put_into_hub(const Scratch& scratch, const std::string& folder) {
  const fs::path repository = scratch.folder() / "hub" / folder;
  const fs::path snapshot = repository / "snapshots" / kCommit;
  fs::create_directories(snapshot);
  fs::create_directories(repository / "blobs");
  fs::create_directories(repository / "refs");
  std::ofstream(repository / "refs" / "main") << kCommit;
  for (const char* name : {"config.json", "model.safetensors"}) {
    fs::copy_file(fs::path(ATTN_TEST_DATA) / "golden" / "bert" / name,
                  repository / "blobs" / (std::string("blob-") + name));
    fs::create_symlink(fs::path("../../blobs") / (std::string("blob-") + name), snapshot / name);
  }
  return repository;
}

ModelPlaces places_of(const Scratch& scratch) {
  ModelPlaces places;
  places.built_in = fs::path(ATTN_TEST_DATA) / "golden";
  places.hugging_face = scratch.folder() / "hub";
  places.model_scope = scratch.folder() / "scope";
  return places;
}

const FoundModel* named(const std::vector<FoundModel>& models, const std::string& name) {
  for (const FoundModel& model : models)
    if (model.name == name) return &model;
  return nullptr;
}

TEST(FindModels, ListsBuiltInModelsWithFamilySizeAndHeads) {
  Scratch scratch;
  const std::vector<FoundModel> models = find_models(places_of(scratch));
  ASSERT_EQ(models.size(), 6u);
  const FoundModel& gpt2 = *named(models, "gpt2__sharded");
  EXPECT_TRUE(gpt2.usable()) << gpt2.unusable.english;
  EXPECT_EQ(gpt2.family, "gpt2");
  EXPECT_EQ(gpt2.n_layers, 3);
  EXPECT_EQ(gpt2.n_heads, 4);
  EXPECT_EQ(gpt2.bytes, 207320u + 189872u);
  EXPECT_GT(gpt2.memory_bytes, 390'000u);
}

TEST(FindModels, ReadsTheHubsLinks) {
  Scratch scratch;
  put_into_hub(scratch, "models--some-one--tiny-bert");
  put_into_hub(scratch, "models--bert-old");
  const auto models = find_models(places_of(scratch));
  ASSERT_NE(named(models, "some-one/tiny-bert"), nullptr);
  EXPECT_TRUE(named(models, "some-one/tiny-bert")->usable());
  EXPECT_TRUE(named(models, "bert-old")->usable());
  EXPECT_EQ(resolve_model("some-one/tiny-bert", places_of(scratch)).filename(), kCommit);
}

TEST(FindModels, SaysWhyADownloadCannotBeOpened) {
  Scratch scratch;
  const fs::path broken = put_into_hub(scratch, "models--a--broken");
  fs::remove(broken / "blobs" / "blob-model.safetensors");
  const fs::path running = put_into_hub(scratch, "models--a--running");
  fs::remove(running / "snapshots" / kCommit / "model.safetensors");
  fs::rename(running / "blobs" / "blob-model.safetensors", running / "blobs" / "abcdef.incomplete");
  fs::create_directories(scratch.folder() / "hub" / "models--a--nothing" / "blobs");
  const auto models = find_models(places_of(scratch));
  EXPECT_NE(named(models, "a/broken")->unusable.english.find("a link to a blob that is not there"),
            std::string::npos);
  EXPECT_NE(named(models, "a/running")->unusable.english.find("is incomplete"), std::string::npos);
  EXPECT_NE(named(models, "a/nothing")->unusable.english.find("no snapshot yet"), std::string::npos);
  expect_refusal([&] { resolve_model("a/broken", places_of(scratch)); }, "download is not finished");
  expect_refusal([&] { resolve_model("a/nothing", places_of(scratch)); }, "no snapshot yet");
}

TEST(FindModels, NamesASnapshotByItsHubName) {
  Scratch scratch;
  const fs::path repository = put_into_hub(scratch, "models--some-one--tiny-bert");
  fs::remove(repository / "snapshots" / kCommit / "model.safetensors");
  expect_refusal([&] { load_model(repository / "snapshots" / kCommit); },
                 "some-one/tiny-bert has no weights");
}

TEST(FindModels, RefusesAFileWhereAFolderIsExpected) {
  Scratch scratch;
  std::ofstream(scratch.folder() / "model.gguf") << "GGUF";
  std::ofstream(scratch.folder() / "notes.md") << "# notes";
  expect_refusal([&] { resolve_model((scratch.folder() / "model.gguf").string(), places_of(scratch)); },
                 "is a GGUF file");
  expect_refusal([&] { resolve_model((scratch.folder() / "notes.md").string(), places_of(scratch)); },
                 "is a file; expected a model's folder");
}

TEST(FindModels, FindsModelScopesFolders) {
  Scratch scratch;
  fs::create_directories(scratch.folder() / "scope" / "models" / "owner");
  fs::copy(fs::path(ATTN_TEST_DATA) / "golden" / "llama",
           scratch.folder() / "scope" / "models" / "owner" / "tiny-1___5");
  const auto models = find_models(places_of(scratch));
  ASSERT_NE(named(models, "owner/tiny-1.5"), nullptr);
  EXPECT_EQ(named(models, "owner/tiny-1.5")->family, "llama");
  EXPECT_EQ(resolve_model("owner/tiny-1.5", places_of(scratch)).filename(), "tiny-1___5");
}

TEST(FindModels, TakesNamesAndPathsAndSaysWhatThereIs) {
  Scratch scratch;
  EXPECT_EQ(resolve_model("bert", places_of(scratch)), fs::path(ATTN_TEST_DATA) / "golden" / "bert");
  EXPECT_EQ(resolve_model(scratch.folder().string(), places_of(scratch)), scratch.folder());
  expect_refusal([&] { resolve_model("nobody", places_of(scratch)); },
                 "built-in ones (bert, bert__bin, gpt2");
  expect_refusal([&] { resolve_model("../../no such folder", places_of(scratch)); }, "There is no model");
  expect_refusal([&] { resolve_model("", places_of(scratch)); }, "There is no model");
}

TEST(FindModels, FollowsTheEnvironmentOfHuggingFace) {
  const auto set = [](const char* name, const char* value) {
    value ? setenv(name, value, 1) : unsetenv(name);
  };
  for (const char* name :
       {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "MODELSCOPE_CACHE"})
    set(name, nullptr);
  set("HOME", "/h");
  EXPECT_EQ(ModelPlaces::from_environment("").hugging_face, "/h/.cache/huggingface/hub");
  EXPECT_EQ(ModelPlaces::from_environment("").model_scope, "/h/.cache/modelscope/hub");
  set("XDG_CACHE_HOME", "/x");
  EXPECT_EQ(ModelPlaces::from_environment("").hugging_face, "/x/huggingface/hub");
  set("HF_HOME", "/f");
  EXPECT_EQ(ModelPlaces::from_environment("").hugging_face, "/f/hub");
  set("HUGGINGFACE_HUB_CACHE", "/g");
  EXPECT_EQ(ModelPlaces::from_environment("").hugging_face, "/g");
  set("HF_HUB_CACHE", "/c");
  set("MODELSCOPE_CACHE", "/m");
  EXPECT_EQ(ModelPlaces::from_environment("").hugging_face, "/c");
  EXPECT_EQ(ModelPlaces::from_environment("").model_scope, "/m");
}

TEST(FindModels, InspectingNeverThrows) {
  Scratch scratch;
  EXPECT_NE(inspect_model(scratch.folder() / "nowhere").unusable.english, "");
  const fs::path folder = scratch.golden("bert");
  fs::resize_file(folder / "model.safetensors", 1000);
  EXPECT_NE(inspect_model(folder).unusable.english.find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace attn
