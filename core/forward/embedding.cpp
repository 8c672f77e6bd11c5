#include "core/forward/embedding.h"

#include "core/attention/positions.h"
#include "core/forward/stem.h"
#include "core/math/rows.h"
#include "core/math/worded_error.h"

namespace attn {

namespace {

bool reads_words(const ModelSpec& spec, Stack stack) {
  return spec.input == InputKind::words || (stack == Stack::decoder && spec.encoder);
}

const std::vector<int>& ids_of(const ModelSpec& spec, Stack stack, const Inputs& inputs) {
  return stack == Stack::decoder && spec.encoder ? inputs.target_ids : inputs.ids;
}

void check_types(const Inputs& inputs) {
  if (inputs.type_ids.empty() || inputs.type_ids.size() == inputs.ids.size()) return;
  throw Error("There are " + std::to_string(inputs.ids.size()) + " tokens and " +
              std::to_string(inputs.type_ids.size()) + " token types: each token needs one.");
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
  if (spec.input == InputKind::features && spec.n_frames > 0 && inputs.features.cols() != spec.n_frames)
    throw Error("This model reads spectrograms of exactly " + std::to_string(spec.n_frames) +
                " frames, not of " + std::to_string(inputs.features.cols()) + ".");
  Index n = spec.input == InputKind::samples ? inputs.samples.size() : inputs.features.cols();
  for (const ConvolutionSpec& convolution : spec.stem) n = frames_after(convolution, n);
  if (n == 0)
    throw WordedError(
        worded("media.short_sound", "This sound is too short: it does not fill one frame of the model."));
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

// The rows of the table of token types for one input, into `out`.
template <class S>
void type_rows(const EmbeddingParameters<S>& parameters, const std::vector<int>& types, ViewOf<S> out) {
  for (Index t = 0; t < out.rows(); ++t) {
    const int type = types.empty() ? 0 : types[static_cast<std::size_t>(t)];
    if (type < 0 || type >= parameters.token_types.rows())
      throw Error("Token type " + std::to_string(type) + " is unknown to this model, which has " +
                  std::to_string(parameters.token_types.rows()) + ".");
    out.row(t) = parameters.token_types.row(type);
  }
}

bool adds_positions(const PositionPlan& plan) {
  return plan.kind == PositionKind::learned || plan.kind == PositionKind::sinusoidal ||
         plan.kind == PositionKind::convolution || plan.also_learned;
}

// What positions add to `words`, the rows of one input, into `out`: learned and sinusoidal tables, or a
// grouped convolution over the sequence (wav2vec 2.0). The other kinds work inside the layers.
template <class S>
void position_rows(const PositionSpec& spec, const StackParameters<S>& parameters, const PositionPlan& plan,
                   std::span<const int> positions, ConstViewOf<S> words, ViewOf<S> out, Pool* pool) {
  const MatrixOf<S>& table = parameters.position_table;
  const bool sinusoidal = plan.kind == PositionKind::sinusoidal;
  const bool from_file = sinusoidal && spec.kind == PositionKind::sinusoidal && table.size() > 0;
  if (plan.kind == PositionKind::learned || plan.also_learned || from_file) {
    for (Index t = 0; t < out.rows(); ++t) {
      const int position = positions[static_cast<std::size_t>(t)];
      const int row = position + (sinusoidal ? 0 : spec.offset);
      if (row < 0 || row >= table.rows())
        throw Error("Position " + std::to_string(position) + " is outside the model's table of " +
                    std::to_string(table.rows() - spec.offset) + " positions.");
      out.row(t) = table.row(row);
    }
  } else if (sinusoidal) {
    const bool interleaved =
        spec.kind != PositionKind::sinusoidal || spec.order == SinusoidOrder::interleaved;
    out = sinusoid_table<S>(positions, out.cols(), interleaved);
  } else {
    out = convolve<S>(spec.convolution, parameters.position_convolution, words, pool).topRows(out.rows());
  }
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

std::vector<int> token_positions(const ModelSpec& spec, Stack stack, const PositionPlan& plan,
                                 std::span<const Inputs> inputs, const BatchRows& rows) {
  const PositionSpec& position = (stack == Stack::decoder ? *spec.decoder : *spec.encoder).position;
  std::vector<int> all;
  for (Index s = 0; s < rows.n_sequences(); ++s) {
    const std::vector<int> own =
        plan.positions(position, rows.count(s), ids_of(spec, stack, inputs[static_cast<std::size_t>(s)]));
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::vector<int> token_segments(const ModelSpec& spec, Stack stack, std::span<const Inputs> inputs) {
  std::vector<int> all;
  const StackSpec& stack_spec = stack == Stack::decoder ? *spec.decoder : *spec.encoder;
  if (stack_spec.position.kind != PositionKind::transformer_xl) return all;
  for (const Inputs& input : inputs) {
    check_types(input);
    if (input.type_ids.empty())
      all.insert(all.end(), input.ids.size(), 0);
    else
      all.insert(all.end(), input.type_ids.begin(), input.type_ids.end());
  }
  return all;
}

namespace {

// Which table a stack reads, and how.
template <class S>
struct EmbeddingOf {
  EmbeddingOf(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack)
      : is_target(stack == Stack::decoder && spec.encoder),
        from_words(reads_words(spec, stack)),
        words(is_target && spec.target_embedding ? *spec.target_embedding : spec.embedding),
        table(is_target && spec.target_embedding ? parameters.target_embedding : parameters.embedding),
        stack_spec(stack == Stack::decoder ? *spec.decoder : *spec.encoder),
        stack_parameters(stack == Stack::decoder ? parameters.decoder : parameters.encoder) {}

  bool is_target, from_words;
  const EmbeddingSpec& words;
  const EmbeddingParameters<S>& table;
  const StackSpec& stack_spec;
  const StackParameters<S>& stack_parameters;

  bool project_first() const { return !table.projection.empty() && (words.project_first || !from_words); }
};

// Tokens: rows of the table, patches or frames.
template <class S>
MatrixOf<S> token_rows(const ModelSpec& spec, const StemParameters<S>& stem, Stack stack,
                       const EmbeddingOf<S>& of, std::span<const Inputs> inputs, const BatchRows& rows,
                       Pool* pool) {
  MatrixOf<S> x(rows.total(), 0);
  for (Index s = 0; s < rows.n_sequences(); ++s) {
    const Inputs& input = inputs[static_cast<std::size_t>(s)];
    MatrixOf<S> tokens;
    if (spec.input == InputKind::patches && !of.from_words)
      tokens = embed_patches<S>(spec.patches, stem, input, pool);
    else if (!of.from_words)
      tokens = embed_sound<S>(spec, stem, input, static_cast<S>(of.stack_spec.norm.epsilon), pool);
    if (x.cols() == 0) x.resize(rows.total(), of.from_words ? of.table.words.cols() : tokens.cols());
    ViewOf<S> block = rows_of(view(x), rows.begin(s), rows.count(s));
    if (of.from_words)
      embed_words<S>(of.words, of.table, ids_of(spec, stack, input), block);
    else
      block = tokens;
  }
  if (of.project_first()) return of.table.projection(view(std::as_const(x)), pool);
  return x;
}

}  // namespace

template <class S>
MatrixOf<S> embed(const ModelSpec& spec, const ParametersOf<S>& parameters, Stack stack,
                  const StackPlan& plan, std::span<const Inputs> inputs, const BatchRows& rows,
                  std::span<const int> positions, Pool* pool, EmbeddingSteps<S>* steps) {
  const EmbeddingOf<S> of(spec, parameters, stack);
  const EmbeddingParameters<S>& table = of.table;
  const bool keep_parts = steps && steps->keep_parts;
  const auto set_by_hand = [&](NumberPlace place, MatrixOf<S>& to) {
    put_numbers<S>(plan.numbers, place, {rows}, view(to));
  };
  MatrixOf<S> x = token_rows<S>(spec, parameters.stem, stack, of, inputs, rows, pool);
  set_by_hand(NumberPlace::word, x);
  if (keep_parts) steps->words = x;

  // Where they stand, and in which sentence: fill(input, rows of the tokens, rows to be added).
  const auto add = [&](NumberPlace place, MatrixOf<S> EmbeddingSteps<S>::*kept, const auto& fill) {
    MatrixOf<S> part(x.rows(), x.cols());
    for (Index s = 0; s < rows.n_sequences(); ++s)
      fill(s, rows_of(view(std::as_const(x)), rows.begin(s), rows.count(s)),
           rows_of(view(part), rows.begin(s), rows.count(s)));
    set_by_hand(place, part);
    x += part;
    if (keep_parts) steps->*kept = std::move(part);
  };
  if (adds_positions(plan.position))
    add(NumberPlace::position, &EmbeddingSteps<S>::positions,
        [&](Index s, ConstViewOf<S> words, ViewOf<S> out) {
          const std::span<const int> own = positions.subspan(static_cast<std::size_t>(rows.begin(s)),
                                                             static_cast<std::size_t>(rows.count(s)));
          position_rows<S>(of.stack_spec.position, of.stack_parameters, plan.position, own, words, out, pool);
        });
  if (of.from_words && table.token_types.size() > 0)
    add(NumberPlace::type, &EmbeddingSteps<S>::types, [&](Index s, ConstViewOf<S>, ViewOf<S> out) {
      const Inputs& input = inputs[static_cast<std::size_t>(s)];
      if (!of.is_target) check_types(input);
      type_rows<S>(table, of.is_target ? std::vector<int>() : input.type_ids, out);
    });

  if (of.words.project_before_norm && !table.projection.empty())
    x = table.projection(view(std::as_const(x)), pool);
  set_by_hand(NumberPlace::embedding_sum, x);
  if (steps) steps->sum = x;
  if (of.stack_spec.embedding_norm) normalise(of.stack_spec.norm, of.stack_parameters.embedding_norm, x);
  if (!table.projection.empty() && !of.project_first() && !of.words.project_before_norm) {
    MatrixOf<S> projected = table.projection(view(std::as_const(x)), pool);
    if (steps) steps->normed = std::move(x);
    x = std::move(projected);
  }
  set_by_hand(NumberPlace::embedding, x);
  return x;
}

#define ATTN_INSTANTIATE_EMBEDDING(S)                                                                   \
  template MatrixOf<S> embed<S>(const ModelSpec&, const ParametersOf<S>&, Stack, const StackPlan&,      \
                                std::span<const Inputs>, const BatchRows&, std::span<const int>, Pool*, \
                                EmbeddingSteps<S>*);
ATTN_INSTANTIATE_EMBEDDING(float)
ATTN_INSTANTIATE_EMBEDDING(double)
#undef ATTN_INSTANTIATE_EMBEDDING

}  // namespace attn
