#pragma once

#include <span>
#include <string>

#include "core/model/config.h"
#include "core/model/model.h"
#include "core/model/parameter_plan.h"

namespace attn {

// One family of models: how its config.json becomes a ModelSpec, and which of its tensors goes into which
// slot.
struct Family {
  const char* model_type;
  // Throws Error for a config that is incomplete or asks for what cannot be computed.
  ModelSpec (*spec)(const Config& config);
  // Plans every slot that model.spec asks for. May correct the spec where only the weights tell (a head that
  // is not in the file). Throws Error for a tensor that is missing or has another shape.
  void (*place)(const Config& config, const Section& root, Model& model);
};

// Every family, one line each.
std::span<const Family> families();

// The family of a config; throws an Error that says why there is none.
const Family& family_of(const Config& config);

// config.json → spec, with what all families share: label names, token ids, our own "attnlab" key.
ModelSpec read_spec(const Config& config);

// One file each.
ModelSpec bart_spec(const Config& config);
ModelSpec mbart_spec(const Config& config);
ModelSpec blenderbot_spec(const Config& config);
ModelSpec marian_spec(const Config& config);
void place_bart(const Config& config, const Section& root, Model& model);
ModelSpec bert_spec(const Config& config);
void place_bert(const Config& config, const Section& root, Model& model);
ModelSpec gpt2_spec(const Config& config);
void place_gpt2(const Config& config, const Section& root, Model& model);
ModelSpec llama_spec(const Config& config);
ModelSpec mistral_spec(const Config& config);
ModelSpec qwen2_spec(const Config& config);
ModelSpec gemma_spec(const Config& config);
ModelSpec gemma2_spec(const Config& config);
void place_llama(const Config& config, const Section& root, Model& model);
ModelSpec t5_spec(const Config& config);
void place_t5(const Config& config, const Section& root, Model& model);

}  // namespace attn
