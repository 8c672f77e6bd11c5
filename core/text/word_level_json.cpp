#include "core/text/word_level_json.h"

#include <algorithm>

#include "core/text/json_fields.h"
#include "core/text/unicode.h"

namespace attn {
namespace {

Json replace(const char* expression, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"Regex", expression}}}, {"content", content}};
}

Json contractions() {
  return Json::array({
      {{"type", "NFC"}},
      {{"type", "Lowercase"}},
      replace(R"(\bwon['’]t\b)", "will not"),
      replace(R"(\bcan['’]t\b)", "can not"),
      replace(R"(\bshan['’]t\b)", "shall not"),
      replace(R"(n['’]t\b)", " not"),
      replace(R"(['’]re\b)", " are"),
      replace(R"(['’]ve\b)", " have"),
      replace(R"(['’]ll\b)", " will"),
      replace(R"(['’]m\b)", " am"),
  });
}

bool is_chinese_word(const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < word.size(); ++n) {
    const auto c = unicode::decode(word, at);
    if (!unicode::is_cjk_ideograph(c.value)) return false;
    at += c.length;
  }
  return n > 1;
}

std::string split_expression(const std::vector<std::string>& words) {
  std::vector<std::string> chinese;
  std::copy_if(words.begin(), words.end(), std::back_inserter(chinese), is_chinese_word);
  std::stable_sort(chinese.begin(), chinese.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  std::string expression = R"('s\b|’s\b|)";
  for (const std::string& word : chinese) expression += word + "|";
  return expression + R"(\p{Han}|[\p{P}\p{S}])";
}

Json frame_template() {
  const auto token = [](const char* name, int type) -> Json {
    return {{"SpecialToken", {{"id", name}, {"type_id", type}}}};
  };
  const auto text = [](const char* name, int type) -> Json {
    return {{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  const auto known = [](const char* name, int id) -> Json {
    return {{"id", name}, {"ids", Json::array({id})}, {"tokens", Json::array({name})}};
  };
  Json single = Json::array(), pair = Json::array(), special = Json::object();
  for (const Json& item : {token("[CLS]", 0), text("A", 0), token("[SEP]", 0)}) {
    single.push_back(item);
    pair.push_back(item);
  }
  pair.push_back(text("B", 1));
  pair.push_back(token("[SEP]", 1));
  special["[CLS]"] = known("[CLS]", 2);
  special["[SEP]"] = known("[SEP]", 3);
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", special}};
}

}  // namespace

std::string word_level_tokenizer_json(const std::vector<std::string>& words, bool framed) {
  Json vocab = Json::object(), added = Json::array();
  int next = 0;
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    vocab[token] = next;
    added.push_back({{"id", next++},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  for (const std::string& word : words) {
    if (!vocab.contains(word)) vocab[word] = next++;
  }
  Json cut = Json::array();
  cut.push_back({{"type", "WhitespaceSplit"}});
  cut.push_back({{"type", "Split"},
                 {"pattern", {{"Regex", split_expression(words)}}},
                 {"behavior", "Isolated"},
                 {"invert", false}});
  Json json;
  json["version"] = "1.0";
  json["truncation"] = nullptr;
  json["padding"] = nullptr;
  json["added_tokens"] = added;
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", contractions()}};
  json["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", cut}};
  json["post_processor"] = framed ? frame_template() : Json();
  json["decoder"] = nullptr;
  json["model"] = {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", "[UNK]"}};
  return json.dump(1);
}

}  // namespace attn
