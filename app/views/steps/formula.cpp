#include <algorithm>
#include <cmath>

#include "app/views/steps/board.h"

namespace attn::app {

namespace {

bool divides_by_root(const HeadWalk& walk) {
  return std::abs(walk.trained_scale * std::sqrt(static_cast<double>(walk.d_head())) - 1) < 1e-4;
}

bool rotates(const HeadWalk& walk) {
  return walk.position == PositionKind::rotary && walk.head.stack != Stack::cross;
}

bool has_set_score(const HeadWalk& walk, int key) {
  return std::any_of(walk.set_scores.begin(), walk.set_scores.end(),
                     [key](const OverwrittenNumber& one) { return one.entry == key; });
}

// " / √16", " × 0.0625", " / 2" for a temperature: what the products go through.
std::string scale_text(const HeadWalk& walk) {
  std::string text;
  if (walk.scale != 1.0)
    text =
        divides_by_root(walk) ? " / √" + std::to_string(walk.d_head()) : " × " + number_text(walk.scale, 4);
  return text;
}

std::string bias_text(const HeadWalk& walk) {
  if (walk.at.position.size() == 0) return {};
  switch (walk.position) {
    case PositionKind::alibi:
      return " − m·|i−j|";
    case PositionKind::bucket_bias:
      return " + b(i−j)";
    default:
      return " + p(i, j)";
  }
}

std::vector<FormulaPiece> start_formula(const HeadWalk& walk) {
  std::vector<FormulaPiece> pieces = {{"x", false}, {" = ", false}};
  std::string sum = "E[token]";
  if (walk.at_position.size() > 0) sum += " + P[position]";
  if (walk.type.size() > 0) sum += " + T[sentence]";
  pieces.push_back({walk.embedding_normed ? "norm( " + sum + " )" : sum, true});
  if (walk.head.layer > 0)
    pieces.push_back(
        {walk.head.layer == 1 ? "  → L0" : "  → L0 … L" + std::to_string(walk.head.layer - 1), false});
  if (walk.norm_before) pieces.push_back({"  → norm", true});
  return pieces;
}

std::vector<FormulaPiece> projection_formula(const HeadWalk& walk) {
  const auto with_bias = [](const char* product, bool has, const char* bias) {
    return std::string(product) + (has ? bias : "");
  };
  const bool cross = walk.head.stack == Stack::cross;
  const std::string turn = rotates(walk) ? "R(i) " : "", turn_key = rotates(walk) ? "R(j) " : "";
  const std::string other = cross ? " e" : " x";
  return {{"q = " + turn + with_bias("W_Q x", walk.query_bias.size() > 0, " + b_Q"), true},
          {"      ", false},
          {"k = " + turn_key + with_bias(("W_K" + other).c_str(), walk.key_bias.size() > 0, " + b_K"), true},
          {"      ", false},
          {"v = " + with_bias(("W_V" + other).c_str(), walk.value_bias.size() > 0, " + b_V"), true}};
}

std::vector<FormulaPiece> attention_formula(const HeadWalk& walk, Step step) {
  const bool capped = walk.spec.soft_cap > 0;
  const std::string content = walk.spec.scoring == Scoring::additive ? "vₐ · tanh(q + k)" : "q · k";
  std::vector<FormulaPiece> pieces = {{"o = Σ ", step == Step::values},
                                      {walk.hard ? "hardmax" : "softmax", step == Step::softmax},
                                      {"( ", step == Step::softmax},
                                      {"mask", step == Step::mask},
                                      {"( ", step == Step::mask}};
  if (capped) pieces.push_back({"cap( ", step == Step::scale});
  pieces.push_back({content, step == Step::products});
  const std::string scale = scale_text(walk) + bias_text(walk);
  if (!scale.empty()) pieces.push_back({scale, step == Step::scale});
  if (capped) pieces.push_back({" )", step == Step::scale});
  if (walk.temperature != 1)
    pieces.push_back({" / " + number_text(walk.temperature, 2), step == Step::scale});
  pieces.push_back({" )", step == Step::mask});
  pieces.push_back({" )", step == Step::softmax});
  pieces.push_back({" · v", step == Step::values});
  return pieces;
}

std::vector<FormulaPiece> layer_formula(const HeadWalk& walk, Step step) {
  const bool after = walk.norm_place == NormPlace::after;
  std::string heads;
  for (int h = 0; h < std::min(4, walk.spec.n_heads); ++h) heads += (h ? ", o" : "o") + std::to_string(h);
  if (walk.spec.n_heads > 4) heads += ", …";
  const std::string concat = "W_O [" + heads + "]" + (walk.output_bias.size() > 0 ? " + b_O" : "");
  if (step != Step::feed_forward)
    return {{"y = ", false},
            {after ? "norm( x + " : "x + ", step == Step::residual},
            {concat, step == Step::output},
            {after ? " )" : "", step == Step::residual}};
  const std::string inner = after ? "y" : "norm(y)";
  const auto biased = [](const std::string& product, bool has, const char* bias) {
    return product + (has ? std::string(" + ") + bias : "");
  };
  const bool gated = walk.feed_forward.gated;
  const std::string gate = "act(" + biased("W_g " + inner, walk.gate_bias, "b_g") + ")";
  const std::string up = biased((gated ? "W_u " : "W₁ ") + inner, walk.up_bias, gated ? "b_u" : "b₁");
  const std::string hidden = !gated ? "act(" + up + ")" : gate + " × " + (walk.up_bias ? "(" + up + ")" : up);
  const std::string down = gated ? "W_d ( " + hidden + " )" : "W₂ " + hidden;
  return {{"x' = ", false},
          {after ? "norm( y + " : "y + ", true},
          {biased(down, walk.down_bias, gated ? "b_d" : "b₂"), true},
          {after ? " )" : "", true}};
}

}  // namespace

std::vector<FormulaPiece> formula_of(const HeadWalk& walk, Step step) {
  if (step == Step::start) return start_formula(walk);
  if (step == Step::projections) return projection_formula(walk);
  return static_cast<int>(step) <= static_cast<int>(Step::values) ? attention_formula(walk, step)
                                                                  : layer_formula(walk, step);
}

std::string in_numbers(const HeadWalk& walk, Step step, const std::string& key_name) {
  const auto at = [&](const auto& row) { return static_cast<double>(row(0, walk.key)); };
  const double dot = static_cast<double>(walk.dots(walk.key));
  const double score = at(walk.at.scores), weight = at(walk.at.weights);
  switch (step) {
    case Step::products: {
      std::string text = key_name + ": ";
      const Index shown = std::min<Index>(3, walk.products.cols());
      for (Index i = 0; i < shown; ++i) {
        const double q = static_cast<double>(walk.at.queries(0, i));
        const double k = static_cast<double>(walk.at.keys(walk.key, i));
        if (i) text += " + ";
        text += walk.spec.scoring == Scoring::additive
                    ? number_text(static_cast<double>(walk.products(walk.key, i)), 2)
                    : "(" + number_text(q, 2) + " × " + number_text(k, 2) + ")";
      }
      return text + " + … = " + number_text(dot, 2);
    }
    case Step::scale: {
      std::string text = key_name + ": " + number_text(dot, 2);
      if (walk.scale != 1)
        text += divides_by_root(walk) ? " ÷ " + number_text(std::sqrt(static_cast<double>(walk.d_head())), 2)
                                      : " × " + number_text(walk.scale, 4);
      if (walk.at.position.size() > 0) {
        const double p = at(walk.at.position);
        text += (p < 0 ? " − " : " + ") + number_text(std::abs(p), 2);
      }
      if (walk.spec.soft_cap > 0) text += " (cap " + number_text(walk.spec.soft_cap, 0) + ")";
      if (walk.temperature != 1) text += " ÷ " + number_text(walk.temperature, 2);
      return text + (has_set_score(walk, walk.key) ? " → " : " = ") + number_text(score, 2);
    }
    case Step::softmax: {
      if (walk.hard || walk.uniform || !walk.visible(walk.key)) return {};
      double sum = 0;
      for (int k = 0; k < walk.n_keys(); ++k)
        if (walk.visible(k)) sum += std::exp(static_cast<double>(walk.at.scores(0, k)) - score);
      return key_name + ": e^" + number_text(score, 2) + " ÷ Σ e^score = " + number_text(1 / sum, 3) +
             (walk.cells.empty() ? "" : " → " + number_text(weight, 3));
    }
    case Step::values:
      return key_name + ": " + number_text(weight, 3) + " × v";
    default:
      return {};
  }
}

std::vector<std::string> code_of(const HeadWalk& walk, Step step) {
  const bool additive = walk.spec.scoring == Scoring::additive;
  switch (step) {
    case Step::start: {
      std::string sum = "x = E[token]";
      if (walk.at_position.size() > 0) sum += " + P[position]";
      if (walk.type.size() > 0) sum += " + T[0]";
      std::vector<std::string> code = {sum};
      if (walk.embedding_normed) code.push_back("x = norm(x)");
      if (walk.head.layer > 0)
        code.push_back("for layer in layers[:" + std::to_string(walk.head.layer) + "]: x = layer(x)");
      if (walk.norm_before) code.push_back("x = norm(x)");
      return code;
    }
    case Step::projections: {
      const std::string other = walk.head.stack == Stack::cross ? "E" : "X";
      std::vector<std::string> code = {
          "q = W_Q @ x" + std::string(walk.query_bias.size() > 0 ? " + b_Q" : ""),
          "K = " + other + " @ W_K.T" + (walk.key_bias.size() > 0 ? " + b_K" : ""),
          "V = " + other + " @ W_V.T" + (walk.value_bias.size() > 0 ? " + b_V" : "")};
      if (rotates(walk)) code.push_back("q, K = rotate(q, i), rotate(K, j)");
      return code;
    }
    case Step::products:
      return {additive ? "products = v_a * np.tanh(q + K)" : "products = q * K        # [keys, d_head]",
              "dots = products.sum(axis=1)"};
    case Step::scale: {
      std::vector<std::string> code;
      if (walk.scale == 1)
        code.push_back("scores = dots");
      else
        code.push_back(divides_by_root(walk) ? "scores = dots / np.sqrt(d_head)"
                                             : "scores = dots * " + number_text(walk.scale, 4));
      if (walk.at.position.size() > 0) code.push_back("scores = scores + position_bias[i]");
      if (walk.spec.soft_cap > 0) code.push_back("scores = cap * np.tanh(scores / cap)");
      if (walk.temperature != 1) code.push_back("scores = scores / temperature");
      return code;
    }
    case Step::mask:
      return {"scores = np.where(visible, scores, -np.inf)"};
    case Step::softmax:
      return walk.hard ? std::vector<std::string>{"w = (scores == scores.max())", "w = w / w.sum()"}
                       : std::vector<std::string>{"e = np.exp(scores - scores.max())", "w = e / e.sum()"};
    case Step::values:
      return {"o = w @ V"};
    case Step::output:
      return {"a = W_O @ np.concatenate(o_of_heads)" +
              std::string(walk.output_bias.size() > 0 ? " + b_O" : "")};
    case Step::residual:
      return {walk.norm_place == NormPlace::after ? "y = norm(x + a)" : "y = x + a"};
    case Step::feed_forward: {
      const bool after = walk.norm_place == NormPlace::after, gated = walk.feed_forward.gated;
      const auto product = [](const char* matrix, const std::string& of, bool has_bias, const char* bias) {
        return std::string(matrix) + " @ " + of + (has_bias ? std::string(" + ") + bias : "");
      };
      const std::string inner = after ? "y" : "norm(y)";
      const std::string sum =
          "y + " + product(gated ? "W_d" : "W_2", "h", walk.down_bias, gated ? "b_d" : "b_2");
      return {gated ? "h = act(" + product("W_g", inner, walk.gate_bias, "b_g") + ") * (" +
                          product("W_u", inner, walk.up_bias, "b_u") + ")"
                    : "h = act(" + product("W_1", inner, walk.up_bias, "b_1") + ")",
              after ? "x = norm(" + sum + ")" : "x = " + sum};
    }
  }
  return {};
}

std::string explanation_key(const HeadWalk& walk, Step step) {
  const bool cross = walk.head.stack == Stack::cross;
  switch (step) {
    case Step::start:
      if (walk.at_position.size() == 0) return "start_no_table";
      return walk.head.layer > 0 ? "start" : cross ? "start_cross" : "start_first";
    case Step::projections:
      return cross ? "projections_cross" : rotates(walk) ? "projections_rotary" : "projections";
    case Step::products:
      return walk.spec.scoring == Scoring::additive ? "products_additive" : "products";
    case Step::scale:
      if (walk.at.position.size() > 0)
        return walk.position == PositionKind::alibi         ? "scale_alibi"
               : walk.position == PositionKind::bucket_bias ? "scale_buckets"
                                                            : "scale_position";
      return walk.trained_scale == 1 ? "scale_none" : "scale";
    case Step::mask:
      return walk.at.visible.minCoeff() > 0 ? "mask_none" : "mask";
    case Step::softmax:
      return walk.hard ? "softmax_hard" : "softmax";
    case Step::values:
      return "values";
    case Step::output:
      return "output";
    case Step::residual:
      return walk.norm_place == NormPlace::after ? "residual_after"
             : walk.parallel_residual            ? "residual_parallel"
                                                 : "residual";
    case Step::feed_forward:
      return walk.last_layer ? "feed_forward_last" : "feed_forward";
  }
  return {};
}

}  // namespace attn::app
