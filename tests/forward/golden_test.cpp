#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/forward/pass.h"
#include "core/model/load_model.h"
#include "core/model/safetensors.h"
#include "tests/forward/every_simd_target.h"

namespace attn {
namespace {

namespace fs = std::filesystem;

// One run of Hugging Face transformers over one of the random models: see golden/README.md.
class Golden {
 public:
  explicit Golden(const fs::path& folder) : expected_(read_safetensors(expected_file(folder))) {}

  bool has(const std::string& name) const { return expected_.tensors.count(name) > 0; }
  Matrix matrix(const std::string& name) const { return read_tensor(expected_.tensors.at(name)); }
  std::vector<int> ids(const std::string& name) const {
    std::vector<int> ids;
    if (!has(name)) return ids;
    const Matrix values = matrix(name);
    for (Index i = 0; i < values.size(); ++i) ids.push_back(static_cast<int>(values.data()[i]));
    return ids;
  }

  Inputs inputs(const std::string& run) const {
    Inputs inputs;
    inputs.ids = ids(run + "input_ids");
    inputs.type_ids = ids(run + "token_type_ids");
    inputs.target_ids = ids(run + "decoder_input_ids");
    if (has(run + "pixel_values")) {
      inputs.pixels = matrix(run + "pixel_values");
      inputs.channels = static_cast<int>(expected_.tensors.at(run + "pixel_values").shape[0]);
    }
    if (has(run + "input_values")) inputs.samples = matrix(run + "input_values").row(0);
    if (has(run + "input_features")) inputs.features = matrix(run + "input_features");
    return inputs;
  }

 private:
  static fs::path expected_file(const fs::path& folder) {
    std::ifstream meta(folder / "meta.json");
    const std::string named = nlohmann::json::parse(meta).value("expected", "expected.safetensors");
    for (const fs::path& place :
         {folder / named, folder.parent_path() / named, folder / "expected.safetensors",
          folder.parent_path() / named / "expected.safetensors"})
      if (fs::is_regular_file(place)) return place;
    throw std::runtime_error("no expected values for " + folder.string());
  }

  Safetensors expected_;
};

struct Differences {
  float attention = 0;  // largest difference of a weight
  float hidden = 0;     // of a hidden state or logit, relative to max(1, largest expected)
  int n_compared = 0;

