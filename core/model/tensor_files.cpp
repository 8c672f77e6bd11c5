#include "core/model/tensor_files.h"

#include <xxhash.h>

#include <set>

#include "core/math/worded_error.h"
#include "core/model/json_text.h"
#include "core/model/safetensors.h"
#include "core/model/torch_file.h"

namespace attn {

namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The shards that an index names. Every name must be a plain file name: an index is a stranger's text.
std::vector<std::filesystem::path> shards_of(const std::filesystem::path& index_path) {
  const std::string label = file_label(index_path);
  const nlohmann::json index = parse_json(read_small_file(index_path, std::size_t{256} << 20), label);
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object())
    throw WordedError(worded("weights.no_map",
                             "{file} has no object 'weight_map' that says which file holds which tensor.",
                             {{"file", label}}));
  std::set<std::string> names;
  for (const auto& [tensor, file] : index["weight_map"].items()) {
    if (!file.is_string())
      throw WordedError(
          framed("file.damaged", label + ": the file of '" + tensor.substr(0, 200) + "' is not a text."));
    const std::string name = file.get<std::string>();
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
      throw WordedError(
          worded("weights.outside",
                 "{file} names the file '{name}'; only plain file names inside the model folder are allowed.",
                 {{"file", label}, {"name", name.substr(0, 200)}}));
    names.insert(name);
  }
  std::vector<std::filesystem::path> paths;
  for (const std::string& name : names) paths.push_back(index_path.parent_path() / name);
  return paths;
}

}  // namespace

std::string canonical_tensor_name(const std::string& name) {
  std::string out = name.rfind("module.", 0) == 0 ? name.substr(7) : name;
  const auto rename_end = [&](std::string_view from, std::string_view to) {
    if (ends_with(out, from)) out.replace(out.size() - from.size(), from.size(), to);
  };
  rename_end(".gamma", ".weight");
  rename_end(".beta", ".bias");
  rename_end(".parametrizations.weight.original0", ".weight_g");
  rename_end(".parametrizations.weight.original1", ".weight_v");
  return out;
}

std::vector<std::filesystem::path> weight_files_of(const std::filesystem::path& folder) {
  for (const char* name : {"model.safetensors", "pytorch_model.bin"}) {
    if (std::filesystem::exists(folder / name)) return {folder / name};
    const std::filesystem::path index = folder / (std::string(name) + ".index.json");
    if (std::filesystem::exists(index)) return shards_of(index);
  }
  return {};
}

TensorFiles TensorFiles::open(const std::filesystem::path& folder) {
  TensorFiles files;
  const std::vector<std::filesystem::path> paths = weight_files_of(folder);
  const std::string name = folder_name(folder);
  if (paths.empty()) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".gguf")
        throw WordedError(worded(
            "folder.gguf_only",
            "{name} holds a GGUF file, which is not supported; convert it to Hugging Face safetensors.",
            {{"name", name}}));
      if (extension == ".h5" || extension == ".msgpack")
        throw WordedError(
            worded("folder.other_weights",
                   "{name} holds only {file}; save the model from PyTorch as model.safetensors.",
                   {{"name", name}, {"file", entry.path().filename().string()}}));
    }
    throw WordedError(worded(
        "folder.no_weights",
        "{name} has no weights: model.safetensors, pytorch_model.bin or their .index.json is expected.",
        {{"name", name}}));
  }
  for (const std::filesystem::path& path : paths) files.add(path);
  return files;
}

void TensorFiles::add(const std::filesystem::path& path) {
  std::map<std::string, TensorRef> tensors;
  std::string header;
  std::shared_ptr<const File> file = File::open(path);
  if (path.extension() == ".safetensors") {
    Safetensors read = read_safetensors(file);
    tensors = std::move(read.tensors);
    header = std::move(read.header);
  } else {
    TorchFile read = read_torch_file(file);
    tensors = std::move(read.tensors);
    header = std::move(read.pickle);
  }
  if (label_.empty()) label_ = file->label();
  file_bytes_ += file->size();
  headers_.push_back(header + "\n" + std::to_string(file->size()));
  for (auto& [name, tensor] : tensors) {
    const std::string canonical = canonical_tensor_name(name);
    // A tensor under its new name wins over one under its old name.
    if (canonical == name)
      tensors_[canonical] = std::move(tensor);
    else
      tensors_.emplace(canonical, std::move(tensor));
  }
}

const TensorRef* TensorFiles::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return nullptr;
  asked_for_.insert(name);
  return &found->second;
}

std::vector<std::string> TensorFiles::never_asked_for() const {
  std::set<std::pair<const File*, std::uint64_t>> used;
  for (const std::string& name : asked_for_) {
    const TensorRef& tensor = tensors_.at(name);
    used.insert({tensor.file.get(), tensor.offset});
  }
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_)
    if (!asked_for_.contains(name) && !used.contains({tensor.file.get(), tensor.offset}))
      names.push_back(name);
  return names;
}

namespace {

// Buffers that are computed anew, tables that are tied to others, and parts for another task or for training.
bool is_left_aside(const std::string& name) {
  for (const char* part :
       {"position_ids", "masked_bias", "inv_freq", "num_batches_tracked", "pooler", "embed_positions.weights",
        "masked_spec_embed", "quantizer", "mask_token", "token_type_ids"})
    if (name.find(part) != std::string::npos) return true;
  for (const char* end : {"attn.bias", "attention.bias", "embed_tokens.weight", "shared.weight",
                          "position_embeddings.weight", ".mask_emb"})
    if (ends_with(name, end)) return true;
  for (const char* begin : {"cls.",
                            "classifier.",
                            "lm_head.",
                            "qa_outputs.",
                            "score.",
                            "vocab_",
                            "discriminator_predictions.",
                            "generator_",
                            "lm_predictions.",
                            "final_logits_bias",
                            "multiple_choice_head.",
                            "project_",
                            "proj_out.",
                            "lm_loss.",
                            "predictions.",
                            "sop_classifier.",
                            "logits_proj.",
                            "sequence_summary.",
                            "mask_predictions.",
                            "classification_head.",
                            "projector.",
                            "pre_classifier.",
                            "embed_out.",
                            "start_logits.",
                            "end_logits.",
                            "answer_class.",
                            "cls_classifier.",
                            "distillation_classifier."})
    if (name.rfind(begin, 0) == 0) return true;
  return false;
}

}  // namespace

Wording unused_tensors(const TensorFiles& files) {
  std::vector<std::string> unused;
  for (std::string& name : files.never_asked_for())
    if (!is_left_aside(name)) unused.push_back(std::move(name));
  if (unused.empty()) return {};
  return worded("weights.unused",
                "{file} holds tensors that config.json does not ask for ({n}, the first is '{tensor}'): they "
                "are left out. Does config.json name all layers and parts of these weights?",
                {{"file", files.label()}, {"n", std::to_string(unused.size())}, {"tensor", unused.front()}});
}

void TensorFiles::let_stand_in(const std::string& present, const std::string& missing) {
  const auto found = tensors_.find(present);
  const std::string prefix = missing.substr(0, missing.find('.') + 1);
  const auto like = tensors_.lower_bound(prefix);
  const bool prefix_is_used =
      prefix == "shared." || (like != tensors_.end() && like->first.rfind(prefix, 0) == 0);
  if (found != tensors_.end() && prefix_is_used) tensors_.emplace(missing, TensorRef(found->second));
}

std::uint64_t TensorFiles::fingerprint(std::uint64_t seed) const {
  for (const std::string& header : headers_) seed = XXH64(header.data(), header.size(), seed);
  return seed;
}

}  // namespace attn
