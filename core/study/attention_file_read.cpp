#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/math/worded_error.h"
#include "core/model/json_text.h"
#include "core/model/npz.h"
#include "core/model/safetensors.h"
#include "core/study/attention_file.h"

namespace attn {

namespace {

// What either kind of file has, under the same names.
struct Contents {
  std::string label;
  struct Tensor {
    std::vector<Index> shape;
    std::function<Matrix()> read;
  };
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  const Tensor* find(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? nullptr : &found->second;
  }
};

Contents open_contents(const std::filesystem::path& path) {
  Contents contents;
  contents.label = file_label(path);
  if (path.extension() == ".npz") {
    for (const auto& [name, array] : read_npz(path)) {
      if (name == "tokens" || name == "target_tokens") {
        contents.metadata[name] = nlohmann::json(array.texts).dump();
      } else if (!array.texts.empty()) {
        contents.metadata[name] = array.texts[0];
      } else {
        const auto values = std::make_shared<const Matrix>(array.matrix());
        contents.tensors[name] = {array.shape, [values] { return *values; }};
      }
    }
    return contents;
  }
  Safetensors file = read_safetensors(path);
  contents.metadata = std::move(file.metadata);
  for (const auto& [name, tensor] : file.tensors)
    contents.tensors[name] = {tensor.shape, [ref = tensor] { return read_tensor(ref); }};
  return contents;
}

// The layer of "attentions.7" or "attention.7"; nullopt for other names.
std::optional<int> layer_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  for (const std::string_view word : {"attentions.", "attention."}) {
    if (!name.starts_with(word)) continue;
    const std::string_view digits = name.substr(word.size());
    int layer = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
    if (error == std::errc() && stop == digits.data() + digits.size() && layer >= 0) return layer;
  }
  return std::nullopt;
}

// "'run0.', 'run1.'": what stands before the names of weights of layer 0 in such a file.
std::string prefixes_in(const Contents& contents) {
  std::set<std::string> prefixes;
  for (const auto& [name, tensor] : contents.tensors)
    for (const char* stack : {"encoder_", "decoder_", "cross_", ""}) {
      const std::size_t at = name.find(stack + std::string("attention"));
      if (at == name.npos || layer_of(name, name.substr(0, at) + stack) != 0) continue;
      prefixes.insert("'" + name.substr(0, at) + "'");
      break;
    }
  std::string all;
  for (const std::string& one : prefixes) all += (all.empty() ? "" : ", ") + one;
  return all;
}

bool is_weights_row(const float* row, Index n) {
  double sum = 0;
  for (Index j = 0; j < n; ++j) {
    if (!(row[j] >= 0.0f && row[j] <= 1.01f)) return false;
    sum += row[j];
  }
  constexpr double kTolerance = 0.02;  // 16-bit files
  return sum == 0 || std::abs(sum - 1) < kTolerance;
}

// [H, Tq, Tk] → H matrices, each checked to be weights.
std::vector<Matrix> read_heads(const Contents::Tensor& tensor, const std::string& where) {
  const std::vector<Index>& shape = tensor.shape;
  if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1)
    throw WordedError(worded(
        "recording.shape", "{tensor} is {shape}, expected [heads, queries, keys] without a batch dimension.",
        {{"tensor", where}, {"shape", shape_text(shape)}}));
  const Matrix all = tensor.read();
  std::vector<Matrix> heads;
  for (Index h = 0; h < shape[0]; ++h) heads.push_back(all.middleRows(h * shape[1], shape[1]));
  for (std::size_t h = 0; h < heads.size(); ++h)
    for (Index i = 0; i < shape[1]; ++i)
      if (!is_weights_row(heads[h].data() + i * shape[2], shape[2]))
        throw WordedError(worded(
            "recording.no_weights_row",
            "{tensor}, head {head}, row {row} is no row of weights: they are 0 to 1 and sum to 1. Are "
            "these scores from before the softmax, or does the file come from a model in training mode?",
            {{"tensor", where}, {"head", std::to_string(h)}, {"row", std::to_string(i)}}));
  return heads;
}

