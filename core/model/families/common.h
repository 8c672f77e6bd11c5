#pragma once

#include <string>

#include "core/model/families/family.h"

// What several families share. A family file says what is its own.
namespace attn {

// ---- config → spec

// The activation that a config names ("gelu_new"), in Hugging Face's names. Throws Error for one that is
// unknown.
Activation activation_of(const Config& config, FieldNames names, const std::string& otherwise);
Activation activation_named(const Config& config, const std::string& name);

// n equal layers.
std::vector<LayerSpec> equal_layers(const Config& config, int n, const LayerSpec& layer);
// The layers of a model of `n` are at most so many that a config can be believed.
void check_layers(const Config& config, int n);

// d_model / n_heads, refused where it does not divide.
int width_of_heads(const Config& config, int d_model, int n_heads);

// Scaled dot products of n heads: scale 1 / sqrt(d_head).
AttentionSpec dot_product_attention(int n_heads, int n_kv_heads, int d_head, bool causal);

// architectures[0], or "" when absent.
std::string architecture_of(const Config& config);
// What `architecture` puts on top of the model, by the end of its name (BertForMaskedLM). `word_model` is
// what a language model of this family is: masked_words or next_words.
OutputKind output_of(const std::string& architecture, OutputKind word_model);
// num_labels, or the number of id2label, or 2; and the names of id2label.
void read_labels(const Config& config, ModelSpec& spec);

// Rotary positions of `n_rotated` dimensions with the scaling (linear, dynamic, llama3, yarn, longrope) that
// the config asks for in the old dialect (rope_theta, rope_scaling) or the new (rope_parameters). Sets
// n_positions too. No theta_names: the family's theta is always 10000.
PositionSpec rotary_positions(const Config& config, int n_rotated, FieldNames theta_names = {"rope_theta"});
// The part of each head that is turned: partial_rotary_factor and its other names.
double rotary_share(const Config& config, double otherwise);

// Slopes of ALiBi for n heads (Press et al. 2021, their code for numbers that are no power of two).
std::vector<double> alibi_slopes(int n_heads);

// The window of each layer where there is one (0: none), from "layer_types" of new configs; empty when the
// config has none.
std::vector<bool> sliding_layers(const Config& config, int n_layers);

// ---- tensors → slots

// name.weight [n_heads * 3 * d_head, D] (and its bias), whose rows are q, k and v of the first head, then of
// the second (BLOOM, GPT-NeoX, old Falcon).
void place_interleaved_qkv(const Section& at, const std::string& name, const AttentionSpec& attention,
                           Index d_model, bool bias, AttentionParameters<float>& slots);
// The rows [first, first + run) of every `period` rows of a fused matrix, and of its bias.
void place_fused_rows(const Section& at, const std::string& name, Index rows, Index cols, bool bias,
                      Index period, Index first, Index run, Linear<float>& slot);
// Vectors one below the other.
void place_stacked_rows(ParameterPlan& plan, Matrix& slot, std::vector<MatrixSource> rows);
// "conv.": conv.weight [outputs, inputs / groups, kernel] and its bias.
void place_convolution(const Section& at, const std::string& prefix, const ConvolutionSpec& spec,
                       Index inputs, bool bias, ConvolutionParameters<float>& slots);

// The output layer [V, D] of a language model: `name`.weight where the model is untied and has one, else the
// embedding's table.
void place_word_output(const Section& root, const std::string& name, const MatrixSource& embedding, bool tied,
                       std::optional<MatrixSource> bias, Model& model);

// The classification heads of decoders: score (texts), classifier or score (tokens), qa_outputs. Sets output
// to none when none of their tensors is in the file. Returns whether the output is one of them.
bool place_decoder_label_head(const Section& root, Index width, Model& model);

// Sets output to none when the file has no tensor under any of the names: a headless file under a config that
// speaks of a head.
bool head_is_there(const Section& root, std::initializer_list<const char*> names, Model& model);

}  // namespace attn
