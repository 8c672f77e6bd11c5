#include "core/training/save_model.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/math/error.h"
#include "core/model/safetensors.h"
#include "core/training/hugging_face_layout.h"
#include "core/training/weights.h"

namespace attn {

namespace {

using Json = nlohmann::ordered_json;

Json replace(const char* kind, const std::string& pattern, const std::string& content) {
  return {{"type", "Replace"}, {"pattern", {{kind, pattern}}}, {"content", content}};
}

Json english_normalizer() {
  Json steps = Json::array();
  steps.push_back({{"type", "NFC"}});
  steps.push_back({{"type", "Lowercase"}});
  steps.push_back(replace("String", "\u2019", "'"));
  steps.push_back(replace("Regex", "\\bwon't\\b", "will not"));
  steps.push_back(replace("Regex", "\\bcan't\\b|\\bcannot\\b", "can not"));
  steps.push_back(replace("Regex", "n't\\b", " not"));
  steps.push_back(
      replace("Regex", "(?<=\\bdid|\\bdo|\\bdoes|\\bis|\\bwas|\\bwere|\\bhas|\\bhad|\\bcould|\\bwould)nt\\b",
              " not"));
  steps.push_back(replace("Regex", "(?<=\\bit|\\bhe|\\bshe|\\bthat|\\bthere)'s\\b", " is"));
  steps.push_back(replace("Regex", "'re\\b", " are"));
  steps.push_back(replace("Regex", "'ve\\b", " have"));
  steps.push_back(replace("Regex", "'ll\\b", " will"));
  steps.push_back(replace("Regex", "(?<=\\bi)'m\\b", " am"));
  return {{"type", "Sequence"}, {"normalizers", steps}};
}

Json chinese_normalizer() {
  Json steps = Json::array();
  steps.push_back({{"type", "NFC"}});
  steps.push_back({{"type", "Lowercase"}});
  const std::pair<const char*, const char*> wide[] = {{",", "，"}, {".", "。"}, {"!", "！"},
                                                      {"?", "？"}, {";", "；"}, {":", "："}};
  for (const auto& [narrow, full] : wide) steps.push_back(replace("String", narrow, full));
  return {{"type", "Sequence"}, {"normalizers", steps}};
}

// One special token before a text (or after it).
Json template_of(const std::string& token, int id, bool before) {
  const Json special = {{"SpecialToken", {{"id", token}, {"type_id", 0}}}};
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}},
             other = {{"Sequence", {{"id", "B"}, {"type_id", 0}}}};
  const Json single = before ? Json::array({special, text}) : Json::array({text, special});
  const Json pair = before ? Json::array({special, text, other}) : Json::array({text, other, special});
  Json tokens = Json::object();
  tokens[token] = {{"id", token}, {"ids", Json::array({id})}, {"tokens", Json::array({token})}};
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", tokens}};
}

// An alternation tries its words in order, so longest first is longest match; what fits nowhere stands alone.
std::string longest_match(std::vector<std::string> words) {
  std::stable_sort(words.begin(), words.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  std::string pattern;
  for (const std::string& word : words) pattern += word + "|";
  return pattern + "[a-z0-9]+|\\S";
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.flush();
  if (!stream) throw Error(path.string() + ": cannot be written. Is the disk full, or the folder read-only?");
}

void write_weights(const Model& model, const std::filesystem::path& path) {
  const Weights<float> weights = unpack(model);
  std::vector<TensorToWrite> tensors;
  visit(weights, [&](const std::string& name, const auto& values, bool) {
    if (values.size() == 0) return;
    const std::string theirs = hugging_face_name(model.spec, name);
    TensorToWrite tensor;
    tensor.name = theirs;
    const bool is_row_of_marian = theirs == "final_logits_bias";  // [1, V] there
    const bool vector =
        !is_row_of_marian && values.rows() == 1 && (name.ends_with(".bias") || name.ends_with("norm.weight"));
    if (vector)
      tensor.shape = {values.cols()};
    else
      tensor.shape = {values.rows(), values.cols()};
    const float* data = values.data();
    const Index width = values.cols();
    tensor.read_row = [data, width](Index row, float* out) { std::copy_n(data + row * width, width, out); };
    tensors.push_back(std::move(tensor));
  });
  write_safetensors(path, tensors, {{"format", "pt"}});
}

}  // namespace

