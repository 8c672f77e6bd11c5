#include "app/window/window.h"

#include <epoxy/gl.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "app/widgets/focus.h"
#include "app/window/glfw_keys.h"
#include "core/math/error.h"

namespace attn::app {
namespace {

// ImGui needs a few frames after an event until everything has settled.
constexpr int kFramesAfterEvent = 3;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Window* window_of(GLFWwindow* window) {
  return static_cast<Window*>(glfwGetWindowUserPointer(window));
}

std::string last_glfw_error() {
  const char* description = nullptr;
  glfwGetError(&description);
  return description ? std::string(" (") + description + ")" : std::string();
}

}  // namespace

struct Window::Platform {
  GLFWwindow* window = nullptr;
  ImGuiContext* imgui = nullptr;
  std::array<GLFWcursor*, ImGuiMouseCursor_COUNT> cursors{};

  explicit Platform(const WindowOptions& options) {
    if (!glfwInit())
      throw Error("There is no display to open a window on" + last_glfw_error() +
                  ". The command line works without one: attnlab --help.");
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    glfwWindowHint(GLFW_VISIBLE, options.visible ? GLFW_TRUE : GLFW_FALSE);
    glfwWindowHintString(GLFW_X11_CLASS_NAME, "attnlab");
    glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "attnlab");
    window = glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
    if (!window) {
      const std::string detail = last_glfw_error();
      glfwTerminate();
      throw Error("The window needs OpenGL 3.3, which this computer does not offer" + detail +
                  ". Try LIBGL_ALWAYS_SOFTWARE=1; the command line works without: attnlab --help.");
    }
    glfwMakeContextCurrent(window);
    glfwSwapInterval(options.scripted ? 0 : 1);
    imgui = ImGui::CreateContext();
    ImGui_ImplOpenGL3_Init("#version 330 core");
    constexpr std::array<std::pair<int, int>, 5> kShapes = {
        {{ImGuiMouseCursor_Arrow, GLFW_ARROW_CURSOR},
         {ImGuiMouseCursor_TextInput, GLFW_IBEAM_CURSOR},
         {ImGuiMouseCursor_Hand, GLFW_HAND_CURSOR},
         {ImGuiMouseCursor_ResizeEW, GLFW_HRESIZE_CURSOR},
         {ImGuiMouseCursor_ResizeNS, GLFW_VRESIZE_CURSOR}}};
    for (const auto& [ours, theirs] : kShapes)
      cursors[static_cast<std::size_t>(ours)] = glfwCreateStandardCursor(theirs);
  }
  ~Platform() {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui::DestroyContext(imgui);
    for (GLFWcursor* cursor : cursors)
      if (cursor) glfwDestroyCursor(cursor);
    glfwDestroyWindow(window);
    glfwTerminate();
  }
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
};

Window::Window(const WindowOptions& options)
    : options_(options),
      created_s_(options.started_s > 0 ? options.started_s : seconds_now()),
      platform_(std::make_unique<Platform>(options)) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigInputTextCursorBlink = false;  // nothing moves while nobody does
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  io.ClipboardUserData = this;
  io.GetClipboardTextFn = &Window::read_clipboard;
  io.SetClipboardTextFn = &Window::write_clipboard;
  describe_keys(io);
  float scale_y = 1;
  glfwGetWindowContentScale(platform_->window, &content_scale_, &scale_y);
  glfwSetWindowUserPointer(platform_->window, this);
  connect_events();
  heatmaps_ = std::make_unique<gl::HeatmapRenderer>();
}

Window::~Window() = default;

void Window::connect_events() {
  GLFWwindow* window = platform_->window;
  using Kind = InputEvent::Kind;
  glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int, int action, int) {
    const Key ours = key_of_glfw(key);
    if (ours != Key::none)
      window_of(w)->on_event({.kind = Kind::key,
                              .key = ours,
                              .down = action != GLFW_RELEASE,
                              .repeated = action == GLFW_REPEAT});
  });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned character) {
    window_of(w)->on_event({.kind = Kind::character, .character = character});
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int) {
    window_of(w)->on_event({.kind = Kind::button, .down = action == GLFW_PRESS, .button = button});
  });
  // A press happens where the last move before it went: by the time it is read, the pointer may be elsewhere.
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double x, double y) {
    int width = 1, height = 1;
    glfwGetWindowSize(w, &width, &height);
    const Window& me = *window_of(w);
    window_of(w)->on_event({.kind = Kind::move,
                            .x = static_cast<float>(x * me.width_px() / std::max(1, width)),
                            .y = static_cast<float>(y * me.height_px() / std::max(1, height))});
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int entered) {
    if (!entered) window_of(w)->on_event({.kind = Kind::move, .x = -1e6f, .y = -1e6f});
  });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double x, double y) {
    window_of(w)->on_event({.kind = Kind::scroll, .x = static_cast<float>(x), .y = static_cast<float>(y)});
  });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int focused) {
    if (!focused) window_of(w)->on_event({.kind = Kind::focus_lost});
  });
  glfwSetDropCallback(window, [](GLFWwindow* w, int count, const char** paths) {
    window_of(w)->drop(std::vector<std::string>(paths, paths + count));
  });
  glfwSetFramebufferSizeCallback(
      window, [](GLFWwindow* w, int, int) { window_of(w)->want_frames(kFramesAfterEvent); });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { window_of(w)->want_frames(1); });
  glfwSetWindowContentScaleCallback(window, [](GLFWwindow* w, float scale, float) {
    window_of(w)->content_scale_ = scale;
    window_of(w)->look_changed_ = true;
    window_of(w)->want_frames(kFramesAfterEvent);
  });
}

