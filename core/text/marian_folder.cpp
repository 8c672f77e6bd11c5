#include "core/text/folder_tokenizers.h"
#include "core/text/sentencepiece_encoder.h"

namespace attn {
namespace {

Vocabulary read_vocab(const std::filesystem::path& path) {
  const Json json = parse_json_object(read_whole_file(path), path.string());
  std::vector<std::pair<std::string, long long>> tokens;
  tokens.reserve(json.size());
  for (const auto& [token, id] : json.items()) {
    tokens.emplace_back(token, to_int(id, path.string() + ": the id of '" + token + "'"));
  }
  return Vocabulary(std::move(tokens), path.string());
}

// One side of a translator: its pieces, and the ids that both sides share (or not).
PipelineParts side_of(const FolderFiles& files, const char* model_file, const char* vocab_file) {
  const std::filesystem::path path = files.path(model_file), vocab_path = files.path(vocab_file);
  SentencePieceRules rules;
  rules.pieces = std::make_shared<SentencePiece>(
      read_sentencepiece_file(read_whole_file(path), path.string()), path.string());
  rules.vocabulary = read_vocab(vocab_path);
  rules.language_codes = true;

  const SpecialTokens special(files, {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}});
  auto added = special.added([&](std::string_view token) { return rules.vocabulary.find(token); },
                             static_cast<int>(rules.vocabulary.size()));
  const TokenIds ids(rules.vocabulary, added, vocab_path.string());
  rules.unknown = ids.required(special.content("unk_token"));
  PipelineParts parts;
  parts.around = frame({}, {}, {ids.required(special.content("eos_token"))}, 0);
  parts.added = std::make_shared<AddedTokens>(std::move(added), nullptr);
  parts.decoder = sequence_decoder(
      {replace_decoder(Pattern::literal("▁"), " "), fuse_decoder(), strip_decoder(' ', 1, 0)});
  const auto vocabulary = std::make_shared<Vocabulary>(read_vocab(vocab_path));
  rules.id_of = [vocabulary, unknown = rules.unknown](std::string_view piece) {
    return vocabulary->find(piece).value_or(unknown);
  };
  parts.encoder = make_sentencepiece_encoder(std::move(rules));
  return parts;
}

}  // namespace

std::shared_ptr<const Tokenizer> load_marian_folder(const FolderFiles& files) {
  if (files.tokenizer_class != "MarianTokenizer") return nullptr;
  const bool separate = files.flag("separate_vocabs", false);
  PipelineParts source = side_of(files, "source.spm", "vocab.json");
  source.target = make_pipeline(side_of(files, "target.spm", separate ? "target_vocab.json" : "vocab.json"));
  return make_pipeline(std::move(source));
}

}  // namespace attn
