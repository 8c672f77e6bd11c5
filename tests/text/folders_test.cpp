// Folders without tokenizer.json, written by the test; expected tokens follow from the rules by hand.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/math/error.h"
#include "core/text/tokenizer.h"

namespace attn {
namespace {

namespace fs = std::filesystem;
using Tokens = std::vector<std::string>;
using Ids = std::vector<int>;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("attn_folder_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string refusal() const {
    try {
      load_tokenizer(folder_);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

// A field of a protocol buffer: strings and messages, numbers, floats.
std::string bytes_field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) + bytes;
}
std::string number_field(int number, int value) {
  std::string tag;
  for (int rest = number << 3;; rest >>= 7) {
    tag += static_cast<char>(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return tag + static_cast<char>(value);
}
std::string piece(const std::string& text, float score, int type = 1) {
  std::string bits(4, '\0');
  std::memcpy(bits.data(), &score, 4);
  return bytes_field(
      1, bytes_field(1, text) + std::string(1, static_cast<char>(2 << 3 | 5)) + bits + number_field(3, type));
}

TEST_F(Folder, BertLowersButNotItsSpecialTokens) {
  write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\n!\n");
  write("config.json", R"({"model_type": "bert"})");
  const auto tokenizer = load_tokenizer(folder_);
  EXPECT_EQ(tokenizer->encode("HELLOs [MASK]!").ids, (Ids{2, 5, 6, 4, 7, 3}));
  EXPECT_EQ(tokenizer->mask_id(), 4);
  EXPECT_EQ(tokenizer->n_vocab(), 8);
}

TEST_F(Folder, BertKeepsCaseWhereToldTo) {
  write("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nHello\r\nhello\r\n");
  write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer", "do_lower_case": false})");
  EXPECT_EQ(load_tokenizer(folder_)->encode("Hello hello").ids, (Ids{2, 5, 6, 3}));
}

TEST_F(Folder, ATokenWithoutAnIdGetsTheNextOne) {
  write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n");
  write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer"})");
  EXPECT_EQ(load_tokenizer(folder_)->encode("hello [MASK]").ids, (Ids{2, 4, 5, 3}));
}

TEST_F(Folder, Gpt2MergesItsBytes) {
  write("vocab.json", R"({"h": 0, "i": 1, "hi": 2, "Ġ": 3, "Ġhi": 4, "<|endoftext|>": 5})");
  write("merges.txt", "#version: 0.2\nh i\nĠ hi\n");
  write("config.json", R"({"model_type": "gpt2"})");
  EXPECT_EQ(load_tokenizer(folder_)->encode("hi hi<|endoftext|>hi").ids, (Ids{2, 4, 5, 2}));
}

TEST_F(Folder, RobertaFramesAPairWithFourMarks) {
  write("vocab.json", R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "<mask>": 5})");
  write("merges.txt", "#version: 0.2\n");
  write("config.json", R"({"model_type": "roberta"})");
  EXPECT_EQ(load_tokenizer(folder_)->encode_pair("a", "a").ids, (Ids{0, 4, 2, 2, 4, 2}));
}

// T5: pieces of a unigram model; the end mark comes from the class.
std::string small_unigram() {
  return piece("<pad>", 0, 3) + piece("</s>", 0, 3) + piece("<unk>", 0, 2) + piece("▁a", -1) +
         piece("b", -2) + piece("▁ab", -4) + piece("▁", -3);
}

TEST_F(Folder, T5TakesTheMostProbablePieces) {
  write("spiece.model", small_unigram());
  write("config.json", R"({"model_type": "t5"})");
  const auto tokenizer = load_tokenizer(folder_);
  const Encoding got = tokenizer->encode("ab  a");  // ▁a + b = -3 beats ▁ab = -4; blanks are one
  EXPECT_EQ(got.tokens, (Tokens{"▁a", "b", "▁a", "</s>"}));
  EXPECT_EQ(got.begin, (std::vector<std::size_t>{0, 1, 4, 0}));
  EXPECT_EQ(got.end, (std::vector<std::size_t>{1, 2, 5, 0}));
  EXPECT_EQ(tokenizer->find_id("<extra_id_0>"), 7 + 99);
  EXPECT_EQ(tokenizer->encode("a </s>").ids, (Ids{3, 1})) << "an end that is there is not doubled";
  EXPECT_EQ(tokenizer->decode(got.ids), "ab a");
}

TEST_F(Folder, LlamaMergesByScoreAndFallsBackToBytes) {
  const std::string trainer = bytes_field(2, number_field(3, 2) + number_field(35, 1));
  std::string bytes = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    bytes += piece(name, 0, 6);
  }
  // ids from 259: ▁ a b ▁a ab; "▁a" goes first, so that "ab" never forms after a blank
  bytes += piece("▁", -9) + piece("a", -9) + piece("b", -9) + piece("▁a", -1) + piece("ab", -2);
  write("tokenizer.model", bytes + trainer);
  write("config.json", R"({"model_type": "llama"})");
  const auto tokenizer = load_tokenizer(folder_);
  EXPECT_EQ(tokenizer->encode("abab").ids, (Ids{1, 262, 261, 263}));
  EXPECT_EQ(tokenizer->encode("é").ids, (Ids{1, 259, 3 + 0xC3, 3 + 0xA9}));
  EXPECT_EQ(tokenizer->decode({1, 262, 261, 3 + 0xC3, 3 + 0xA9}), "abé");
}

TEST_F(Folder, EveryCutOfASentencePieceModelIsRefusedOrRead) {
  const std::string whole = small_unigram();
  write("config.json", R"({"model_type": "t5"})");
  int refused = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write("spiece.model", whole.substr(0, length));
    const std::string sentence = refusal();
    if (sentence.empty()) continue;
    EXPECT_NE(sentence.find("spiece.model"), std::string::npos) << sentence;
    ++refused;
  }
  EXPECT_GT(refused, static_cast<int>(whole.size()) * 3 / 4);
}

TEST_F(Folder, NamesTheFileThatIsMissing) {
  write("config.json", R"({"model_type": "gpt2"})");
  EXPECT_NE(refusal().find("vocab.json"), std::string::npos);
  write("config.json", R"({"model_type": "bert"})");
  EXPECT_NE(refusal().find("vocab.txt"), std::string::npos);
  write("config.json", R"({"model_type": "something_new"})");
  EXPECT_NE(refusal().find("no tokenizer.json"), std::string::npos);
}

TEST_F(Folder, TokenizerConfigWinsOverTokenizerJson) {
  write("tokenizer.json", R"({"normalizer": {"type": "BertNormalizer", "lowercase": true},
    "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "A": 1, "a": 2}}})");
  EXPECT_EQ(load_tokenizer(folder_)->encode("A").ids, (Ids{2}));
  write("tokenizer_config.json", R"({"do_lower_case": false,
    "added_tokens_decoder": {"7": {"content": "<new>", "special": true}}})");
  EXPECT_EQ(load_tokenizer(folder_)->encode("A").ids, (Ids{1}));
  EXPECT_EQ(load_tokenizer(folder_)->encode("<new>").ids, (Ids{7}));
  EXPECT_EQ(load_tokenizer(folder_)->n_vocab(), 8);
}

}  // namespace
}  // namespace attn