// The layers 0 … L-1 of one kind, or none.
std::vector<std::vector<Matrix>> read_attentions(const Contents& contents, const std::string& prefix) {
  std::map<int, std::string> names;
  for (const auto& [name, tensor] : contents.tensors)
    if (const std::optional<int> layer = layer_of(name, prefix)) names[*layer] = name;
  std::vector<std::vector<Matrix>> layers;
  for (const auto& [layer, name] : names) {
    if (layer != static_cast<int>(layers.size()))
      throw WordedError(worded(
          "recording.hole",
          "{file}: '{missing}' is missing, but '{present}' is there: layers count from 0 without a hole.",
          {{"file", contents.label},
           {"missing", prefix + "attentions." + std::to_string(layers.size())},
           {"present", name}}));
    layers.push_back(read_heads(*contents.find(name), contents.label + ": '" + name + "'"));
    const Matrix &first = layers.front().front(), &here = layers.back().front();
    if (here.rows() != first.rows() || here.cols() != first.cols())
      throw WordedError(
          worded("recording.layers_differ",
                 "{file}: '{tensor}' has {rows} x {columns} weights a head, layer 0 has {first_rows} x "
                 "{first_columns}.",
                 {{"file", contents.label},
                  {"tensor", name},
                  {"rows", std::to_string(here.rows())},
                  {"columns", std::to_string(here.cols())},
                  {"first_rows", std::to_string(first.rows())},
                  {"first_columns", std::to_string(first.cols())}}));
  }
  return layers;
}

// "hidden_states.3" (or "hidden.3") of the right height; empty when it is not there.
Matrix read_hidden(const Contents& contents, const std::string& prefix, std::size_t index, Index n_tokens) {
  const Contents::Tensor* tensor = contents.find(prefix + "hidden_states." + std::to_string(index));
  if (!tensor) tensor = contents.find(prefix + "hidden." + std::to_string(index));
  if (!tensor) return {};
  if (tensor->shape.size() != 2 || tensor->shape[0] != n_tokens)
    throw WordedError(worded("recording.hidden_states",
                             "{file}: '{tensor}' is {shape}, expected [{n}, d_model].",
                             {{"file", contents.label},
                              {"tensor", prefix + "hidden_states." + std::to_string(index)},
                              {"shape", shape_text(tensor->shape)},
                              {"n", std::to_string(n_tokens)}}));
  return tensor->read();
}

StackTrace make_stack(const Contents& contents, const std::string& prefix,
                      std::vector<std::vector<Matrix>> self, std::vector<std::vector<Matrix>> cross) {
  StackTrace stack;
  const std::size_t n_layers = std::max(self.size(), cross.size());
  const Index n_tokens = !self.empty() ? self[0][0].rows() : !cross.empty() ? cross[0][0].rows() : 0;
  for (std::size_t layer = 0; layer < n_layers; ++layer) {
    LayerRecord record;
    record.input = read_hidden(contents, prefix, layer, n_tokens);
    if (layer < self.size()) record.self.emplace().weights = std::move(self[layer]);
    if (layer < cross.size()) record.cross.emplace().weights = std::move(cross[layer]);
    stack.layers.push_back(std::make_shared<const LayerRecord>(std::move(record)));
  }
  stack.output = read_hidden(contents, prefix, n_layers, n_tokens);
  return stack;
}

template <class T>
std::vector<T> read_list(const Contents& contents, const std::string& key, Index expected) {
  const auto found = contents.metadata.find(key);
  if (found == contents.metadata.end() || found->second.empty()) return {};
  const std::string where = contents.label + ": metadata '" + key + "'";
  const nlohmann::json json = parse_json(found->second, where);
  std::vector<T> list;
  try {
    list = json.get<std::vector<T>>();
  } catch (const nlohmann::json::exception&) {
    throw WordedError(worded("recording.no_array", "{tensor} is not the JSON array that it should be.",
                             {{"tensor", where}}));
  }
  if (expected >= 0 && static_cast<Index>(list.size()) != expected)
    throw WordedError(worded(
        "recording.entries", "{tensor} has {n} entries for {expected} tokens.",
        {{"tensor", where}, {"n", std::to_string(list.size())}, {"expected", std::to_string(expected)}}));
  return list;
}

std::vector<int> read_ids(const Contents& contents, const std::string& prefix, const std::string& name,
                          Index expected) {
  if (const Contents::Tensor* tensor = contents.find(prefix + name)) {
    const Matrix ids = tensor->read();
    std::vector<int> list;
    for (Index i = 0; i < ids.size(); ++i) list.push_back(static_cast<int>(ids.data()[i]));
    if (static_cast<Index>(list.size()) != expected)
      throw WordedError(worded("recording.ids", "{file}: '{tensor}' has {n} ids for {expected} tokens.",
                               {{"file", contents.label},
                                {"tensor", prefix + name},
                                {"n", std::to_string(list.size())},
                                {"expected", std::to_string(expected)}}));
    return list;
  }
  return read_list<int>(contents, name, expected);
}

