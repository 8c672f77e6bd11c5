#include <array>

#include "core/model/families/common.h"

namespace attn {

namespace {

constexpr Family kFamilies[] = {
    {"bert", bert_spec, place_bert},
    {"gpt2", gpt2_spec, place_gpt2},
    {"llama", llama_spec, place_llama},
    {"mistral", mistral_spec, place_llama},
    {"qwen2", qwen2_spec, place_llama},
    {"gemma", gemma_spec, place_llama},
    {"gemma2", gemma2_spec, place_llama},
    {"t5", t5_spec, place_t5},
    {"mt5", t5_spec, place_t5},
    {"bart", bart_spec, place_bart},
    {"mbart", mbart_spec, place_bart},
    {"blenderbot", blenderbot_spec, place_bart},
    {"marian", marian_spec, place_bart},
    {"roberta", roberta_spec, place_roberta},
    {"xlm-roberta", roberta_spec, place_roberta},
    {"camembert", roberta_spec, place_roberta},
    {"distilbert", distilbert_spec, place_distilbert},
    {"electra", electra_spec, place_electra},
    {"albert", albert_spec, place_albert},
    {"mpnet", mpnet_spec, place_mpnet},
    {"deberta-v2", deberta_v2_spec, place_deberta_v2},
    {"xlnet", xlnet_spec, place_xlnet},
    {"gpt_neo", gpt_neo_spec, place_gpt_neo},
    {"gptj", gptj_spec, place_gptj},
    {"gpt_neox", gpt_neox_spec, place_gpt_neox},
    {"opt", opt_spec, place_opt},
    {"bloom", bloom_spec, place_bloom},
    {"falcon", falcon_spec, place_falcon},
    {"phi", phi_spec, place_phi},
    {"phi3", phi3_spec, place_phi3},
    {"wav2vec2", wav2vec2_spec, place_wav2vec2},
    {"whisper", whisper_spec, place_whisper},
    {"vit", vit_spec, place_vit},
    {"deit", deit_spec, place_vit},
    {"attnlab", attnlab_spec, place_attnlab},
};

// Known to people and not to us: why.
struct Unsupported {
  const char* model_type;
  const char* key;  // of the reason, in the words of the window
  const char* reason;
};

constexpr Unsupported kUnsupported[] = {
    {"qwen3", "unsupported.qwen3",
     "Qwen3 normalises queries and keys of each head, which is not supported yet; Qwen2 is"},
    {"qwen3_moe", "unsupported.qwen3_moe",
     "Qwen3-MoE chooses experts for each token (mixture of experts), which is not supported"},
    {"qwen2_moe", "unsupported.qwen2_moe",
     "Qwen2-MoE chooses experts for each token (mixture of experts), which is not supported"},
    {"mixtral", "unsupported.mixtral",
     "Mixtral chooses experts for each token (mixture of experts), which is not supported"},
    {"deepseek_v2", "unsupported.deepseek",
     "DeepSeek's latent attention and mixture of experts are not supported"},
    {"deepseek_v3", "unsupported.deepseek",
     "DeepSeek's latent attention and mixture of experts are not supported"},
    {"switch_transformers", "unsupported.switch",
     "Switch Transformers choose experts for each token, which is not supported; T5 is"},
    {"gpt_oss", "unsupported.gpt_oss", "gpt-oss (mixture of experts, attention sinks) is not supported"},
    {"gemma3", "unsupported.gemma3",
     "Gemma 3 normalises queries and keys and mixes two rotary bases, which is not supported yet; "
     "Gemma and Gemma 2 are"},
    {"gemma3_text", "unsupported.gemma3",
     "Gemma 3 normalises queries and keys and mixes two rotary bases, which is not supported "
     "yet; Gemma and Gemma 2 are"},
    {"modernbert", "unsupported.modernbert",
     "ModernBERT (rotary positions, local and global layers) is not supported yet; BERT, "
     "RoBERTa and DeBERTa-v2 are"},
    {"deberta", "unsupported.deberta", "DeBERTa v1 is not supported; DeBERTa-v2 and v3 are"},
    {"longformer", "unsupported.longformer", "Longformer's sparse attention is not supported"},
    {"big_bird", "unsupported.big_bird", "BigBird's sparse attention is not supported"},
    {"mamba", "unsupported.mamba", "Mamba has no attention to look at"},
    {"mamba2", "unsupported.mamba2", "Mamba 2 has no attention to look at"},
    {"rwkv", "unsupported.rwkv", "RWKV has no attention to look at"},
    {"clip", "unsupported.clip", "CLIP is not supported; ViT and DeiT are"},
    {"umt5", "unsupported.umt5",
     "UMT5 has position biases of its own in each layer, which is not supported; T5 and mT5 are"},
    {"mllama", "unsupported.mllama", "Llama with vision is not supported; open a text-only Llama"},
};

}  // namespace

std::span<const Family> families() {
  return kFamilies;
}

const Family& family_of(const Config& config) {
  if (!config.has({"model_type"}))
    config.refuse(
        "config.no_type",
        "lacks 'model_type', which says what kind of model this is (\"bert\", \"gpt2\", …); add it.");
  const std::string type = config.text({"model_type"});
  for (const Family& family : families())
    if (type == family.model_type) return family;
  for (const Unsupported& one : kUnsupported)
    if (type == one.model_type)
      config.refuse("config.type_refused", "is of type '{type}': {reason}.", {{"type", type}},
                    {{"reason", worded(one.key, one.reason)}});
  std::string known;
  for (const Family& family : families()) known += std::string(known.empty() ? "" : ", ") + family.model_type;
  config.refuse("config.unknown_type", "is of type '{type}', which is not supported; these are: {known}.",
                {{"type", type.substr(0, 60)}, {"known", known}});
}

namespace {

// Our own key: which head was trained to point, and what the model says of itself.
void read_own_key(const Config& config, ModelSpec& spec) {
  const std::optional<Config> own = config.object({"attnlab"});
  if (!own) return;
  if (own->has({"names_at"})) spec.names_at = own->texts({"names_at"});
  if (const std::optional<Config> pointer = own->object({"pointer"})) {
    PointerSpec out;
    out.layer = pointer->integer({"layer"}, 0);
    out.head = pointer->integer({"head"}, 0);
    if (pointer->has({"asked_at"})) out.asked_at = pointer->texts({"asked_at"});
    const StackSpec& stack = spec.text_stack();
    if (out.layer < 0 || out.layer >= stack.n_layers() || out.head < 0 ||
        out.head >= stack.layers.front().self.n_heads)
      pointer->refuse("config.no_such_head", "names {head}, a head that the model does not have.",
                      {{"head", to_text(HeadId{Stack::encoder, out.layer, out.head})}});
    spec.pointer = std::move(out);
  }
  if (const std::optional<Config> aligned = own->object({"alignment_head"})) {
    const HeadId head{Stack::cross, aligned->integer({"layer"}, 0), aligned->integer({"head"}, 0)};
    const std::vector<LayerSpec> layers = spec.decoder ? spec.decoder->layers : std::vector<LayerSpec>();
    if (head.layer < 0 || head.layer >= static_cast<int>(layers.size()) || head.head < 0 ||
        !layers.front().cross || head.head >= layers.front().cross->n_heads)
      aligned->refuse("config.no_such_head", "names {head}, a head that the model does not have.",
                      {{"head", to_text(head, true)}});
    spec.alignment_head = head;
  }
  if (const std::optional<Config> card = own->object({"card"})) {
    spec.card.title = card->text({"title"}, "");
    spec.card.trained_on = card->text({"trained_on"}, "");
    spec.card.supervised = card->text({"supervised"}, "");
    spec.card.language = card->text({"language"}, "");
  }
}

}  // namespace

void restore_tied_names(const ModelSpec& spec, TensorFiles& files) {
  const EmbeddingSpec& words = spec.target_embedding ? *spec.target_embedding : spec.embedding;
  if (!words.tied_output) return;
  struct Tie {
    const char *table, *output;
  };
  constexpr Tie kTies[] = {
      {"transformer.wte.weight", "lm_head.weight"},
      {"transformer.word_embeddings.weight", "lm_head.weight"},
      {"transformer.word_embedding.weight", "lm_loss.weight"},
      {"gpt_neox.embed_in.weight", "embed_out.weight"},
      {"shared.weight", "encoder.embed_tokens.weight"},
      {"shared.weight", "decoder.embed_tokens.weight"},
      {"shared.weight", "lm_head.weight"},
      {"model.shared.weight", "model.encoder.embed_tokens.weight"},
      {"model.shared.weight", "model.decoder.embed_tokens.weight"},
      {"model.shared.weight", "lm_head.weight"},
      {"model.embed_tokens.weight", "lm_head.weight"},
      {"model.decoder.embed_tokens.weight", "lm_head.weight"},
      {"model.decoder.embed_tokens.weight", "proj_out.weight"},
      {"bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"},
      {"deberta.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"},
      {"albert.embeddings.word_embeddings.weight", "predictions.decoder.weight"},
      {"electra.embeddings.word_embeddings.weight", "generator_lm_head.weight"},
      {"distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"},
      {"roberta.embeddings.word_embeddings.weight", "lm_head.decoder.weight"},
      {"mpnet.embeddings.word_embeddings.weight", "lm_head.decoder.weight"},
  };
  for (const Tie& tie : kTies) files.let_stand_in(tie.output, tie.table);
}

ModelSpec read_spec(const Config& config) {
  const Family& family = family_of(config);
  ModelSpec spec = family.spec(config);
  spec.family = family.model_type;
  spec.architecture = architecture_of(config);
  const bool labels = spec.output == OutputKind::sequence_label || spec.output == OutputKind::token_label;
  if (labels && spec.n_labels == 0) read_labels(config, spec);
  spec.bos_id = config.token_id({"bos_token_id"});
  spec.eos_id = config.token_id({"eos_token_id"});
  spec.pad_id = config.token_id({"pad_token_id"});
  spec.mask_id = config.token_id({"mask_token_id"});
  read_own_key(config, spec);
  return spec;
}

}  // namespace attn
