#include <gtest/gtest.h>

#include <cstdlib>

#include "app/window/drive.h"
#include "core/math/error.h"
#include "showcase.h"

namespace attn::app {
namespace {

// With ATTN_SHOTS=folder it leaves a picture of each look there, to be judged by eye.
TEST(Window, ShowsEveryControlInEveryTheme) {
  std::unique_ptr<Window> window;
  try {
    window = std::make_unique<Window>(WindowOptions{.visible = false, .scripted = true});
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  Showcase showcase;
  const char* folder = std::getenv("ATTN_SHOTS");
  const auto shoot = [&](const std::string& name) {
    for (int i = 0; i < 4; ++i)
      window->turn([&](Ui& ui) { showcase.draw(ui); }, true), window->want_frames(1);
    if (folder) window->screenshot(std::string(folder) + "/" + name + ".png");
  };
  shoot("light");
  for (const char* name : {"sentence", "mask.causal", "token.7", "temperature", "badge", "value_scale"}) {
    const Control* control = window->registry().find(name);
    ASSERT_NE(control, nullptr) << name;
    EXPECT_FALSE(control->visible.empty()) << name;
  }
  window->set_look(ThemeName::dark, Language::chinese, 100);
  showcase.mask = 2;
  shoot("dark");
  window->set_look(ThemeName::high_contrast, Language::english, 100);
  shoot("contrast");
  showcase.is_signed = true;
  showcase.large = true;
  window->set_look(ThemeName::light, Language::english, 100);
  shoot("signed");
  showcase.is_signed = false;
  window->resize(1920, 1080);
  window->set_look(ThemeName::light, Language::chinese, 250);
  shoot("zoomed");
  window->resize(1280, 800);
  window->set_look(ThemeName::light, Language::english, 100);
  showcase = Showcase();
  const auto drive = [&](const std::string& script) {
    DrivenProgram program;
    Drive run(script, "pictures", program);
    EXPECT_EQ(run.run(*window, [&](Ui& ui) { showcase.draw(ui); }), 0) << run.failure();
  };
  const std::string to = folder ? std::string("screenshot \"") + folder + "/" : "";
  const auto shot = [&](const std::string& name) { return folder ? to + name + ".png\"\n" : std::string(); };
  drive("wait frames 5\nclick model\n" + shot("menu") +
        "key Escape\nclick value_scale\nhover value_scale.log\n" + shot("combo") +
        "key Escape\nhover redo\nwait seconds 1\n" + shot("tooltip") + "click sentence\nkey Ctrl+A\n" +
        shot("selected") + "key Tab\n" + shot("focus") + "click about.open\n" + shot("modal"));
}

}  // namespace
}  // namespace attn::app
