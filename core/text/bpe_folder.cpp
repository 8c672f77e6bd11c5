#include <algorithm>
#include <unordered_map>

#include "core/math/worded_error.h"
#include "core/text/bpe.h"
#include "core/text/folder_tokenizers.h"

namespace attn {
namespace {

constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kClipPattern =
    R"((?i)<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";

Vocabulary read_vocab_json(const std::filesystem::path& path) {
  const Json json = parse_json_object(read_whole_file(path), path.string());
  std::vector<std::pair<std::string, long long>> tokens;
  tokens.reserve(json.size());
  std::unordered_map<long long, std::string> token_of;
  for (const auto& [token, id] : json.items()) {
    tokens.emplace_back(token, to_int(id, path.string() + ": the id of '" + token + "'"));
    const auto [same, is_first] = token_of.emplace(tokens.back().second, token);
    if (!is_first)
      throw WordedError(worded("tokenizer.id_twice",
                               "{file}: '{first}' and '{second}' have the same id {id}; the file is damaged.",
                               {{"file", path.string()},
                                {"first", same->second},
                                {"second", token},
                                {"id", std::to_string(tokens.back().second)}}));
  }
  return Vocabulary(std::move(tokens), path.string());
}

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < line.size();) {
    const auto c = unicode::decode(line, at);
    const bool blank = unicode::is_python_space(c.value);
    if (!blank && begin == std::string_view::npos) begin = at;
    if (blank && begin != std::string_view::npos) {
      words.push_back(line.substr(begin, at - begin));
      begin = std::string_view::npos;
    }
    at += c.length;
  }
  if (begin != std::string_view::npos) words.push_back(line.substr(begin));
  return words;
}

// The readers of transformers drop the first line (a version, or not) and what follows the last line's end;
// Qwen2's only a first line that is a version.
MergeList read_merges(const std::filesystem::path& path, const std::string& tokenizer_class) {
  const std::string text = read_whole_file(path);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  std::size_t first = 1, last = lines.size() - 1;
  if (tokenizer_class == "Qwen2Tokenizer") {
    first = lines[0].substr(0, 9) == "#version:" ? 1 : 0;
    last = lines.size();
  } else if (tokenizer_class == "CLIPTokenizer") {
    constexpr std::size_t kClipMerges = 49152 - 256 - 2;  // all that fit its vocabulary
    last = std::min(lines.size(), kClipMerges + 1);
  }
  MergeList merges;
  for (std::size_t i = first; i < last; ++i) {
    const auto words = split_words(lines[i]);
    if (words.empty()) continue;
    if (words.size() != 2) {
      throw WordedError(worded("tokenizer.no_merge",
                               "{file}, line {line}: '{found}' is no merge of two tokens.",
                               {{"file", path.string()},
                                {"line", std::to_string(i + 1)},
                                {"found", std::string(lines[i].substr(0, 80))}}));
    }
    merges.emplace_back(std::string(words[0]), std::string(words[1]));
  }
  return merges;
}

enum class Kin { none, gpt2, roberta, blenderbot, deberta, whisper, qwen2, clip, openai };

Kin kin_of(const std::string& name) {
  constexpr std::pair<std::string_view, Kin> kClasses[] = {
      {"GPT2Tokenizer", Kin::gpt2},          {"CodeGenTokenizer", Kin::gpt2},
      {"RobertaTokenizer", Kin::roberta},    {"BartTokenizer", Kin::roberta},
      {"LongformerTokenizer", Kin::roberta}, {"LEDTokenizer", Kin::roberta},
      {"MvpTokenizer", Kin::roberta},        {"BlenderbotTokenizer", Kin::blenderbot},
      {"DebertaTokenizer", Kin::deberta},    {"WhisperTokenizer", Kin::whisper},
      {"Qwen2Tokenizer", Kin::qwen2},        {"CLIPTokenizer", Kin::clip},
      {"OpenAIGPTTokenizer", Kin::openai}};
  for (const auto& [known, kin] : kClasses) {
    if (name == known) return kin;
  }
  return Kin::none;
}

