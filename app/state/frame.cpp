#include "app/state/frame.h"

namespace attn::app {

std::optional<HeadWeights> Side::weights(const HeadId& head) const {
  if (!trace) return std::nullopt;
  if (const auto made = asked_weights.find(head); made != asked_weights.end()) {
    return HeadWeights(view(*made->second));
  }
  return trace->weights(head);
}

bool asks_for_other_input(const Wording& problem) {
  for (const char* key : {"media.needs_picture", "media.needs_sound", "media.words_not_sound",
                          "media.words_not_picture", "media.picture_not_sound", "media.sound_not_picture"})
    if (problem.key == key) return true;
  return false;
}

const JobState* Frame::job(std::string_view key) const {
  if (!jobs) return nullptr;
  const auto found = jobs->find(key);
  return found == jobs->end() ? nullptr : &found->second;
}

}  // namespace attn::app
