// Tokens and ids against those of Hugging Face's slow tokenizers (transformers 4.44.2), where they are at
// hand.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/text/tokenizer.h"

namespace attn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path golden() {
  return ATTN_GOLDEN_DIR;
}

std::vector<Json> read_lines(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(Json::parse(line));
  return rows;
}

Json read_json(const fs::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

// How many rows differ, with the first few told.
int differences(const Tokenizer& tokenizer, const std::vector<Json>& rows, const std::string& name) {
  int wrong = 0;
  for (const Json& row : rows) {
    const std::string text = row["text"];
    const Encoding got = row.contains("pair") ? tokenizer.encode_pair(text, row["pair"].get<std::string>())
                                              : tokenizer.encode(text);
    const auto ids = row["ids"].get<std::vector<int>>();
    const auto tokens = row["tokens"].get<std::vector<std::string>>();
    bool same = got.ids == ids && got.tokens == tokens;
    if (row.contains("token_type_ids"))
      same = same && got.type_ids == row["token_type_ids"].get<std::vector<int>>();
    if (!same && ++wrong <= 3) {
      ADD_FAILURE() << name << ": " << row["text"].dump() << "\n  got      "
                    << Json(got.tokens).dump(-1, ' ', false, Json::error_handler_t::replace)
                    << "\n  expected " << row["tokens"].dump();
    }
  }
  return wrong;
}

class GoldenTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTokenizer, GivesTheTokensAndIdsOfTransformers) {
  const std::string name = GetParam();
  const fs::path folder = golden() / "tokenizers" / name;
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto rows = read_lines(golden() / "tokenizers" / "expected" / (name + ".jsonl"));
  ASSERT_FALSE(rows.empty());
  const auto tokenizer = load_tokenizer(folder);
  const int wrong = differences(*tokenizer, rows, name);
  std::cout << name << ": " << rows.size() - static_cast<std::size_t>(wrong) << " of " << rows.size()
            << " texts identical\n";
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, GoldenTokenizer,
                         testing::Values("bert-base-uncased", "bert-base-cased", "bert-base-chinese",
                                         "bert-base-multilingual-cased", "bert-flags-lower-keepaccents",
                                         "gpt2", "gpt2-prefix-bos", "roberta-base", "phi-2",
                                         "qwen2-rules-gpt2-vocab", "whisper-tiny", "clip", "openai-gpt", "t5",
                                         "t5-nonlegacy", "albert", "xlnet", "xlmr-fixture", "open_llama_3b",
                                         "marian-en-mg", "marian-fr-en"));

class GoldenModelFolder : public testing::TestWithParam<const char*> {};

TEST_P(GoldenModelFolder, TokenizesItsTextsAsTransformersDid) {
  const fs::path folder = golden() / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto tokenizer = load_tokenizer(folder);
  const fs::path texts = folder / (fs::exists(folder / "texts.json") ? "texts.json" : "tokens.json");
  const Json rows = read_json(texts);
  EXPECT_EQ(differences(*tokenizer, std::vector<Json>(rows.begin(), rows.end()), GetParam()), 0);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenModelFolder,
                         testing::Values("e2e/e2e_bert", "e2e/e2e_distilbert", "e2e/e2e_gpt2",
                                         "e2e/e2e_roberta", "e2e/e2e_llama", "e2e/e2e_t5",
                                         "e2e/e2e_xlm_roberta", "e2e/e2e_marian", "real/stories260k-llama"));

TEST(GoldenTarget, ATranslatorsTargetFollowsItsStartToken) {
  for (const char* name : {"e2e_marian", "e2e_t5"}) {
    const fs::path folder = golden() / "e2e" / name;
    if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
    const auto tokenizer = load_tokenizer(folder);
    for (const Json& row : read_json(folder / "texts.json")) {
      auto expected = row["decoder_ids"].get<std::vector<int>>();
      expected.erase(expected.begin());
      EXPECT_EQ(tokenizer->encode_target(row["decoder_text"].get<std::string>(), {false}).ids, expected)
          << name << ": " << row["decoder_text"];
    }
  }
}

TEST(GoldenLetters, TransliteratorsTokenizerJsonGivesItsRecordedIds) {
  const fs::path folder = golden() / "real" / "aren-transliteration";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto tokenizer = load_tokenizer(folder);
  const Json expected = read_json(folder / "expected.json");
  for (const Json& row : expected["examples"]) {
    EXPECT_EQ(tokenizer->encode(row["source"].get<std::string>()).ids,
              row["encoder_input_ids"].get<std::vector<int>>());
  }
}

}  // namespace
}  // namespace attn
