#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "app/window/drive_script.h"
#include "app/window/window.h"

namespace attn::app {

// What a script may ask of the program around the window.
struct DrivenProgram {
  std::function<bool()> trace_ready;          // the newest request is answered; null: always
  std::function<bool()> idle;                 // nothing is computed, loaded or written; null: always
  std::function<void(int)> set_zoom_percent;  // null: `zoom` fails
};

// Performs a script on a window (WindowOptions::scripted), through the queue that a person's keys and mouse
// go through. Time is the script's own: 1/60 s a frame.
class Drive {
 public:
  // `name` stands in messages: "script.txt:12: …". Throws Error when the text is not a script.
  Drive(std::string_view script, std::string name, DrivenProgram program);

  // Draws with `draw` until the script has ended or failed. Returns the exit status, 0 or 1; a failure goes
  // to standard error as "name:line: what was expected, what was found".
  int run(Window& window, const Window::Draw& draw);

  const std::string& failure() const { return failure_; }  // empty: none

 private:
  struct Action {
    enum class Kind { move, down, up, key, character, scroll, check_reach } kind;
    InputEvent event;
    std::string name;  // check_reach: of the control that must be under the mouse
  };

  bool step(Window& window);  // false when done
  void begin(Window& window, const DriveStep& step);
  bool finished_waiting(Window& window, const DriveStep& step);
  void nap();
  void expect(Window& window, const DriveStep& step);
  void perform(Window& window, const Action& action);
  void fail(const DriveStep& step, const std::string& what);

  const Control* reachable(Window& window, const DriveStep& step, const std::string& name);
  void queue_move(float x, float y);
  void queue_button(int button, bool down);
  void queue_key(Key key, bool down);
  // Holds or lets go of those of Shift, Ctrl and Alt that are among the step's words.
  void queue_held(const DriveStep& step, bool down);
  void queue_chord(const DriveStep& step, const std::string& text);
  void queue_text(const std::string& text);
  void queue_click(Window& window, const DriveStep& step);
  void queue_drag(Window& window, const DriveStep& step);
  bool state_holds(const Registry& registry, const std::string& name, const std::string& state,
                   std::string& found) const;

  std::string name_;
  std::vector<DriveStep> steps_;
  DrivenProgram program_;
  std::size_t next_ = 0;  // step to begin
  bool in_step_ = false;  // the step before next_ is not over
  std::deque<Action> actions_;
  int settle_ = 3;      // frames to draw before the next thing
  int tries_left_ = 0;  // of an expectation
  int nap_ms_ = 1;      // before the next look at what is waited for
  double now_s_ = 0, step_began_s_ = 0;
  double step_began_real_s_ = 0;
  float mouse_x_ = 0, mouse_y_ = 0;
  std::string failure_;
};

// Performs the script in a file on `window` and returns the exit status. `busy`: a request, a job or a load
// is not answered yet. Throws Error when the file cannot be read or is not a script.
int run_drive(const std::string& script_path, Window& window, const Window::Draw& draw,
              const std::function<bool()>& busy, const std::function<void(int)>& set_zoom_percent = nullptr);

}  // namespace attn::app
