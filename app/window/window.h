#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/gl/framebuffer.h"
#include "app/widgets/ui.h"
#include "app/window/font_atlas.h"
#include "app/window/input_queue.h"

struct GLFWwindow;

namespace attn::app {

struct WindowOptions {
  std::string title = "Attention Lab";
  int width = 1280, height = 800;  // at 100 %
  bool visible = true;             // a hidden window works, but draws only when a picture is asked for
  double started_s = 0;            // of the steady clock, when the process began; 0: now
  bool scripted = false;  // only a Drive's events count, the real mouse and keyboard do not; no waiting
};

// Counters of the last frame, for the status line and benchmarks.
struct FrameCounters {
  std::uint64_t frames = 0;
  double interface_ms = 0;  // the interface's own work
  double frame_ms = 0;      // with drawing, until the picture was handed over
  // Since the process began (WindowOptions::started_s); -1: not yet.
  double first_frame_ms = -1;
  double first_picture_ms = -1;  // the first frame that its drawer called a picture
  int glyph_rebuilds = 0;

  // Of the last frames, kTimed at most, in no order.
  static constexpr std::size_t kTimed = 60;
  std::vector<double> frame_times_ms, interface_times_ms;
};
// The middle one, which a single interruption does not move; 0 of none.
double median(std::vector<double> times);

// The window: GLFW, OpenGL 3.3 core, fonts, input, clipboard, files dropped on it. Lives on the thread that
// made it; only wake() may be called from others. One at a time.
class Window {
 public:
  using Draw = std::function<void(Ui&)>;

  // Throws Error when there is no display or no OpenGL 3.3.
  explicit Window(const WindowOptions& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  // Theme, language and zoom (75 … 250 %) of the frames to come. Cheap when nothing changes.
  void set_look(ThemeName theme, Language language, int zoom_percent);

  // Draws again and again until the window is closed; sleeps when nothing changes. `between` (may be null)
  // runs before each turn; while it returns true the loop does not sleep.
  void run(const Draw& draw, const std::function<bool()>& between = nullptr);
  // One turn of it: waits for something to happen unless frames are due or `sleepless`, then draws. False
  // when the window was closed.
  bool turn(const Draw& draw, bool sleepless = false);

  // What is being drawn shows what the person came for: FrameCounters::first_picture_ms ends here.
  void call_it_a_picture() { is_picture_ = true; }

  // Something changed that must be drawn: from any thread.
  void wake();
  void want_frames(int count);
  void close();
  bool close_asked() const;  // by the person
  void stay_open();          // the answer to close_asked()

  std::vector<std::string> take_dropped();    // paths dropped since the last call
  void drop(std::vector<std::string> paths);  // as if they had been

  // The picture as it was drawn last. Throws Error when the file cannot be written.
  gl::Image picture();
  void screenshot(const std::string& path);

  void set_title(const std::string& title);
  void resize(int width_px, int height_px);  // of the framebuffer; takes effect in a later turn
  int width_px() const;
  int height_px() const;
  float scale() const { return scale_; }
  int zoom_percent() const { return zoom_percent_; }

  std::string clipboard() const;
  void set_clipboard(const std::string& text);

  InputQueue& input() { return input_; }
  const Registry& registry() const { return registry_; }
  const FrameCounters& counters() const { return counters_; }
  // Time for animations, tooltips and double clicks, in seconds; by default the computer's clock.
  void set_clock(std::function<double()> clock) { clock_ = std::move(clock); }

 private:
  struct Platform;  // GLFW, the context and ImGui: destroyed last

  void connect_events();
  void on_event(const InputEvent& event);
  void wait(bool sleepless);
  void draw_frame(const Draw& draw, double seconds);
  void count_frame(double since_start_ms);
  void present();
  void rebuild_fonts();
  void update_cursor();
  static const char* read_clipboard(void* window);
  static void write_clipboard(void* window, const char* text);

  WindowOptions options_;
  double created_s_ = 0;
  std::unique_ptr<Platform> platform_;
  Theme theme_ = make_theme(ThemeName::light);
  Language language_ = Language::english;
  Words words_{Language::english};
  int zoom_percent_ = 100;
  float content_scale_ = 1, scale_ = 1;
  bool look_changed_ = true;
  FontAtlas atlas_;
  Fonts fonts_;
  bool fonts_uploaded_ = false;
  std::unique_ptr<gl::HeatmapRenderer> heatmaps_;
  Registry registry_;
  WidgetMemory memory_;
  Keys keys_;
  InputQueue input_;
  std::vector<std::string> dropped_;
  std::string clipboard_copy_;
  std::function<double()> clock_;
  double last_frame_s_ = 0, wake_at_s_ = -1;
  int frames_due_ = 3;
  std::atomic<bool> woken_{false};
  FrameCounters counters_;
  bool is_picture_ = false;
};

}  // namespace attn::app
