#pragma once

#include <filesystem>
#include <string_view>

#include "core/study/media/media.h"

namespace attn {

// A PNG or JPEG as 8-bit RGB; transparency is left out and grey spread over the three colours, as Pillow's
// convert("RGB") does. What a header claims is checked before anything is allocated. Throws Error: one
// sentence that begins with `name`.
Picture decode_picture(std::string_view bytes, const std::string& name);
Picture read_picture(const std::filesystem::path& path);

// True for a name that ends like a picture or like a sound.
bool is_picture_name(const std::filesystem::path& path);
bool is_sound_name(const std::filesystem::path& path);

}  // namespace attn
