#include "core/math/worded_error.h"
#include "core/text/folder_tokenizers.h"

namespace attn {
namespace {

// One token a line; the line's number is its id. Lines end as Python's universal newlines do.
Vocabulary read_vocab_txt(const std::filesystem::path& path) {
  const std::string text = read_whole_file(path);
  std::vector<std::pair<std::string, long long>> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    tokens.emplace_back(text.substr(at, end - at), static_cast<long long>(tokens.size()));
    at = end + (text.compare(end, 2, "\r\n") == 0 ? 2 : 1);
  }
  if (tokens.empty())
    throw WordedError(
        worded("tokenizer.empty", "{file} is empty, expected one token a line.", {{"file", path.string()}}));
  return Vocabulary(std::move(tokens), path.string());
}

bool is_bert_like(const std::string& name) {
  for (const char* known :
       {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer", "ConvBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer",
        "FunnelTokenizer", "RetriBertTokenizer", "DPRQuestionEncoderTokenizer", "DPRContextEncoderTokenizer",
        "DPRReaderTokenizer"}) {
    if (name == known) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<const Tokenizer> load_word_piece_folder(const FolderFiles& files) {
  if (!is_bert_like(files.tokenizer_class)) return nullptr;
  const bool mpnet = files.tokenizer_class == "MPNetTokenizer";
  const bool funnel = files.tokenizer_class == "FunnelTokenizer";
  const std::filesystem::path path = files.path("vocab.txt");
  Vocabulary vocabulary = read_vocab_txt(path);

  std::vector<SpecialDefault> defaults;
  if (mpnet) {
    defaults = {{"bos_token", "<s>"},          {"eos_token", "</s>"},  {"sep_token", "</s>"},
                {"cls_token", "<s>"},          {"unk_token", "[UNK]"}, {"pad_token", "<pad>"},
                {"mask_token", "<mask>", true}};
  } else if (funnel) {
    defaults = {{"unk_token", "<unk>"}, {"sep_token", "<sep>"},   {"pad_token", "<pad>"},
                {"cls_token", "<cls>"}, {"mask_token", "<mask>"}, {"bos_token", "<s>"},
                {"eos_token", "</s>"}};
  } else {
    defaults = {{"unk_token", "[UNK]"},
                {"sep_token", "[SEP]"},
                {"pad_token", "[PAD]"},
                {"cls_token", "[CLS]"},
                {"mask_token", "[MASK]"}};
  }
  const SpecialTokens special(files, defaults);
  auto added = special.added([&](std::string_view token) { return vocabulary.find(token); },
                             static_cast<int>(vocabulary.size()));

  BertNormalization settings;
  settings.as_basic_tokenizer = true;
  settings.handle_chinese_chars = files.flag("tokenize_chinese_chars", true);
  settings.lowercase = files.flag("do_lower_case", true);
  settings.strip_accents = files.flag("strip_accents", settings.lowercase);
  NormalizerPtr normalizer = bert_normalizer(settings);
  PreTokenizerPtr pre_tokenizer;
  if (files.flag("do_basic_tokenize", true)) {
    std::set<std::string> never_split;
    if (const Json* list = find_field(files.tokenizer_config, "never_split"); list && list->is_array()) {
      for (const Json& word : *list) {
        if (word.is_string()) never_split.insert(word.get<std::string>());
      }
    }
    pre_tokenizer = bert_pre_tokenizer(std::move(never_split));
  } else {
    normalizer = nullptr;
    pre_tokenizer = whitespace_split_pre_tokenizer();
  }

  PipelineParts parts;
  const TokenIds ids(vocabulary, added, path.string());
  const int cls = ids.required(special.content("cls_token")),
            sep = ids.required(special.content("sep_token"));
  parts.around = mpnet ? frame({cls}, {sep, sep}, {sep}, 0) : frame({cls}, {sep}, {sep}, 1);
  if (funnel) parts.around.single[0].type = parts.around.pair[0].type = 2;

  if (settings.lowercase) {
    std::vector<std::string> kept = special.all();
    parts.prepare = lowercase_except(std::move(kept));
  }
  parts.added = std::make_shared<AddedTokens>(std::move(added), nullptr);
  parts.mask_token = special.content("mask_token");
  parts.decoder = word_piece_decoder("##", true);
  auto model =
      word_piece_model(std::move(vocabulary), special.content("unk_token"), "##", 100, path.string());
  parts.encoder =
      make_standard_encoder(std::move(normalizer), std::move(pre_tokenizer), std::move(model), parts.added);
  return make_pipeline(std::move(parts));
}

}  // namespace attn