std::string tokenizer_json(const Grammar& grammar) {
  const std::vector<std::string>& words = grammar.vocabulary();
  Json json;
  json["version"] = "1.0";
  json["truncation"] = nullptr;
  json["padding"] = nullptr;
  Json added = Json::array();
  for (int i = 0; i < grammar.n_special(); ++i)
    added.push_back({{"id", i},
                     {"content", words[static_cast<std::size_t>(i)]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  json["added_tokens"] = added;
  const bool bilingual = !grammar.translation_language().empty();
  const bool chinese = grammar.language() == "zh" || bilingual;
  json["normalizer"] = chinese && !bilingual ? chinese_normalizer() : english_normalizer();
  if (chinese) {
    std::vector<std::string> matched;  // English words stand between spaces anyway
    for (std::size_t i = 3; i < words.size(); ++i)
      if (static_cast<unsigned char>(words[i][0]) >= 0x80) matched.push_back(words[i]);
    const std::string pattern = longest_match(matched);
    json["pre_tokenizer"] = {
        {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Removed"}, {"invert", true}};
  } else {
    json["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  }
  json["post_processor"] = bilingual                 ? template_of(words[2], 2, false)
                           : grammar.n_special() > 3 ? template_of(words[3], 3, true)
                                                     : Json(nullptr);
  json["decoder"] = nullptr;
  Json vocabulary = Json::object();
  for (std::size_t i = 0; i < words.size(); ++i) vocabulary[words[i]] = i;
  json["model"] = {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", words[1]}};
  return json.dump(1) + "\n";
}

void save_model(const Model& model, const Grammar& grammar, const std::string& card,
                const std::filesystem::path& folder, bool question_at_end) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  fs::path partial = whole, old = whole;
  partial += ".partial";
  old += ".old";
  Json settings_of_model = hugging_face_config(model.spec);
  if (question_at_end) settings_of_model["attnlab"]["question"] = "at the end";
  const std::string config = settings_of_model.dump(2) + "\n";
  try {
    fs::remove_all(partial);
    fs::create_directories(partial);
    write_text(partial / "config.json", config);
    write_text(partial / "tokenizer.json", tokenizer_json(grammar));
    const std::vector<std::string>& words = grammar.vocabulary();
    Json settings = {
        {"tokenizer_class", "PreTrainedTokenizerFast"}, {"unk_token", words[1]}, {"pad_token", words[0]}};
    settings[model.spec.is_encoder_decoder() ? "eos_token" : "mask_token"] = words[2];
    if (grammar.n_special() > 3) settings["cls_token"] = words[3];
    settings["clean_up_tokenization_spaces"] = false;
    settings["model_max_length"] = model.spec.text_stack().position.n_positions;
    write_text(partial / "tokenizer_config.json", settings.dump(2) + "\n");
    write_text(partial / "MODEL_CARD.md", card);
    write_weights(model, partial / "model.safetensors");
    fs::remove_all(old);
    if (fs::exists(whole)) fs::rename(whole, old);
    fs::rename(partial, whole);
    fs::remove_all(old);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw Error(folder.string() + ": the model cannot be kept there (" + error.code().message() +
                "). Choose another folder.");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
}

void save_card(const std::string& card, const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "MODEL_CARD.md";
  std::filesystem::path partial = file;
  partial += ".partial";
  write_text(partial, card);
  std::error_code error;
  std::filesystem::rename(partial, file, error);
  if (error) throw Error(file.string() + ": cannot be written (" + error.message() + ").");
}

}  // namespace attn
