#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/math/rows.h"
#include "core/model/head_id.h"

namespace attn {

// Architecture as data: a ModelSpec says what a model is made of, and one forward pass serves them all.
// A family file (core/model/families) maps a Hugging Face config.json to a spec and its tensor names to the
// slots of `Parameters`. Where a family needs an operation that no spec has, the operation gets a name here.
//
// Sizes: T n_tokens, D d_model, H n_heads, G n_kv_heads, L n_layers, V n_vocab.

enum class NormKind {
  none,
  layer,       // LayerNorm: gain, bias
  rms,         // RMSNorm: gain
  rms_offset,  // RMSNorm with 1 + gain (Gemma)
};

struct NormSpec {
  NormKind kind = NormKind::layer;
  double epsilon = 1e-5;
};

enum class NormPlace {
  before,  // x + f(norm(x))        GPT-2, Llama, T5
  after,   // norm(x + f(x))        BERT, BART
  both,    // x + norm(f(norm(x)))  Gemma 2
};

// How a stack knows where a token stands.
enum class PositionKind {
  none,
  learned,             // a table, added to the embedding (with an offset: OPT, BART 2; RoBERTa pad + 1)
  sinusoidal,          // fixed sines and cosines, added to the embedding
  rotary,              // q and k turned by an angle (Su et al. 2021)
  alibi,               // a penalty proportional to distance (Press et al. 2021)
  bucket_bias,         // a learned bias by bucketed distance (T5, MPNet)
  relative_key,        // q · table(distance) added to the scores (Shaw et al. 2018; BERT "relative_key")
  relative_key_query,  // the same for q and k (BERT "relative_key_query")
  disentangled,        // content-to-position and position-to-content (DeBERTa, He et al. 2020)
  transformer_xl,      // relative sinusoids with global biases (XLNet)
  convolution,         // a grouped convolution over the sequence, added (wav2vec 2.0)
};

enum class SinusoidOrder {
  halves,       // [sin | cos] (Marian, Whisper)
  interleaved,  // sin, cos, sin, cos … (Vaswani et al. 2017)
};

struct RotarySpec {
  int n_rotated = 0;         // leading dimensions of each head that are turned; the rest stays
  double theta = 10000.0;    // base of the frequencies
  bool interleaved = false;  // pairs (2i, 2i+1) as GPT-J; otherwise (i, i + n_rotated / 2) as Llama, NeoX
  std::vector<double>
      inverse_frequencies;  // [n_rotated / 2], with every scaling (linear, llama3, yarn) applied
  double magnitude = 1.0;   // cos and sin are multiplied by it (yarn)
};

// One convolution over a sequence of frames (wav2vec 2.0, Whisper): norm, then activation, follow it.
struct ConvolutionSpec {
  enum class Norm {
    none,
    channel,  // each channel over all frames (wav2vec 2.0's first layer, "group")
    frame,    // LayerNorm of each frame over its channels (wav2vec 2.0 "layer")
  };
  int channels = 0;  // that come out
  int kernel = 1;    // frames that are read
  int stride = 1;
  int padding = 0;  // frames of zeros on each side
  int groups = 1;   // channels in groups that do not see each other
  Norm norm = Norm::none;
  double epsilon = 1e-5;  // of the norm
  Activation activation = Activation::gelu;
};

struct PositionSpec {
  PositionKind kind = PositionKind::none;
  int n_positions = 0;  // the longest sequence, 0: no limit
  int offset = 0;       // added to the position before the table is read
  // RoBERTa: a token with this id is not counted; its own row is `offset - 1`. -1: every token counts.
  int uncounted_id = -1;
  SinusoidOrder order = SinusoidOrder::halves;
  RotarySpec rotary;
  std::vector<double> alibi_slopes;  // [H]
  double alibi_scale = 1.0;          // the penalty is multiplied by it (Falcon: 1 / sqrt(d_head))
  // Falcon: slope, and slope * key position, are rounded to bfloat16 (before alibi_scale).
  bool alibi_in_bfloat16 = false;
  int n_buckets = 0;  // bucket_bias; disentangled: position_buckets, 0: one bucket a distance
  // bucket_bias, disentangled: where the buckets end. relative_key: the table has 2 * max_distance - 1 rows.
  // transformer_xl: distances are clamped to it (XLNet clamp_len), 0: not at all.
  int max_distance = 0;
  bool content_to_position = false;  // disentangled
  bool position_to_content = false;  // disentangled
  // bucket_bias, disentangled: a learned table is added to the embedding too (MPNet, DeBERTa's
  // position_biased_input).
  bool also_learned = false;
  ConvolutionSpec convolution;  // convolution: its result is added; the last frame of an even kernel is cut
};

enum class Scoring {
  dot_product,  // q · k
  additive,     // v · tanh(q + k) (Bahdanau et al. 2015)
};

struct AttentionSpec {
  int n_heads = 0;
  int n_kv_heads = 0;  // heads that share a key and value: n_heads / n_kv_heads (Ainslie et al. 2023)
  int d_head = 0;
  Scoring scoring = Scoring::dot_product;
  double scale = 1.0;     // scores = q · k * scale; 1 / sqrt(d_head) in most families
  double soft_cap = 0.0;  // > 0: scores = cap * tanh(scores / cap) (Gemma 2)
  bool causal = false;
  int window =
      0;  // > 0: key j is visible to query i iff i - j < window (and, when not causal, |i - j| < window)
};

struct FeedForwardSpec {
  int d_ff = 0;
  Activation activation = Activation::gelu;
  bool gated = false;  // down(act(gate(x)) * up(x)) instead of down(act(up(x)))
};

// One layer may differ from the next (local and global attention, scaling by depth).
struct LayerSpec {
  AttentionSpec self;
  std::optional<AttentionSpec> cross;  // in the decoder of an encoder-decoder
  FeedForwardSpec feed_forward;
};

struct StackSpec {
  int d_model = 0;
  std::vector<LayerSpec> layers;
  NormSpec norm;
  NormPlace norm_place = NormPlace::before;
  bool parallel_residual = false;  // x + attention(norm1 x) + ffn(norm2 x) (GPT-J, NeoX, Phi, Falcon)
  bool shared_norm = false;        // with parallel_residual: one norm (self_norm) feeds both
  // With NormPlace::before: norm(x) + f(norm(x)) instead of x + f(norm(x)) (BLOOM's
  // apply_residual_connection_post_layernorm).
  bool residual_from_norm = false;
  PositionSpec position;
  bool embedding_norm = false;  // a norm after the embeddings (BERT, BLOOM)
  bool final_norm = false;      // a norm after the last layer (GPT-2, Llama, T5)
  // Hugging Face's last hidden state is the one before the final norm (ViT, DeiT).
  bool last_hidden_before_norm = false;
  int n_layer_groups =
      0;  // > 0: parameters are shared, layer l uses group l * n_layer_groups / n_layers (ALBERT)
  int n_layers() const { return static_cast<int>(layers.size()); }
  // Which of StackParameters::layers a layer computes with.
  std::size_t parameters_of(int layer) const {
    return static_cast<std::size_t>(n_layer_groups > 0 ? layer * n_layer_groups / n_layers() : layer);
  }
};

struct EmbeddingSpec {
  int n_vocab = 0;
  int n_token_types = 0;  // 0: none
  int d_embedding =
      0;  // when it differs from d_model: factorised, a projection follows (ALBERT, ELECTRA, OPT)
  double scale = 1.0;       // multiplied after the look-up (Gemma, Marian, BART with scale_embedding)
  bool tied_output = true;  // the output layer reads the embedding table
  // The factorised table is projected before positions and norm (OPT); otherwise after them (ALBERT,
  // ELECTRA).
  bool project_first = false;
  // After positions, but before the norm (DeBERTa).
  bool project_before_norm = false;
};

// What the text stack reads when its tokens are no words.
enum class InputKind {
  words,     // Inputs::ids
  patches,   // Inputs::pixels: squares of an image, after learned tokens (ViT, DeiT)
  samples,   // Inputs::samples: sound through a stem of convolutions (wav2vec 2.0)
  features,  // Inputs::features: a log-mel spectrogram through a stem of convolutions (Whisper)
};

struct PatchSpec {
  int n_channels = 3;
  int height = 0, width = 0;  // pixels of the image
  int patch = 0;              // pixels of a side
  int n_prefix = 1;           // learned tokens before the patches: [CLS], and DeiT's distillation token
};

// What is read from the last hidden states.
enum class OutputKind {
  none,            // hidden states only
  masked_words,    // logits [T, V] for each position's own word (BERT)
  next_words,      // logits [T, V] for the next position's word (GPT)
  sequence_label,  // logits [n_labels] for the whole text
  token_label,     // logits [T, n_labels]
  question,        // start and end logits [T, 2]
  replaced_words,  // one logit a token (ELECTRA's discriminator)
};

// Which row of the last hidden states sequence_label reads.
enum class LabelRow {
  first,     // [CLS]: BERT, RoBERTa, ViT
  last,      // GPT-2, XLNet
  mean,      // of all rows: wav2vec 2.0 (after its projection, OutputParameters::transform)
  last_eos,  // the target's last eos_id: BART
};

// Our own addition, under the key "attnlab" of a config: the answer to "what does this word mean?" is one
// head's attention (Kadlec et al. 2016, attention sum).
struct PointerSpec {
  int layer = 0;
  int head = 0;
  std::vector<std::string> asked_at;  // the words it was trained to answer for: it, they, 它 …
};

// What a trained model says of itself; shown, never computed with.
struct ModelCard {
  std::string title;       // "pronouns-en"
  std::string trained_on;  // one sentence
  std::string supervised;  // one sentence: which head, by what; empty: nothing
  std::string language;    // "en", "zh", "" unknown
};

struct ModelSpec {
  std::string family;        // config.json "model_type"
  std::string architecture;  // config.json "architectures"[0]
  EmbeddingSpec embedding;
  std::optional<EmbeddingSpec> target_embedding;  // where source and target do not share one
  InputKind input = InputKind::words;             // what the text stack reads
  PatchSpec patches;                              // InputKind::patches
  std::vector<ConvolutionSpec> stem;              // InputKind::samples, features: in order
  int n_mel = 0;                                  // InputKind::features
  int n_frames = 0;                               // InputKind::features: exactly so many (Whisper 3000)
  std::optional<StackSpec> encoder;
  std::optional<StackSpec> decoder;
  OutputKind output = OutputKind::none;
  LabelRow label_row = LabelRow::first;
  NormSpec output_norm;  // of OutputParameters::transform_norm
  int n_labels = 0;
  std::vector<std::string> label_names;
  double output_scale = 1.0;     // logits are multiplied by it (T5 v1.0: d_model^-0.5)
  double output_soft_cap = 0.0;  // Gemma 2
  int decoder_start_id = -1;     // what a target begins with
  int bos_id = -1, eos_id = -1, pad_id = -1, mask_id = -1;
  std::optional<PointerSpec> pointer;
  std::vector<std::string>
      names_at;  // at these words its output was trained to name what they stand for; empty: it was not
  // Our own key too: the cross-attention head that was trained to look at the source word whose translation
  // is written next (guided alignment: Chen et al. 2016).
  std::optional<HeadId> alignment_head;
  ModelCard card;

  bool is_encoder_decoder() const { return encoder && decoder; }
  // The stack whose positions limit and whose tokens make the text: encoder if there is one.
  const StackSpec& text_stack() const { return encoder ? *encoder : *decoder; }
};

}  // namespace attn
