#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/study/attention_file.h"
#include "core/study/library.h"

namespace attn {

// Whether a model computes what was recorded: it is run on the recording's tokens, with the interventions
// that the recording names.

// What the recording was computed from: its token numbers, its raw tensors, or its tokens as this model's
// tokenizer numbers them. Throws Error when the tokenizer has no such token.
Inputs recorded_inputs(const Recording& recording, const LoadedModel& loaded, const std::string& file,
                       const std::string& prefix = "");

struct RecordingCheck {
  std::string model;          // that the file names
  double largest_weight = 0;  // the largest difference of a weight, over all layers
};
// Opens the model that the file was recorded from and runs it once: the folder that it names, one of that
// name beside it, a built-in name, a Hub name in the cache; before these, whichever of them or of
// `candidates` (folders that were looked at lately) has the fingerprint that was written down. Throws Error
// when the file names none, or one that is not on this computer, or of another shape; Cancelled.
RecordingCheck check_recording(const std::filesystem::path& file, Pool* pool = nullptr,
                               const CancelToken* cancel = nullptr,
                               const std::vector<std::string>& candidates = {});

}  // namespace attn
