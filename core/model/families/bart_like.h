#pragma once

#include "core/model/families/common.h"

// What BART, mBART, Blenderbot, Marian, OPT and Whisper have in common: the names of fairseq's layers.
namespace attn {

// Layers of self attention (and cross attention), fc1 and fc2, from "encoder_layers", "encoder_ffn_dim" …
StackSpec bart_like_stack(const Config& config, const std::string& side, bool causal, bool cross);
// layers.N.{self_attn,encoder_attn,fc1,fc2,…}; key_bias: whether k_proj has one (Whisper's has none).
// learned_norms: whether the norms have parameters.
void place_bart_layers(const Section& at, const StackSpec& stack, StackParameters<float>& slots,
                       Bias bias = Bias::required, Bias key_bias = Bias::required, bool learned_norms = true);

}  // namespace attn
