#include "core/analysis/sweep.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/analysis/parameters_of.h"
#include "core/analysis/short_texts.h"
#include "core/forward/held_weights.h"
#include "core/math/worded_error.h"
#include "core/text/unicode.h"

namespace attn {

namespace {

PassOptions options_for(Pool* pool, const CancelToken* cancel) {
  PassOptions options;
  options.pool = pool;
  options.cancel = cancel;
  return options;
}

HeadCoreference read_head(const Trace& trace, const PronounQuestion& question, std::span<const int> pronoun,
                          std::span<const Mention> candidates) {
  return connect(*HeldWeights(trace, question.head), question.head, pronoun, candidates);
}

void tell(const SweepProgress& progress, std::size_t done, std::size_t all) {
  if (progress) progress(static_cast<float>(done) / static_cast<float>(std::max<std::size_t>(1, all)));
}

bool overlap(const Mention& a, const Mention& b) {
  return a.begin < b.end && b.begin < a.end;
}

// The same words after the place became longer or shorter by `growth` bytes; no tokens: it is gone.
Mention moved(Mention mention, const Mention& place, std::ptrdiff_t growth, const Encoding& encoding) {
  if (mention.begin >= place.end) {
    mention.begin = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(mention.begin) + growth);
    mention.end = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(mention.end) + growth);
  }
  mention.tokens = tokens_between(encoding, mention.begin, mention.end);
  return mention;
}

// One text of a sweep, ready to run.
struct TriedText {
  SweepRow row;
  Inputs inputs;
  Mention pronoun;
  std::vector<Mention> candidates;
};

std::optional<TriedText> try_word(const Tokenizer& tokenizer, const PronounQuestion& question,
                                  const Mention& place, const std::string& word) {
  const std::string text = question.text.substr(0, place.begin) + word + question.text.substr(place.end);
  const Encoding encoding = tokenizer.encode(text);
  const auto growth =
      static_cast<std::ptrdiff_t>(word.size()) - static_cast<std::ptrdiff_t>(place.end - place.begin);
  TriedText tried;
  tried.row.word = word;
  tried.inputs.ids = encoding.ids;
  tried.inputs.type_ids = encoding.type_ids;
  tried.pronoun = moved(question.pronoun, place, growth, encoding);
  if (tried.pronoun.tokens.empty()) return std::nullopt;
  for (const Mention& candidate : question.candidates) {
    tried.candidates.push_back(moved(candidate, place, growth, encoding));
    if (tried.candidates.back().tokens.empty()) return std::nullopt;
  }
  if (const std::optional<int> unknown = tokenizer.unknown_id())
    for (const int token : tokens_between(encoding, place.begin, place.begin + word.size()))
      if (encoding.ids[static_cast<std::size_t>(token)] == *unknown) tried.row.known = false;
  return tried;
}

// The word that a token can stand for alone; empty: it is a piece, special, or no word.
std::string word_of(const std::string& token, bool marks_beginnings) {
  if (token.starts_with("##")) return {};
  const bool begins = token.starts_with("Ġ") || token.starts_with("▁");
  if (marks_beginnings && !begins) return {};
  std::string word = readable_token(token);
  if (word.empty()) return {};
  for (std::size_t i = 0; i < word.size();) {
    const unicode::CodePoint character = unicode::decode(word, i);
    if (!character.valid || !unicode::is_word(character.value) || unicode::is_number(character.value) ||
        character.value == U'_')
      return {};
    i += character.length;
  }
  return word;
}

}  // namespace

