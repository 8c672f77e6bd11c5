#pragma once

#include <filesystem>

namespace attn::app {

// Puts a PNG on the clipboard through the desktop's own tool: wl-copy on Wayland, xclip on X11. GLFW's
// clipboard takes text only. False: there is no such tool, or it refused.
bool put_picture_on_clipboard(const std::filesystem::path& png);

// Where a picture lies until it is on the clipboard: this process's own name in the system's scratch folder.
std::filesystem::path passing_picture_name();

// A PNG in `folder` that is not there yet: "attention-lab-1.png".
std::filesystem::path free_picture_name(const std::filesystem::path& folder);

}  // namespace attn::app
