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

namespace {

bool is_model_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  return !folder.empty() && std::filesystem::exists(folder / "config.json", ignored);
}

bool has_fingerprint(const std::filesystem::path& folder, const std::string& fingerprint) {
  try {
    return is_model_folder(folder) && fingerprint_of(folder) == fingerprint;
  } catch (const Error&) {
    return false;  // not the one that was recorded from
  }
}

LoadedModel open_recorded_model(const Recording& recording, const std::filesystem::path& file,
                                const std::vector<std::string>& candidates, Pool* pool,
                                const CancelToken* cancel) {
  // A folder beside the file is meant before a model of that name elsewhere.
  const std::vector<std::filesystem::path> named = {recording.model_path,
                                                    file.parent_path() / recording.model};
  std::vector<std::filesystem::path> all = named;
  all.insert(all.end(), candidates.begin(), candidates.end());
  const auto same = std::find_if(all.begin(), all.end(), [&](const std::filesystem::path& folder) {
    return !recording.fingerprint.empty() && has_fingerprint(folder, recording.fingerprint);
  });
  if (same != all.end()) return open_model(same->string(), pool, nullptr, cancel);
  const auto there = std::find_if(named.begin(), named.end(), is_model_folder);
  if (there != named.end()) return open_model(there->string(), pool, nullptr, cancel);
  try {
    return open_model(recording.model, pool, nullptr, cancel);
  } catch (const WordedError& problem) {
    if (problem.wording().key != "model.unknown" || recording.fingerprint.empty()) throw;
    throw WordedError(
        worded("recording.model_gone",
               "{model}, which this was recorded from, was not found ({path}). Open its folder "
               "once, come back to the recording and try again: it is known by its fingerprint.",
               {{"model", recording.model},
                {"path", recording.model_path.empty() ? recording.model : recording.model_path}}));
  }
}

}  // namespace

RecordingCheck check_recording(const std::filesystem::path& file, Pool* pool, const CancelToken* cancel,
                               const std::vector<std::string>& candidates) {
  const Recording recording = read_attention_file(file);
  RecordingCheck check;
  check.model = recording.model;
  if (check.model.empty())
    throw WordedError(worded("recording.no_model", "{file} does not say which model it was recorded from.",
                             {{"file", file.filename().string()}}));
  const LoadedModel loaded = open_recorded_model(recording, file, candidates, pool, cancel);
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