// Names for tokens that the file does not name.
std::vector<std::string> numbered(Index n) {
  std::vector<std::string> names;
  for (Index i = 0; i < n; ++i) names.push_back(std::to_string(i));
  return names;
}

bool never_looks_ahead(const std::vector<std::vector<Matrix>>& layers) {
  for (const auto& heads : layers)
    for (const Matrix& head : heads)
      if (head.rows() < 2 || head.rows() != head.cols() ||
          head.triangularView<Eigen::StrictlyUpper>().toDenseMatrix().maxCoeff() > 0)
        return false;
  return true;
}

void name_tokens(Trace& trace, const Contents& contents, const std::string& prefix, Index n_tokens,
                 Index n_target) {
  trace.tokens = read_list<std::string>(contents, "tokens", n_tokens);
  trace.words = read_list<int>(contents, "words", n_tokens);
  trace.inputs.ids = read_ids(contents, prefix, "input_ids", n_tokens);
  trace.inputs.type_ids = read_ids(contents, prefix, "token_type_ids", n_tokens);
  if (trace.tokens.empty()) trace.tokens = numbered(n_tokens);
  if (n_target == 0) return;
  trace.target_tokens = read_list<std::string>(contents, "target_tokens", n_target);
  trace.target_words = read_list<int>(contents, "target_words", n_target);
  trace.inputs.target_ids = read_ids(contents, prefix, "decoder_input_ids", n_target);
  if (trace.target_tokens.empty()) trace.target_tokens = numbered(n_target);
}

}  // namespace

Recording read_attention_file(const std::filesystem::path& path, const std::string& prefix) {
  const Contents contents = open_contents(path);
  auto plain = read_attentions(contents, prefix);
  auto encoder = read_attentions(contents, prefix + "encoder_");
  auto decoder = read_attentions(contents, prefix + "decoder_");
  auto cross = read_attentions(contents, prefix + "cross_");
  const auto text_of = [&contents](const char* key) {
    const auto found = contents.metadata.find(key);
    return found == contents.metadata.end() ? std::string() : found->second;
  };
  const bool nothing = plain.empty() && encoder.empty() && decoder.empty() && cross.empty();
  if (const std::string others = nothing ? prefixes_in(contents) : ""; !others.empty())
    throw WordedError(
        worded("recording.prefixes",
               "{file} holds attention weights behind {others} only: give one of these with --prefix.",
               {{"file", contents.label}, {"others", others}}));
  if (nothing)
    throw WordedError(worded(
        "recording.no_attentions",
        "{file} holds no attention weights: tensors named attentions.0, attentions.1 … of [heads, queries, "
        "keys] are expected (encoder_attentions.0 … for an encoder-decoder).",
        {{"file", contents.label}}));

  auto trace = std::make_shared<Trace>();
  Index n_tokens = 0, n_target = 0;
  if (!plain.empty()) {
    n_tokens = plain[0][0].cols();
    if (plain[0][0].rows() != n_tokens)
      throw WordedError(
          worded("recording.not_square",
                 "{file}: '{tensor}' has {queries} queries for {keys} keys; a text that looks at "
                 "itself has as many of both.",
                 {{"file", contents.label},
                  {"tensor", prefix + "attentions.0"},
                  {"queries", std::to_string(plain[0][0].rows())},
                  {"keys", std::to_string(n_tokens)}}));
    const bool is_decoder =
        text_of("stack").empty() ? never_looks_ahead(plain) : text_of("stack") == "decoder";
    (is_decoder ? trace->decoder : trace->encoder) = make_stack(contents, prefix, std::move(plain), {});
  } else {
    n_tokens = !encoder.empty() ? encoder[0][0].cols() : !cross.empty() ? cross[0][0].cols() : 0;
    n_target = !decoder.empty() ? decoder[0][0].rows() : !cross.empty() ? cross[0][0].rows() : 0;
    const bool fits = (encoder.empty() || encoder[0][0].rows() == n_tokens) &&
                      (decoder.empty() || decoder[0][0].cols() == n_target) &&
                      (cross.empty() || (cross[0][0].cols() == n_tokens && cross[0][0].rows() == n_target));
    if (!fits)
      throw WordedError(
          worded("recording.lengths",
                 "{file}: the encoder, decoder and cross attentions are of texts of different lengths.",
                 {{"file", contents.label}}));
    trace->encoder = make_stack(contents, prefix + "encoder_", std::move(encoder), {});
    trace->decoder = make_stack(contents, prefix + "decoder_", std::move(decoder), std::move(cross));
  }
  name_tokens(*trace, contents, prefix, n_tokens, n_target);
  if (const Contents::Tensor* logits = contents.find(prefix + "logits")) trace->logits = logits->read();
  trace->complete = true;
  Recording recording;
  recording.model_type = text_of("model_type");
  recording.model = text_of("model");
  recording.interventions = text_of("interventions");
  recording.says_interventions = contents.metadata.contains("interventions");
  recording.model_path = text_of("model_path");
  recording.fingerprint = text_of("fingerprint");
  try {
    ModelSpec stacks;  // those that the file has: what names none belongs to the first
    if (trace->encoder.layers.empty()) stacks.decoder.emplace();
    trace->interventions = parse_interventions(recording.interventions, stacks);
  } catch (const Error&) {
    // Someone else's words for what was done: they stay in Recording::interventions, for reading.
  }
  recording.trace = std::move(trace);
  return recording;
}

