#include "core/model/load_model.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "core/forward/pass.h"
#include "core/model/families/family.h"
#include "core/model/safetensors.h"
#include "tests/model/scratch.h"

namespace attn {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void edit_config(const fs::path& folder, const std::function<void(json&)>& edit) {
  json config = json::parse(read_all(folder / "config.json"));
  edit(config);
  std::ofstream(folder / "config.json") << config.dump();
}

ModelSpec spec_of(const char* config) {
  return read_spec(Config(json::parse(config), "test/config.json"));
}

TEST(LoadModel, EveryGoldenFolderLoadsWithItsShapes) {
  for (const fs::path& root : {fs::path(ATTN_TEST_DATA) / "golden", fs::path(ATTN_GOLDEN_DIR) / "families",
                               fs::path(ATTN_GOLDEN_DIR) / "extra", fs::path(ATTN_GOLDEN_DIR) / "e2e",
                               fs::path(ATTN_GOLDEN_DIR) / "real"}) {
    if (!fs::exists(root)) continue;
    for (const auto& folder : fs::directory_iterator(root)) {
      if (!folder.is_directory()) continue;
      std::shared_ptr<const Model> model;
      EXPECT_EQ(refusal([&] { model = load_model(folder.path()); }), "");
      if (!model) continue;
      EXPECT_EQ(model->name, folder.path().filename());
      EXPECT_GT(model->n_parameters, 0u);
      // Nothing was assumed, and nothing that means something was left over.
      EXPECT_TRUE(model->notes.empty()) << model->notes.front().english;
      const json config = json::parse(read_all(folder.path() / "config.json"));
      if (config.contains("num_hidden_layers") && !model->spec.decoder) {
        EXPECT_EQ(model->spec.text_stack().n_layers(), config["num_hidden_layers"]) << folder.path();
      }
    }
  }
}

TEST(LoadModel, AShardedAndAPickledFolderHoldTheNumbersOfTheWholeOne) {
  const fs::path golden = fs::path(ATTN_TEST_DATA) / "golden";
  const auto gpt2 = load_model(golden / "gpt2"), sharded = load_model(golden / "gpt2__sharded");
  EXPECT_EQ(gpt2->parameters.embedding.words, sharded->parameters.embedding.words);
  EXPECT_EQ(gpt2->parameters.decoder.layers[2].down.weight(),
            sharded->parameters.decoder.layers[2].down.weight());
  const auto bert = load_model(golden / "bert"), pickled = load_model(golden / "bert__bin");
  EXPECT_EQ(bert->parameters.embedding.words, pickled->parameters.embedding.words);
  EXPECT_EQ(bert->parameters.encoder.layers[1].self.key.weight(),
            pickled->parameters.encoder.layers[1].self.key.weight());
  EXPECT_EQ(bert->n_parameters, pickled->n_parameters);
  EXPECT_NE(bert->fingerprint, pickled->fingerprint);
}

TEST(LoadModel, CountsEveryParameterOnceHoweverManySlotsShareIt) {
  const fs::path folder = fs::path(ATTN_TEST_DATA) / "golden" / "gpt2";
  const auto model = load_model(folder);
  std::size_t in_file = 0;
  for (const auto& [name, tensor] : read_safetensors(folder / "model.safetensors").tensors)
    in_file += static_cast<std::size_t>(tensor.n_elements());
  EXPECT_EQ(model->n_parameters, in_file);
}

TEST(LoadModel, ReportsBytesAndCanBeCancelled) {
  const fs::path folder = fs::path(ATTN_TEST_DATA) / "golden" / "bert";
  LoadProgress progress;
  load_model(folder, nullptr, &progress);
  EXPECT_GT(progress.bytes_total, 200'000u);
  EXPECT_EQ(progress.bytes_done, progress.bytes_total);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(load_model(folder, nullptr, nullptr, &cancel), Cancelled);
}

// A pass that begins before a number is read gives the very numbers of one that came after.
TEST(LoadModel, APassRunsWithTheLayersThatAreThere) {
  for (const char* family : {"bert", "gpt2", "t5", "albert", "deberta_v2", "opt"}) {
    fs::path folder = fs::path(ATTN_TEST_DATA) / "golden" / family;
    if (!fs::exists(folder)) folder = fs::path(ATTN_GOLDEN_DIR) / "families" / family;
    if (!fs::exists(folder)) continue;
    Inputs inputs;
    inputs.ids = {4, 7, 9, 11};
    std::shared_ptr<const Trace> early;
    std::thread pass;
    const auto model = load_model(folder, nullptr, nullptr, nullptr, [&](std::shared_ptr<const Model> begun) {
      if (begun->spec.is_encoder_decoder()) inputs.target_ids = {0, 5, 8};
      pass = std::thread([&, begun] { early = run_pass(begun, inputs); });
    });
    pass.join();
    const auto late = run_pass(model, inputs);
    const bool encodes = model->spec.encoder.has_value();
    EXPECT_EQ((encodes ? early->encoder : early->decoder).output,
              (encodes ? late->encoder : late->decoder).output)
        << family;
  }
}

TEST(LoadModel, APassEndsWithTheReadingThatFailed) {
  CancelToken cancel;
  std::thread pass;
  bool cancelled = false;
  const auto begin = [&](std::shared_ptr<const Model> begun) {
    pass = std::thread([&, begun] {
      Inputs inputs;
      inputs.ids = {4, 7, 9};
      try {
        run_pass(begun, inputs);
      } catch (const Cancelled&) {
        cancelled = true;
      }
    });
    cancel.cancel();
  };
  EXPECT_THROW(load_model(fs::path(ATTN_TEST_DATA) / "golden" / "bert", nullptr, nullptr, &cancel, begin),
               Cancelled);
  pass.join();
  EXPECT_TRUE(cancelled);
}

TEST(LoadModel, ReadsOurOwnKey) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) {
    config["attnlab"] = {{"pointer", {{"layer", 1}, {"head", 2}, {"asked_at", {"it", "they"}}}},
                         {"card", {{"title", "pronouns-en"}, {"language", "en"}}}};
  });
  const auto model = load_model(folder);
  ASSERT_TRUE(model->spec.pointer);
  EXPECT_EQ(model->spec.pointer->layer, 1);
  EXPECT_EQ(model->spec.pointer->head, 2);
  EXPECT_EQ(model->spec.pointer->asked_at, (std::vector<std::string>{"it", "they"}));
  EXPECT_EQ(model->spec.card.title, "pronouns-en");
  edit_config(folder, [](json& config) { config["attnlab"]["pointer"]["head"] = 4; });
  expect_refusal([&] { load_model(folder); }, "L1·H4");
}

