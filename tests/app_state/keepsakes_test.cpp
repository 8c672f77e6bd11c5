#include "app/state/keepsakes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/math/error.h"

namespace attn::app {
namespace {

Study full_study() {
  Study study;
  study.a.model = "pronouns-en";
  study.a.text = "a \"quoted\" text, 动物 😀";
  study.a.pair = "second";
  study.a.interventions.temperature = 2;
  study.a.stand_ins = {{"snark", "animal"}, {"麒麟", "动物"}};
  study.a.interventions.heads_off[{Stack::encoder, 1, 2}] = HeadOff::uniform;
  study.twin = Twin{"tired", 1, "wide"};
  study.flipped = true;
  study.compare = CompareWith::twin;
  study.selection.head = {Stack::encoder, 1, 3};
  study.selection.query = 7;
  study.selection.key = 2;
  study.selection.pinned = HeadId{Stack::encoder, 0, 1};
  study.selection.shown = {{Stack::encoder, 0, 0}};
  return study;
}

TEST(Session, WrittenAndReadAgainIsTheSameStudyAndView) {
  ViewState view;
  view.language = Language::chinese;
  view.zoom_percent = 175;
  view.map.scale = ValueScale::per_row;
  const Session session = parse_session(session_text(full_study(), view), "test");
  EXPECT_EQ(session.study, full_study());
  ViewState read;
  view_from_json(nlohmann::json::parse(session.view_json), read);
  EXPECT_EQ(read.language, Language::chinese);
  EXPECT_EQ(read.zoom_percent, 175);
  EXPECT_EQ(read.map, view.map);
}

TEST(Session, KeepsTheQuestionOfTheCoreferenceView) {
  ViewState view;
  view.coreference.section = CorefSection::patching;
  view.coreference.pronoun = "it#2";
  view.coreference.candidates = {"the old dog", "猫"};
  view.coreference.file = "/tmp/gap.tsv";
  view.coreference.example = 12;
  view.coreference.guesses = {{0, 1}, {12, 0}};
  ViewState read;
  view_from_json(view_to_json(view), read);
  EXPECT_EQ(read.coreference, view.coreference);
  EXPECT_NO_THROW(view_from_json(
      nlohmann::json::parse(
          R"({"coreference": {"section": 99, "candidates": 3, "guesses": [[1], 2, ["a", 0]]}})"),
      read));
}

std::string refusal(std::string_view text) {
  try {
    parse_session(text, "my.session");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Session, KeepsWhatIsCoveredAndAskedInThePredictionsView) {
  ViewState view;
  view.predictions.part = PredictionsState::Part::heads;
  view.predictions.masked = {3, 5};
  view.predictions.masked_text = "The dog barks.";
  view.predictions.target = 7;
  view.predictions.distractor = 9;
  view.predictions.writing.on = true;  // a text that came back stands still
  ViewState read;
  view_from_json(view_to_json(view), read);
  PredictionsState kept = view.predictions;
  kept.writing = {};
  EXPECT_EQ(read.predictions, kept);
}

TEST(Session, RefusesWhatIsNoSessionAndSaysWhichFile) {
  EXPECT_NE(refusal("not json").find("my.session"), std::string::npos);
  EXPECT_NE(refusal("{}").find("no Attention Lab session"), std::string::npos);
}

TEST(Session, RefusesOneFromANewerVersionAndSaysToUpdate) {
  EXPECT_NE(refusal(R"({"attnlab_session": 99, "study": {}})").find("update"), std::string::npos);
}

TEST(Session, RefusesADamagedOneAndNamesTheField) {
  EXPECT_NE(refusal(R"({"attnlab_session": 1, "study": {"a": {"model": 3}}})").find("study.a.model"),
            std::string::npos);
}

TEST(Session, AnInvalidByteInTheTextDoesNotStopItFromBeingSaved) {
  Study study = full_study();
  study.a.text = "bad \xff byte";
  EXPECT_EQ(parse_session(session_text(study, {}), "test").study.a.text, "bad \xEF\xBF\xBD byte");
}

TEST(Settings, DamagedOnesGiveTheDefaults) {
  const Settings settings =
      parse_settings(R"({"prepared": [3, {"a": 1}], "window": ["x", 1], "recent_files": [1, "a"]})");
  EXPECT_EQ(settings.window_width, 1280);
  EXPECT_EQ(settings.recent_files, std::vector<std::string>{"a"});
  EXPECT_FALSE(settings.prepared[0]);
}

TEST(Settings, KeepThePreparedStates) {
  Settings settings;
  settings.prepared[4] = full_study();
  EXPECT_EQ(parse_settings(settings_text(settings)).prepared[4], full_study());
}

TEST(WriteTextFile, LeavesTheOldFileWhenTheNewOneCannotBeWritten) {
  const auto folder = std::filesystem::temp_directory_path() / ("attn-write-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "taken");
  EXPECT_THROW(write_text_file(folder / "taken", "x"), Error);
  write_text_file(folder / "kept", "old");
  write_text_file(folder / "kept", "new");
  EXPECT_EQ(read_text_file(folder / "kept"), "new");
  int n_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++n_files;
  EXPECT_EQ(n_files, 2) << "a temporary file was left behind";
  EXPECT_THROW(write_text_file(folder / "no" / "such", "x"), Error);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace attn::app
