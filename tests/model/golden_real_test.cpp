// Small trained models and models with their tokenizer, against what Hugging Face computed
// (golden/README.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/forward/pass.h"
#include "core/model/load_model.h"
#include "core/model/safetensors.h"
#include "tests/forward/every_simd_target.h"
#include "tests/model/scratch.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

// The largest difference of any number, and of a number relative to max(1, largest expected).
struct Largest {
  float weight = 0, relative = 0;
};

// expected: [heads * queries, keys], head after head.
void compare_heads(const Matrix& expected, const AttentionRecord& record, Largest& largest) {
  const Index n_queries = record.weights.front().rows();
  ASSERT_EQ(expected.rows(), n_queries * static_cast<Index>(record.weights.size()));
  for (std::size_t h = 0; h < record.weights.size(); ++h) {
    const Matrix head = expected.middleRows(static_cast<Index>(h) * n_queries, n_queries);
    ASSERT_EQ(head.cols(), record.weights[h].cols());
    largest.weight = std::max(largest.weight, (head - record.weights[h]).cwiseAbs().maxCoeff());
  }
}

void compare_numbers(const Matrix& expected, const Matrix& got, Largest& largest) {
  ASSERT_EQ(expected.rows(), got.rows());
  ASSERT_EQ(expected.cols(), got.cols());
  const float scale = std::max(1.0f, expected.cwiseAbs().maxCoeff());
  largest.relative = std::max(largest.relative, (expected - got).cwiseAbs().maxCoeff() / scale);
}

std::vector<int> ids_of(const Safetensors& file, const std::string& name) {
  std::vector<int> ids;
  if (!file.tensors.count(name)) return ids;
  const Matrix numbers = read_tensor(file.tensors.at(name));
  for (Index i = 0; i < numbers.size(); ++i) ids.push_back(static_cast<int>(numbers.data()[i]));
  return ids;
}

Largest compare_folder(const fs::path& folder, const fs::path& expected_folder) {
  const auto model = load_model(folder);
  const Safetensors expected = read_safetensors(expected_folder / "expected.safetensors");
  const auto has = [&](const std::string& name) { return expected.tensors.count(name) > 0; };
  const auto matrix = [&](const std::string& name) { return read_tensor(expected.tensors.at(name)); };
  Largest largest;
  int n_runs = 0;
  for (int r = 0; has("run" + std::to_string(r) + ".input_ids"); ++r, ++n_runs) {
    const std::string run = "run" + std::to_string(r) + ".";
    Inputs inputs;
    inputs.ids = ids_of(expected, run + "input_ids");
    inputs.type_ids = ids_of(expected, run + "token_type_ids");
    inputs.target_ids = ids_of(expected, run + "decoder_input_ids");
    const auto trace = run_pass(model, inputs);
    const bool both = model->spec.is_encoder_decoder();
    const struct {
      Stack stack;
      std::string attention, hidden;
    } stacks[] = {
        {Stack::encoder, both ? "encoder_attention." : "attention.", both ? "encoder_hidden." : "hidden."},
        {Stack::decoder, both ? "decoder_attention." : "attention.", both ? "decoder_hidden." : "hidden."},
        {Stack::cross, "cross_attention.", ""}};
    for (const auto& one : stacks)
      for (int l = 0; l < trace->n_layers(one.stack); ++l) {
        const std::string name = run + one.attention + std::to_string(l);
        EXPECT_TRUE(has(name)) << name;
        if (has(name)) compare_heads(matrix(name), *trace->attention(one.stack, l), largest);
        const StackTrace& stack = one.stack == Stack::encoder ? trace->encoder : trace->decoder;
        const std::string hidden = run + one.hidden + std::to_string(l);
        if (!one.hidden.empty() && has(hidden))
          compare_numbers(matrix(hidden), stack.layers[static_cast<std::size_t>(l)]->input, largest);
      }
    const Matrix logits = compute_logits(*trace);
    if (has(run + "logits")) compare_numbers(matrix(run + "logits"), logits, largest);
    if (has(run + "logits_last")) compare_numbers(matrix(run + "logits_last"), logits.bottomRows(1), largest);
  }
  EXPECT_GT(n_runs, 0) << folder;
  std::cout << "  " << folder.filename().string() << ", " << simd_target()
            << ": largest difference of a weight " << largest.weight
            << ", of a hidden state or logit (relative) " << largest.relative << "\n";
  return largest;
}

