#include "app/window/drive.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app/look/utf8.h"
#include "core/math/error.h"
#include "core/model/file.h"

namespace attn::app {
namespace {

constexpr double kFrame_s = 1.0 / 60.0;
constexpr int kSettleFrames = 3;        // until what a command did is on the screen
constexpr int kExpectFrames = 12;       // how long an expectation may take to come true
constexpr double kLongestWait_s = 120;  // of real time, for work to be done
constexpr int kLongestNap_ms = 32;
constexpr int kDragSteps = 8;

double real_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

float number(const std::string& text) {
  return static_cast<float>(std::atof(text.c_str()));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// What a key types on a US keyboard; 0: nothing.
char32_t character_of(const Chord& chord) {
  if (chord.control || chord.alt) return 0;
  if (chord.key >= Key::a && chord.key <= Key::z)
    return static_cast<char32_t>((chord.shift ? 'A' : 'a') + static_cast<int>(chord.key) -
                                 static_cast<int>(Key::a));
  if (chord.key >= Key::d0 && chord.key <= Key::d9 && !chord.shift)
    return static_cast<char32_t>('0' + static_cast<int>(chord.key) - static_cast<int>(Key::d0));
  if (chord.key == Key::space) return ' ';
  const std::string name = to_text(Chord{chord.key});
  return name.size() == 1 && !chord.shift ? static_cast<char32_t>(name[0]) : 0;
}

// The key that types an ASCII letter, digit or space.
Chord chord_of(char32_t c) {
  if (c >= 'a' && c <= 'z') return {static_cast<Key>(static_cast<int>(Key::a) + static_cast<int>(c - 'a'))};
  if (c >= 'A' && c <= 'Z')
    return {.key = static_cast<Key>(static_cast<int>(Key::a) + static_cast<int>(c - 'A')), .shift = true};
  if (c >= '0' && c <= '9') return {static_cast<Key>(static_cast<int>(Key::d0) + static_cast<int>(c - '0'))};
  if (c == ' ') return {Key::space};
  if (c == '\n') return {Key::enter};
  return {};
}

void print_names(const Registry& registry) {
  for (std::size_t i = 0; i < registry.size(); ++i) {
    const Control& c = registry[i];
    if (c.name.empty()) continue;
    std::printf("%-32s %-11.*s %s%s%s%s\n", c.name.c_str(), static_cast<int>(c.kind.size()), c.kind.data(),
                c.text.c_str(), c.state.empty() ? "" : (" [" + c.state + "]").c_str(),
                c.enabled ? "" : " (disabled)", c.visible.empty() ? " (out of sight)" : "");
  }
}

void print_counters(const FrameCounters& counters) {
  std::printf("first frame %.0f ms, first picture %.0f ms, frame %.1f ms, interface %.2f ms, %llu frames\n",
              counters.first_frame_ms, counters.first_picture_ms, median(counters.frame_times_ms),
              median(counters.interface_times_ms), static_cast<unsigned long long>(counters.frames));
}

}  // namespace

Drive::Drive(std::string_view script, std::string name, DrivenProgram program)
    : name_(std::move(name)), steps_(parse_drive_script(script, name_)), program_(std::move(program)) {}

int Drive::run(Window& window, const Window::Draw& draw) {
  window.set_clock([this] { return now_s_; });
  while (step(window) && window.turn(draw, true)) {
  }
  window.set_clock(nullptr);
  std::fflush(stdout);
  if (failure_.empty()) return 0;
  std::fprintf(stderr, "%s\n", failure_.c_str());
  return 1;
}

void Drive::fail(const DriveStep& step, const std::string& what) {
  if (failure_.empty())
    failure_ = name_ + ":" + std::to_string(step.line) + ": " + to_text(step) + ": " + what;
}

bool Drive::step(Window& window) {
  if (!failure_.empty()) return false;
  window.want_frames(1);
  now_s_ += kFrame_s;
  if (!window.input().empty()) return true;
  if (settle_ > 0) {
    --settle_;
    return true;
  }
  if (!actions_.empty()) {
    const Action action = actions_.front();
    actions_.pop_front();
    perform(window, action);
    settle_ = actions_.empty() ? kSettleFrames : 0;
    return failure_.empty();
  }
  if (in_step_) {
    in_step_ = !finished_waiting(window, steps_[next_ - 1]);
    return failure_.empty();
  }
  if (next_ == steps_.size() || steps_[next_].command == "quit") return false;
  const DriveStep& now = steps_[next_++];
  in_step_ = true;
  step_began_s_ = now_s_;
  step_began_real_s_ = real_seconds();
  tries_left_ = kExpectFrames;
  nap_ms_ = 1;
  try {
    begin(window, now);
  } catch (const Error& error) {
    fail(now, error.what());
  }
  return failure_.empty();
}

// Starts a command: fills actions_, or does it at once. Whether it is over is up to finished_waiting().
void Drive::begin(Window& window, const DriveStep& step) {
  const auto& a = step.arguments;
  if (step.command == "type") return queue_text(a[0]);
  if (step.command == "key") return queue_chord(step, a[0]);
  if (step.command == "click") return queue_click(window, step);
  if (step.command == "drag") return queue_drag(window, step);
  if (step.command == "move") return queue_move(number(a[0]), number(a[1]));
  if (step.command == "hover" || step.command == "scroll") {
    const Control* control = reachable(window, step, a[0]);
    if (!control) return;
    const Rect& r = control->visible;
    queue_move((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2);
    if (step.command == "scroll")
      actions_.push_back({Action::Kind::scroll, {.kind = InputEvent::Kind::scroll, .y = number(a[1])}, {}});
    return;
  }
  settle_ = kSettleFrames;
  if (step.command == "size") return window.resize(std::atoi(a[0].c_str()), std::atoi(a[1].c_str()));
  if (step.command == "zoom") {
    if (!program_.set_zoom_percent) return fail(step, "this program has no zoom.");
    return program_.set_zoom_percent(std::atoi(a[0].c_str()));
  }
  if (step.command == "clipboard") return window.set_clipboard(a[0]);
  if (step.command == "drop") return window.drop(a);
  if (step.command == "screenshot") return window.screenshot(a[0]);
  if (step.command == "print") {
    if (a[0] == "names") return print_names(window.registry());
    if (a[0] == "counters") return print_counters(window.counters());
    std::printf("%s\n", a[0].c_str());
  }
}

// Ever longer, so that frames that nobody looks at do not take the cores from the work that is waited for.
void Drive::nap() {
  std::this_thread::sleep_for(std::chrono::milliseconds(nap_ms_));
  nap_ms_ = std::min(2 * nap_ms_, kLongestNap_ms);
}

bool Drive::finished_waiting(Window& window, const DriveStep& step) {
  const auto& a = step.arguments;
  const bool waits_for_text = step.command == "wait" && a[0] == "for";
  if (step.command.rfind("expect", 0) == 0 || waits_for_text) {
    std::string before = std::move(failure_);
    failure_.clear();
    expect(window, waits_for_text ? DriveStep{step.line, "expect", {a[1]}} : step);
    if (failure_.empty()) return true;
    const bool patient =
        waits_for_text ? real_seconds() - step_began_real_s_ < kLongestWait_s : --tries_left_ > 0;
    if (patient) failure_ = std::move(before);
    if (waits_for_text) nap();
    return false;
  }
  if (step.command == "size") {
    const bool there =
        window.width_px() == std::atoi(a[0].c_str()) && window.height_px() == std::atoi(a[1].c_str());
    if (!there && real_seconds() - step_began_real_s_ > 5)
      fail(step, "the window is " + std::to_string(window.width_px()) + " " +
                     std::to_string(window.height_px()) + " pixels and stays so.");
    if (!there) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return there;
  }
  if (step.command != "wait") return true;
  if (a[0] == "frames") return now_s_ - step_began_s_ >= (static_cast<double>(number(a[1])) - 0.5) * kFrame_s;
  if (a[0] == "seconds") return now_s_ - step_began_s_ >= static_cast<double>(number(a[1])) - 0.5 * kFrame_s;
  const auto& done = a[0] == "trace" ? program_.trace_ready : program_.idle;
  if (!done || done()) {
    settle_ = kSettleFrames;
    return true;
  }
  if (real_seconds() - step_began_real_s_ > kLongestWait_s)
    fail(step, "the program is still at work after " + std::to_string(static_cast<int>(kLongestWait_s)) +
                   " seconds.");
  nap();
  return false;
}

bool Drive::state_holds(const Registry& registry, const std::string& name, const std::string& state,
                        std::string& found) const {
  const Control* control = registry.find(name);
  if (!control) {
    found = "there is no control of that name. Near: " + joined(registry.names_near(name)) + ".";
    return state == "hidden";
  }
  found = "it is " + std::string(control->enabled ? "enabled" : "disabled") + ", shows '" + control->text +
          "', its state is '" + control->state + "'" +
          (control->visible.empty() ? ", and it is out of sight" : "") + ".";
  if (state == "hidden") return control->visible.empty();
  if (state == "visible") return !control->visible.empty();
  if (state == "enabled") return control->enabled;
  if (state == "disabled") return !control->enabled;
  if (state == "hovered") return control->hovered;
  if (state == "focused") return control->focused;
  return control->state == state || control->text == state;
}

void Drive::expect(Window& window, const DriveStep& step) {
  const auto& a = step.arguments;
  const Registry& registry = window.registry();
  if (step.command == "expect-clipboard") {
    const std::string found = window.clipboard();
    if (found != a[0]) fail(step, "the clipboard holds '" + found + "'.");
  } else if (step.command == "expect-not") {
    if (const Control* shown = registry.find_text(a[0]))
      fail(step, "the screen shows '" + shown->text + "'" +
                     (shown->name.empty() ? "." : " (" + shown->name + ")."));
  } else if (a.size() == 2) {
    std::string found;
    if (!state_holds(registry, a[0], a[1], found)) fail(step, found);
  } else if (!registry.find_text(a[0])) {
    std::string shown;
    for (std::size_t i = 0; i < registry.size() && shown.size() < 600; ++i)
      if (registry[i].kind == "text" && !registry[i].visible.empty())
        shown += (shown.empty() ? "'" : " | '") + registry[i].text + "'";
    fail(step, "the screen does not show it. It shows: " + shown);
  }
}

void Drive::perform(Window& window, const Action& action) {
  if (action.kind == Action::Kind::check_reach) {
    const DriveStep& step = steps_[next_ - 1];
    const Control* control = window.registry().find(action.name);
    if (!control) return fail(step, "it went away when the mouse came near.");
    if (window.registry().layer_at(mouse_x_, mouse_y_) > control->layer)
      return fail(step, "something lies over it.");
    return;
  }
  InputEvent event = action.event;
  if (action.kind == Action::Kind::move) {
    mouse_x_ = event.x;
    mouse_y_ = event.y;
  }
  window.input().push(event);
}

const Control* Drive::reachable(Window& window, const DriveStep& step, const std::string& name) {
  const Registry& registry = window.registry();
  const Control* control = registry.find(name);
  if (!control)
    fail(step,
         "there is no control of that name on the screen. Near: " + joined(registry.names_near(name)) + ".");
  else if (control->visible.empty())
    fail(step, "it is out of sight: scroll to it first.");
  else
    return control;
  return nullptr;
}

void Drive::queue_move(float x, float y) {
  actions_.push_back({Action::Kind::move, {.kind = InputEvent::Kind::move, .x = x, .y = y}, {}});
}

void Drive::queue_button(int button, bool down) {
  actions_.push_back({down ? Action::Kind::down : Action::Kind::up,
                      {.kind = InputEvent::Kind::button, .down = down, .button = button},
                      {}});
}

void Drive::queue_key(Key key, bool down) {
  actions_.push_back({Action::Kind::key, {.kind = InputEvent::Kind::key, .key = key, .down = down}, {}});
}

void Drive::queue_chord(const DriveStep& step, const std::string& text) {
  const Chord chord = parse_chord(text);
  if (chord.key == Key::none) {  // a character such as ? that needs no key of its own
    std::size_t at = 0;
    const char32_t c = next_code_point(text, at);
    if (at != text.size()) return fail(step, "there is no such key.");
    actions_.push_back({Action::Kind::character, {.kind = InputEvent::Kind::character, .character = c}, {}});
    return;
  }
  if (chord.control) queue_key(Key::control, true);
  if (chord.shift) queue_key(Key::shift, true);
  if (chord.alt) queue_key(Key::alt, true);
  queue_key(chord.key, true);
  if (const char32_t c = character_of(chord))
    actions_.push_back({Action::Kind::character, {.kind = InputEvent::Kind::character, .character = c}, {}});
  queue_key(chord.key, false);
  if (chord.alt) queue_key(Key::alt, false);
  if (chord.shift) queue_key(Key::shift, false);
  if (chord.control) queue_key(Key::control, false);
}

void Drive::queue_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    const Chord chord = chord_of(c);
    if (chord.shift) queue_key(Key::shift, true);
    if (chord.key != Key::none) queue_key(chord.key, true);
    if (c >= 0x20)
      actions_.push_back(
          {Action::Kind::character, {.kind = InputEvent::Kind::character, .character = c}, {}});
    if (chord.key != Key::none) queue_key(chord.key, false);
    if (chord.shift) queue_key(Key::shift, false);
  }
}

void Drive::queue_click(Window& window, const DriveStep& step) {
  const auto& a = step.arguments;
  const Control* control = reachable(window, step, a[0]);
  if (!control) return;
  if (!control->enabled) return fail(step, "it is disabled.");
  const Rect& r = control->visible;
  queue_move((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2);
  actions_.push_back({Action::Kind::check_reach, {}, a[0]});
  const auto asked = [&](const char* way) { return std::find(a.begin() + 1, a.end(), way) != a.end(); };
  const int button = asked("right") ? 1 : 0;
  queue_held(step, true);
  for (int i = 0; i < (asked("double") ? 2 : 1); ++i) {
    queue_button(button, true);
    queue_button(button, false);
  }
  queue_held(step, false);
}

void Drive::queue_held(const DriveStep& step, bool down) {
  constexpr std::pair<const char*, Key> kHeld[] = {
      {"shift", Key::shift}, {"ctrl", Key::control}, {"alt", Key::alt}};
  for (const auto& [word, key] : kHeld)
    if (std::find(step.arguments.begin() + 1, step.arguments.end(), word) != step.arguments.end())
      queue_key(key, down);
}

void Drive::queue_drag(Window& window, const DriveStep& step) {
  const auto& a = step.arguments;
  const Control* from = reachable(window, step, a[0]);
  if (!from) return;
  const float x = (from->visible.x0 + from->visible.x1) / 2, y = (from->visible.y0 + from->visible.y1) / 2;
  float to_x = 0, to_y = 0;
  if (a[1] == "to") {
    const Control* to = reachable(window, step, a[2]);
    if (!to) return;
    to_x = (to->visible.x0 + to->visible.x1) / 2;
    to_y = (to->visible.y0 + to->visible.y1) / 2;
  } else {
    to_x = x + number(a[1]);
    to_y = y + number(a[2]);
  }
  queue_move(x, y);
  actions_.push_back({Action::Kind::check_reach, {}, a[0]});
  queue_held(step, true);
  queue_button(0, true);
  for (int i = 1; i <= kDragSteps; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(kDragSteps);
    queue_move(x + (to_x - x) * t, y + (to_y - y) * t);
  }
  queue_button(0, false);
  queue_held(step, false);
}

int run_drive(const std::string& script_path, Window& window, const Window::Draw& draw,
              const std::function<bool()>& busy, const std::function<void(int)>& set_zoom_percent) {
  constexpr std::size_t kLargestScript_bytes = 16 << 20;
  const auto rest = [&] { return !busy(); };
  Drive drive(read_small_file(script_path, kLargestScript_bytes), script_path,
              {rest, rest, set_zoom_percent});
  return drive.run(window, draw);
}

}  // namespace attn::app
