#include "core/analysis/token_start.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/analysis/nearest_words.h"
#include "core/analysis/parameters_of.h"
#include "core/attention/positions.h"
#include "core/forward/plan.h"
#include "core/forward/position_terms.h"
#include "core/math/error.h"

namespace attn {

namespace {

constexpr Index kMostCompared = 96;  // tokens whose angles are shown

bool is_target(const ModelSpec& spec, Stack stack) {
  return stack != Stack::encoder && spec.encoder.has_value();
}

const std::vector<int>& ids_of(const Trace& trace, Stack stack) {
  return is_target(trace.model->spec, stack) ? trace.inputs.target_ids : trace.inputs.ids;
}

const StackPlan& plan_of(const PassPlan& plan, Stack stack) {
  return stack == Stack::encoder ? *plan.encoder : *plan.decoder;
}

// Every position from 0 to n - 1.
std::vector<int> first_positions(Index n) {
  std::vector<int> positions(static_cast<std::size_t>(n));
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

// What each head adds for every distance of query to key, from -reach to reach: [H, 2 reach + 1].
Matrix distance_terms(const std::vector<ByDistance<float>>& heads, int reach) {
  Matrix out(static_cast<Index>(heads.size()), 2 * reach + 1);
  for (Index h = 0; h < out.rows(); ++h)
    for (int d = -reach; d <= reach; ++d) out(h, d + reach) = heads[static_cast<std::size_t>(h)](d);
  return out;
}

}  // namespace

TokenStart token_start(const Trace& trace, Stack stack) {
  const Model& model = model_of(trace);
  if (stack == Stack::cross) stack = Stack::decoder;
  const bool target = is_target(model.spec, stack);
  if (model.spec.input != InputKind::words && !target)
    throw Error("The tokens of this model are no words: there is no table to look them up in.");
  TokenStart start;
  start.stack = stack;
  start.ids = ids_of(trace, stack);
  const bool own = target && model.spec.target_embedding.has_value();
  const Matrix& table = (own ? model.parameters.target_embedding : model.parameters.embedding).words;
  start.n_vocab = static_cast<int>(table.rows());
  start.scale = (own ? *model.spec.target_embedding : model.spec.embedding).scale;
  start.embedding = retrace_embedding(trace, stack);
  start.has_norm = start.embedding.output.cols() != start.embedding.steps.sum.cols() ||
                   start.embedding.output != start.embedding.steps.sum;
  const Index n = std::min<Index>(kMostCompared, start.embedding.steps.words.rows());
  start.similar = cosine_similarities(rows_of(view(std::as_const(start.embedding.steps.words)), 0, n));
  return start;
}

PositionTable position_table(const Trace& trace, Stack stack, int most) {
  const Model& model = model_of(trace);
  if (stack == Stack::cross) stack = Stack::decoder;
  const StackSpec& spec = stack_spec(model, stack);
  const PassPlan pass = plan_pass(model.spec, trace.interventions);
  const PositionPlan& plan = plan_of(pass, stack).position;
  const StackParameters<float>& parameters =
      stack == Stack::encoder ? model.parameters.encoder : model.parameters.decoder;
  PositionTable out;
  out.kind = plan.kind;
  out.switched_off = plan.kind == PositionKind::none && spec.position.kind != PositionKind::none;
  const auto n_tokens = static_cast<Index>(ids_of(trace, stack).size());
  Index n = std::max<Index>(most, n_tokens);
  if (spec.position.n_positions > 0) n = std::min<Index>(n, spec.position.n_positions);
  const Matrix& table = parameters.position_table;
  const bool reads_table = plan.kind == PositionKind::learned || plan.also_learned;
  if (reads_table && table.rows() > spec.position.offset) {
    out.picture = PositionPicture::learned;
    out.values = table.middleRows(spec.position.offset, std::min(n, table.rows() - spec.position.offset));
  } else if (plan.kind == PositionKind::sinusoidal) {
    out.picture = PositionPicture::sinusoidal;
    if (spec.position.kind == PositionKind::sinusoidal && table.size() > 0) {
      out.values = table.topRows(std::min(n, table.rows()));
    } else {
      const bool interleaved =
          spec.position.kind != PositionKind::sinusoidal || spec.position.order == SinusoidOrder::interleaved;
      out.values = sinusoid_table<float>(first_positions(n), spec.d_model, interleaved);
    }
  } else if (plan.kind == PositionKind::rotary) {
    const RotarySpec& rotary = spec.position.rotary;
    out.picture = PositionPicture::rotary;
    out.values =
        rotary_table<float>(first_positions(n), rotary.inverse_frequencies, 1.0, rotary.interleaved).cos;
  } else if (plan.kind == PositionKind::alibi || plan.kind == PositionKind::bucket_bias) {
    const int reach = static_cast<int>(std::clamp<Index>(n_tokens - 1, 1, 64));
    const std::vector<int> positions = first_positions(reach + 1);
    const PositionTerms<float> terms = make_position_terms<float>(spec, parameters, 0, plan, positions);
    out.picture = terms.bias.empty() ? PositionPicture::elsewhere : PositionPicture::distance;
    out.first = -reach;
    if (!terms.bias.empty()) out.values = distance_terms(terms.bias, reach);
  } else if (plan.kind != PositionKind::none) {
    out.picture = PositionPicture::elsewhere;
  }
  return out;
}

WordMap word_map(const Model& model, const Tokenizer& tokenizer, const std::vector<int>& ids, int most_tokens,
                 int most_near, const CancelToken* cancel) {
  WordMap map;
  const Matrix& table = model.parameters.embedding.words;
  std::map<int, int> place;  // of an id among the points
  const auto add = [&](int id, bool in_text) {
    const auto [at, fresh] = place.emplace(id, static_cast<int>(map.words.size()));
    if (fresh) map.words.push_back({id, readable_token(tokenizer.token(id)), in_text, {}});
    return at->second;
  };
  for (const int id : ids)
    if (id >= 0 && id < table.rows() && static_cast<int>(map.words.size()) < most_tokens) add(id, true);
  const std::size_t n_text = map.words.size();
  for (std::size_t i = 0; i < n_text; ++i) {
    throw_if_cancelled(cancel);
    for (const NearWord& near : nearest_words(model, tokenizer, map.words[i].id, most_near)) {
      const int point = add(near.id, false);
      map.words[i].near.push_back(point);
    }
  }
  Matrix rows(static_cast<Index>(map.words.size()), table.cols());
  for (std::size_t i = 0; i < map.words.size(); ++i)
    rows.row(static_cast<Index>(i)) = table.row(map.words[i].id);
  map.plane = project_to_plane(view(std::as_const(rows)));
  return map;
}

}  // namespace attn