void expect_parity(const fs::path& model, const fs::path& expected) {
  const Largest largest = compare_folder(model, expected);
  EXPECT_LE(largest.weight, 1e-5f) << model;
  EXPECT_LE(largest.relative, 1e-5f) << model;
}

TEST(GoldenReal, TheModelsOfTheRepositoryAgreeWithHuggingFace) {
  const fs::path root = fs::path(ATTN_TEST_DATA) / "golden";
  const std::pair<const char*, const char*> models[] = {{"bert", "bert"},      {"gpt2", "gpt2"},
                                                        {"llama", "llama"},    {"t5", "t5"},
                                                        {"bert__bin", "bert"}, {"gpt2__sharded", "gpt2"}};
  with_every_simd_target([&] {
    for (const auto& [name, expected] : models) expect_parity(root / name, root / expected);
  });
}

TEST(GoldenReal, ModelsWithTheirTokenizerAgreeWithHuggingFace) {
  const fs::path root = fs::path(ATTN_GOLDEN_DIR) / "e2e";
  if (!fs::exists(root)) GTEST_SKIP() << "shared/golden is not here";
  with_every_simd_target([&] {
    for (const auto& folder : fs::directory_iterator(root))
      if (folder.is_directory()) expect_parity(folder.path(), folder.path());
  });
}

TEST(GoldenReal, SmallTrainedModelsAgreeWithHuggingFace) {
  const fs::path root = fs::path(ATTN_GOLDEN_DIR) / "real";
  if (!fs::exists(root)) GTEST_SKIP() << "shared/golden is not here";
  with_every_simd_target([&] {
    for (const char* name : {"gpt-nano-sort", "stories260k-llama"}) expect_parity(root / name, root / name);
  });
}

TEST(GoldenReal, ATrainedTransliteratorAgreesWithItsRecordedAttention) {
  const fs::path folder = fs::path(ATTN_GOLDEN_DIR) / "real" / "aren-transliteration";
  if (!fs::exists(folder)) GTEST_SKIP() << "shared/golden is not here";
  const auto model = load_model(folder);
  const nlohmann::json expected = nlohmann::json::parse(read_all(folder / "expected.json"));
  Largest largest;
  for (const nlohmann::json& example : expected["examples"]) {
    Inputs inputs;
    inputs.ids = example["encoder_input_ids"].get<std::vector<int>>();
    inputs.target_ids = example["decoder_input_ids"].get<std::vector<int>>();
    const auto trace = run_pass(model, inputs);
    const struct {
      Stack stack;
      const char* name;
    } stacks[] = {{Stack::encoder, "encoder_attentions"},
                  {Stack::decoder, "decoder_attentions"},
                  {Stack::cross, "cross_attentions"}};
    for (const auto& one : stacks)
      for (int l = 0; l < trace->n_layers(one.stack); ++l) {
        const nlohmann::json& heads = example[one.name][static_cast<std::size_t>(l)];
        const AttentionRecord& record = *trace->attention(one.stack, l);
        ASSERT_EQ(heads.size(), record.weights.size());
        for (std::size_t h = 0; h < heads.size(); ++h)
          for (Index q = 0; q < record.weights[h].rows(); ++q)
            for (Index k = 0; k < record.weights[h].cols(); ++k)
              largest.weight = std::max(
                  largest.weight,
                  std::abs(heads[h][static_cast<std::size_t>(q)][static_cast<std::size_t>(k)].get<float>() -
                           record.weights[h](q, k)));
      }
  }
  std::cout << "  aren-transliteration: largest difference of a weight " << largest.weight << "\n";
  EXPECT_LE(largest.weight, 1e-4f);
}

}  // namespace
}  // namespace attn