void Window::on_event(const InputEvent& event) {
  if (!options_.scripted) input_.push(event);
  want_frames(kFramesAfterEvent);
}

void Window::set_look(ThemeName theme, Language language, int zoom_percent) {
  zoom_percent = std::clamp(zoom_percent, 75, 250);
  if (theme_.name == theme && language_ == language && zoom_percent_ == zoom_percent) return;
  if (language_ != language) words_ = Words(language);
  theme_ = make_theme(theme);
  language_ = language;
  zoom_percent_ = zoom_percent;
  look_changed_ = true;
  want_frames(kFramesAfterEvent);
}

void Window::run(const Draw& draw, const std::function<bool()>& between) {
  bool sleepless = between && between();
  while (turn(draw, sleepless)) sleepless = between && between();
}

bool Window::turn(const Draw& draw, bool sleepless) {
  wait(sleepless);
  if (glfwWindowShouldClose(platform_->window)) {
    draw_frame(draw, 1e-3);  // the program may ask to stay open
    if (glfwWindowShouldClose(platform_->window)) return false;
  }
  if (frames_due_ <= 0 && input_.empty()) return true;
  --frames_due_;

  const double began_s = seconds_now();
  input_.apply(ImGui::GetIO(), keys_, fonts_.wide, memory_.typed_wide);
  const double now_s = clock_ ? clock_() : began_s;
  draw_frame(draw, std::clamp(now_s - last_frame_s_, 1e-4, 1.0));
  last_frame_s_ = now_s;
  if (fonts_.any_missing()) {  // make what was missing, and draw it before anyone sees the gap
    keys_ = {};
    rebuild_fonts();
    draw_frame(draw, 1e-4);
    if (fonts_.any_missing()) want_frames(1);
  }
  counters_.interface_ms = (seconds_now() - began_s) * 1e3;
  present();
  const double done_s = seconds_now();
  counters_.frame_ms = (done_s - began_s) * 1e3;
  count_frame((done_s - created_s_) * 1e3);
  return true;
}

void Window::count_frame(double since_start_ms) {
  const auto keep = [&](std::vector<double>& times, double time) {
    if (times.size() < FrameCounters::kTimed)
      times.push_back(time);
    else
      times[counters_.frames % FrameCounters::kTimed] = time;
  };
  keep(counters_.frame_times_ms, counters_.frame_ms);
  keep(counters_.interface_times_ms, counters_.interface_ms);
  if (counters_.frames++ == 0) counters_.first_frame_ms = since_start_ms;
  if (is_picture_ && counters_.first_picture_ms < 0) counters_.first_picture_ms = since_start_ms;
}

