#include "core/forward/embedding.h"

#include "core/attention/positions.h"
#include "core/forward/stem.h"
#include "core/math/error.h"
#include "core/math/rows.h"

namespace attn {

namespace {

bool reads_words(const ModelSpec& spec, Stack stack) {
  return spec.input == InputKind::words || (stack == Stack::decoder && spec.encoder);
}

const std::vector<int>& ids_of(const ModelSpec& spec, Stack stack, const Inputs& inputs) {
  return stack == Stack::decoder && spec.encoder ? inputs.target_ids : inputs.ids;
}

Index count_patches(const PatchSpec& spec, const Inputs& inputs) {
  if (inputs.channels != spec.n_channels || inputs.pixels.rows() != spec.n_channels * spec.height ||
      inputs.pixels.cols() != spec.width)
    throw Error("This model reads images of " + std::to_string(spec.width) + " x " +
                std::to_string(spec.height) + " pixels in " + std::to_string(spec.n_channels) + " channels.");
  return spec.n_prefix + Index{spec.width / spec.patch} * (spec.height / spec.patch);
}

Index count_frames(const ModelSpec& spec, const Inputs& inputs) {
  if (spec.input == InputKind::features && inputs.features.rows() != spec.n_mel)
    throw Error("This model reads spectrograms of " + std::to_string(spec.n_mel) + " mel bands, not of " +
                std::to_string(inputs.features.rows()) + ".");
  Index n = spec.input == InputKind::samples ? inputs.samples.size() : inputs.features.cols();
  for (const ConvolutionSpec& convolution : spec.stem) n = frames_after(convolution, n);
  if (n == 0) throw Error("This sound is too short: it does not fill one frame of the model.");
  return n;
}

}  // namespace

Index count_tokens(const ModelSpec& spec, Stack stack, const Inputs& inputs) {
  Index n = 0;
  if (reads_words(spec, stack))
    n = static_cast<Index>(ids_of(spec, stack, inputs).size());
  else if (spec.input == InputKind::patches)
    n = count_patches(spec.patches, inputs);
  else
    n = count_frames(spec, inputs);
  if (n == 0) {
    throw Error(stack == Stack::decoder && spec.encoder
                    ? "The target is empty: an encoder-decoder's target begins with its start token."
                    : "The text is empty: there is no token to look at.");
  }
  const PositionSpec& position = (stack == Stack::decoder ? *spec.decoder : *spec.encoder).position;
  if (position.n_positions > 0 && n > position.n_positions)
    throw Error("The text has " + std::to_string(n) + " tokens, and this model has positions for " +
                std::to_string(position.n_positions) + ": shorten it, or cut it with --truncate.");
  return n;
}

namespace {

template <class S>
void embed_words(const EmbeddingSpec& spec, const EmbeddingParameters<S>& parameters,
                 const std::vector<int>& ids, ViewOf<S> out) {
  const S scale = static_cast<S>(spec.scale);
  for (Index t = 0; t < out.rows(); ++t) {
    const int id = ids[static_cast<std::size_t>(t)];
    if (id < 0 || id >= parameters.words.rows())
      throw Error("Token id " + std::to_string(id) +
                  " is outside the vocabulary of this model, which ends at " +
                  std::to_string(parameters.words.rows() - 1) + ".");
    out.row(t) = parameters.words.row(id) * scale;
  }
}

template <class S>
void add_token_types(const EmbeddingParameters<S>& parameters, const std::vector<int>& types, ViewOf<S> out) {
  for (Index t = 0; t < out.rows(); ++t) {
    const int type = types.empty() ? 0 : types[static_cast<std::size_t>(t)];
    if (type < 0 || type >= parameters.token_types.rows())
      throw Error("Token type " + std::to_string(type) + " is unknown to this model, which has " +
                  std::to_string(parameters.token_types.rows()) + ".");
    out.row(t) += parameters.token_types.row(type);
  }
}

// Learned and sinusoidal positions; the other kinds work inside the layers.
template <class S>
void add_positions(const PositionSpec& spec, const MatrixOf<S>& table, const PositionPlan& plan,
                   ViewOf<S> out) {
  const bool sinusoidal = plan.kind == PositionKind::sinusoidal;
  const bool from_file = sinusoidal && spec.kind == PositionKind::sinusoidal && table.size() > 0;
  if (plan.kind == PositionKind::learned || plan.also_learned || from_file) {
    for (Index t = 0; t < out.rows(); ++t) {
      const int row = plan.position_of(t) + (sinusoidal ? 0 : spec.offset);
      if (row < 0 || row >= table.rows())
        throw Error("Position " + std::to_string(plan.position_of(t)) + " is outside the model's table of " +
                    std::to_string(table.rows() - spec.offset) + " positions.");
      out.row(t) += table.row(row);
    }
  } else if (sinusoidal) {
    const bool interleaved =
        spec.kind != PositionKind::sinusoidal || spec.order == SinusoidOrder::interleaved;
    out += sinusoid_table<S>(plan.positions(out.rows()), out.cols(), interleaved);
  }
}

// wav2vec 2.0: a grouped convolution over the sequence, added to it.
template <class S>
void add_convolution(const ConvolutionSpec& spec, const ConvolutionParameters<S>& parameters, ViewOf<S> x,
                     Pool* pool) {
  const MatrixOf<S> positions = convolve<S>(spec, parameters, as_const(x), pool);
  x += positions.topRows(x.rows());
}

template <class S>
void normalise(const NormSpec& spec, const NormParameters<S>& norm, MatrixOf<S>& x) {
  const S epsilon = static_cast<S>(spec.epsilon);
  if (spec.kind == NormKind::layer)
    layer_norm_rows<S>(view(std::as_const(x)), norm.gain, norm.bias, epsilon, view(x));
  else
    rms_norm_rows<S>(view(std::as_const(x)), norm.gain, spec.kind == NormKind::rms_offset ? S(1) : S(0),
                     epsilon, view(x));
}

}  // namespace

template <class S>
MatrixOf<S> embed(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack,
                  const PositionPlan& plan, std::span<const Inputs> inputs, const BatchRows& rows, Pool* pool,
                  EmbeddingSteps<S>* steps) {
  const bool is_target = stack == Stack::decoder && spec.encoder;
  const bool own_table = is_target && spec.target_embedding;
  const EmbeddingSpec& words = own_table ? *spec.target_embedding : spec.embedding;
  const EmbeddingParameters<S>& table = own_table ? parameters.target_embedding : parameters.embedding;
  const StackSpec& stack_spec = stack == Stack::decoder ? *spec.decoder : *spec.encoder;
  const StackParameters<S>& stack_parameters =
      stack == Stack::decoder ? parameters.decoder : parameters.encoder;
  const bool from_words = reads_words(spec, stack);
  const bool project_first = !table.projection.empty() && (words.project_first || !from_words);

  // Tokens: rows of the table, patches or frames.
  MatrixOf<S> x(rows.total(), 0);
  for (Index s = 0; s < rows.n_sequences(); ++s) {
    const Inputs& input = inputs[static_cast<std::size_t>(s)];
    MatrixOf<S> tokens;
    if (spec.input == InputKind::patches && !from_words)
      tokens = embed_patches<S>(spec.patches, parameters.stem, input, pool);
    else if (!from_words)
      tokens = embed_sound<S>(spec, parameters.stem, input, static_cast<S>(stack_spec.norm.epsilon), pool);
    if (x.cols() == 0) x.resize(rows.total(), from_words ? table.words.cols() : tokens.cols());
    ViewOf<S> block = rows_of(view(x), rows.begin(s), rows.count(s));
    if (from_words)
      embed_words<S>(words, table, ids_of(spec, stack, input), block);
    else
      block = tokens;
  }
  if (project_first) x = table.projection(view(std::as_const(x)), pool);

  // Where they stand, and in which sentence.
  for (Index s = 0; s < rows.n_sequences(); ++s) {
    const Inputs& input = inputs[static_cast<std::size_t>(s)];
    ViewOf<S> block = rows_of(view(x), rows.begin(s), rows.count(s));
    add_positions<S>(stack_spec.position, stack_parameters.position_table, plan, block);
    if (plan.kind == PositionKind::convolution)
      add_convolution<S>(stack_spec.position.convolution, stack_parameters.position_convolution, block, pool);
    if (from_words && table.token_types.size() > 0) {
      if (!is_target && !input.type_ids.empty() && input.type_ids.size() != input.ids.size())
        throw Error("There are " + std::to_string(input.ids.size()) + " tokens and " +
                    std::to_string(input.type_ids.size()) + " token types: each token needs one.");
      add_token_types<S>(table, is_target ? std::vector<int>() : input.type_ids, block);
    }
  }

  if (steps) steps->sum = x;
  if (stack_spec.embedding_norm) normalise(stack_spec.norm, stack_parameters.embedding_norm, x);
  if (!table.projection.empty() && !project_first) {
    MatrixOf<S> projected = table.projection(view(std::as_const(x)), pool);
    if (steps) steps->normed = std::move(x);
    x = std::move(projected);
  }
  return x;
}

#define ATTN_INSTANTIATE_EMBEDDING(S)                                                                 \
  template MatrixOf<S> embed<S>(const ModelSpec&, const ParametersOf<S>&, Stack, const PositionPlan&, \
                                std::span<const Inputs>, const BatchRows&, Pool*, EmbeddingSteps<S>*);
ATTN_INSTANTIATE_EMBEDDING(float)
ATTN_INSTANTIATE_EMBEDDING(double)
#undef ATTN_INSTANTIATE_EMBEDDING

}  // namespace attn
