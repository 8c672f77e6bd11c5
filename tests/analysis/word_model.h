#pragma once

#include <memory>
#include <string>
#include <vector>

#include "space_tokenizer.h"
#include "tests/forward/random_model.h"

namespace attn {

// The words of a small model with random parameters that predicts words; SpaceTokenizer takes them.
inline const std::vector<std::string> kWords = {"the", "dog", "cat", "saw", "it", "was", "tired", "a", "b",
                                                "c",   "d",   "e",   "f",   "g",  "h",   "i",     "j", "k"};

inline std::shared_ptr<const Model> word_model(OutputKind kind, RandomModel::Shape shape) {
  RandomModel wish;
  wish.shape = shape;
  auto model = std::make_shared<Model>(*wish.build());
  model->spec.output = kind;
  return model;
}

}  // namespace attn