  void relative(const Matrix& expected, const Matrix& got, const std::string& name) {
    ++n_compared;
    if (expected.size() != got.size()) {
      ADD_FAILURE() << name << " is [" << got.rows() << ", " << got.cols() << "], expected ["
                    << expected.rows() << ", " << expected.cols() << "]";
      return;
    }
    const ConstView flat(got.data(), expected.rows(), expected.cols(), Eigen::OuterStride<>(expected.cols()));
    hidden = std::max(
        hidden, (expected - flat).cwiseAbs().maxCoeff() / std::max(1.0f, expected.cwiseAbs().maxCoeff()));
  }
};

void compare_stack(const Golden& golden, const Trace& trace, Stack stack, const std::string& attention,
                   const std::string& hidden, Differences& worst) {
  const int n_layers = trace.n_layers(stack);
  for (int layer = 0; layer < n_layers; ++layer) {
    const std::string name = attention + std::to_string(layer);
    if (!golden.has(name)) continue;
    const Matrix expected = golden.matrix(name);  // [heads * queries, keys]
    const AttentionRecord& record = *trace.attention(stack, layer);
    const Index n_queries = expected.rows() / static_cast<Index>(record.weights.size());
    for (std::size_t h = 0; h < record.weights.size(); ++h) {
      const Matrix head = expected.middleRows(static_cast<Index>(h) * n_queries, n_queries);
      ASSERT_EQ(head.rows(), record.weights[h].rows()) << name;
      ASSERT_EQ(head.cols(), record.weights[h].cols()) << name;
      worst.attention = std::max(worst.attention, (head - record.weights[h]).cwiseAbs().maxCoeff());
      ++worst.n_compared;
    }
  }
  if (hidden.empty() || n_layers == 0) return;
  const StackTrace& own = stack == Stack::encoder ? trace.encoder : trace.decoder;
  const StackSpec& spec = stack == Stack::encoder ? *trace.model->spec.encoder : *trace.model->spec.decoder;
  for (int i = 0; i <= n_layers; ++i) {
    const std::string name = hidden + std::to_string(i);
    if (!golden.has(name)) continue;
    const Matrix& got = i < n_layers ? own.layers[static_cast<std::size_t>(i)]->input
                        : spec.last_hidden_before_norm && own.before_norm.size() > 0 ? own.before_norm
                                                                                     : own.output;
    worst.relative(golden.matrix(name), got, name);
  }
}

Differences compare(const fs::path& folder) {
  const Golden golden(folder);
  const auto model = load_model(folder);
  Differences worst;
  for (const std::string run : {"run0.", "run1.", "run2."}) {
    const Inputs inputs = golden.inputs(run);
    if (inputs == Inputs()) continue;
    const auto trace = run_pass(model, inputs);
    compare_stack(golden, *trace, Stack::encoder, run + "attention.", run + "hidden.", worst);
    compare_stack(golden, *trace, Stack::decoder, run + "attention.", run + "hidden.", worst);
    compare_stack(golden, *trace, Stack::encoder, run + "encoder_attention.", run + "encoder_hidden.", worst);
    compare_stack(golden, *trace, Stack::decoder, run + "decoder_attention.", run + "decoder_hidden.", worst);
    compare_stack(golden, *trace, Stack::cross, run + "cross_attention.", "", worst);
    if (golden.has(run + "logits") && !model->parameters.output.project.empty())
      worst.relative(golden.matrix(run + "logits"), compute_logits(*trace), run + "logits");
    if (golden.has(run + "pooler_output") && !model->parameters.output.transform.empty())
      worst.relative(golden.matrix(run + "pooler_output"), compute_logits(*trace), run + "pooler_output");
    if (golden.has(run + "last_hidden_state"))
      worst.relative(golden.matrix(run + "last_hidden_state"),
                     model->spec.decoder ? trace->decoder.output : trace->encoder.output,
                     run + "last_hidden_state");
  }
  return worst;
}

// The families of shared/golden where it is, and the few that the project itself carries.
std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const fs::path& root : {fs::path(ATTN_GOLDEN_DIR) / "families", fs::path(ATTN_GOLDEN_DIR) / "extra",
                               fs::path(ATTN_TEST_DATA) / "golden"}) {
    if (!fs::is_directory(root)) continue;
    for (const auto& entry : fs::directory_iterator(root))
      if (fs::exists(entry.path() / "config.json")) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class GoldenFamily : public testing::TestWithParam<std::string> {};

TEST_P(GoldenFamily, GivesTheNumbersOfHuggingFace) {
  const fs::path folder = GetParam();
  const bool transformer_xl = folder.filename() == "xlnet";  // float32 itself is no truer here
  with_every_simd_target([&] {
    const Differences worst = compare(folder);
    EXPECT_GT(worst.n_compared, 4);
    EXPECT_LE(worst.attention, transformer_xl ? 5e-5f : 1e-5f);
    EXPECT_LE(worst.hidden, transformer_xl ? 5e-5f : 1e-5f);
    std::cout << "  " << folder.filename().string() << ", " << simd_target()
              << ": largest difference of a weight " << worst.attention
              << ", of a hidden state or logit (relative) " << worst.hidden << "\n";
  });
}

INSTANTIATE_TEST_SUITE_P(All, GoldenFamily, testing::ValuesIn(folders()), [](const auto& test) {
  const fs::path folder = test.param;
  std::string name = folder.parent_path().filename().string() + "_" + folder.filename().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace attn
