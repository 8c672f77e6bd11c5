#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "app/window/window.h"
#include "core/math/error.h"
#include "showcase.h"

namespace attn::app {
namespace {

// The one test with events of the X server itself: xdotool moves the real pointer and presses real keys.
TEST(RealEvents, AMouseClickAndTypedKeysArriveOnceEach) {
  if (std::system("command -v xdotool > /dev/null 2>&1") != 0) GTEST_SKIP() << "xdotool is not installed";
  std::optional<Window> window;
  try {
    window.emplace(WindowOptions{.title = "real events", .width = 1280, .height = 800});
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  Showcase showcase;
  showcase.sentence = "";
  const auto draw = [&](Ui& ui) { showcase.draw(ui); };
  for (int i = 0; i < 5; ++i) window->turn(draw, true);
  const auto middle = [&](const char* name) {
    const Rect r = window->registry().find(name)->visible;
    return std::to_string(static_cast<int>((r.x0 + r.x1) / 2)) + " " +
           std::to_string(static_cast<int>((r.y0 + r.y1) / 2));
  };
  const std::string at = "xdotool search --name '^real events$' ";
  // The keys go to this window, whatever else opens under the pointer.
  const std::string script = at + "windowfocus --sync; " + at + "mousemove --window %1 " + middle("plain") +
                             " click 1 click 1 click 1; " + at + "mousemove --window %1 " +
                             middle("sentence") +
                             " click 1; xdotool type --delay 30 'Ten keys.!'; xdotool key Return";
  std::thread person([&] {
    [[maybe_unused]] const int status = std::system(script.c_str());
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    window->wake();
  });
  // Slow frames, so that several events fall into one.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (showcase.submitted == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    window->turn(draw, true);
  }
  person.join();
  EXPECT_EQ(showcase.clicks, 3);
  EXPECT_EQ(showcase.sentence, "Ten keys.!");
  EXPECT_EQ(showcase.submitted, 1);
}

TEST(Window, SaysWhatToDoWithoutADisplay) {
  const char* display = std::getenv("DISPLAY");
  const std::string kept = display ? display : "";
  setenv("DISPLAY", ":no-such-display", 1);
  try {
    Window window({.visible = false});
    ADD_FAILURE() << "a window opened on no display";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("attnlab --help"), std::string::npos) << error.what();
  }
  if (display) setenv("DISPLAY", kept.c_str(), 1);
}

}  // namespace
}  // namespace attn::app
