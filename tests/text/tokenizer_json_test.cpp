// Small vocabularies made by hand; the expected tokens follow from the rules by hand.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/math/error.h"
#include "core/text/tokenizer.h"
#include "core/text/word_level_json.h"

namespace attn {
namespace {

using Json = nlohmann::json;
using Tokens = std::vector<std::string>;
using Ids = std::vector<int>;

std::shared_ptr<const Tokenizer> load(const Json& json) {
  return load_tokenizer_from_json(json.dump());
}

std::string refusal(const std::string& text) {
  try {
    load_tokenizer_from_json(text, "t.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Json word_piece() {
  return Json::parse(R"({
    "added_tokens": [
      {"id": 1, "content": "[CLS]", "special": true}, {"id": 2, "content": "[SEP]", "special": true},
      {"id": 3, "content": "[MASK]", "special": true, "lstrip": true}],
    "normalizer": {"type": "BertNormalizer", "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
      "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
      "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                         "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 12,
      "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[MASK]": 3, "play": 4, "##ing": 5, "##i": 6, "##ng": 7,
                "the": 8, "resume": 9, ".": 10, "我": 11, "##s": 12}}})");
}

TEST(WordPieceJson, TakesTheLongestBeginningAndThenTheLongestContinuation) {
  const Encoding got = load(word_piece())->encode("Playing the plays.");
  EXPECT_EQ(got.tokens, (Tokens{"[CLS]", "play", "##ing", "the", "play", "##s", ".", "[SEP]"}));
  EXPECT_EQ(got.ids, (Ids{1, 4, 5, 8, 4, 12, 10, 2}));
}

TEST(WordPieceJson, AWordWithOneUnknownPartIsUnknownAsAWhole) {
  EXPECT_EQ(load(word_piece())->encode("playxing the").tokens, (Tokens{"[CLS]", "[UNK]", "the", "[SEP]"}));
}

TEST(WordPieceJson, AWordLongerThanItsLimitIsUnknown) {
  EXPECT_EQ(load(word_piece())->encode("playinginging").tokens, (Tokens{"[CLS]", "[UNK]", "[SEP]"}));
}

TEST(WordPieceJson, OffsetsLeadBackThroughAccentsAndCase) {
  const std::string text = "Résumé 我 PLAYING";  // é is two bytes, 我 three
  const Encoding got = load(word_piece())->encode(text);
  ASSERT_EQ(got.tokens, (Tokens{"[CLS]", "resume", "我", "play", "##ing", "[SEP]"}));
  EXPECT_EQ(text.substr(got.begin[1], got.end[1] - got.begin[1]), "Résumé");
  EXPECT_EQ(text.substr(got.begin[2], got.end[2] - got.begin[2]), "我");
  EXPECT_EQ(text.substr(got.begin[3], got.end[3] - got.begin[3]), "PLAY");
  EXPECT_EQ(text.substr(got.begin[4], got.end[4] - got.begin[4]), "ING");
  EXPECT_EQ(got.words, (std::vector<int>{-1, 0, 1, 2, 2, -1}));
  EXPECT_TRUE(got.special[0]);
  EXPECT_FALSE(got.special[1]);
}

TEST(WordPieceJson, APairGetsItsTemplateAndTypes) {
  const Encoding got = load(word_piece())->encode_pair("the", "play");
  EXPECT_EQ(got.ids, (Ids{1, 8, 2, 4, 2}));
  EXPECT_EQ(got.type_ids, (Ids{0, 0, 0, 1, 1}));
}

TEST(WordPieceJson, AMaskIsFoundAsWrittenAndTakesTheBlankBeforeIt) {
  const auto tokenizer = load(word_piece());
  const Encoding got = tokenizer->encode("the [MASK].");
  EXPECT_EQ(got.ids, (Ids{1, 8, 3, 10, 2}));
  EXPECT_FALSE(got.special[2]) << "it belongs to the text";
  EXPECT_EQ(tokenizer->mask_id(), 3);
  EXPECT_EQ(tokenizer->encode("the [mask]").ids[2], 0) << "lower case is no mask";
}

TEST(WordPieceJson, DecodingJoinsPiecesAndLeavesSpecialTokensOut) {
  const auto tokenizer = load(word_piece());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("playing the plays.").ids), "playing the plays.");
}

TEST(WordPieceJson, AFileWithoutAModelTypeIsKnownByItsFields) {
  Json json = word_piece();
  json["model"].erase("type");
  EXPECT_EQ(load(json)->encode("playing").ids, (Ids{1, 4, 5, 2}));
}

// a b c with merges a+b, ab+c, b+c: "ab" goes first wherever it can.
Json byte_pairs(bool as_pairs) {
  Json json = Json::parse(R"({"model": {"type": "BPE", "vocab":
    {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "bc": 5, "Ġ": 6, "Ã": 7, "©": 8, "Ġa": 9}},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "decoder": {"type": "ByteLevel"}})");
  if (as_pairs) {
    json["model"]["merges"] = Json::parse(R"([["a", "b"], ["ab", "c"], ["b", "c"], ["Ġ", "a"]])");
  } else {
    json["model"]["merges"] = {"a b", "ab c", "b c", "Ġ a"};
  }
  return json;
}

