#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/math/worded_error.h"

namespace attn {

// Where models may lie on this computer.
struct ModelPlaces {
  std::filesystem::path built_in;              // each subfolder is a model
  std::vector<std::filesystem::path> folders;  // given by a person: a model, or a folder of models
  std::filesystem::path hugging_face;          // the hub cache: models--ORG--NAME/snapshots/…
  std::filesystem::path model_scope;           // ORG/NAME/…

  // The caches as HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME and MODELSCOPE_CACHE say.
  static ModelPlaces from_environment(std::filesystem::path built_in,
                                      std::vector<std::filesystem::path> folders = {});
};

struct FoundModel {
  enum class Origin { built_in, folder, hugging_face, model_scope };
  Origin origin = Origin::folder;
  std::string name;  // what --model takes: "pronouns-en", "google/bert", or the folder's name
  std::filesystem::path path;
  std::string family;              // "" when there is no readable config
  std::string title;               // of our own models
  std::uint64_t bytes = 0;         // of its weight files
  std::uint64_t memory_bytes = 0;  // needed to open it
  std::size_t n_parameters = 0;
  int n_layers = 0;  // of the text's stack
  int n_heads = 0;
  std::vector<Wording> notes;  // as Model::notes
  Wording unusable;            // one sentence why it cannot be opened; empty: it can

  bool usable() const { return unusable.empty(); }
};

// Looks at config and headers only, not at the numbers. Never throws: what is wrong stands in `unusable`.
FoundModel inspect_model(const std::filesystem::path& folder);

// Why a file cannot stand where a model's folder is expected.
Wording why_no_folder(const std::filesystem::path& file);

// Every model of the places, in their order, by name. Folders that cannot be read are left out.
std::vector<FoundModel> find_models(const ModelPlaces& places);

// What --model says → the folder: a built-in name, a path (given first where both exist), or a Hub name in a
// cache. Throws Error that names what there is, or why what is there cannot be opened.
std::filesystem::path resolve_model(const std::string& name, const ModelPlaces& places);

}  // namespace attn
