#include <gtest/gtest.h>

#include <cstdlib>

#include "app/window/window.h"
#include "core/math/error.h"
#include "showcase.h"

namespace attn::app {
namespace {

TEST(Window, ShowsEveryControl) {
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
    std::printf("%s: first %.0f ms, interface %.2f ms, frame %.1f ms, rebuilds %d\n", name.c_str(),
                window->counters().first_frame_ms, window->counters().interface_ms,
                window->counters().frame_ms, window->counters().glyph_rebuilds);
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
}

}  // namespace
}  // namespace attn::app