TEST(LoadModel, NamesTensorFoundAndExpectedShape) {
  Scratch scratch;
  const fs::path folder = scratch.golden("gpt2");
  edit_config(folder, [](json& config) { config["n_embd"] = 44; });
  expect_refusal([&] { load_model(folder); },
                 "gpt2/model.safetensors: 'transformer.wte.weight' is [240, 48], expected [240, 44]");
}

TEST(LoadModel, RefusesAConfigWithMoreLayersThanTheFileHas) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) { config["num_hidden_layers"] = 4; });
  expect_refusal([&] { load_model(folder); }, "lacks the tensor 'bert.encoder.layer.3.");
  edit_config(folder, [](json& config) { config["num_hidden_layers"] = 2'000'000'000; });
  expect_refusal([&] { load_model(folder); }, "num_hidden_layers");
}

TEST(LoadModel, SaysWhenAConfigHasFewerLayersThanTheFile) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) { config["num_hidden_layers"] = 1; });
  const auto model = load_model(folder);
  ASSERT_EQ(model->notes.size(), 1u);
  EXPECT_NE(model->notes[0].english.find("the first is 'bert.encoder.layer.1."), std::string::npos)
      << model->notes[0].english;
}

TEST(LoadModel, WritesDownAFieldThatItAssumed) {
  Scratch scratch;
  const fs::path folder = scratch.golden("llama");
  const auto whole = load_model(folder);
  edit_config(folder, [](json& config) { config.erase("rms_norm_eps"); });
  const auto assumed = load_model(folder);
  ASSERT_EQ(assumed->notes.size(), whole->notes.size() + 1);
  EXPECT_EQ(assumed->notes.front().english, "rms_norm_eps is not in llama/config.json; 1e-06 was assumed.");
  edit_config(folder, [](json& config) { config["rms_norm_eps"] = 0; });
  expect_refusal([&] { load_model(folder); }, "'rms_norm_eps' = 0, expected a number above 0");
}

