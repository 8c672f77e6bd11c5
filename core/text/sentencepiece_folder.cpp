#include <algorithm>

#include "core/math/worded_error.h"
#include "core/text/folder_tokenizers.h"
#include "core/text/sentencepiece_encoder.h"

namespace attn {
namespace {

enum class Kin { none, t5, llama, gemma, albert, xlnet, xlm_roberta, camembert, mbart, mbart50, deberta_v2 };

Kin kin_of(const std::string& name) {
  constexpr std::pair<std::string_view, Kin> kClasses[] = {{"T5Tokenizer", Kin::t5},
                                                           {"MT5Tokenizer", Kin::t5},
                                                           {"LlamaTokenizer", Kin::llama},
                                                           {"GemmaTokenizer", Kin::gemma},
                                                           {"AlbertTokenizer", Kin::albert},
                                                           {"XLNetTokenizer", Kin::xlnet},
                                                           {"XLMRobertaTokenizer", Kin::xlm_roberta},
                                                           {"CamembertTokenizer", Kin::camembert},
                                                           {"MBartTokenizer", Kin::mbart},
                                                           {"MBart50Tokenizer", Kin::mbart50},
                                                           {"DebertaV2Tokenizer", Kin::deberta_v2}};
  for (const auto& [known, kin] : kClasses) {
    if (name == known) return kin;
  }
  return Kin::none;
}

const char* file_of(Kin kin) {
  switch (kin) {
    case Kin::llama:
    case Kin::gemma:
      return "tokenizer.model";
    case Kin::xlm_roberta:
    case Kin::camembert:
    case Kin::mbart:
    case Kin::mbart50:
      return "sentencepiece.bpe.model";
    case Kin::deberta_v2:
      return "spm.model";
    default:
      return "spiece.model";
  }
}

std::vector<SpecialDefault> defaults_of(Kin kin) {
  switch (kin) {
    case Kin::t5:
      return {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}};
    case Kin::llama:
      return {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}};
    case Kin::gemma:
      return {{"bos_token", "<bos>"}, {"eos_token", "<eos>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}};
    case Kin::albert:
      return {{"bos_token", "[CLS]"},        {"eos_token", "[SEP]"}, {"sep_token", "[SEP]"},
              {"cls_token", "[CLS]"},        {"unk_token", "<unk>"}, {"pad_token", "<pad>"},
              {"mask_token", "[MASK]", true}};
    case Kin::deberta_v2:
      return {{"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"sep_token", "[SEP]"},  {"cls_token", "[CLS]"},
              {"unk_token", "[UNK]"}, {"pad_token", "[PAD]"}, {"mask_token", "[MASK]"}};
    case Kin::xlnet:
      return {{"bos_token", "<s>"},          {"eos_token", "</s>"},  {"sep_token", "<sep>"},
              {"cls_token", "<cls>"},        {"unk_token", "<unk>"}, {"pad_token", "<pad>"},
              {"mask_token", "<mask>", true}};
    default:
      return {{"bos_token", "<s>"},          {"eos_token", "</s>"},  {"sep_token", "</s>"},
              {"cls_token", "<s>"},          {"unk_token", "<unk>"}, {"pad_token", "<pad>"},
              {"mask_token", "<mask>", true}};
  }
}

// The languages of mBART, in the order of their ids; mBART-50 goes on with the second list.
constexpr const char* kLanguages[] = {"ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI",
                                      "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR",
                                      "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU",
                                      "si_LK", "tr_TR", "vi_VN", "zh_CN"};
constexpr const char* kMoreLanguages[] = {"af_ZA", "az_AZ", "bn_IN", "fa_IR", "he_IL", "hr_HR", "id_ID",
                                          "ka_GE", "km_KH", "mk_MK", "ml_IN", "mn_MN", "mr_IN", "pl_PL",
                                          "ps_AF", "pt_XX", "sv_SE", "sw_KE", "ta_IN", "te_IN", "th_TH",
                                          "tl_XX", "uk_UA", "ur_PK", "xh_ZA", "gl_ES", "sl_SI"};

bool has_languages(Kin kin) {
  return kin == Kin::mbart || kin == Kin::mbart50;
}

// fairseq's ids: its own first tokens, then the pieces moved by an offset, languages, the mask.
using Entries = std::vector<std::pair<std::string, long long>>;

Entries fairseq_entries(Kin kin, const SentencePiece& pieces) {
  Entries entries;
  int offset = 1;
  if (kin == Kin::camembert) {
    entries = {{"<s>NOTUSED", 0}, {"<pad>", 1}, {"</s>NOTUSED", 2}, {"<unk>", 3}, {"<unk>NOTUSED", 4}};
    offset = 4;
  } else {
    entries = {{"<s>", 0}, {"<pad>", 1}, {"</s>", 2}, {"<unk>", 3}};
  }
  const int taken = static_cast<int>(entries.size());
  for (int id = 0; id < pieces.size(); ++id) {
    if (id + offset >= taken) entries.emplace_back(pieces.piece(id), id + offset);
  }
  int next = pieces.size() + offset;
  if (has_languages(kin)) {
    for (const char* language : kLanguages) entries.emplace_back(language, next++);
    if (kin == Kin::mbart50) {
      for (const char* language : kMoreLanguages) entries.emplace_back(language, next++);
    }
  }
  if (kin != Kin::camembert) entries.emplace_back("<mask>", next);
  return entries;
}

Vocabulary vocabulary_of(Kin kin, const SentencePiece& pieces, const std::string& place) {
  if (kin == Kin::xlm_roberta || kin == Kin::camembert || has_languages(kin)) {
    return Vocabulary(fairseq_entries(kin, pieces), place);
  }
  Entries entries;
  for (int id = 0; id < pieces.size(); ++id) entries.emplace_back(pieces.piece(id), id);
  return Vocabulary(std::move(entries), place);
}

// T5 keeps <extra_id_0> … at the end of its vocabulary, counted downwards, where no file says otherwise.
void add_sentinels(const FolderFiles& files, int n_pieces, SpecialTokens& special) {
  if (special.has_decoder()) return;
  const int n = int_field(files.tokenizer_config, "extra_ids", 100, files.place());
  constexpr int kMost = 10000;
  for (int i = 0; i < std::min(n, kMost); ++i) {
    AddedToken token;
    token.content = "<extra_id_" + std::to_string(i) + ">";
    token.id = n_pieces - 1 + n - i;
    token.lstrip = token.rstrip = token.special = true;
    special.add_if_missing(token);
  }
}

TokenTemplate template_of(Kin kin, const FolderFiles& files, const SpecialTokens& special,
                          const TokenIds& ids) {
  using Kind = TemplateItem::Kind;
  const auto id = [&](const char* role) { return ids.required(special.content(role)); };
  switch (kin) {
    case Kin::t5: {
      TokenTemplate around;
      const TemplateItem end{Kind::token_unless_there, id("eos_token"), 0};
      around.single = {{Kind::first, -1, 0}, end};
      around.pair = {{Kind::first, -1, 0}, end, {Kind::second, -1, 0}, end};
      return around;
    }
    case Kin::llama:
    case Kin::gemma: {
      std::vector<int> before, after;
      if (files.flag("add_bos_token", true)) before.push_back(id("bos_token"));
      if (files.flag("add_eos_token", false)) after.push_back(id("eos_token"));
      std::vector<int> between = after;
      between.insert(between.end(), before.begin(), before.end());
      return frame(before, between, after, 1);
    }
    case Kin::albert:
    case Kin::deberta_v2:
      return frame({id("cls_token")}, {id("sep_token")}, {id("sep_token")}, 1);
    case Kin::xlnet: {
      TokenTemplate around = frame({}, {id("sep_token")}, {id("sep_token")}, 1);
      around.single.push_back({Kind::token, id("cls_token"), 2});
      around.pair.push_back({Kind::token, id("cls_token"), 2});
      return around;
    }
    case Kin::mbart:
    case Kin::mbart50: {
      const int language = ids.required(files.text("src_lang", "en_XX")), eos = id("eos_token");
      return kin == Kin::mbart ? frame({}, {}, {eos, language}, 0) : frame({language}, {}, {eos}, 0);
    }
    default:
      return frame({id("cls_token")}, {id("sep_token"), id("sep_token")}, {id("sep_token")}, 0);
  }
}

// What ALBERT and XLNet do to a text before SentencePiece sees it.
NormalizerPtr albert_preprocess(const FolderFiles& files, bool lowercase) {
  std::vector<NormalizerPtr> steps;
  if (files.flag("remove_space", true)) {
    steps.push_back(replace_normalizer(Pattern::regex(R"([\s\x1c-\x1f]+)", "white space"), " "));
    steps.push_back(strip_normalizer(true, true));
  }
  steps.push_back(replace_normalizer(Pattern::literal("``"), "\""));
  steps.push_back(replace_normalizer(Pattern::literal("''"), "\""));
  if (!files.flag("keep_accents", false)) {
    steps.push_back(unicode_normalizer(unicode::Form::nfkd));
    steps.push_back(strip_combining_normalizer());
  }
  if (lowercase) steps.push_back(python_lowercase_normalizer());
  return sequence_normalizer(std::move(steps));
}

DecoderPtr sentencepiece_decoder() {
  return sequence_decoder({replace_decoder(Pattern::literal("▁"), " "), byte_fallback_decoder(),
                           fuse_decoder(), strip_decoder(' ', 1, 0)});
}

}  // namespace

std::shared_ptr<const Tokenizer> load_sentencepiece_folder(const FolderFiles& files) {
  const Kin kin = kin_of(files.tokenizer_class);
  if (kin == Kin::none) return nullptr;
  const std::filesystem::path path = files.path(file_of(kin));
  SentencePieceFile file = read_sentencepiece_file(read_whole_file(path), path.string());
  const bool new_way = (kin == Kin::t5 || kin == Kin::llama) && !files.flag("legacy", true);
  if (new_way) file.add_dummy_prefix = false;
  if (kin == Kin::deberta_v2 && files.flag("split_by_punct", false)) {
    throw WordedError(worded("tokenizer.split_by_punct",
                             "{file}.split_by_punct is true, which is not supported.",
                             {{"file", files.place()}}));
  }

  SentencePieceRules rules;
  rules.pieces = std::make_shared<SentencePiece>(std::move(file), path.string());
  const SentencePiece& pieces = *rules.pieces;
  rules.vocabulary = vocabulary_of(kin, pieces, path.string());

  SpecialTokens special(files, defaults_of(kin));
  if (kin == Kin::t5) add_sentinels(files, pieces.size(), special);
  PipelineParts parts;
  auto added = special.added([&](std::string_view token) { return rules.vocabulary.find(token); },
                             static_cast<int>(rules.vocabulary.size()));
  if (has_languages(kin)) {
    for (const auto& [content, id] : rules.vocabulary.entries()) {
      const bool listed = std::any_of(added.begin(), added.end(),
                                      [&, wanted = std::string_view(content)](const AddedToken& token) {
                                        return token.content == wanted;
                                      });
      if (id > pieces.size() && !listed) added.push_back({id, content, false, false, false, false, true});
    }
  }
  parts.around = template_of(kin, files, special, TokenIds(rules.vocabulary, added, path.string()));
  parts.mask_token = special.content("mask_token");
  parts.added = std::make_shared<AddedTokens>(std::move(added), nullptr);
  parts.decoder = sentencepiece_decoder();

  const bool fairseq = kin == Kin::xlm_roberta || kin == Kin::camembert || has_languages(kin);
  const int offset = kin == Kin::camembert ? 4 : fairseq ? 1 : 0;
  rules.unknown = fairseq ? 3 : pieces.unknown_id();
  rules.id_of = [model = rules.pieces, offset, unknown = rules.unknown](std::string_view piece) {
    const int id = model->id_of(piece);
    return id == model->unknown_id() ? unknown : id + offset;
  };

  if (kin == Kin::albert || kin == Kin::xlnet) {
    const bool lowercase = files.flag("do_lower_case", kin == Kin::albert);
    rules.preprocess = albert_preprocess(files, lowercase);
    rules.split_digit_commas = true;
    if (lowercase) parts.prepare = lowercase_except(special.all());
  }
  if (kin == Kin::deberta_v2 && files.flag("do_lower_case", false)) {
    parts.prepare = lowercase_except(special.all());
  }
  if (new_way) {
    rules.shield = special.content("unk_token");
    std::vector<NormalizerPtr> steps{replace_normalizer(Pattern::literal("▁"), " ")};
    if (files.flag("add_prefix_space", true)) steps.push_back(prepend_normalizer("▁"));
    parts.prepare = sequence_normalizer(std::move(steps));
    parts.drop_first_before_special = rules.id_of("▁");
  }
  parts.encoder = make_sentencepiece_encoder(std::move(rules));
  return make_pipeline(std::move(parts));
}

}  // namespace attn