std::vector<SpecialDefault> defaults_of(Kin kin) {
  switch (kin) {
    case Kin::roberta:
    case Kin::blenderbot:
      return {{"bos_token", "<s>"},          {"eos_token", "</s>"},  {"sep_token", "</s>"},
              {"cls_token", "<s>"},          {"unk_token", "<unk>"}, {"pad_token", "<pad>"},
              {"mask_token", "<mask>", true}};
    case Kin::deberta:
      return {{"bos_token", "[CLS]"},        {"eos_token", "[SEP]"}, {"sep_token", "[SEP]"},
              {"cls_token", "[CLS]"},        {"unk_token", "[UNK]"}, {"pad_token", "[PAD]"},
              {"mask_token", "[MASK]", true}};
    case Kin::qwen2:
      return {{"unk_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"pad_token", "<|endoftext|>"}};
    case Kin::clip:
      return {{"bos_token", "<|startoftext|>"},
              {"eos_token", "<|endoftext|>"},
              {"unk_token", "<|endoftext|>"},
              {"pad_token", "<|endoftext|>"}};
    case Kin::openai:
      return {{"unk_token", "<unk>"}};
    default:
      return {{"bos_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"unk_token", "<|endoftext|>"}};
  }
}

// What Whisper's decoder begins with: language, task, time stamps, as tokenizer_config.json says.
std::vector<int> whisper_prefix(const FolderFiles& files, const TokenIds& ids) {
  std::vector<int> prefix{ids.required("<|startoftranscript|>")};
  const std::string language = files.text("language", ""), task = files.text("task", "");
  if (!language.empty()) prefix.push_back(ids.required("<|" + language + "|>"));
  if (!task.empty()) prefix.push_back(ids.required("<|" + task + "|>"));
  if (!files.flag("predict_timestamps", false)) prefix.push_back(ids.required("<|notimestamps|>"));
  return prefix;
}

TokenTemplate template_of(Kin kin, const FolderFiles& files, const SpecialTokens& special,
                          const TokenIds& ids) {
  const auto id = [&](const char* role) { return ids.required(special.content(role)); };
  switch (kin) {
    case Kin::roberta:
      return frame({id("cls_token")}, {id("sep_token"), id("sep_token")}, {id("sep_token")}, 0);
    case Kin::deberta:
      return frame({id("cls_token")}, {id("sep_token")}, {id("sep_token")}, 1);
    case Kin::blenderbot: {
      TokenTemplate around = frame({}, {}, {id("eos_token")}, 0);
      around.pair = around.single;  // its second text is left out
      return around;
    }
    case Kin::whisper:
      return frame(whisper_prefix(files, ids), {}, {id("eos_token")}, 0);
    case Kin::clip:
      return frame({id("bos_token")}, {id("eos_token"), id("eos_token")}, {id("eos_token")}, 0);
    case Kin::gpt2:
      if (!files.flag("add_bos_token", false)) return {};
      return frame({id("bos_token")}, {id("bos_token")}, {}, 1);
    default:
      return {};
  }
}

}  // namespace

std::shared_ptr<const Tokenizer> load_bpe_folder(const FolderFiles& files) {
  const Kin kin = kin_of(files.tokenizer_class);
  if (kin == Kin::none) return nullptr;
  const std::filesystem::path vocab_path = files.path("vocab.json"), merges_path = files.path("merges.txt");
  Vocabulary vocabulary = read_vocab_json(vocab_path);
  const MergeList merges = read_merges(merges_path, files.tokenizer_class);

  const SpecialTokens special(files, defaults_of(kin));
  auto added = special.added([&](std::string_view token) { return vocabulary.find(token); },
                             static_cast<int>(vocabulary.size()));
  PipelineParts parts;
  parts.around = template_of(kin, files, special, TokenIds(vocabulary, added, vocab_path.string()));
  parts.mask_token = special.content("mask_token");
  parts.added = std::make_shared<AddedTokens>(std::move(added), nullptr);

  BpeSettings settings;
  settings.unknown = special.content("unk_token");
  NormalizerPtr normalizer;
  PreTokenizerPtr pre_tokenizer = byte_level_pre_tokenizer(false, true);
  parts.decoder = byte_level_decoder();
  if (kin == Kin::openai || kin == Kin::clip) {
    settings.end_of_word_suffix = "</w>";
    BertNormalization basic;
    basic.as_basic_tokenizer = true;
    basic.strip_accents = kin == Kin::openai;
    basic.lowercase = false;
    normalizer = sequence_normalizer({bert_normalizer(basic), python_lowercase_normalizer()});
  }
  if (kin == Kin::openai) {
    parts.prepare = lowercase_except(special.all());
    pre_tokenizer = bert_pre_tokenizer();
    parts.decoder = bpe_decoder("</w>");
  } else if (kin == Kin::clip) {
    pre_tokenizer = sequence_pre_tokenizer(
        {split_pre_tokenizer(Pattern::regex(kClipPattern, "CLIP"), SplitBehavior::removed, true),
         byte_level_pre_tokenizer(false, false)});
    parts.decoder = sequence_decoder(
        {byte_level_decoder(), replace_decoder(Pattern::literal("</w>"), " "), strip_decoder(' ', 0, 1)});
  } else if (kin == Kin::qwen2) {
    parts.prepare = unicode_normalizer(unicode::Form::nfc);
    pre_tokenizer = sequence_pre_tokenizer(
        {split_pre_tokenizer(Pattern::regex(kQwen2Pattern, "Qwen2"), SplitBehavior::isolated, false),
         byte_level_pre_tokenizer(false, false)});
  } else if (files.flag("add_prefix_space", false)) {
    const bool always = kin == Kin::gpt2 || kin == Kin::whisper || kin == Kin::deberta;
    parts.prepare = prefix_blank_normalizer(always);
  }
  auto model = bpe_model(std::move(vocabulary), merges, settings, merges_path.string());
  parts.encoder =
      make_standard_encoder(std::move(normalizer), std::move(pre_tokenizer), std::move(model), parts.added);
  return make_pipeline(std::move(parts));
}

std::shared_ptr<const Tokenizer> load_letters_folder(const FolderFiles& files) {
  if (files.tokenizer_class != "Wav2Vec2CTCTokenizer") return nullptr;
  Vocabulary vocabulary = read_vocab_json(files.path("vocab.json"));
  const SpecialTokens special(
      files, {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}});
  const std::string delimiter = files.text("word_delimiter_token", "|");
  PipelineParts parts;
  parts.added = std::make_shared<AddedTokens>(
      special.added([&](std::string_view token) { return vocabulary.find(token); },
                    static_cast<int>(vocabulary.size())),
      nullptr);
  parts.decoder = ctc_decoder(special.content("pad_token"), delimiter, true);
  parts.encoder = make_standard_encoder(
      replace_normalizer(Pattern::literal(" "), delimiter),
      split_pre_tokenizer(Pattern::regex("(?s).", "letters"), SplitBehavior::isolated, false),
      word_level_model(std::move(vocabulary), special.content("unk_token")), parts.added);
  return make_pipeline(std::move(parts));
}

}  // namespace attn
