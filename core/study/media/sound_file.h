#pragma once

#include <filesystem>
#include <string_view>

#include "core/study/media/media.h"

namespace attn {

// A WAV (or FLAC, Ogg, AIFF, AU) as one channel, the mean of its own. What a header claims is never allocated
// before the samples are there. Throws Error: one sentence that begins with `name`.
Sound decode_sound(std::string_view bytes, const std::string& name);
Sound read_sound(const std::filesystem::path& path);

// The sound at another rate: a windowed sinc (Kaiser, beta 8.6), cut off below half of the lower rate.
Sound at_rate(const Sound& sound, int rate);

}  // namespace attn