TEST(LoadModel, AsksForAFieldThatDecidesTheResult) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) { config.erase("num_attention_heads"); });
  expect_refusal([&] { load_model(folder); }, "bert/config.json lacks 'num_attention_heads'");
}

TEST(LoadModel, RefusesHeadsThatDoNotDivideTheWidth) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) { config["num_attention_heads"] = 7; });
  expect_refusal([&] { load_model(folder); }, "7 heads");
}

TEST(LoadModel, FindsATiedTableUnderTheOutputsName) {
  Scratch scratch;
  const fs::path folder = scratch.golden("gpt2");
  const auto whole = load_model(folder);
  // As a writer that keeps the alphabetically first of two names for the same numbers leaves it.
  const Safetensors file = read_safetensors(folder / "model.safetensors");
  std::vector<Matrix> numbers;
  numbers.reserve(file.tensors.size());
  std::vector<TensorToWrite> renamed;
  for (const auto& [name, tensor] : file.tensors) {
    numbers.push_back(read_tensor(tensor));
    renamed.push_back(
        to_write(name == "transformer.wte.weight" ? "lm_head.weight" : name, numbers.back(), tensor.shape));
  }
  write_safetensors(folder / "model.safetensors", renamed);
  EXPECT_EQ(load_model(folder)->parameters.embedding.words, whole->parameters.embedding.words);
}

TEST(LoadModel, AnswersAHeadlessFileUnderAConfigWithAHeadWithoutOutput) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  const Safetensors whole = read_safetensors(folder / "model.safetensors");
  std::vector<Matrix> numbers;
  numbers.reserve(whole.tensors.size());
  std::vector<TensorToWrite> kept;
  for (const auto& [name, tensor] : whole.tensors)
    if (name.rfind("cls.", 0) != 0) {
      numbers.push_back(read_tensor(tensor));
      kept.push_back(to_write(name, numbers.back(), tensor.shape));
    }
  write_safetensors(folder / "model.safetensors", kept);
  EXPECT_EQ(load_model(folder)->spec.output, OutputKind::none);
}

TEST(LoadModel, RefusesWhatItCannotComputeEachWithItsOwnSentence) {
  Scratch scratch;
  const auto expect = [&](const char* config, const char* part) {
    const fs::path path = scratch.file("m/config.json", config);
    expect_refusal([&] { load_model(path.parent_path()); }, part);
  };
  expect(R"({"model_type":"qwen3"})", "Qwen3 normalises queries and keys");
  expect(R"({"model_type":"gemma3_text"})", "Gemma 3 normalises");
  expect(R"({"model_type":"modernbert"})", "ModernBERT");
  expect(R"({"model_type":"mixtral"})", "mixture of experts");
  expect(R"({"model_type":"something-new"})", "'something-new', which is not supported; these are: bert");
  expect(R"({"hidden_size":8})", "lacks 'model_type'");
  expect(R"({"model_type":"llama","quantization_config":{"quant_method":"gptq"}})", "gptq");
  expect(R"({"model_type":"llama","auto_map":{"AutoModel":"x.py"}})", "trust_remote_code");
  expect(R"([])", "is not a JSON object");
  expect(R"({"model_type":7})", "expected a text");
  const fs::path adapter = scratch.file("lora/adapter_config.json", "{}");
  expect_refusal([&] { load_model(adapter.parent_path()); }, "LoRA adapter");
  const fs::path gguf = scratch.file("gguf/model.gguf", "GGUF");
  expect_refusal([&] { load_model(gguf.parent_path()); }, "GGUF");
  expect_refusal([&] { load_model(scratch.folder() / "nowhere"); }, "is not a folder");
}

