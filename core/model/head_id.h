#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace attn {

// Which attention of a model: the encoder's own, the decoder's own, or the decoder's look at the encoder.
// A model with one stack has `encoder` (BERT, ViT) or `decoder` (GPT) only.
enum class Stack { encoder, decoder, cross };

// The address of one head, counted from 0. Cross attention has as many layers as the decoder.
struct HeadId {
  Stack stack = Stack::encoder;
  int layer = 0;
  int head = 0;
  auto operator<=>(const HeadId&) const = default;
};

// "L5·H10"; with_stack: "enc L5·H10", "dec L5·H10", "cross L5·H10" (for encoder-decoders).
std::string to_text(const HeadId& id, bool with_stack = false);

// "encoder", "decoder", "cross".
std::string_view name_of(Stack stack);

}  // namespace attn
