#include "app/window/drive.h"

#include <gtest/gtest.h>

#include <optional>

#include "core/math/error.h"
#include "showcase.h"

namespace attn::app {
namespace {

// A scripted window with every control on it; skipped where there is no display.
class Driven : public testing::Test {
 protected:
  void SetUp() override {
    try {
      window_.emplace(WindowOptions{.visible = false, .scripted = true});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
    showcase_.emplace();
  }
  // The failure of a script, empty when it went through.
  std::string run(const std::string& script) {
    DrivenProgram program;
    program.set_zoom_percent = [&](int percent) { zoom_ = percent; };
    Drive drive(script, "script", program);
    drive.run(*window_, [&](Ui& ui) {
      showcase_->draw(ui);
      window_->set_look(ThemeName::light, Language::english, zoom_);
    });
    return drive.failure();
  }
  std::optional<Window> window_;
  std::optional<Showcase> showcase_;
  int zoom_ = 100;
};

TEST_F(Driven, ClicksAControlByItsName) {
  EXPECT_EQ(run("click mask.causal\nexpect mask.causal on\nexpect mask.trained off\nexpect mask causal"), "");
  EXPECT_EQ(showcase_->mask, 2);
}

TEST_F(Driven, TypesAtTheCaretAndReplacesWhatIsSelected) {
  EXPECT_EQ(run("click sentence\nkey Ctrl+A\ntype \"The cat slept.\"\nkey Home\ntype \"X\"\nkey Enter"), "");
  EXPECT_EQ(showcase_->sentence, "XThe cat slept.");
  EXPECT_EQ(showcase_->submitted, 1);
}

TEST_F(Driven, LosesNothingOfAnyScriptTypedPastedAndCopied) {
  EXPECT_EQ(run("click sentence\nkey Ctrl+A\ntype \"a😀b𠮷c\"\nexpect sentence \"a😀b𠮷c\"\n"
                "key Ctrl+A\nkey Ctrl+C\nexpect-clipboard \"a😀b𠮷c\"\n"
                "clipboard \"动物 🦊\uE123 \\n日本\"\nkey End\nkey Ctrl+V"),
            "");
  EXPECT_EQ(showcase_->sentence, "a😀b𠮷c动物 🦊\uE123  日本");
}

TEST_F(Driven, UndoInsideATextFieldEditsTheText) {
  EXPECT_EQ(run("click sentence\nkey End\ntype \"abc\"\nkey Ctrl+Z"), "");
  EXPECT_EQ(showcase_->sentence.find("abc"), std::string::npos);
}

TEST_F(Driven, ATextChangedFromOutsideAppearsInTheFieldThatIsBeingEdited) {
  EXPECT_EQ(run("click sentence\nkey End\ntype x"), "");
  showcase_->sentence = "Something else";
  EXPECT_EQ(run("wait frames 4\ntype !"), "");
  EXPECT_EQ(showcase_->sentence, "Something else!");
}

TEST_F(Driven, MovesASliderBackToItsStartWithADoubleClick) {
  EXPECT_EQ(run("drag temperature 40 0"), "");
  EXPECT_GT(showcase_->temperature, 1.5f);
  EXPECT_EQ(run("wait seconds 1\nclick temperature double"), "");
  EXPECT_FLOAT_EQ(showcase_->temperature, 1.0f);
}

TEST_F(Driven, ReachesAndPressesControlsFromTheKeyboardAlone) {
  EXPECT_EQ(run("key Tab\nexpect model focused\nkey Enter\nexpect model.en focused\nkey Down\nkey Enter\n"
                "expect model.bert hidden\nexpect model focused"),
            "");
  EXPECT_EQ(showcase_->model, 1);
}

TEST_F(Driven, EscapeClosesADialogAlsoWhileItsFieldIsTypedIn) {
  EXPECT_EQ(run("click about.open\nexpect about.ok visible\nclick about.answer\ntype hello\nkey Escape\n"
                "expect about.ok hidden"),
            "");
  EXPECT_EQ(showcase_->answer, "hello");
}

TEST_F(Driven, AModalCoversWhatLiesUnderIt) {
  const std::string failure = run("click about.open\nclick value_scale");
  EXPECT_NE(failure.find("script:2: click value_scale"), std::string::npos) << failure;
}

TEST_F(Driven, SaysWhyAControlIsOff) {
  EXPECT_EQ(run("hover redo\nwait seconds 1\nexpect \"There is nothing to redo.\"\nexpect redo disabled"),
            "");
}

TEST_F(Driven, FailsWithTheLineAndTheNamesThatWereMeant) {
  const std::string failure = run("# a comment\n\nclick mask.causl");
  EXPECT_EQ(failure.find("script:3: click mask.causl: there is no control of that name"), 0u) << failure;
  EXPECT_NE(failure.find("mask.causal"), std::string::npos) << failure;
}

TEST_F(Driven, FailsWhenTheScreenShowsSomethingElse) {
  EXPECT_NE(run("expect \"No such text\"").find("It shows: 'Attention Lab'"), std::string::npos);
  EXPECT_NE(run("expect mask.causal on").find("its state is 'off'"), std::string::npos);
}

TEST_F(Driven, ResizesAndZooms) {
  EXPECT_EQ(run("size 1600 900\nzoom 150\nexpect left visible\nsize 1024 700\nexpect left hidden"), "");
  EXPECT_EQ(window_->width_px(), 1024);
  EXPECT_FLOAT_EQ(window_->scale(), 1.5f);
}

TEST_F(Driven, WaitsForTheProgramsWork) {
  int asked = 0;
  DrivenProgram program;
  program.trace_ready = [&] { return ++asked == 5; };
  Drive drive("wait trace\nwait idle", "script", program);
  EXPECT_EQ(drive.run(*window_, [&](Ui& ui) { showcase_->draw(ui); }), 0);
  EXPECT_EQ(asked, 5);
}

TEST_F(Driven, SleepsWhenNothingChanges) {
  const auto draw = [&](Ui& ui) { showcase_->draw(ui); };
  for (int i = 0; i < 10; ++i) window_->turn(draw, true);
  const auto before = window_->counters().frames;
  for (int i = 0; i < 10; ++i) window_->turn(draw, true);
  EXPECT_EQ(window_->counters().frames, before);
  window_->wake();
  window_->turn(draw);
  EXPECT_GT(window_->counters().frames, before);
}

TEST(DriveScript, RefusesWhatItCannotDo) {
  const auto problem = [](const std::string& text) -> std::string {
    try {
      parse_drive_script(text, "s");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem("click a\nclck b"), "s:2: there is no command 'clck'.");
  EXPECT_EQ(problem("type \"no end"), "s:1: a text has no closing quotation mark.");
  EXPECT_EQ(problem("move 1"), "s:1: expected: move X Y.");
  EXPECT_EQ(problem("click a shift double"), "");
  EXPECT_EQ(problem("click a hard"), "s:1: expected: click \"name\" [double] [right] [shift] [ctrl] [alt].");
  EXPECT_EQ(problem("drag a 1 2 alt\ndrag a to b shift ctrl"), "");
  EXPECT_NE(problem("drag a 1 2 hard"), "");
  EXPECT_EQ(problem("wait forever"),
            "s:1: expected: wait trace, wait idle, wait frames N, wait seconds S, or wait for \"text\".");
  EXPECT_EQ(problem("key Ctrl+Nothing"), "s:1: there is no key 'Ctrl+Nothing'.");
  EXPECT_EQ(problem(""), "");
}

TEST(DriveScript, KeepsQuotedTextsWhole) {
  const auto steps = parse_drive_script("expect \"say \\\"hi\\\" # not a comment\" # a comment\r\n", "s");
  ASSERT_EQ(steps.size(), 1u);
  ASSERT_EQ(steps[0].arguments.size(), 1u);
  EXPECT_EQ(steps[0].arguments[0], "say \"hi\" # not a comment");
}

}  // namespace
}  // namespace attn::app
