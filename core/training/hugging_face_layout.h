#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/model/spec.h"

namespace attn {

// How a trained model is called in Hugging Face's terms: BERT, Llama and Marian where it is made as they are;
// else "attnlab", a family of our own (core/model/families/attnlab.cpp), with our own names.

// config.json; what no architecture has stands under the key "attnlab". Throws Error for a model that none of
// them expresses: it says what can be kept.
nlohmann::ordered_json hugging_face_config(const ModelSpec& spec);

// The checkpoint's name for a parameter of core/training/weights.h.
std::string hugging_face_name(const ModelSpec& spec, const std::string& name);

}  // namespace attn
