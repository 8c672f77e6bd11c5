#include <cmath>

#include "core/math/error.h"
#include "core/training/recipe.h"

namespace attn {

namespace {

// Marian's architecture (Junczys-Dowmunt et al. 2018), as Hugging Face keeps it.
ModelSpec translator_spec(const Recipe& recipe, const Grammar& grammar, StackSpec stack, ModelSpec spec) {
  stack.norm.epsilon = 1e-5;
  stack.embedding_norm = false;
  stack.position.order = SinusoidOrder::halves;
  spec.family = "marian";
  spec.architecture = "MarianMTModel";
  spec.encoder = stack;
  for (LayerSpec& layer : stack.layers) {
    layer.cross = layer.self;
    layer.self.causal = true;
  }
  spec.decoder = stack;
  spec.embedding.scale = std::sqrt(static_cast<double>(recipe.d_model));
  spec.output = OutputKind::next_words;
  spec.mask_id = -1;
  spec.eos_id = 2;
  spec.decoder_start_id = spec.pad_id;
  spec.card.trained_on = "Made-up sentences of " + std::to_string(grammar.frames().size()) +
                         " situations in English and Chinese from " + recipe.grammar + ".";
  if (recipe.guided_weight > 0) {
    spec.alignment_head = HeadId{Stack::cross, recipe.n_layers - 1, 0};
    spec.card.supervised = "One cross-attention head (decoder layer " + std::to_string(recipe.n_layers - 1) +
                           ", head 0) was trained to look at the English word whose Chinese is written next; "
                           "the others were not.";
  }
  return spec;
}

}  // namespace

ModelSpec spec_of(const Recipe& recipe, const Grammar& grammar) {
  AttentionSpec attention;
  attention.n_heads = attention.n_kv_heads = recipe.n_heads;
  attention.d_head = recipe.d_model / recipe.n_heads;
  attention.scale = recipe.scaling ? 1.0 / std::sqrt(static_cast<double>(attention.d_head)) : 1.0;
  attention.scoring = recipe.scoring;
  attention.causal = recipe.causal;
  StackSpec stack;
  stack.d_model = recipe.d_model;
  stack.layers.assign(static_cast<std::size_t>(recipe.n_layers),
                      {attention, std::nullopt, {recipe.d_ff, Activation::relu, false}});
  stack.norm.epsilon = 1e-12;
  stack.norm_place = recipe.norm_place;
  stack.embedding_norm = true;
  stack.final_norm = recipe.norm_place == NormPlace::before;
  if (!recipe.norms) {
    stack.norm.kind = NormKind::none;
    stack.embedding_norm = stack.final_norm = false;
  }
  stack.position.kind = recipe.positions;
  stack.position.n_positions = recipe.n_positions;
  if (recipe.positions == PositionKind::rotary) {
    RotarySpec& rotary = stack.position.rotary;
    rotary.n_rotated = attention.d_head / 2 * 2;
    for (int i = 0; i < rotary.n_rotated / 2; ++i)
      rotary.inverse_frequencies.push_back(std::pow(rotary.theta, -2.0 * i / rotary.n_rotated));
  }

  ModelSpec spec;
  spec.embedding.n_vocab = static_cast<int>(grammar.vocabulary().size());
  spec.embedding.d_embedding = recipe.d_model;
  spec.pad_id = 0;
  spec.mask_id = 2;
  spec.card.title = recipe.title.empty() ? recipe.name : recipe.title;
  spec.card.language = grammar.language();
  spec.card.trained_on = "Made-up sentences of " + std::to_string(grammar.frames().size()) +
                         " situations from " + recipe.grammar + ".";
  if (recipe.objective == Objective::translation) return translator_spec(recipe, grammar, stack, spec);
  if (recipe.objective == Objective::stories) {  // Llama's architecture
    if (recipe.norms) stack.norm = {NormKind::rms, 1e-6};
    stack.embedding_norm = false;
    stack.layers.assign(static_cast<std::size_t>(recipe.n_layers),
                        {attention, std::nullopt, {recipe.d_ff, Activation::silu, true}});
    spec.family = "llama";
    spec.architecture = "LlamaForCausalLM";
    spec.decoder = stack;
    spec.output = OutputKind::next_words;
    spec.card.trained_on = "Made-up stories from " + recipe.grammar + ", and random words that repeat.";
    return spec;
  }
  spec.family = "bert";
  spec.embedding.n_token_types = 1;
  spec.encoder = stack;
  if (recipe.objective == Objective::tagging) {
    spec.architecture = "BertForTokenClassification";
    spec.output = OutputKind::token_label;
    spec.label_names = grammar.labels();
    spec.n_labels = static_cast<int>(spec.label_names.size());
    spec.card.trained_on = "Made-up sentences from " + recipe.grammar + ", with the class of every word.";
    return spec;
  }
  spec.architecture = "BertForMaskedLM";
  spec.output = OutputKind::masked_words;
  spec.output_norm = stack.norm;
  if (recipe.objective == Objective::naming) spec.names_at = grammar.pronouns();
  if (recipe.objective == Objective::pointer) {
    spec.pointer = PointerSpec{recipe.n_layers - 1, 0, grammar.pronouns()};
    spec.card.supervised =
        "One head (layer " + std::to_string(recipe.n_layers - 1) +
        ", head 0) was trained to point from a pronoun to the noun that it stands for; the others were not.";
  }
  return spec;
}

}  // namespace attn
