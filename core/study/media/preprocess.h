#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/study/media/media.h"

namespace attn {

// A picture or sound as a model reads it, by the settings of its folder's preprocessor_config.json.
struct PreparedMedia {
  Inputs inputs;
  std::shared_ptr<const Media> media;
  std::vector<std::string> names;  // of the tokens: "[CLS]", "2,3" (row, column of a patch), "0.12 s"
  std::vector<bool> special;       // learned tokens that stand for no part of the picture
};

// Resize, cut, rescale, normalise (ViTImageProcessor, DeiTImageProcessor).
PreparedMedia prepare_picture(const Model& model, const Picture& picture, const std::string& name);
// To the model's rate, then normalised (Wav2Vec2FeatureExtractor) or a log-mel spectrogram of exactly the
// model's length (WhisperFeatureExtractor).
PreparedMedia prepare_sound(const Model& model, const Sound& sound, const std::string& name);
// Whichever the model reads, from a file. Throws Error for a model that reads words, or a file of the other
// kind: one sentence.
PreparedMedia read_media(const Model& model, const std::filesystem::path& file);

}  // namespace attn
