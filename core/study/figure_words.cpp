#include "core/study/figure_views.h"
#include "core/text/tokenizer.h"

#include "core/model/model.h"

namespace attn {

FigureTheme light_theme() {
  return {{0xf6, 0xf7, 0xf9},
          {0xff, 0xff, 0xff},
          {0xdf, 0xe3, 0xe8},
          {0x1b, 0x23, 0x30},
          {0x66, 0x70, 0x85},
          {0x0b, 0x66, 0xc3},
          {0xb5, 0x47, 0x08},
          // Wong 2011's palette for all eyes, its yellow darkened for a white page, and a violet.
          {{{0x00, 0x72, 0xb2},
            {0xd5, 0x5e, 0x00},
            {0x00, 0x9e, 0x73},
            {0xcc, 0x79, 0xa7},
            {0xb8, 0x86, 0x00},
            {0x56, 0xb4, 0xe9},
            {0x6a, 0x3d, 0x9a},
            {0x1b, 0x23, 0x30}}}};
}

FigureTheme dark_theme() {
  return {{0x12, 0x16, 0x1c},
          {0x1a, 0x20, 0x29},
          {0x2c, 0x34, 0x40},
          {0xe7, 0xeb, 0xf0},
          {0x8f, 0x9b, 0xab},
          {0x5a, 0xb0, 0xff},
          {0xff, 0xb2, 0x65},
          {{{0x5a, 0xb0, 0xff},
            {0xff, 0x9d, 0x4d},
            {0x3f, 0xd1, 0xa0},
            {0xf0, 0xa3, 0xcf},
            {0xf0, 0xe4, 0x42},
            {0x9a, 0xd8, 0xff},
            {0xb9, 0x93, 0xf5},
            {0xe7, 0xeb, 0xf0}}}};
}

FigureWords english_words() {
  return {};
}

FigureWords chinese_words() {
  FigureWords words;
  words.query = "查询";
  words.key = "键";
  words.as_trained = "与训练时相同";
  words.interventions = "干预";
  words.special = "特殊词元";
  words.no_special = "无特殊词元";
  words.rows_sum = "每行之和为 1";
  words.masked = "被掩码遮住";
  words.linear = "线性刻度";
  words.square_root = "平方根刻度";
  words.logarithmic = "对数刻度";
  words.model = "模型";
  words.recording = "记录";
  words.text = "文本";
  words.encoder = "编码器";
  words.decoder = "解码器";
  words.cross = "交叉注意力";
  words.layer = "层";
  words.head = "头";
  return words;
}

namespace {

// Between facts; the no-break space keeps the dot at the end of a line.
constexpr const char* kThen = "\u00a0· ";

std::string spelled(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) {
    const std::string readable = readable_token(token);
    const bool continues = token.starts_with("##") || text.empty();
    text += (continues ? "" : " ") + readable;
  }
  return text;
}

// At most about three lines of a text.
std::string beginning(const std::string& text) {
  constexpr std::size_t kMostBytes = 300;
  if (text.size() <= kMostBytes) return text;
  std::size_t cut = kMostBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut) + "…";
}

// The last part of a path.
std::string short_name(const std::string& model) {
  const std::size_t end = model.find_last_not_of('/');
  const std::size_t slash = model.find_last_of('/', end);
  return slash == std::string::npos || end == std::string::npos ? model
                                                                : model.substr(slash + 1, end - slash);
}

// "[CLS] [SEP]": the tokens that belong to no word.
std::string special_tokens_of(const Trace& trace) {
  std::string names;
  for (std::size_t t = 0; t < trace.tokens.size(); ++t) {
    const std::string& token = trace.tokens[t];
    const bool looks_special = token.size() > 2 && ((token.front() == '[' && token.back() == ']') ||
                                                    (token.front() == '<' && token.back() == '>'));
    const bool special = trace.words.size() == trace.tokens.size() ? trace.words[t] < 0 : looks_special;
    if (special) names += (names.empty() ? "" : " ") + token;
  }
  return names;
}

}  // namespace

std::string figure_caption(const Trace& trace, const std::vector<HeadId>& heads,
                           const FigureOptions& options) {
  const FigureWords& words = options.words;
  std::string caption = words.model + ": ";
  if (trace.model) {
    // Where it lies on this computer is nobody else's business: the fingerprint says which one it is.
    caption += short_name(trace.model->name);
    if (!trace.model->fingerprint.empty()) caption += ", " + trace.model->fingerprint;
  } else {
    caption += (options.model.empty() ? "" : short_name(options.model) + ", ") + words.recording;
  }
  const std::string text = beginning(options.text.empty() ? spelled(trace.tokens) : options.text);
  if (!text.empty()) caption += kThen + words.text + ": “" + text + "”";
  for (const HeadId& head : heads)
    caption +=
        kThen + to_text(head, trace.n_layers(Stack::encoder) > 0 && trace.n_layers(Stack::decoder) > 0);
  caption += kThen + (trace.interventions.any() ? words.interventions + ": " + to_text(trace.interventions)
                                                : words.as_trained);
  const std::string special = special_tokens_of(trace);
  caption += kThen + (special.empty() ? words.no_special : words.special + ": " + special);
  caption += kThen + (options.scale == ColorScale::linear        ? words.linear
                      : options.scale == ColorScale::square_root ? words.square_root
                                                                 : words.logarithmic);
  return caption;
}

}  // namespace attn
