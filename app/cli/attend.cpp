#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/forward/held_weights.h"
#include "core/math/error.h"
#include "core/study/attention_file.h"

namespace attn::app {

namespace {

using nlohmann::ordered_json;

struct AttendArguments {
  SubjectArguments subject;
  std::string out;
  bool json = false;
};

std::vector<Stack> stacks_of(const Trace& trace) {
  std::vector<Stack> stacks;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross}) {
    if (trace.n_layers(stack) > 0 && trace.n_heads(stack) > 0) stacks.push_back(stack);
  }
  return stacks;
}

ordered_json weights_json(const HeadWeights& weights) {
  ordered_json rows = ordered_json::array();
  for (Index q = 0; q < weights.rows(); ++q) {
    rows.push_back(std::vector<float>(weights.row(q), weights.row(q) + weights.cols()));
  }
  return rows;
}

void print_json(const CommandPass& pass) {
  const Trace& trace = *pass.trace;
  ordered_json out = {{"model", pass.subject.model}, {"text", pass.subject.text}, {"tokens", trace.tokens}};
  if (!trace.target_tokens.empty()) out["target_tokens"] = trace.target_tokens;
  out["interventions"] = to_text(trace.interventions);
  out["heads"] = ordered_json::array();
  const bool several = stacks_of(trace).size() > 1;
  for (const Stack stack : stacks_of(trace)) {
    for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
      for (int head = 0; head < trace.n_heads(stack); ++head) {
        const HeadId id{stack, layer, head};
        const HeldWeights weights(trace, id);
        out["heads"].push_back({{"head", to_text(id, several)},
                                {"stack", std::string(name_of(stack))},
                                {"layer", layer},
                                {"head_index", head},
                                {"weights", weights_json(*weights)}});
      }
    }
  }
  std::cout << out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
}

// Without --json or --out: for every head, its strongest look.
void print_table(const CommandPass& pass) {
  const Trace& trace = *pass.trace;
  const bool several = stacks_of(trace).size() > 1;
  for (const Stack stack : stacks_of(trace)) {
    const auto& queries = trace.query_tokens(stack);
    const auto& keys = trace.key_tokens(stack);
    std::printf("%s %s %s weight\n", padded("head", 14).c_str(), padded("query", 16).c_str(),
                padded("key", 16).c_str());
    for (int layer = 0; layer < trace.n_layers(stack); ++layer) {
      for (int head = 0; head < trace.n_heads(stack); ++head) {
        const HeadId id{stack, layer, head};
        const HeldWeights held(trace, id);
        const HeadWeights weights = *held;
        Index best_query = 0, best_key = 0;
        for (Index q = 0; q < weights.rows(); ++q) {
          const float* row = weights.row(q);
          const Index key = std::max_element(row, row + weights.cols()) - row;
          if (row[key] > weights.at(best_query, best_key)) {
            best_query = q;
            best_key = key;
          }
        }
        const float weight = weights.at(best_query, best_key);
        std::printf("%s %s %s %5.3f %s\n", padded(to_text(id, several), 14).c_str(),
                    padded(queries[static_cast<std::size_t>(best_query)], 16).c_str(),
                    padded(keys[static_cast<std::size_t>(best_key)], 16).c_str(), static_cast<double>(weight),
                    bar(static_cast<double>(weight), 20).c_str());
      }
    }
  }
}

void attend(const AttendArguments& arguments) {
  if (!arguments.out.empty()) check_ending(arguments.out, {".safetensors", ".npz"}, "--out");
  Pool pool(arguments.subject.threads);
  const CommandPass pass = run_pass_of(arguments.subject, pool);
  if (!arguments.out.empty()) write_attention_file(*pass.trace, arguments.out, &pool);
  if (arguments.json) {
    print_json(pass);
  } else if (arguments.out.empty()) {
    print_table(pass);
  }
}

}  // namespace

void add_attend(Commands commands) {
  auto arguments = std::make_shared<AttendArguments>();
  CLI::App* command = commands.program.add_subcommand("attend", "Every head's attention over a text");
  arguments->subject.add_model(command);
  arguments->subject.add_text(command);
  arguments->subject.add_interventions(command);
  arguments->subject.add_threads(command);
  command->add_option("--out", arguments->out, "write an attention file (.safetensors or .npz)");
  command->add_flag("--json", arguments->json, "print every weight as JSON");
  commands.on(command, [arguments] { attend(*arguments); });
}

}  // namespace attn::app
