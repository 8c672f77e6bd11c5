#include "core/study/generate.h"

#include "core/math/error.h"
#include "core/study/written_tokens.h"

namespace attn {

std::string continuation(const Tokenizer& tokenizer, const std::vector<int>& before,
                         const std::vector<int>& after) {
  const std::string start = tokenizer.decode(before), whole = tokenizer.decode(after);
  std::string added;
  if (whole.compare(0, start.size(), start) == 0) {
    added = whole.substr(start.size());
  } else {
    // Decoding changed what stood there before (spaces before punctuation): the new tokens alone.
    added = tokenizer.decode({after.begin() + static_cast<std::ptrdiff_t>(before.size()), after.end()});
  }
  // Bytes that make no character, or not yet, have no letters: the token itself is kept elsewhere
  // (WrittenTokens).
  constexpr std::string_view kBroken = "\xEF\xBF\xBD";
  for (std::size_t at = added.find(kBroken); at != std::string::npos; at = added.find(kBroken, at))
    added.erase(at, kBroken.size());
  return added;
}

std::string why_no_writing(const LoadedModel& loaded) {
  if (!loaded.model) return "this is a recording, not a model that runs";
  if (loaded.model->spec.output != OutputKind::next_words)
    return loaded.model->name + " does not predict next words, so it cannot continue a text";
  if (!loaded.tokenizer) return loaded.model->name + " has no tokenizer that could spell what it writes";
  return {};
}

namespace {

// The likeliest next token that is one: padding pads, and is no word.
int next_token(const Trace& trace, int last, const ModelSpec& spec, Pool* pool) {
  const Matrix logits = compute_logits(trace, std::span(&last, 1), pool);
  Index best = -1;
  for (Index id = 0; id < logits.cols(); ++id) {
    if (id == spec.pad_id && spec.pad_id != spec.eos_id) continue;
    if (best < 0 || logits(0, id) > logits(0, best)) best = id;
  }
  return static_cast<int>(best);
}

// A template's closing token would end the text before it goes on.
void open_end(PreparedText& text, int eos_id) {
  while (take_end_away(text.source, eos_id)) {
    text.inputs.ids.pop_back();
    if (!text.inputs.type_ids.empty()) text.inputs.type_ids.pop_back();
  }
}

void append(PreparedText& text, int id, const LoadedModel& loaded) {
  if (text.target) {
    text.inputs.target_ids.push_back(id);
    append_token(*text.target, id, loaded.tokenizer.get(), 0);  // it stands in no text that a person typed
    return;
  }
  text.inputs.ids.push_back(id);
  append_token(text.source, id, loaded.tokenizer.get(), 0);
  if (!text.inputs.type_ids.empty()) text.inputs.type_ids.push_back(0);
}

}  // namespace

Written write_on(const LoadedModel& loaded, PreparedText start, const Interventions& interventions,
                 int most_tokens, const PassOptions& options,
                 const std::function<bool(const Written&)>& on_token) {
  const ModelSpec& spec = loaded.model->spec;
  if (spec.output != OutputKind::next_words)
    throw Error(loaded.model->name + " does not predict next words, so it cannot continue a text");
  const int limit = position_limit(spec, Stack::decoder);
  if (!start.target) open_end(start, spec.eos_id);
  Written written;
  written.text = std::move(start);
  PassOptions step = options;
  step.logits = false;
  while (true) {
    throw_if_cancelled(options.cancel);
    written.trace = run_prepared(loaded, written.text, interventions, step);
    step.previous = written.trace;
    const Inputs& inputs = written.text.inputs;
    const auto n = static_cast<int>(written.text.target ? inputs.target_ids.size() : inputs.ids.size());
    int next = spec.eos_id;
    if (written.n_written >= most_tokens)
      written.end = Written::End::enough;
    else if (limit > 0 && n >= limit)
      written.end = Written::End::positions_used_up;
    else if (next = next_token(*written.trace, n - 1, spec, options.pool); next == spec.eos_id)
      written.end = Written::End::end_token;
    if (on_token && !on_token(written) && written.end == Written::End::not_yet)
      written.end = Written::End::stopped;
    if (written.end != Written::End::not_yet) return written;
    append(written.text, next, loaded);
    ++written.n_written;
  }
}

}  // namespace attn
