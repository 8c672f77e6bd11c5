// A picture or a sound: whatever the bytes, an Error or a result of the size that it says.
#include <cstdint>
#include <cstdlib>

#include "core/math/error.h"
#include "core/study/media/picture_file.h"
#include "core/study/media/sound_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const attn::Picture picture = attn::decode_picture(bytes, "fuzz");
    if (picture.rgb.size() !=
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3)
      std::abort();
  } catch (const attn::Error&) {
  }
  try {
    if (attn::decode_sound(bytes, "fuzz").samples.empty()) std::abort();
  } catch (const attn::Error&) {
  }
  return 0;
}
