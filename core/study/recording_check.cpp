#include "core/study/recording_check.h"

#include <algorithm>

#include "core/math/worded_error.h"

namespace attn {

namespace {

std::vector<int> ids_of(const std::vector<std::string>& tokens, const LoadedModel& loaded,
                        const std::string& file) {
  if (!loaded.tokenizer) {
    throw Error(file + " names its tokens but not their numbers, and " + loaded.model->name +
                " has no tokenizer that can be read: " + loaded.tokenizer_problem.english);
  }
  std::vector<int> ids;
  for (const std::string& token : tokens) {
    const std::optional<int> id = loaded.tokenizer->find_id(token);
    if (!id)
      throw Error(file + ": token \"" + token + "\" is not in the vocabulary of " + loaded.model->name);
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace

Inputs recorded_inputs(const Recording& recording, const LoadedModel& loaded, const std::string& file,
                       const std::string& prefix) {
  const ModelSpec& spec = loaded.model->spec;
  Inputs inputs = recording.trace->inputs;
  if (inputs.ids.empty() && spec.input != InputKind::words)
    inputs = read_inputs_file(file, prefix);
  else if (inputs.ids.empty())
    inputs.ids = ids_of(recording.trace->tokens, loaded, file);
  if (spec.is_encoder_decoder() && inputs.target_ids.empty())
    inputs.target_ids = ids_of(recording.trace->target_tokens, loaded, file);
  return inputs;
}

RecordingCheck check_recording(const std::filesystem::path& file, Pool* pool, const CancelToken* cancel) {
  const Recording recording = read_attention_file(file);
  RecordingCheck check;
  check.model = recording.model;
  if (check.model.empty())
    throw WordedError(worded("recording.no_model", "{file} does not say which model it was recorded from.",
                             {{"file", file.filename().string()}}));
  // A folder beside the file is meant before a model of that name elsewhere.
  const std::filesystem::path beside = file.parent_path() / check.model;
  std::error_code ignored;
  const bool is_beside = std::filesystem::exists(beside / "config.json", ignored);
  const LoadedModel loaded = open_model(is_beside ? beside.string() : check.model, pool, nullptr, cancel);
  if (!loaded.model)
    throw WordedError(
        worded("recording.of_recording", "{model} is a recording itself.", {{"model", check.model}}));
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  const auto trace = run_pass(loaded.model, recorded_inputs(recording, loaded, file.string()),
                              parse_interventions(recording.interventions, loaded.model->spec), options);
  for (const LayerDifference& layer : compare_with_recording(*trace, *recording.trace))
    check.largest_weight = std::max(check.largest_weight, layer.weights);
  return check;
}

}  // namespace attn
