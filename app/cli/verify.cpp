#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/math/error.h"
#include "core/study/attention_file.h"
#include "core/study/recording_check.h"

namespace attn::app {

namespace {

struct VerifyArguments {
  SubjectArguments subject;
  std::string against, prefix;
  double tolerance = 1e-4;
  bool json = false;
};

void verify(const VerifyArguments& arguments) {
  check_there(arguments.against, "--against");
  Pool pool(arguments.subject.threads);
  const Recording recording = read_attention_file(arguments.against, arguments.prefix);
  const LoadedModel loaded = open_model(arguments.subject.model, &pool);
  if (!loaded.model) throw Error(arguments.subject.model + " is a recording; give a model that runs");
  tell(loaded.notes);
  const Inputs inputs = recorded_inputs(recording, loaded, arguments.against, arguments.prefix);
  PassOptions options;
  options.pool = &pool;
  const Interventions as_recorded = parse_interventions(recording.interventions, loaded.model->spec);
  const auto trace = run_pass(loaded.model, inputs, as_recorded, options);
  check_numbers(*trace, loaded);

  double most_weights = 0;
  std::optional<double> most_hidden;  // nullopt: the recording has none
  const auto or_null = [](const std::optional<double>& difference) {
    return difference ? nlohmann::ordered_json(*difference) : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  const std::vector<LayerDifference> differences = compare_with_recording(*trace, *recording.trace);
  if (!arguments.json) std::printf("%s %14s %14s\n", padded("layer", 14).c_str(), "weights", "hidden states");
  for (const LayerDifference& d : differences) {
    most_weights = std::max(most_weights, d.weights);
    most_hidden = std::max(most_hidden, d.hidden);  // nothing is below every number
    const std::string name = std::string(name_of(d.stack)) + " " + std::to_string(d.layer);
    layers.push_back({{"stack", std::string(name_of(d.stack))},
                      {"layer", d.layer},
                      {"weights", d.weights},
                      {"hidden", or_null(d.hidden)}});
    if (arguments.json) continue;
    std::printf("%s %14.3e", padded(name, 14).c_str(), d.weights);
    d.hidden ? std::printf(" %14.3e\n", *d.hidden) : std::printf(" %*s–\n", 13, "");
  }
  // What leaves the last layer, and the logits, where the recording has them.
  const auto compare_end = [&](const char* name, const Matrix& here, const Matrix& recorded) {
    if (recorded.size() == 0 || here.size() == 0) return;
    if (here.rows() != recorded.rows() || here.cols() != recorded.cols()) {
      throw Error(arguments.against + ": its " + name + " are " + std::to_string(recorded.rows()) + " × " +
                  std::to_string(recorded.cols()) + ", here they are " + std::to_string(here.rows()) + " × " +
                  std::to_string(here.cols()));
    }
    const double largest = static_cast<double>((here - recorded).cwiseAbs().maxCoeff());
    most_hidden = std::max(most_hidden, std::optional(largest));
    layers.push_back({{"stack", name}, {"layer", nullptr}, {"weights", nullptr}, {"hidden", largest}});
    if (!arguments.json) std::printf("%s %14s %14.3e\n", padded(name, 14).c_str(), "", largest);
  };
  const auto end_of = [&](const StackTrace& stack, bool before_norm) -> const Matrix& {
    return before_norm && stack.before_norm.size() > 0 ? stack.before_norm : stack.output;
  };
  const ModelSpec& spec = loaded.model->spec;
  compare_end("encoder end", end_of(trace->encoder, spec.encoder && spec.encoder->last_hidden_before_norm),
              recording.trace->encoder.output);
  compare_end("decoder end", end_of(trace->decoder, spec.decoder && spec.decoder->last_hidden_before_norm),
              recording.trace->decoder.output);
  if (recording.trace->logits.size() > 0 && spec.output != OutputKind::none) {
    compare_end("logits", compute_logits(*trace, {}, &pool), recording.trace->logits);
  }

  if (arguments.json) {
    const nlohmann::ordered_json out = {{"model", arguments.subject.model},
                                        {"against", arguments.against},
                                        {"largest_weights", most_weights},
                                        {"largest_hidden", or_null(most_hidden)},
                                        {"layers", layers}};
    std::cout << out.dump(2) << "\n";
  } else {
    std::printf("%s its recording %s %.1e\n",
                most_weights <= arguments.tolerance ? "agrees with" : "differs from",
                most_weights <= arguments.tolerance ? "to" : "by", most_weights);
  }
  if (!(most_weights <= arguments.tolerance)) {
    throw Error(arguments.subject.model + " does not agree with " + arguments.against +
                ": a weight differs by more than the tolerance (--tolerance)");
  }
}

}  // namespace

void add_verify(Commands commands) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command = commands.program.add_subcommand(
      "verify", "Runs a recording's tokens, prints the largest difference by layer");
  arguments->subject.add_model(command);
  arguments->subject.add_threads(command);
  command->add_option("--against", arguments->against, "an attention file")->required();
  command->add_option("--prefix", arguments->prefix, "what stands before its tensors' names, as in run0.");
  command->add_option("--tolerance", arguments->tolerance, "largest difference of a weight that still agrees")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return std::strtod(text.c_str(), nullptr) > 0 ? std::string() : text + " is not above 0";
          },
          "ABOVE 0"));
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { verify(*arguments); });
}

}  // namespace attn::app
