#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/math/pool.h"
#include "core/math/worded_error.h"
#include "core/model/file.h"
#include "core/model/model.h"

namespace attn {

// Seen from another thread while a model loads.
struct LoadProgress {
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> bytes_total{0};
};

// Reads a folder in Hugging Face layout (config.json and weights). Every name, shape and size is checked
// against config and file before anything is allocated. Throws Error: one sentence naming file, tensor or
// field, what was found, what was expected, what to do. What cannot be computed rightly is refused, never
// approximated.
// `on_begun` is called once everything is checked and before the parameters are read: from then on a pass
// over this model, in any other thread, waits for each layer until it is there (and throws what the reading
// failed with).
std::shared_ptr<const Model> load_model(
    const std::filesystem::path& folder, Pool* pool = nullptr, LoadProgress* progress = nullptr,
    const CancelToken* cancel = nullptr,
    const std::function<void(std::shared_ptr<const Model>)>& on_begun = nullptr);

// Memory that could be asked for now, as the operating system says; 0: it does not say.
std::uint64_t available_memory_bytes();

// Why a model that needs this much is not opened while no more than `available` is free (0: not known);
// empty: it fits.
Wording why_no_memory(const std::string& model, std::uint64_t needed, std::uint64_t available);

// "2.4 MB", "441 MB", "1.3 GB".
std::string bytes_text(std::uint64_t bytes);

// What Model::fingerprint would be, from config and headers alone. Throws Error for what is no model folder.
std::string fingerprint_of(const std::filesystem::path& folder);

}  // namespace attn
