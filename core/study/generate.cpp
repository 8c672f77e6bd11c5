#include "core/study/generate.h"

#include "core/math/error.h"

namespace attn {

namespace {

void append(Encoding& encoding, int id, const LoadedModel& loaded) {
  encoding.ids.push_back(id);
  encoding.tokens.push_back(loaded.tokenizer ? loaded.tokenizer->token(id) : std::to_string(id));
  encoding.type_ids.push_back(0);
  encoding.special.push_back(loaded.tokenizer && loaded.tokenizer->is_special(id));
  const std::size_t at = encoding.end.empty() ? 0 : encoding.end.back();
  encoding.begin.push_back(at);  // the new token stands in no text that a person typed
  encoding.end.push_back(at);
  encoding.words.push_back(-1);
}

}  // namespace

PreparedText generate(const LoadedModel& loaded, PreparedText start, const Interventions& interventions,
                      int most_tokens, const PassOptions& options,
                      const std::function<void(const PreparedText&)>& on_token) {
  const ModelSpec& spec = loaded.model->spec;
  if (spec.output != OutputKind::next_words) {
    throw Error(loaded.model->name + " does not predict next words, so it cannot continue a text");
  }
  const bool writes_target = spec.is_encoder_decoder();
  const int limit = position_limit(spec, Stack::decoder);
  PassOptions step = options;
  step.logits = false;
  for (int n = 0; n < most_tokens; ++n) {
    throw_if_cancelled(options.cancel);
    std::vector<int>& ids = writes_target ? start.inputs.target_ids : start.inputs.ids;
    if (limit > 0 && static_cast<int>(ids.size()) >= limit) break;
    const std::shared_ptr<const Trace> trace = run_pass(loaded.model, start.inputs, interventions, step);
    step.previous = trace;
    const int last = static_cast<int>(ids.size()) - 1;
    const Matrix logits = compute_logits(*trace, std::span(&last, 1), options.pool);
    Index best = 0;
    logits.row(0).maxCoeff(&best);
    const int id = static_cast<int>(best);
    if (id == spec.eos_id) break;
    ids.push_back(id);
    if (writes_target) {
      append(*start.target, id, loaded);
    } else {
      append(start.source, id, loaded);
      if (!start.inputs.type_ids.empty()) start.inputs.type_ids.push_back(0);
    }
    if (on_token) on_token(start);
  }
  return start;
}

}  // namespace attn
