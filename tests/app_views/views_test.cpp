#include <gtest/gtest.h>

#include <cstdlib>

#include "stage.h"

namespace attn::app {
namespace {

class Views : public StagedTest {
 protected:
  void SetUp() override { open(animal_sentence()); }

  const Study& study() const { return stage_->state.study(); }
  const Interventions& interventions() const { return study().a.interventions; }
  MaskSetting mask() const {
    const auto found = interventions().masks.find(Stack::encoder);
    return found == interventions().masks.end() ? MaskSetting{} : found->second;
  }
};

TEST_F(Views, ClickingACellChoosesItsQueryAndItsKey) {
  EXPECT_EQ(run("wait frames 3\nclick map.cell.4.5"), "");
  EXPECT_EQ(study().selection.query, 4);
  EXPECT_EQ(study().selection.key, 5);
}

TEST_F(Views, ACellSaysItsWeightAndTheMouseSaysItsWords) {
  EXPECT_EQ(run("wait frames 3\nhover map.cell.7.1\nwait frames 2\nexpect \"it → animal\""), "");
}

TEST_F(Views, ClickingAThumbnailChoosesThatHead) {
  EXPECT_EQ(run("wait frames 3\nclick grid.0.2"), "");
  EXPECT_EQ(study().selection.head, (HeadId{Stack::encoder, 0, 2}));
}

TEST_F(Views, DraggingOverCellsInBlockModeShutsThemInOneStepOfUndo) {
  stage_->state.view.block_cells = true;
  EXPECT_EQ(run("wait frames 3\ndrag map.cell.3.2 to map.cell.3.4\nwait frames 2"), "");
  EXPECT_EQ(mask().blocked.count({3, 2}), 1u);
  EXPECT_EQ(mask().blocked.count({3, 4}), 1u);
  stage_->state.history.undo();
  EXPECT_FALSE(interventions().any());
}

TEST_F(Views, ABlockedCellIsOpenedByASecondClick) {
  stage_->state.view.block_cells = true;
  EXPECT_EQ(run("wait frames 3\nclick map.cell.3.2\nwait seconds 1\nclick map.cell.3.2\nwait frames 2"), "");
  EXPECT_FALSE(interventions().any());
}

TEST_F(Views, CoveredNumbersAreNowhereOnTheScreenAndAClickRevealsThem) {
  stage_->state.view.covered = true;
  EXPECT_EQ(run("wait frames 3\nexpect map.cell.7.1 ?\nexpect-not animal→\nclick map.cells\nwait frames 3"),
            "");
  EXPECT_FALSE(stage_->state.view.covered);
}

TEST_F(Views, EveryInterventionIsNamedAndTakenOffByItsBadge) {
  EXPECT_EQ(run("wait frames 3\nexpect \"As trained: no interventions\"\nclick controls.mask.causal\n"
                "wait frames 3\nexpect \"Causal mask\"\nclick controls.reset\nwait frames 3\n"
                "expect \"As trained: no interventions\""),
            "");
  EXPECT_FALSE(interventions().any());
}

TEST_F(Views, SwitchingOffAHeadIsAnIntervention) {
  EXPECT_EQ(run("wait frames 3\nscroll controls.mask.causal -6\nwait frames 3\nclick controls.head.0.1\nwait "
                "frames 2"),
            "");
  EXPECT_EQ(interventions().heads_off.size(), 1u);
}

TEST_F(Views, TheWheelZoomsAndADoubleClickFitsAgain) {
  EXPECT_EQ(run("wait frames 3\nscroll map.cells 3\nwait frames 3"), "");
  EXPECT_GT(stage_->state.view.map.zoom, 1.5f);
  EXPECT_EQ(run("click map.cells double\nwait frames 3"), "");
  EXPECT_EQ(stage_->state.view.map.zoom, 1.0f);
}

TEST_F(Views, WithoutATraceEachViewSaysWhatToDo) {
  stage_->frame = Frame();
  for (const Tab tab : {Tab::heads, Tab::links, Tab::compare}) {
    stage_->state.view.tab = tab;
    EXPECT_EQ(run("wait frames 3\nexpect \"Nothing to draw yet\""), "");
  }
}

TEST_F(Views, OneTokenAndFiveHundredAreDrawn) {
  for (const HandMade& made : {long_text(1, 1, 1), long_text(512, 12, 12), long_text(40, 24, 16)}) {
    stage_.emplace(made);
    for (const Tab tab : {Tab::heads, Tab::links, Tab::compare}) {
      stage_->state.view.tab = tab;
      EXPECT_EQ(run("wait frames 3"), "");
    }
  }
}

TEST_F(Views, AnEncoderDecodersRowsAreTargetTokensInCrossAttention) {
  HandMade made = animal_sentence();
  made.target = {"Das", "Tier", "ging", "nicht"};
  stage_.emplace(made);
  EXPECT_EQ(
      run("wait frames 3\nclick grid.stack.cross\nwait frames 3\nclick stacks.cross.3.11\nwait frames 2\n"
          "expect \"“nicht” in cross L1·H0 looks at\""),
      "");
  EXPECT_EQ(study().selection.head.stack, Stack::cross);
  EXPECT_EQ(study().selection.query, 3);
}

TEST_F(Views, AChosenCellsWeightIsSetByHand) {
  EXPECT_EQ(run("wait frames 3\nclick map.cell.7.5\nwait frames 3\nscroll controls.mask.causal -40\n"
                "wait frames 3\nclick controls.set_weight\nwait frames 2"),
            "");
  ASSERT_EQ(interventions().cells.size(), 1u);
  EXPECT_EQ(interventions().cells[0].query, 7);
  EXPECT_EQ(interventions().cells[0].key, 5);
}

TEST_F(Views, TheTwinsAnswerStandsBesideTheSentences) {
  HandMade twin = animal_sentence();
  twin.tokens[10] = "wide";
  twin.noun = 5;
  stage_->frame.other = hand_made_frame(twin).a;
  Study with_twin = study();
  with_twin.twin = Twin{"tired", 0, "wide"};
  stage_->state.history.change(with_twin, "");
  EXPECT_EQ(run("wait frames 3\nexpect \"it → animal\"\nexpect \"with “wide” → street\""), "");
  stage_->state.view.tab = Tab::compare;
  EXPECT_EQ(run("wait frames 3\nclick compare.with.twin\nwait frames 3\nexpect compare.with.twin on"), "");
}

// With ATTN_SHOTS=folder it leaves a picture of each view there, to be judged by eye.
TEST_F(Views, AreDrawnInEveryThemeLanguageAndSize) {
  const char* folder = std::getenv("ATTN_SHOTS");
  const auto shoot = [&](const std::string& name, const std::string& before = "") {
    EXPECT_EQ(run(before + "\nwait frames 4\n" +
                  (folder ? "screenshot \"" + std::string(folder) + "/" + name + ".png\"" : "")),
              "");
  };
  const auto look = [&](ThemeName theme, Language language, int zoom) {
    window_->set_look(theme, language, zoom);
  };
  shoot("heads");
  shoot("heads-hover", "hover map.cell.7.5");
  shoot("heads-preview", "hover grid.0.1");
  shoot("heads-options", "click map.options");
  run("key Escape\nclick controls.mask.causal\nclick grid.0.1\nmove 5 5");
  HandMade before = animal_sentence();
  before.noun = 5;
  before.n_heads = 4;
  stage_->frame.baseline = hand_made_frame(before).a;
  run("click grid.1.0\nclick map.cell.7.1\nmove 5 5");
  shoot("heads-causal");
  stage_.emplace(animal_sentence());
  stage_->state.view.covered = true;
  shoot("heads-covered", "move 5 5");
  stage_.emplace([] {
    HandMade made = animal_sentence();
    made.causal = true;
    return made;
  }());
  look(ThemeName::dark, Language::english, 100);
  shoot("heads-dark-causal");
  stage_.emplace(animal_sentence());
  look(ThemeName::high_contrast, Language::chinese, 100);
  shoot("heads-contrast-zh");
  look(ThemeName::light, Language::english, 100);
  stage_->state.view.color_map = ColorMap::white_to_dark;
  shoot("heads-blues");
  stage_->state.view.color_map = ColorMap::cividis;
  stage_->state.view.tab = Tab::links;
  stage_->state.history.change(
      [&] {
        Study s = study();
        s.selection.shown = {{Stack::encoder, 1, 0}, {Stack::encoder, 0, 2}};
        s.selection.pinned = HeadId{Stack::encoder, 0, 0};
        return s;
      }(),
      "");
  shoot("links");
  stage_->state.view.links_of_all_tokens = true;
  shoot("links-all");
  stage_->state.view.tab = Tab::compare;
  shoot("compare");
  look(ThemeName::dark, Language::chinese, 100);
  shoot("compare-dark-zh");
  HandMade twin = animal_sentence();
  twin.tokens[10] = "wide";
  twin.noun = 5;
  stage_->frame.other = hand_made_frame(twin).a;
  Study with_twin = study();
  with_twin.twin = Twin{"tired", 0, "wide"};
  with_twin.compare = CompareWith::twin;
  stage_->state.history.change(with_twin, "");
  shoot("compare-twin-dark-zh");
  HandMade translation = animal_sentence();
  translation.target = {"Das", "Tier", "überquerte", "die", "Straße", "nicht"};
  stage_.emplace(translation);
  shoot("heads-cross-dark-zh", "click grid.stack.cross\nwait frames 2\nclick stacks.cross.2.3");
  look(ThemeName::light, Language::english, 100);
  stage_.emplace(long_text(512, 12, 12));
  shoot("heads-512");
  stage_->state.view.tab = Tab::links;
  shoot("links-512");
  stage_.emplace(long_text(40, 24, 16));
  shoot("heads-24x16");
  stage_.emplace(animal_sentence());
  window_->resize(1920, 1080);
  shoot("heads-1920");
  stage_->state.view.tab = Tab::links;
  shoot("links-1920");
  stage_->state.view.tab = Tab::heads;
  stage_->panels = false;
  look(ThemeName::light, Language::chinese, 250);
  shoot("heads-250-zh");
  stage_->state.view.tab = Tab::compare;
  Study pinned = study();
  pinned.selection.pinned = HeadId{Stack::encoder, 0, 0};
  stage_->state.history.change(pinned, "");
  shoot("compare-250-zh");
  stage_->state.view.tab = Tab::links;
  shoot("links-250-zh");
}

}  // namespace
}  // namespace attn::app
