#include "core/analysis/nearest_words.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attn {
namespace {

TEST(NearestWords, ComeInTheOrderOfTheAngleBetweenEmbeddingsWithoutTheWordItself) {
  const auto tokenizer = load_tokenizer_from_json(
      R"({"version":"1.0","added_tokens":[{"id":0,"content":"[PAD]","special":true,"single_word":false,"lstrip":false,
          "rstrip":false,"normalized":false}],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},
          "post_processor":null,"decoder":null,
          "model":{"type":"WordLevel","vocab":{"[PAD]":0,"cat":1,"dog":2,"stone":3},"unk_token":"[PAD]"}})",
      "test");
  Model model;
  model.parameters.embedding.words.resize(4, 2);
  model.parameters.embedding.words << 1, 0,  // [PAD] points the same way as "cat", and is no word
      2, 0,                                  // cat
      3, 1,                                  // dog: a small angle
      -1, 0;                                 // stone: the opposite
  const auto near = nearest_words(model, *tokenizer, 1, 5);
  ASSERT_EQ(near.size(), 2u);
  EXPECT_EQ(near[0].word, "dog");
  EXPECT_NEAR(near[0].similarity, 3.0f / std::sqrt(10.0f), 1e-6f);
  EXPECT_EQ(near[1].word, "stone");
  EXPECT_NEAR(near[1].similarity, -1.0f, 1e-6f);
}

}  // namespace
}  // namespace attn
