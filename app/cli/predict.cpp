#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/analysis/predictions.h"
#include "core/math/error.h"

namespace attn::app {

namespace {

using nlohmann::ordered_json;

struct PredictArguments {
  SubjectArguments subject;
  int top = 5;
  bool json = false;
};

// Which rows of the logits answer the question that this kind of model is asked.
std::vector<Index> asked_rows(const CommandPass& pass, const Matrix& logits) {
  const ModelSpec& spec = pass.loaded.model->spec;
  const int mask_id = mask_token(spec, pass.loaded.tokenizer.get()).value_or(-1);
  std::vector<Index> rows;
  switch (spec.output) {
    case OutputKind::masked_words:
      for (std::size_t t = 0; t < pass.trace->inputs.ids.size(); ++t) {
        if (pass.trace->inputs.ids[t] == mask_id) rows.push_back(static_cast<Index>(t));
      }
      if (rows.empty()) {
        const std::string mask =
            pass.loaded.tokenizer && mask_id >= 0 ? pass.loaded.tokenizer->token(mask_id) : "[MASK]";
        throw Error("this model predicts masked words; write " + mask +
                    " in the text where a word is asked for");
      }
      return rows;
    case OutputKind::next_words:
      return {logits.rows() - 1};
    case OutputKind::sequence_label:
      return {0};
    case OutputKind::token_label:
    case OutputKind::question:
    case OutputKind::replaced_words:
      for (Index t = 0; t < logits.rows(); ++t) rows.push_back(t);
      return rows;
    case OutputKind::none:
      break;
  }
  throw Error(pass.loaded.model->name +
              " has no output layer, so it predicts nothing; its attention can be looked at with attend");
}

std::string asked_name(const CommandPass& pass, Index row) {
  const OutputKind kind = pass.loaded.model->spec.output;
  if (kind == OutputKind::sequence_label) {
    const InputKind input = pass.loaded.model->spec.input;
    return input == InputKind::words ? "text" : input == InputKind::patches ? "picture" : "sound";
  }
  if (kind == OutputKind::next_words) return "next";
  const auto t = static_cast<std::size_t>(row);
  return t < pass.trace->tokens.size() ? pass.trace->tokens[t] : std::to_string(row);
}

// A question's answer is a span of the text.
void add_answer(const CommandPass& pass, const Matrix& logits, bool as_json, ordered_json& out) {
  const Encoding& source = pass.text.source;
  const std::vector<bool> allowed = source.ids.empty() ? std::vector<bool>() : may_answer(source);
  const AnswerSpan span = best_span(logits, allowed);
  const std::vector<int>& ids = pass.trace->inputs.ids;
  std::string answer;
  if (span.begin >= 0 && pass.loaded.tokenizer)
    answer = pass.loaded.tokenizer->decode({ids.begin() + span.begin, ids.begin() + span.end + 1});
  out["answer"] = {
      {"text", answer}, {"begin", span.begin}, {"end", span.end}, {"probability", span.probability}};
  if (as_json) return;
  std::printf("answer: %s  (tokens %d to %d, probability %.3f)\n%s %10s %10s\n", answer.c_str(), span.begin,
              span.end, span.probability, padded("token", 16).c_str(), "begins", "ends");
}

// Not a distribution over entries: the numbers themselves. A question: whether the answer begins, and ends,
// at this token; a discriminator: whether the word was replaced.
void add_numbers(const std::string& token, std::span<const float> logits, bool as_json, ordered_json& at) {
  at["logits"] = std::vector<double>(logits.begin(), logits.end());
  at.erase("top");
  if (as_json) return;
  std::printf("%s", padded(token, 16).c_str());
  for (const float value : logits) std::printf(" %+10.4f", static_cast<double>(value));
  std::printf("\n");
}

void predict(const PredictArguments& arguments) {
  Pool pool(arguments.subject.threads);
  const CommandPass pass = run_pass_of(arguments.subject, pool, true);
  if (!pass.loaded.model)
    throw Error(arguments.subject.model + " is a recording, not a model that runs: it predicts nothing");
  const Matrix logits =
      pass.trace->logits.size() > 0 ? pass.trace->logits : compute_logits(*pass.trace, {}, &pool);
  const OutputKind kind = pass.loaded.model->spec.output;
  ordered_json out = {{"model", arguments.subject.model},
                      {"text", pass.subject.text},
                      {"predictions", ordered_json::array()}};
  if (kind == OutputKind::question) add_answer(pass, logits, arguments.json, out);
  if (kind == OutputKind::replaced_words && !arguments.json)
    std::printf("%s %10s\n", padded("token", 16).c_str(), "replaced");
  for (const Index row : asked_rows(pass, logits)) {
    const bool numbers_only = kind == OutputKind::question || kind == OutputKind::replaced_words;
    const std::span<const float> numbers(logits.data() + row * logits.outerStride(),
                                         static_cast<std::size_t>(logits.cols()));
    ordered_json at = {{"position", row}, {"token", asked_name(pass, row)}, {"top", ordered_json::array()}};
    if (numbers_only) {
      add_numbers(asked_name(pass, row), numbers, arguments.json, at);
    } else {
      if (!arguments.json) std::printf("%s\n", asked_name(pass, row).c_str());
      for (const Prediction& p :
           most_likely(pass.loaded.model->spec, pass.loaded.tokenizer.get(), numbers, arguments.top)) {
        at["top"].push_back({{"token", p.name}, {"id", p.id}, {"probability", p.probability}});
        if (!arguments.json) {
          std::printf("  %s %6.3f  %s\n", padded(p.name, 16).c_str(), p.probability,
                      bar(p.probability, 30).c_str());
        }
      }
    }
    out["predictions"].push_back(std::move(at));
  }
  if (arguments.json) std::cout << out.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
}

}  // namespace

void add_predict(Commands commands) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = commands.program.add_subcommand("predict", "Masked words, next words, or labels");
  arguments->subject.add_model(command);
  arguments->subject.add_text(command);
  arguments->subject.add_interventions(command);
  arguments->subject.add_threads(command);
  command->add_option("--top", arguments->top, "how many")->check(CLI::Range(1, 100000));
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { predict(*arguments); });
}

}  // namespace attn::app
