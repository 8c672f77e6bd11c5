#pragma once

#include <filesystem>
#include <string>

#include "app/views/training/run.h"

namespace attn::app {

// What a kept model says of itself: what it is made of, how it was trained, what it reached beside guessing.
std::string kept_model_card(const TrainingPicture& picture, const std::string& name);

// Writes the model of this moment to own_models_folder()/name. Throws Error for a name that cannot be used or
// is taken, a folder that cannot be written, and a model that no file can express; then nothing is left
// there. Returns the folder.
std::filesystem::path keep_trained_model(const TrainingPicture& picture, const std::string& name);

}  // namespace attn::app
