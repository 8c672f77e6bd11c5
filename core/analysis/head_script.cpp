#include "core/analysis/head_script.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/analysis/parameters_of.h"
#include "core/forward/pass.h"
#include "core/forward/plan.h"
#include "core/forward/retrace.h"
#include "core/math/error.h"
#include "core/text/tokenizer.h"

namespace attn {

namespace {

constexpr Index kMostNumbers = 300'000;
constexpr Index kMostForProjections = 60'000;  // above it the script begins at q, k and v

// As many digits as bring every float back.
std::string number(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(value));
  return text.data();
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void write_row(std::string& out, const float* row, Index n) {
  out += '[';
  for (Index i = 0; i < n; ++i) {
    if (i) out += ", ";
    out += number(row[i]);
  }
  out += ']';
}

void write_matrix(std::string& out, const char* name, const Matrix& m, const char* comment) {
  out += std::string(name) + " = np.array([  # " + comment + "\n";
  for (Index r = 0; r < m.rows(); ++r) {
    out += "    ";
    write_row(out, m.data() + r * m.cols(), m.cols());
    out += ",\n";
  }
  out += "], dtype=np.float32)\n";
}

void write_vector(std::string& out, const char* name, const Row& row, const char* comment) {
  out += std::string(name) + " = np.array(";
  write_row(out, row.data(), row.size());
  out += std::string(", dtype=np.float32)  # ") + comment + "\n";
}

void write_tokens(std::string& out, const char* name, const std::vector<std::string>& tokens) {
  out += std::string(name) + " = [";
  const std::vector<std::string> names = readable_tokens(tokens);
  for (std::size_t i = 0; i < names.size(); ++i) out += (i ? ", " : "") + quoted(names[i]);
  out += "]\n";
}

struct Script {
  const Trace& trace;
  const HeadId& id;
  const HeadExplanation head;
  const AttentionSpec& spec;
  const AttentionParameters<float>& parameters;
  AttentionPlan plan;
  bool turned = false;  // positions or a content bias change q and k after the projections
  std::string out{};
};

Script begin(const Trace& trace, const HeadId& id) {
  const Model& model = model_of(trace);
  Script s{trace,
           id,
           explain_head(trace, id),
           attention_spec(model, id.stack, id.layer),
           attention_parameters(model, id.stack, id.layer),
           {},
           false};
  const PassPlan plan = plan_pass(model.spec, trace.interventions);
  const StackPlan& stack = id.stack == Stack::encoder ? *plan.encoder : *plan.decoder;
  const LayerPlan& layer = stack.layers[static_cast<std::size_t>(id.layer)];
  s.plan = id.stack == Stack::cross ? *layer.cross : layer.self;
  s.turned = s.parameters.content_bias.size() > 0 ||
             (stack.position.kind == PositionKind::rotary && id.stack != Stack::cross);
  return s;
}

void write_title(Script& s) {
  const Model& model = *s.trace.model;
  s.out += "# Attention Lab: head " + to_text(s.id, true) + " of " + quoted(model.name) + " (fingerprint " +
           model.fingerprint + ").\n# Layers and heads count from 0. ";
  s.out += s.trace.interventions.any() ? "Interventions in force: " + to_text(s.trace.interventions) + "\n"
                                       : "As trained: no interventions.\n";
  s.out += "import numpy as np\n\n";
  write_tokens(s.out, "queries", s.trace.query_tokens(s.id.stack));
  write_tokens(s.out, "keys", s.trace.key_tokens(s.id.stack));
}

// Lines that set numbers of this head by hand, as the intervention does: "q[7, 3] = 0.5".
void write_numbers(Script& s, NumberPlace place, const char* array) {
  const int heads_to_one =
      place == NumberPlace::key || place == NumberPlace::value ? s.spec.n_heads / s.spec.n_kv_heads : 1;
  for (const OverwrittenNumber& one : s.plan.numbers)
    if (one.place == place && one.at.head / heads_to_one == s.id.head / heads_to_one)
      s.out += std::string(array) + "[" + std::to_string(one.token) + ", " + std::to_string(one.entry) +
               "] = " + number(one.value) + "  # intervention: set by hand\n";
}

// q, k and v: from what the layer reads where that is small, otherwise as they are.
void write_vectors(Script& s) {
  const Index d = s.spec.d_head;
  const bool cross = s.id.stack == Stack::cross;
  const Index n = s.head.queries.rows(), d_model = s.parameters.query.inputs();
  std::string& out = s.out;
  if (s.turned || (n + s.head.keys.rows() + 3 * d) * d_model > kMostForProjections) {
    write_matrix(out, "q", s.head.queries, "[queries, d_head] as they enter the product");
    write_matrix(out, "k", s.head.keys, "[keys, d_head]");
    write_matrix(out, "v", s.head.values, "[keys, d_head]");
    return;
  }
  std::vector<int> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  const RetracedLayer layer = retrace_rows(s.trace, cross ? Stack::decoder : s.id.stack, s.id.layer, rows);
  const AttentionSteps<float>& attention = cross ? layer.steps.cross : layer.steps.self;
  const Matrix& input = cross ? layer.steps.cross.input : layer.steps.input;
  write_matrix(out, "x", attention.read.size() > 0 ? attention.read : input,
               "[queries, d_model] what this attention reads");
  if (cross)
    write_matrix(out, "x_keys", s.trace.encoder.output, "[keys, d_model] the encoder's output");
  else
    out += "x_keys = x  # self-attention: one sequence asks and answers\n";
  const Index shared = s.id.head / (s.spec.n_heads / s.spec.n_kv_heads) * d;
  struct Projection {
    const char *weight, *bias, *result, *reads;
    const Linear<float>& map;
    Index first;
    NumberPlace place;
  };
  const AttentionParameters<float>& own = s.parameters;
  for (const Projection& p :
       {Projection{"W_Q", "b_Q", "q", "x", own.query, s.id.head * d, NumberPlace::query},
        Projection{"W_K", "b_K", "k", "x_keys", own.key, shared, NumberPlace::key},
        Projection{"W_V", "b_V", "v", "x_keys", own.value, shared, NumberPlace::value}}) {
    write_matrix(out, p.weight, p.map.weight().middleRows(p.first, d), "[d_head, d_model] of this head");
    const bool bias = p.map.bias().size() > 0;
    if (bias) write_vector(out, p.bias, p.map.bias().segment(p.first, d), "[d_head]");
    out += std::string(p.result) + " = " + p.reads + " @ " + p.weight + ".T" +
           (bias ? std::string(" + ") + p.bias : "") + "\n";
    write_numbers(s, p.place, p.result);
  }
}

void write_scores(Script& s) {
  std::string& out = s.out;
  out += "\nscale = np.float32(" + number(static_cast<float>(s.plan.scale)) +
         ")  # 1 / sqrt(d_head) = " + number(1.0f / std::sqrt(static_cast<float>(s.spec.d_head))) + "\n";
  if (s.spec.scoring == Scoring::additive) {
    write_vector(out, "v_a", s.parameters.additive.row(s.id.head), "[d_head] of additive scoring");
    out += "scores = (v_a * np.tanh(q[:, None, :] + k[None, :, :])).sum(axis=-1) * scale\n";
  } else {
    out += "scores = q @ k.T * scale\n";
  }
  if (s.head.position.size() > 0) {
    write_matrix(out, "position", s.head.position, "[queries, keys] what positions add");
    out += "scores = scores + position\n";
  }
  if (s.spec.soft_cap > 0) {
    const std::string cap = number(static_cast<float>(s.spec.soft_cap));
    out += "scores = " + cap + " * np.tanh(scores / " + cap + ")\n";
  }
  if (s.plan.temperature != 1)
    out += "scores = scores / " + number(static_cast<float>(s.plan.temperature)) + "  # temperature\n";
  write_numbers(s, NumberPlace::score, "scores");
}

void write_weights(Script& s) {
  std::string& out = s.out;
  write_matrix(out, "visible", s.head.visible, "[queries, keys] 1: may be seen, 0: masked");
  out += "visible = visible > 0\n";
  const auto off = s.plan.heads_off.find(s.id.head);
  if (off != s.plan.heads_off.end() && off->second == HeadOff::uniform) {
    out += "weights = visible.astype(np.float32)  # intervention: every visible key alike\n";
  } else {
    out +=
        "scores = np.where(visible, scores, -np.inf)\n"
        "largest = scores.max(axis=1, keepdims=True)\n"
        "largest = np.where(np.isfinite(largest), largest, 0)\n";
    out += s.plan.hard ? "weights = (visible & (scores == largest)).astype(np.float32)  # hard attention\n"
                       : "weights = np.exp(scores - largest)\n";
  }
  out +=
      "sums = weights.sum(axis=1, keepdims=True)\n"
      "weights = weights / np.where(sums > 0, sums, 1)  # a wholly masked row stays 0\n";
  bool any = false;
  for (const OverwrittenCell& cell : s.plan.cells) any = any || cell.head.head == s.id.head;
  if (!any) return;
  out += "\n# Intervention: weights set by hand; the rest of the row shares what is left.\nby_hand = {}\n";
  for (const OverwrittenCell& cell : s.plan.cells)
    if (cell.head.head == s.id.head)
      out += "by_hand.setdefault(" + std::to_string(cell.query) + ", {})[" + std::to_string(cell.key) +
             "] = " + number(cell.weight) + "\n";
  out +=
      "for i, cells in by_hand.items():\n"
      "    others = np.array([j not in cells for j in range(k.shape[0])])\n"
      "    left, had = max(0.0, 1.0 - sum(cells.values())), weights[i, others].sum()\n"
      "    if had > 0:\n"
      "        weights[i, others] *= left / had\n"
      "    else:\n"
      "        free = others & visible[i]\n"
      "        weights[i, others] = 0\n"
      "        weights[i, free] = left / max(1, free.sum())\n"
      "    for j, w in cells.items():\n"
      "        weights[i, j] = w\n";
}

void write_result(Script& s) {
  std::string& out = s.out;
  out += "\nmixed = weights @ v  # [queries, d_head] the head's output\n";
  const auto off = s.plan.heads_off.find(s.id.head);
  if (off != s.plan.heads_off.end() && off->second == HeadOff::zero)
    out += "mixed = np.zeros_like(mixed)  # intervention: the head is switched off\n";
  if (off != s.plan.heads_off.end() && off->second == HeadOff::mean)
    out += "mixed = np.repeat(mixed.mean(axis=0, keepdims=True), q.shape[0], axis=0)  # intervention\n";
  write_numbers(s, NumberPlace::mixed, "mixed");
  out += "\n# What Attention Lab computed:\n";
  write_matrix(out, "expected_weights", s.head.weights, "[queries, keys]");
  write_matrix(out, "expected_mixed", s.head.mixed, "[queries, d_head]");
  out +=
      "assert np.allclose(weights, expected_weights, atol=1e-5), np.abs(weights - expected_weights).max()\n"
      "assert np.allclose(mixed, expected_mixed, atol=1e-4), np.abs(mixed - expected_mixed).max()\n"
      "np.set_printoptions(precision=2, suppress=True, linewidth=160)\n"
      "print(keys)\n"
      "for name, row in zip(queries, weights):\n"
      "    print(row, name)\n"
      "print(\"same digits: largest difference\", np.abs(weights - expected_weights).max())\n";
}

}  // namespace

std::string numpy_script(const Trace& trace, const HeadId& id) {
  const AttentionSpec& spec = attention_spec(model_of(trace), id.stack, id.layer);
  const AttentionRecord* record = trace.attention(id.stack, id.layer);
  const Index n = record ? record->queries.rows() : 0, m = record ? record->keys.rows() : 0;
  const Index numbers = 3 * n * m + 2 * (n + m) * spec.d_head;
  if (numbers > kMostNumbers)
    throw Error("The script of this head would have " + std::to_string(numbers) +
                " numbers: copy it on a shorter text.");
  Script s = begin(trace, id);
  write_title(s);
  write_vectors(s);
  write_scores(s);
  write_weights(s);
  write_result(s);
  return s.out;
}

}  // namespace attn
