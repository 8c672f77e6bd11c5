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

// A file may hold a tied table under the output layer's name only, or under that of either stack: makes it
// known under the name that the families ask for.
void restore_tied_names(const ModelSpec& spec, TensorFiles& files);

// One file each.
ModelSpec attnlab_spec(const Config& config);
void place_attnlab(const Config& config, const Section& root, Model& model);
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
ModelSpec roberta_spec(const Config& config);
void place_roberta(const Config& config, const Section& root, Model& model);
ModelSpec distilbert_spec(const Config& config);
void place_distilbert(const Config& config, const Section& root, Model& model);
ModelSpec electra_spec(const Config& config);
void place_electra(const Config& config, const Section& root, Model& model);
ModelSpec albert_spec(const Config& config);
void place_albert(const Config& config, const Section& root, Model& model);
ModelSpec mpnet_spec(const Config& config);
void place_mpnet(const Config& config, const Section& root, Model& model);
ModelSpec deberta_v2_spec(const Config& config);
void place_deberta_v2(const Config& config, const Section& root, Model& model);
ModelSpec xlnet_spec(const Config& config);
void place_xlnet(const Config& config, const Section& root, Model& model);
ModelSpec gpt_neo_spec(const Config& config);
void place_gpt_neo(const Config& config, const Section& root, Model& model);
ModelSpec gptj_spec(const Config& config);
void place_gptj(const Config& config, const Section& root, Model& model);
ModelSpec gpt_neox_spec(const Config& config);
void place_gpt_neox(const Config& config, const Section& root, Model& model);
ModelSpec opt_spec(const Config& config);
void place_opt(const Config& config, const Section& root, Model& model);
ModelSpec bloom_spec(const Config& config);
void place_bloom(const Config& config, const Section& root, Model& model);
ModelSpec falcon_spec(const Config& config);
void place_falcon(const Config& config, const Section& root, Model& model);
ModelSpec phi_spec(const Config& config);
void place_phi(const Config& config, const Section& root, Model& model);
ModelSpec phi3_spec(const Config& config);
void place_phi3(const Config& config, const Section& root, Model& model);
ModelSpec wav2vec2_spec(const Config& config);
void place_wav2vec2(const Config& config, const Section& root, Model& model);
ModelSpec whisper_spec(const Config& config);
void place_whisper(const Config& config, const Section& root, Model& model);
ModelSpec vit_spec(const Config& config);
ModelSpec deit_spec(const Config& config);
void place_vit(const Config& config, const Section& root, Model& model);

}  // namespace attn