double median(std::vector<double> times) {
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

void Window::wait(bool sleepless) {
  const bool busy = sleepless || frames_due_ > 0 || !input_.empty() || woken_.load();
  const double left_s = wake_at_s_ < 0 ? -1 : wake_at_s_ - (clock_ ? clock_() : seconds_now());
  if (busy || (wake_at_s_ >= 0 && left_s <= 0))
    glfwPollEvents();
  else if (wake_at_s_ >= 0)
    glfwWaitEventsTimeout(left_s);
  else
    glfwWaitEvents();
  if (woken_.exchange(false)) want_frames(kFramesAfterEvent);
  if (wake_at_s_ >= 0 && (clock_ ? clock_() : seconds_now()) >= wake_at_s_) {
    wake_at_s_ = -1;
    want_frames(1);
  }
}

void Window::draw_frame(const Draw& draw, double seconds) {
  scale_ = content_scale_ * static_cast<float>(zoom_percent_) / 100.0f;
  if (look_changed_) {
    apply(theme_, scale_, ImGui::GetStyle());
    rebuild_fonts();
    look_changed_ = false;
  }
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize =
      ImVec2(static_cast<float>(std::max(1, width_px())), static_cast<float>(std::max(1, height_px())));
  io.DeltaTime = static_cast<float>(seconds);
  move_focus(registry_, keys_, input_.mouse_went_down(), memory_);
  registry_.clear();
  heatmaps_->begin_frame();
  ImGui_ImplOpenGL3_NewFrame();
  fonts_uploaded_ = true;
  ImGui::NewFrame();

  Ui ui{theme_, words_, fonts_, registry_, *heatmaps_, memory_, keys_};
  ui.scale = scale_;
  ui.now_s = clock_ ? clock_() : seconds_now();
  ui.modal_open = std::exchange(memory_.modal_open, false);
  ui.reduced_motion = options_.scripted;
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(io.DisplaySize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0f);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0.0f);
  // No background of its own: the picture was cleared to it, and filling a screen twice takes a software
  // renderer milliseconds.
  ImGui::Begin("window", nullptr,
               ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar(3);
  draw(ui);
  ImGui::End();
  ImGui::Render();
  memory_.typed_wide.clear();
  want_frames(ui.frames_wanted);
  if (ui.wake_in_s >= 0) wake_at_s_ = ui.now_s + ui.wake_in_s;
  update_cursor();
}

void Window::present() {
  if (!options_.visible) return;  // nobody looks; picture() draws for itself
  glViewport(0, 0, width_px(), height_px());
  const ImVec4 ground = ImGui::ColorConvertU32ToFloat4(theme_.background);
  glClearColor(ground.x, ground.y, ground.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  glfwSwapBuffers(platform_->window);
}

void Window::rebuild_fonts() {
  atlas_.build(fonts_, scale_);
  ++counters_.glyph_rebuilds;
#if IMGUI_VERSION_NUM < 19200
  if (fonts_uploaded_) {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
  }
#endif
}

void Window::update_cursor() {
  const int shape = ImGui::GetMouseCursor();
  GLFWcursor* cursor = shape >= 0 ? platform_->cursors[static_cast<std::size_t>(shape)] : nullptr;
  glfwSetCursor(platform_->window, cursor);
}

void Window::wake() {
  woken_.store(true);
  glfwPostEmptyEvent();
}

void Window::want_frames(int count) {
  frames_due_ = std::max(frames_due_, count);
}
void Window::close() {
  glfwSetWindowShouldClose(platform_->window, GLFW_TRUE);
}
bool Window::close_asked() const {
  return glfwWindowShouldClose(platform_->window) != 0;
}
void Window::stay_open() {
  glfwSetWindowShouldClose(platform_->window, GLFW_FALSE);
}

std::vector<std::string> Window::take_dropped() {
  return std::exchange(dropped_, {});
}

void Window::drop(std::vector<std::string> paths) {
  dropped_.insert(dropped_.end(), paths.begin(), paths.end());
  want_frames(kFramesAfterEvent);
}

gl::Image Window::picture() {
  const gl::Framebuffer target(width_px(), height_px());
  target.bind();
  const ImVec4 ground = ImGui::ColorConvertU32ToFloat4(theme_.background);
  glClearColor(ground.x, ground.y, ground.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  return target.read();
}

void Window::screenshot(const std::string& path) {
  gl::write_png(picture(), path);
}

void Window::set_title(const std::string& title) {
  glfwSetWindowTitle(platform_->window, title.c_str());
}

void Window::resize(int width, int height) {
  int window_width = 1, window_height = 1;
  glfwGetWindowSize(platform_->window, &window_width, &window_height);
  glfwSetWindowSize(platform_->window, width * window_width / std::max(1, width_px()),
                    height * window_height / std::max(1, height_px()));
  want_frames(kFramesAfterEvent);
}

int Window::width_px() const {
  int width = 0, height = 0;
  glfwGetFramebufferSize(platform_->window, &width, &height);
  return width;
}

int Window::height_px() const {
  int width = 0, height = 0;
  glfwGetFramebufferSize(platform_->window, &width, &height);
  return height;
}

std::string Window::clipboard() const {
  const char* text = glfwGetClipboardString(platform_->window);
  return text ? text : "";
}

void Window::set_clipboard(const std::string& text) {
  glfwSetClipboardString(platform_->window, text.c_str());
}

// ImGui's fields hold one line: line breaks and tabs become spaces.
const char* Window::read_clipboard(void* window) {
  Window& me = *static_cast<Window*>(window);
  me.clipboard_copy_ = me.fonts_.wide.encode(me.clipboard());
  std::replace_if(
      me.clipboard_copy_.begin(), me.clipboard_copy_.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return me.clipboard_copy_.c_str();
}

void Window::write_clipboard(void* window, const char* text) {
  Window& me = *static_cast<Window*>(window);
  me.set_clipboard(me.fonts_.wide.decode(text));
}

}  // namespace attn::app