std::vector<std::string> known_words(const Tokenizer& tokenizer) {
  bool marks_beginnings = false;
  for (int id = 0; id < tokenizer.n_vocab() && !marks_beginnings; ++id) {
    const std::string token = tokenizer.token(id);
    marks_beginnings = (token.starts_with("Ġ") || token.starts_with("▁")) && token.size() > 3;
  }
  std::vector<std::string> words;
  std::set<std::string> seen;
  for (int id = 0; id < tokenizer.n_vocab(); ++id) {
    if (tokenizer.is_special(id)) continue;
    std::string word = word_of(tokenizer.token(id), marks_beginnings);
    if (!word.empty() && seen.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

std::vector<SweepRow> sweep(std::shared_ptr<const Model> model, const Tokenizer& tokenizer,
                            const PronounQuestion& question, const Mention& place,
                            std::span<const std::string> words, Pool* pool, const CancelToken* cancel,
                            const SweepProgress& progress) {
  if (overlap(place, question.pronoun) ||
      std::any_of(question.candidates.begin(), question.candidates.end(),
                  [&](const Mention& candidate) { return overlap(place, candidate); }))
    throw WordedError(worded("coref.place_taken",
                             "“{word}” is the pronoun or one of its candidates; try words in another place.",
                             {{"word", place.word}}));

  std::vector<SweepRow> rows;
  for (std::size_t first = 0; first < words.size(); first += kShortTextsABatch) {
    std::vector<TriedText> texts;
    std::vector<Inputs> inputs;
    for (std::size_t w = first; w < std::min(first + kShortTextsABatch, words.size()); ++w)
      if (std::optional<TriedText> tried = try_word(tokenizer, question, place, words[w])) {
        inputs.push_back(tried->inputs);
        texts.push_back(std::move(*tried));
      }
    if (texts.empty()) continue;
    const auto traces = run_batch(model, inputs, question.interventions, options_for(pool, cancel));
    for (std::size_t k = 0; k < texts.size(); ++k) {
      HeadCoreference head = read_head(*traces[k], question, texts[k].pronoun.tokens, texts[k].candidates);
      texts[k].row.to_candidates = std::move(head.to_candidates);
      texts[k].row.margin = head.margin;
      rows.push_back(std::move(texts[k].row));
    }
    tell(progress, first + kShortTextsABatch, words.size());
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const SweepRow& a, const SweepRow& b) { return a.margin > b.margin; });
  return rows;
}

std::vector<WordEffect> which_words_mattered(std::shared_ptr<const Model> model, const Inputs& inputs,
                                             const WordGroups& words, const PronounQuestion& question,
                                             Pool* pool, const CancelToken* cancel,
                                             const SweepProgress& progress) {
  const std::vector<int>& pronoun = question.pronoun.tokens;
  const auto margin_under = [&](const Interventions& interventions) {
    const auto trace = run_pass(model, inputs, interventions, options_for(pool, cancel));
    return read_head(*trace, question, pronoun, question.candidates).margin;
  };
  const double with_all = margin_under(question.interventions);
  std::vector<WordEffect> effects;
  for (int w = 0; w < words.n_words(); ++w) {
    const std::vector<int>& tokens = words.groups[static_cast<std::size_t>(w)];
    const bool is_pronoun = std::any_of(tokens.begin(), tokens.end(), [&](int token) {
      return std::find(pronoun.begin(), pronoun.end(), token) != pronoun.end();
    });
    if (is_pronoun) continue;
    Interventions hiding = question.interventions;
    hiding.masks[question.head.stack].hidden_keys.insert(tokens.begin(), tokens.end());
    const double without = margin_under(hiding);
    effects.push_back({w, without, without - with_all});
    tell(progress, static_cast<std::size_t>(w) + 1, words.groups.size());
  }
  return effects;
}

Matrix switch_heads_off(std::shared_ptr<const Model> model, const Inputs& inputs,
                        const std::function<double(const Trace&)>& measure,
                        const Interventions& interventions, Pool* pool, const CancelToken* cancel,
                        const SweepProgress& progress) {
  const Stack stack = model->spec.encoder ? Stack::encoder : Stack::decoder;
  const auto whole = run_pass(model, inputs, interventions, options_for(pool, cancel));
  const double with_all = measure(*whole);
  const int n_layers = whole->n_layers(stack), n_heads = whole->n_heads(stack);
  Matrix change = Matrix::Zero(n_layers, n_heads);
  for (int layer = 0; layer < n_layers; ++layer)
    for (int head = 0; head < attention_spec(*model, stack, layer).n_heads; ++head) {
      Interventions off = interventions;
      off.heads_off[{stack, layer, head}] = HeadOff::zero;
      PassOptions options = options_for(pool, cancel);
      options.previous = whole;  // layers below are what they were
      if (head < n_heads)
        change(layer, head) = static_cast<float>(measure(*run_pass(model, inputs, off, options)) - with_all);
      tell(progress, static_cast<std::size_t>(layer * n_heads + head + 1),
           static_cast<std::size_t>(n_layers * n_heads));
    }
  return change;
}

PatchingResult patch_twins(std::shared_ptr<const Model> model, const Inputs& from, const Inputs& to,
                           std::span<const int> rows, const std::function<double(const Trace&)>& measure,
                           const Interventions& interventions, Pool* pool, const CancelToken* cancel,
                           const SweepProgress& progress) {
  if (from.ids.size() != to.ids.size() || from.target_ids.size() != to.target_ids.size())
    throw WordedError(worded("coref.twin_lengths",
                             "The twins have {n} and {m} tokens: what was computed on one can only be put "
                             "into another of the same length. Exchange a word for one of as many tokens.",
                             {{"n", std::to_string(from.ids.size())}, {"m", std::to_string(to.ids.size())}}));
  const Stack stack = model->spec.encoder ? Stack::encoder : Stack::decoder;
  const auto source = run_pass(model, from, interventions, options_for(pool, cancel));
  PatchingResult result;
  result.from = measure(*source);
  result.to = measure(*run_pass(model, to, interventions, options_for(pool, cancel)));
  const double way = result.from - result.to;
  constexpr double kSame = 1e-9;
  if (std::abs(way) < kSame)
    throw WordedError(
        worded("coref.twins_alike",
               "The twins do not differ in what is measured, so there is no way to have moved along."));

  const auto effect_of = [&](Patch patch) {
    PassOptions options = options_for(pool, cancel);
    options.patches.push_back(std::move(patch));
    return (measure(*run_pass(model, to, interventions, options)) - result.to) / way;
  };
  const int n_layers = source->n_layers(stack);
  const auto n_tokens = static_cast<int>(from.ids.size());
  result.positions = Matrix::Zero(n_layers, n_tokens);
  std::vector<int> all_rows(from.ids.size());
  for (std::size_t i = 0; i < all_rows.size(); ++i) all_rows[i] = static_cast<int>(i);
  for (int layer = 0; layer < n_layers; ++layer) {
    const auto& layers = stack == Stack::encoder ? source->encoder.layers : source->decoder.layers;
    const LayerRecord& record = *layers[static_cast<std::size_t>(layer)];
    Patch stream{stack, layer, -1, {rows.begin(), rows.end()}, {}};
    stream.values.resize(static_cast<Index>(rows.size()), record.input.cols());
    for (std::size_t r = 0; r < rows.size(); ++r)
      stream.values.row(static_cast<Index>(r)) = record.input.row(rows[r]);
    result.streams.push_back(effect_of(std::move(stream)));
    for (int token = 0; token < n_tokens; ++token) {
      const Matrix row = record.input.row(token);
      result.positions(layer, token) = static_cast<float>(effect_of({stack, layer, -1, {token}, row}));
    }

    const AttentionSpec& spec = attention_spec(*model, stack, layer);
    if (layer == 0) result.heads = Matrix::Zero(n_layers, spec.n_heads);
    for (int head = 0; head < std::min<int>(spec.n_heads, static_cast<int>(result.heads.cols())); ++head) {
      const Matrix mixed = record.self->mixed.middleCols(head * spec.d_head, spec.d_head);
      result.heads(layer, head) = static_cast<float>(effect_of({stack, layer, head, all_rows, mixed}));
    }
    tell(progress, static_cast<std::size_t>(layer) + 1, static_cast<std::size_t>(n_layers));
  }
  return result;
}

}  // namespace attn