TEST(BpeJson, MergesInTheOrderOfTheListWhicheverWayItIsWritten) {
  for (const bool as_pairs : {false, true}) {
    const auto tokenizer = load(byte_pairs(as_pairs));
    EXPECT_EQ(tokenizer->encode("abc").ids, (Ids{4}));
    EXPECT_EQ(tokenizer->encode("bcab").ids, (Ids{5, 3}));
    EXPECT_EQ(tokenizer->encode("aabc a").ids, (Ids{0, 4, 9}));
  }
}

TEST(BpeJson, BytesOfOneCharacterPointAtThatCharacterAndJoinAgain) {
  const auto tokenizer = load(byte_pairs(true));
  const Encoding got = tokenizer->encode("aéa");  // é is C3 A9
  EXPECT_EQ(got.tokens, (Tokens{"a", "Ã", "©", "a"}));
  EXPECT_EQ(got.begin, (std::vector<std::size_t>{0, 1, 1, 3}));
  EXPECT_EQ(got.end, (std::vector<std::size_t>{1, 3, 3, 4}));
  EXPECT_EQ(got.words, (std::vector<int>{0, 0, 0, 0}));
  EXPECT_EQ(tokenizer->decode(got.ids), "aéa");
}

TEST(BpeJson, InvalidBytesCountAsTheReplacementCharacter) {
  EXPECT_EQ(load(byte_pairs(true))->encode("a\xFF").tokens,
            load(byte_pairs(true))->encode("a\xEF\xBF\xBD").tokens);
}

TEST(BpeJson, UnknownCharactersFallBackToTheirBytes) {
  Json json = Json::parse(R"({"model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true,
    "byte_fallback": true, "vocab": {"<unk>": 0, "a": 1, "▁": 2, "▁a": 3}, "merges": ["▁ a"]},
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
      {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
      {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}})");
  EXPECT_EQ(load(json)->encode("a éé a").ids, (Ids{3, 2, 0, 3})) << "no bytes: one unknown token for both";
  json["model"]["vocab"]["<0xC3>"] = 4;
  json["model"]["vocab"]["<0xA9>"] = 5;
  const auto tokenizer = load(json);
  const Encoding got = tokenizer->encode("a é");
  EXPECT_EQ(got.ids, (Ids{3, 2, 4, 5}));
  EXPECT_EQ(got.begin, (std::vector<std::size_t>{0, 1, 2, 2}));
  EXPECT_EQ(tokenizer->decode(got.ids), "a é");
}

TEST(UnigramJson, TakesTheMostProbableCut) {
  // "abc": a+bc = -3, ab+c = -4, a+b+c = -7
  const Json json = Json::parse(R"({"model": {"type": "Unigram", "unk_id": 0,
    "vocab": [["<unk>", 0], ["a", -1], ["b", -4], ["c", -2], ["ab", -2], ["bc", -2]]}})");
  const auto tokenizer = load(json);
  EXPECT_EQ(tokenizer->encode("abc").tokens, (Tokens{"a", "bc"}));
  EXPECT_EQ(tokenizer->encode("axyb").tokens, (Tokens{"a", "<unk>", "b"})) << "unknown neighbours are one";
}

TEST(Metaspace, MarksBlanksAndTheFirstWord) {
  Json json = Json::parse(R"({"model": {"type": "WordLevel", "unk_token": "?",
    "vocab": {"?": 0, "▁a": 1, "a": 2, "<x>": 3}}, "added_tokens": [{"id": 3, "content": "<x>", "special": true}],
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}})");
  EXPECT_EQ(load(json)->encode("a<x>a").ids, (Ids{1, 3, 2}));
  json["pre_tokenizer"]["prepend_scheme"] = "always";
  EXPECT_EQ(load(json)->encode("a<x>a").ids, (Ids{1, 3, 1}));
  json["pre_tokenizer"]["prepend_scheme"] = "never";
  EXPECT_EQ(load(json)->encode("a<x>a a").ids, (Ids{2, 3, 2, 1}));
}

TEST(WordLevelJson, WritesContractionsOutAndPointsBackAtThem) {
  const auto tokenizer = load_tokenizer_from_json(
      word_level_tokenizer_json({"the", "animal", "did", "not", "cross", "will", "."}, true));
  const std::string text = "The animal didn't cross.";
  const Encoding got = tokenizer->encode(text);
  ASSERT_EQ(got.tokens, (Tokens{"[CLS]", "the", "animal", "did", "not", "cross", ".", "[SEP]"}));
  EXPECT_EQ(text.substr(got.begin[3], got.end[3] - got.begin[3]), "did");
  EXPECT_EQ(text.substr(got.begin[4], got.end[4] - got.begin[4]), "n't");
  EXPECT_EQ(tokenizer->encode("won’t").tokens, (Tokens{"[CLS]", "will", "not", "[SEP]"}));
}