bool is_attention_file(const std::filesystem::path& path) {
  if (path.extension() == ".npz") return std::filesystem::is_regular_file(path);
  if (path.extension() != ".safetensors" || !std::filesystem::is_regular_file(path)) return false;
  try {
    const Safetensors file = read_safetensors(path);
    return std::any_of(file.tensors.begin(), file.tensors.end(), [](const auto& entry) {
      for (const char* prefix : {"", "encoder_", "decoder_", "cross_"})
        if (layer_of(entry.first, prefix)) return true;
      return false;
    });
  } catch (const Error&) {
    return false;
  }
}

std::vector<LayerDifference> compare_with_recording(const Trace& trace, const Trace& recording) {
  std::vector<LayerDifference> differences;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
    const std::string name(name_of(stack));
    if (recording.n_layers(stack) == 0) continue;
    if (trace.n_layers(stack) == 0)
      throw WordedError(
          worded("recording.other_stack",
                 "The file holds the weights of {stack}, and this model has none: it is of another "
                 "kind than the one that was recorded.",
                 {{"stack", stack == Stack::cross ? "cross attention" : "self-attention of the " + name}}));
    if (trace.n_layers(stack) != recording.n_layers(stack) ||
        trace.n_heads(stack) != recording.n_heads(stack))
      throw WordedError(worded("recording.other_model",
                               "The {stack} here has {layers} layers of {heads} heads, the file's "
                               "{file_layers} of {file_heads}. Is it of the same model?",
                               {{"stack", name},
                                {"layers", std::to_string(trace.n_layers(stack))},
                                {"heads", std::to_string(trace.n_heads(stack))},
                                {"file_layers", std::to_string(recording.n_layers(stack))},
                                {"file_heads", std::to_string(recording.n_heads(stack))}}));
    for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
      LayerDifference difference{stack, layer, 0, std::nullopt};
      for (int head = 0; head < trace.n_heads(stack); ++head) {
        const HeadId id{stack, layer, head};
        const std::optional<HeadWeights> kept = trace.weights(id), expected = recording.weights(id);
        const Matrix made = kept ? Matrix() : compute_weights(trace, id);
        const HeadWeights here = kept ? *kept : HeadWeights(view(made));
        if (!expected || here.rows() != expected->rows() || here.cols() != expected->cols())
          throw WordedError(
              worded("recording.other_tokens",
                     "Head {head} has other numbers of tokens in the file. Are these the same tokens?",
                     {{"head", to_text(id, true)}}));
        for (Index i = 0; i < here.rows(); ++i)
          for (Index j = 0; j < here.cols(); ++j)
            difference.weights = std::max(difference.weights,
                                          static_cast<double>(std::abs(here.at(i, j) - expected->at(i, j))));
      }
      if (stack != Stack::cross) {
        const auto& layers = stack == Stack::encoder ? trace.encoder.layers : trace.decoder.layers;
        const auto& others = stack == Stack::encoder ? recording.encoder.layers : recording.decoder.layers;
        const Matrix &a = layers[static_cast<std::size_t>(layer)]->input,
                     &b = others[static_cast<std::size_t>(layer)]->input;
        if (b.size() > 0 && a.rows() == b.rows() && a.cols() == b.cols())
          difference.hidden = (a - b).cwiseAbs().maxCoeff();
      }
      differences.push_back(difference);
    }
  }
  return differences;
}

}  // namespace attn