TEST(LoadModel, RefusesAFolderWithoutWeights) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  fs::remove(folder / "model.safetensors");
  expect_refusal([&] { load_model(folder); }, "bert has no weights");
}

TEST(LoadModel, RefusesAnIndexThatLeavesItsFolder) {
  Scratch scratch;
  const fs::path folder = scratch.golden("gpt2__sharded");
  for (const char* name : {"../evil.safetensors", "/etc/passwd", "..", "a/b.safetensors", ""}) {
    std::ofstream(folder / "model.safetensors.index.json") << json{{"weight_map", {{"a", name}}}}.dump();
    expect_refusal([&] { load_model(folder); }, "only plain file names");
  }
  std::ofstream(folder / "model.safetensors.index.json") << R"({"weight_map":{"a":"missing.safetensors"}})";
  expect_refusal([&] { load_model(folder); }, "missing.safetensors cannot be opened");
  std::ofstream(folder / "model.safetensors.index.json") << R"({"weight_map":[]})";
  expect_refusal([&] { load_model(folder); }, "weight_map");
}

TEST(LoadModel, ASizeThatNobodyHasIsRefusedBeforeAnythingIsAllocated) {
  Scratch scratch;
  const fs::path folder = scratch.golden("bert");
  edit_config(folder, [](json& config) { config["vocab_size"] = 16'000'000; });
  expect_refusal([&] { load_model(folder); }, "expected [16000000, 48]");
  edit_config(folder, [](json& config) { config["vocab_size"] = 1e300; });
  expect_refusal([&] { load_model(folder); }, "vocab_size");
  edit_config(folder, [](json& config) { config["vocab_size"] = -5; });
  expect_refusal([&] { load_model(folder); }, "vocab_size");
}

TEST(Config, ReadsOldAndNewDialectsAlike) {
  const ModelSpec old_one = spec_of(
      R"({"model_type":"llama","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":2,"intermediate_size":8,
          "vocab_size":9,"rope_theta":500000.0,"rope_scaling":{"type":"linear","factor":2.0},"torch_dtype":"bfloat16"})");
  const ModelSpec new_one = spec_of(
      R"({"model_type":"llama","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":2,"intermediate_size":8,
          "vocab_size":9,"rope_parameters":{"rope_theta":500000.0,"rope_type":"linear","factor":2.0},"dtype":"bfloat16"})");
  EXPECT_EQ(old_one.decoder->position.rotary.inverse_frequencies,
            new_one.decoder->position.rotary.inverse_frequencies);
  EXPECT_DOUBLE_EQ(new_one.decoder->position.rotary.inverse_frequencies[0], 0.5);
  EXPECT_EQ(new_one.decoder->position.rotary.theta, 500000.0);
}