TEST(WordLevelJson, CutsChineseByTheLongestKnownWord) {
  const auto tokenizer = load_tokenizer_from_json(
      word_level_tokenizer_json({"动物", "没有", "没", "动物园", "穿过", "，"}, false));
  EXPECT_EQ(tokenizer->encode("动物园没有动物，没他").tokens,
            (Tokens{"动物园", "没有", "动物", "，", "没", "[UNK]"}));
}

TEST(TokenizerJson, RefusesWhatIsNoTokenizerWithOneSentence) {
  EXPECT_NE(refusal("{\"model\": ").find("not valid JSON"), std::string::npos);
  EXPECT_NE(refusal("[1]").find("expected an object"), std::string::npos);
  EXPECT_NE(refusal("{}").find("model is missing"), std::string::npos);
  EXPECT_NE(refusal(std::string(1000000, '[')).find("nested"), std::string::npos);
}

TEST(TokenizerJson, RefusesMergesThatAreUnknownOrNeverEnd) {
  const std::string head = R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": [)";
  EXPECT_NE(refusal(head + R"(["a", "b"]]}})").find("'ab', which is not in the vocabulary"),
            std::string::npos);
  EXPECT_NE(refusal(head + R"(["a", "x"]]}})").find("'x', which is not in the vocabulary"),
            std::string::npos);
  EXPECT_NE(refusal(head + R"(["", "a"]]}})").find("never end"), std::string::npos);
  EXPECT_NE(refusal(head + R"("ab"]}})").find("merges[0]"), std::string::npos);
}

TEST(TokenizerJson, RefusesRandomMerges) {
  EXPECT_NE(
      refusal(R"({"model": {"type": "BPE", "dropout": 0.1, "vocab": {}, "merges": []}})").find("dropout"),
      std::string::npos);
}

TEST(TokenizerJson, RefusesIdsOutOfRange) {
  EXPECT_NE(refusal(R"({"model": {"type": "WordLevel", "vocab": {"a": -1}}})").find("id of 'a'"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"model": {"type": "WordLevel", "vocab": {"a": 99999999999}}})").find("id of 'a'"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"model": {"type": "Unigram", "unk_id": 7, "vocab": [["a", 0]]}})").find("unk_id"),
            std::string::npos);
}

TEST(TokenizerJson, RefusesStepsThatItDoesNotKnowByName) {
  EXPECT_NE(refusal(R"({"model": {"type": "WordLevel", "vocab": {}}, "normalizer": {"type": "Rot13"}})")
                .find("normalizer has the type 'Rot13'"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"model": {"type": "WordLevel", "vocab": {}},
                        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}})")
                .find("regular expression '('"),
            std::string::npos);
}

TEST(TokenizerJson, AFileOfReplacementsThatDoubleDoesNotFillTheMemory) {
  Json json = Json::parse(R"({"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0}}})");
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array()}};
  for (int i = 0; i < 200; ++i) {
    json["normalizer"]["normalizers"].push_back(
        {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
  }
  EXPECT_EQ(load(json)->encode("a").ids, (Ids{0}));
}

TEST(ReadableToken, LeavesOutTheMarksOfPieces) {
  EXPECT_EQ(readable_token("Ġthe"), "the");
  EXPECT_EQ(readable_token("##ing"), "ing");
  EXPECT_EQ(readable_token("▁the"), "the");
  EXPECT_EQ(readable_token("the</w>"), "the");
  EXPECT_EQ(readable_token("Ã©"), "é");
  EXPECT_EQ(readable_token("Ã"), "Ã") << "half a character stays as its code";
  EXPECT_EQ(readable_token("<0xE4>"), "<0xE4>");
}

TEST(ReadableToken, PiecesOfACharacterCarryItAndTheirNumber) {
  using Names = std::vector<std::string>;
  // 中 is E4 B8 AD, 文 is E6 96 87; a piece may end one character and begin the next.
  EXPECT_EQ(readable_tokens(Names{"ä", "¸", "Ń", "Ġ", "ok"}), (Names{"中·1", "中·2", "中·3", "␣", "ok"}));
  EXPECT_EQ(readable_tokens(Names{"ä¸", "Ńæ", "ĸĩ"}), (Names{"中·1", "中·2文·1", "文·2"}));
  EXPECT_EQ(readable_tokens(Names{"<0xE4>", "<0xB8>", "<0xAD>"}), (Names{"中·1", "中·2", "中·3"}));
  EXPECT_EQ(readable_tokens(Names{"a", "Ã"}), (Names{"a", "Ã"})) << "nothing completes it";
  const Names tokens = {"Ġx", "ä", "¸", "Ń", "y"};
  for (std::size_t t = 0; t < tokens.size(); ++t)
    EXPECT_EQ(readable_token(tokens, t), readable_tokens(tokens)[t]) << t;
  EXPECT_EQ(readable_word(Names{"ä", "¸", "Ń"}), "中");
  EXPECT_EQ(readable_word(Names{"token", "##ization"}), "tokenization");
}

}  // namespace
}  // namespace attn
