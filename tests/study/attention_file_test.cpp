#include "core/study/attention_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "core/model/load_model.h"
#include "core/model/npz.h"
#include "core/model/safetensors.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, gone afterwards.
class AttentionFile : public testing::Test {
 protected:
  AttentionFile() { fs::create_directories(folder_); }
  ~AttentionFile() override { fs::remove_all(folder_); }
  fs::path at(const std::string& name) const { return folder_ / name; }

 private:
  fs::path folder_ = fs::path(testing::TempDir()) /
                     (std::string("attn_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TensorToWrite tensor(std::string name, std::vector<Index> shape, std::vector<float> numbers) {
  const Index cols = shape.back();
  return {std::move(name), std::move(shape), [numbers = std::move(numbers), cols](Index row, float* out) {
            std::copy_n(numbers.begin() + row * cols, cols, out);
          }};
}

std::string refusal(const fs::path& path) {
  try {
    read_attention_file(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

float largest(const Matrix& a, const Matrix& b) {
  return a.rows() != b.rows() || a.cols() != b.cols() ? 1e9f
         : a.size() == 0                              ? 0.0f
                                                      : (a - b).cwiseAbs().maxCoeff();
}

TEST_F(AttentionFile, HoldsAPassWholeAndGivesItBack) {
  const auto model = load_model(ATTN_TEST_DATA "/golden/bert");
  Inputs inputs;
  inputs.ids = {3, 7, 5, 9, 2};
  PassOptions with_logits;
  with_logits.logits = true;
  Trace trace = *run_pass(model, inputs, parse_interventions("mask=causal", model->spec), with_logits);
  trace.tokens = {"[CLS]", "“a”", "b\n", "小", "[SEP]"};
  trace.words = {-1, 0, 1, 2, -1};
  for (const char* name : {"pass.safetensors", "pass.npz"}) {
    SCOPED_TRACE(name);
    write_attention_file(trace, at(name));
    const Recording read = read_attention_file(at(name));
    EXPECT_EQ(read.model_type, "bert");
    EXPECT_EQ(read.interventions, "mask=causal");
    EXPECT_EQ(read.trace->interventions, trace.interventions);
    EXPECT_EQ(read.trace->tokens, trace.tokens);
    EXPECT_EQ(read.trace->words, trace.words);
    EXPECT_EQ(read.trace->inputs.ids, inputs.ids);
    EXPECT_EQ(read.trace->n_layers(Stack::encoder), trace.n_layers(Stack::encoder))
        << "though the mask is causal";
    EXPECT_EQ(largest(read.trace->encoder.output, trace.encoder.output), 0);
    EXPECT_EQ(largest(read.trace->logits, trace.logits), 0);
    for (const LayerDifference& layer : compare_with_recording(trace, *read.trace)) {
      EXPECT_EQ(layer.weights, 0);
      EXPECT_EQ(layer.hidden, 0);
    }
  }
}

TEST_F(AttentionFile, MakesTheHeadsThatATraceDidNotKeep) {
  const auto model = load_model(ATTN_TEST_DATA "/golden/gpt2");
  Inputs inputs;
  inputs.ids = {3, 7, 5, 9, 2, 4};
  const auto kept = run_pass(model, inputs);
  PassOptions no_weights;
  no_weights.weights_budget_bytes = 0;
  const auto sparse = run_pass(model, inputs, {}, no_weights);
  ASSERT_FALSE(sparse->weights({Stack::decoder, 0, 0}));
  write_attention_file(*sparse, at("sparse.safetensors"));
  const Recording read = read_attention_file(at("sparse.safetensors"));
  for (const LayerDifference& layer : compare_with_recording(*kept, *read.trace))
    EXPECT_LT(layer.weights, 1e-6);
  EXPECT_EQ(read.trace->n_layers(Stack::decoder), kept->n_layers(Stack::decoder));
}

TEST_F(AttentionFile, OfAnEncoderDecoderHasThreeKindsOfAttention) {
  const auto model = load_model(ATTN_TEST_DATA "/golden/t5");
  Inputs inputs;
  inputs.ids = {3, 7, 5, 9};
  inputs.target_ids = {0, 4, 6};
  Trace trace = *run_pass(model, inputs);
  trace.tokens = {"a", "b", "c", "d"};
  trace.target_tokens = {"x", "y", "z"};
  write_attention_file(trace, at("t5.safetensors"));
  const Safetensors file = read_safetensors(at("t5.safetensors"));
  EXPECT_EQ(file.tensors.at("cross_attentions.0").shape[1], 3);
  EXPECT_EQ(file.tensors.at("cross_attentions.0").shape[2], 4);
  EXPECT_TRUE(
      file.tensors.contains("decoder_hidden_states." + std::to_string(trace.n_layers(Stack::decoder))));
  const Recording read = read_attention_file(at("t5.safetensors"));
  EXPECT_EQ(read.trace->query_tokens(Stack::cross), trace.target_tokens);
  EXPECT_EQ(compare_with_recording(trace, *read.trace).size(),
            static_cast<std::size_t>(trace.n_layers(Stack::encoder) + 2 * trace.n_layers(Stack::decoder)));
}

TEST_F(AttentionFile, NeedsNothingButWeights) {
  write_safetensors(at("bare.safetensors"), {tensor("attentions.0", {1, 2, 2}, {1, 0, .5f, .5f})});
  const Recording read = read_attention_file(at("bare.safetensors"));
  EXPECT_EQ(read.trace->tokens, (std::vector<std::string>{"0", "1"}));
  EXPECT_TRUE(read.trace->weights({Stack::decoder, 0, 0})) << "a text that never looks ahead is a decoder's";
  EXPECT_TRUE(is_attention_file(at("bare.safetensors")));
  EXPECT_FALSE(is_attention_file(ATTN_TEST_DATA "/golden/bert/model.safetensors"));
}

TEST_F(AttentionFile, WhatWasNotRecordedIsNotCompared) {
  write_safetensors(at("bare.safetensors"), {tensor("attentions.0", {1, 2, 2}, {1, 0, 0.5f, 0.5f})}, {});
  const Recording bare = read_attention_file(at("bare.safetensors"));
  EXPECT_FALSE(bare.says_interventions);
  const std::vector<LayerDifference> differences = compare_with_recording(*bare.trace, *bare.trace);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].weights, 0);
  EXPECT_FALSE(differences[0].hidden.has_value());
}

TEST_F(AttentionFile, NamesThePrefixesThatThereAre) {
  write_safetensors(at("runs.safetensors"), {tensor("run7.attentions.0", {1, 2, 2}, {1, 0, 0.5f, 0.5f})}, {});
  EXPECT_NE(refusal(at("runs.safetensors")).find("behind 'run7.' only"), std::string::npos)
      << refusal(at("runs.safetensors"));
  EXPECT_EQ(read_attention_file(at("runs.safetensors"), "run7.").trace->n_heads(Stack::decoder), 1);
}

TEST_F(AttentionFile, RefusesWhatAreNoWeights) {
  write_safetensors(at("scores.safetensors"), {tensor("attentions.0", {1, 2, 2}, {1, 0, 3.5f, -2})});
  EXPECT_NE(refusal(at("scores.safetensors")).find("softmax"), std::string::npos);
  write_safetensors(at("nan.safetensors"), {tensor("attentions.0", {1, 1, 1}, {std::nanf("")})});
  EXPECT_NE(refusal(at("nan.safetensors")), "");
  write_safetensors(at("batch.safetensors"), {tensor("attentions.0", {1, 1, 1, 1}, {1})});
  EXPECT_NE(refusal(at("batch.safetensors")).find("batch"), std::string::npos);
}

TEST_F(AttentionFile, RefusesPartsThatDoNotFitEachOther) {
  const TensorToWrite one = tensor("attentions.0", {1, 1, 1}, {1});
  write_safetensors(at("hole.safetensors"), {one, tensor("attentions.2", {1, 1, 1}, {1})});
  EXPECT_NE(refusal(at("hole.safetensors")).find("attentions.1"), std::string::npos);
  write_safetensors(at("tokens.safetensors"), {one}, {{"tokens", "[\"a\", \"b\"]"}});
  EXPECT_NE(refusal(at("tokens.safetensors")).find("2 entries for 1"), std::string::npos);
  write_safetensors(at("kind.safetensors"), {one}, {{"tokens", "{\"a\": 1}"}});
  EXPECT_NE(refusal(at("kind.safetensors")), "");
  write_safetensors(at("sizes.safetensors"), {one, tensor("attentions.1", {1, 2, 2}, {1, 0, 0, 1})});
  EXPECT_NE(refusal(at("sizes.safetensors")).find("attentions.1"), std::string::npos);
  write_safetensors(at("hidden.safetensors"), {one, tensor("hidden_states.0", {2, 3}, {1, 2, 3, 4, 5, 6})});
  EXPECT_NE(refusal(at("hidden.safetensors")).find("hidden_states.0"), std::string::npos);
  write_safetensors(at("other.safetensors"), {tensor("weight", {1, 1}, {1})});
  EXPECT_NE(refusal(at("other.safetensors")).find("no attention weights"), std::string::npos);
}

TEST_F(AttentionFile, RefusesDamagedArchives) {
  std::ofstream(at("text.npz")) << "this is no archive";
  EXPECT_NE(refusal(at("text.npz")), "");
  write_npz(at("whole.npz"), {tensor("attentions.0", {1, 2, 2}, {1, 0, .5f, .5f})});
  fs::copy_file(at("whole.npz"), at("cut.npz"));
  fs::resize_file(at("cut.npz"), fs::file_size(at("cut.npz")) / 2);
  EXPECT_NE(refusal(at("cut.npz")), "");
  EXPECT_EQ(refusal(at("whole.npz")), "");
}

TEST_F(AttentionFile, IsNotWrittenWhereItCannotBe) {
  Trace trace;
  EXPECT_THROW(write_attention_file(trace, at("empty.safetensors")), Error);
  const Recording read = [&] {
    write_safetensors(at("bare.safetensors"), {tensor("attentions.0", {1, 1, 1}, {1})});
    return read_attention_file(at("bare.safetensors"));
  }();
  EXPECT_THROW(write_attention_file(*read.trace, at("no/such/folder.npz")), Error);
  EXPECT_THROW(write_attention_file(*read.trace, at("unknown.bin")), Error);
}

TEST(CompareWithRecording, FindsHowFarEachLayerIsFromTheReference) {
  const fs::path folder = ATTN_TEST_DATA "/golden/bert";
  const Recording reference = read_attention_file(folder / "expected.safetensors", "run0.");
  Inputs inputs = reference.trace->inputs;
  ASSERT_FALSE(inputs.ids.empty());
  const auto trace = run_pass(load_model(folder), inputs);
  double most = 0;
  for (const LayerDifference& layer : compare_with_recording(*trace, *reference.trace)) {
    most = std::max(most, layer.weights);
    EXPECT_LT(layer.hidden, 1e-4);
  }
  std::printf("largest difference of a weight: %.2g\n", most);
  EXPECT_LT(most, 1e-5);
  Inputs shorter = inputs;
  shorter.ids.pop_back();
  shorter.type_ids.clear();
  EXPECT_THROW(compare_with_recording(*run_pass(load_model(folder), shorter), *reference.trace), Error);
}

TEST(RecordedAttention, OfWellKnownModelsOpensAndItsRowsSumToOne) {
  const fs::path folder = ATTN_GOLDEN_DIR "/recorded";
  if (!fs::exists(folder)) GTEST_SKIP() << "no recordings here";
  int n_files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++n_files;
    EXPECT_TRUE(is_attention_file(entry.path()));
    const Recording recording = read_attention_file(entry.path());
    EXPECT_FALSE(recording.model_type.empty());
    double worst = 0;
    for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross})
      for (int layer = 0; layer < recording.trace->n_layers(stack); ++layer)
        for (int head = 0; head < recording.trace->n_heads(stack); ++head) {
          const HeadWeights weights = *recording.trace->weights({stack, layer, head});
          EXPECT_EQ(static_cast<std::size_t>(weights.cols()), recording.trace->key_tokens(stack).size());
          for (Index i = 0; i < weights.rows(); ++i)
            worst =
                std::max(worst, std::abs(1.0 - Eigen::Map<const Row>(weights.row(i), weights.cols()).sum()));
        }
    EXPECT_LT(worst, 1e-3);
    const bool gpt = recording.model_type == "gpt2";
    EXPECT_EQ(recording.trace->n_layers(gpt ? Stack::decoder : Stack::encoder) > 0, true);
  }
  EXPECT_GE(n_files, 8);
}

}  // namespace
}  // namespace attn