TEST(Config, KeepsTheLongWavesAndStretchesTheShortOnesOfLlama3) {
  const ModelSpec spec = spec_of(
      R"({"model_type":"llama","hidden_size":64,"num_attention_heads":1,"num_hidden_layers":1,"intermediate_size":8,
          "vocab_size":9,"max_position_embeddings":64,"rope_theta":10000.0,"rope_scaling":{"rope_type":"llama3","factor":8.0,
          "low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":32}})");
  const auto& frequencies = spec.decoder->position.rotary.inverse_frequencies;
  EXPECT_DOUBLE_EQ(frequencies[0], 1.0);                                     // wavelength 6.28 < 32 / 4
  EXPECT_DOUBLE_EQ(frequencies[31], std::pow(10000.0, -62.0 / 64.0) / 8.0);  // far above 32
  EXPECT_LT(frequencies[4], std::pow(10000.0, -8.0 / 64.0));                 // between: neither
  EXPECT_GT(frequencies[4], std::pow(10000.0, -8.0 / 64.0) / 8.0);
}

TEST(Config, GivesAlibiSlopesToNumbersOfHeadsThatAreNoPowerOfTwo) {
  const ModelSpec spec =
      spec_of(R"({"model_type":"bloom","hidden_size":48,"n_head":6,"n_layer":1,"vocab_size":9})");
  const std::vector<double> expected = {0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125};
  ASSERT_EQ(spec.decoder->position.alibi_slopes.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_DOUBLE_EQ(spec.decoder->position.alibi_slopes[i], expected[i]);
}

TEST(Config, TakesTheClassDefaultForAMissingFieldAndNothingForANull) {
  const std::string gemma2 =
      R"({"model_type":"gemma2","hidden_size":32,"num_attention_heads":4,"head_dim":8,"num_hidden_layers":2,
          "intermediate_size":8,"vocab_size":9,"query_pre_attn_scalar":8)";
  EXPECT_EQ(spec_of((gemma2 + "}").c_str()).decoder->layers[0].self.soft_cap, 50.0);
  EXPECT_EQ(spec_of((gemma2 + "}").c_str()).output_soft_cap, 30.0);
  EXPECT_EQ(spec_of((gemma2 + R"(,"attn_logit_softcapping":null})").c_str()).decoder->layers[0].self.soft_cap,
            0.0);
  const std::string mistral =
      R"({"model_type":"mistral","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":2,
          "intermediate_size":8,"vocab_size":9)";
  EXPECT_EQ(spec_of((mistral + "}").c_str()).decoder->layers[0].self.window, 4096);
  EXPECT_EQ(spec_of((mistral + R"(,"sliding_window":null})").c_str()).decoder->layers[0].self.window, 0);
}

TEST(Config, AsksForAFieldWhoseDefaultHasChanged) {
  expect_refusal(
      [] {
        spec_of(R"({"model_type":"gemma2","hidden_size":32,"num_attention_heads":4,"head_dim":8,
                    "num_hidden_layers":2,"intermediate_size":8,"vocab_size":9})");
      },
      "lacks 'query_pre_attn_scalar'");
}

TEST(Config, RefusesADecoderOfAFamilyThatHasNone) {
  for (const char* family : {"mpnet", "deberta-v2"}) {
    const std::string config = std::string(R"({"model_type":")") + family +
                               R"(","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":1,
                                  "intermediate_size":8,"vocab_size":9,"is_decoder":true})";
    expect_refusal([&] { spec_of(config.c_str()); }, "has 'is_decoder'");
  }
}

TEST(Config, RefusesAValueOfTheWrongType) {
  expect_refusal([] { spec_of(R"({"model_type":"bert","hidden_size":"48"})"); }, "expected a number from 1");
  expect_refusal(
      [] {
        spec_of(R"({"model_type":"bert","hidden_size":48,"num_attention_heads":4,"intermediate_size":9,
                                  "num_hidden_layers":1,"vocab_size":9,"hidden_act":"mystery"})");
      },
      "the activation 'mystery'");
  expect_refusal(
      [] {
        spec_of(R"({"model_type":"llama","hidden_size":32,"num_attention_heads":4,"num_hidden_layers":1,
                                  "intermediate_size":8,"vocab_size":9,"rope_scaling":{"type":"wild","factor":2}})");
      },
      "the rope scaling 'wild'");
}

}  // namespace
}  // namespace attn
