#include "core/analysis/output_stack.h"

#include "core/analysis/parameters_of.h"
#include "core/math/error.h"

namespace attn {

Stack output_stack(const Model& model) {
  return model.spec.decoder ? Stack::decoder : Stack::encoder;
}

const Model& word_model_of(const Trace& trace) {
  const Model& model = model_of(trace);
  if (model.spec.output != OutputKind::masked_words && model.spec.output != OutputKind::next_words)
    throw Error("This model predicts no words, so there are no logits to look at in its layers.");
  return model;
}

const StackTrace& finished_stack(const Trace& trace, Stack stack, int token) {
  const StackTrace& layers = stack == Stack::encoder ? trace.encoder : trace.decoder;
  if (layers.layers.empty() || layers.output.size() == 0)
    throw Error("The pass is not finished: its last hidden states are not there yet.");
  if (token < 0 || token >= layers.output.rows())
    throw Error("There is no token " + std::to_string(token) + ": the text has " +
                std::to_string(layers.output.rows()) + ", counted from 0.");
  return layers;
}

}  // namespace attn
