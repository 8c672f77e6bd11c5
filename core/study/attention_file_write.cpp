#include <map>
#include <nlohmann/json.hpp>

#include "core/math/error.h"
#include "core/model/model.h"
#include "core/model/npz.h"
#include "core/model/safetensors.h"
#include "core/study/attention_file.h"

namespace attn {

namespace {

bool is_encoder_decoder(const Trace& trace) {
  return trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0;
}

const StackTrace& stack_of(const Trace& trace, Stack stack) {
  return stack == Stack::encoder ? trace.encoder : trace.decoder;
}

// The weights of a layer's heads one after the other, one head in memory at a time.
TensorToWrite attention_tensor(const Trace& trace, Stack stack, int layer, const std::string& name,
                               Pool* pool, const CancelToken* cancel) {
  const AttentionRecord& record = *trace.attention(stack, layer);
  const int n_heads = trace.n_heads(stack);
  const bool kept = !record.weights.empty();
  const Index queries = kept ? record.weights[0].rows() : record.queries.rows();
  const Index keys = kept ? record.weights[0].cols() : record.keys.rows();
  struct Current {
    Index head = -1;
    Matrix weights;
  };
  return {name,
          {n_heads, queries, keys},
          [&trace, &record, stack, layer, kept, queries, keys, pool, cancel,
           current = std::make_shared<Current>()](Index row, float* out) {
            const Index head = row / queries;
            const Matrix* weights =
                kept ? &record.weights[static_cast<std::size_t>(head)] : &current->weights;
            if (row % queries == 0) throw_if_cancelled(cancel);
            if (!kept && current->head != head) {
              current->weights = compute_weights(trace, {stack, layer, static_cast<int>(head)}, pool);
              current->head = head;
            }
            const float* from = weights->data() + (row % queries) * keys;
            std::copy(from, from + keys, out);
          }};
}

void add_stack(std::vector<TensorToWrite>& tensors, const Trace& trace, Stack stack,
               const std::string& prefix, Pool* pool, const CancelToken* cancel) {
  const StackTrace& layers = stack_of(trace, stack);
  for (int layer = 0; layer < trace.n_layers(stack); ++layer)
    if (trace.attention(stack, layer))
      tensors.push_back(attention_tensor(trace, stack, layer, prefix + "attentions." + std::to_string(layer),
                                         pool, cancel));
  if (stack == Stack::cross) return;
  const std::size_t n = layers.layers.size();
  for (std::size_t layer = 0; layer < n; ++layer)
    if (layers.layers[layer]->input.size() > 0)
      tensors.push_back(
          to_write(prefix + "hidden_states." + std::to_string(layer), layers.layers[layer]->input));
  // Some families (ViT) hand out their last hidden state before the final norm.
  const std::optional<StackSpec>* spec = !trace.model              ? nullptr
                                         : stack == Stack::encoder ? &trace.model->spec.encoder
                                                                   : &trace.model->spec.decoder;
  const bool before_norm = spec && *spec && (*spec)->last_hidden_before_norm && layers.before_norm.size() > 0;
  const Matrix& last = before_norm ? layers.before_norm : layers.output;
  if (last.size() > 0) tensors.push_back(to_write(prefix + "hidden_states." + std::to_string(n), last));
}

// Logits of 64 rows at a time: a vocabulary times a long text would not fit in memory.
void add_logits(std::vector<TensorToWrite>& tensors, const Trace& trace, Pool* pool) {
  if (trace.logits.size() > 0) {
    tensors.push_back(to_write("logits", trace.logits));
  } else if (trace.model && trace.model->spec.output != OutputKind::none && trace.complete) {
    const OutputKind kind = trace.model->spec.output;
    const Index n_rows =
        kind == OutputKind::sequence_label
            ? 1
            : stack_of(trace, trace.decoder.layers.empty() ? Stack::encoder : Stack::decoder).output.rows();
    constexpr Index kBlock = 64;
    struct Block {
      Index first = -1;
      Matrix logits;
    };
    const auto block = std::make_shared<Block>();
    const auto load = [&trace, n_rows, pool, block, kind](Index row) {
      const Index first = row - row % kBlock;
      if (block->first == first) return;
      std::vector<int> rows;
      for (Index r = first; r < std::min(first + kBlock, n_rows); ++r) rows.push_back(static_cast<int>(r));
      block->logits = kind == OutputKind::sequence_label ? compute_logits(trace, {}, pool)
                                                         : compute_logits(trace, rows, pool);
      block->first = first;
    };
    load(0);
    tensors.push_back({"logits", {n_rows, block->logits.cols()}, [load, block](Index row, float* out) {
                         load(row);
                         const Matrix& logits = block->logits;
                         const float* from = logits.data() + (row - block->first) * logits.cols();
                         std::copy(from, from + logits.cols(), out);
                       }});
  }
  // One number a token, or one row of labels, has one dimension.
  if (tensors.back().name != "logits" || !trace.model) return;
  std::vector<Index>& shape = tensors.back().shape;
  if (trace.model->spec.output == OutputKind::sequence_label && shape[0] == 1) shape = {shape[1]};
  if (trace.model->spec.output == OutputKind::replaced_words && shape.size() == 2 && shape[1] == 1) {
    shape = {shape[0]};
    tensors.back().read_row = [n = shape[0], one_by_one = tensors.back().read_row](Index, float* out) {
      for (Index row = 0; row < n; ++row) one_by_one(row, out + row);
    };
  }
}

std::map<std::string, std::string> metadata_of(const Trace& trace) {
  std::map<std::string, std::string> metadata;
  const auto add = [&metadata](const char* name, const auto& list) {
    if (!list.empty())
      metadata[name] = nlohmann::json(list).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  add("tokens", trace.tokens);
  add("target_tokens", trace.target_tokens);
  add("words", trace.words);
  add("target_words", trace.target_words);
  add("input_ids", trace.inputs.ids);
  add("decoder_input_ids", trace.inputs.target_ids);
  metadata["interventions"] = to_text(trace.interventions);
  metadata["stack"] = name_of(trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder);
  if (trace.model) {
    metadata["model"] = trace.model->name;
    metadata["model_type"] = trace.model->spec.family;
    metadata["model_path"] = trace.model->path;
    metadata["fingerprint"] = trace.model->fingerprint;
  }
  return metadata;
}

// The same for NumPy: tokens as arrays of strings, everything else as one string.
std::map<std::string, std::vector<std::string>> texts_of(const Trace& trace) {
  std::map<std::string, std::vector<std::string>> texts;
  for (auto& [name, text] : metadata_of(trace)) texts[name] = {text};
  if (!trace.tokens.empty()) texts["tokens"] = trace.tokens;
  if (!trace.target_tokens.empty()) texts["target_tokens"] = trace.target_tokens;
  return texts;
}

}  // namespace

void write_attention_file(const Trace& trace, const std::filesystem::path& path, Pool* pool,
                          const CancelToken* cancel) {
  std::vector<TensorToWrite> tensors;
  if (is_encoder_decoder(trace)) {
    add_stack(tensors, trace, Stack::encoder, "encoder_", pool, cancel);
    add_stack(tensors, trace, Stack::decoder, "decoder_", pool, cancel);
    add_stack(tensors, trace, Stack::cross, "cross_", pool, cancel);
  } else {
    add_stack(tensors, trace, trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder, "", pool,
              cancel);
  }
  if (tensors.empty())
    throw Error("There is nothing to write to '" + path.string() + "' yet: no layer has been computed.");
  add_logits(tensors, trace, pool);

  if (path.extension() == ".safetensors")
    write_safetensors(path, tensors, metadata_of(trace));
  else if (path.extension() == ".npz")
    write_npz(path, tensors, texts_of(trace));
  else
    throw Error("Cannot tell from '" + path.string() + "' what to write: end it in .safetensors or .npz.");
}

}  // namespace attn
