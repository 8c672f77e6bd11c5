#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/study/heads_of_texts.h"

namespace attn::app {

namespace {

using nlohmann::ordered_json;

struct HeadsArguments {
  SubjectArguments subject;
  std::string texts;
  bool json = false;
};

// NaN (no meaning here, or too few texts for an interval) is null in JSON.
ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

void print_averages(const HeadAverages& averages, bool several_stacks, const HeadsArguments& arguments) {
  ordered_json out = {
      {"model", arguments.subject.model}, {"n_texts", averages.n_texts()}, {"heads", ordered_json::array()}};
  if (!arguments.json) {
    std::printf("%s", padded("head", 16).c_str());
    for (const Measure& measure : measures()) std::printf(" %18s", measure.key);
    std::printf("\n");
  }
  for (const HeadId& head : averages.heads()) {
    ordered_json row = {{"head", to_text(head, several_stacks)},
                        {"stack", std::string(name_of(head.stack))},
                        {"layer", head.layer},
                        {"head_index", head.head}};
    if (!arguments.json) std::printf("%s", padded(to_text(head, several_stacks), 16).c_str());
    for (const Measure& measure : measures()) {
      const Interval interval = averages.interval(head, measure);
      if (averages.n_texts() > 1) {
        row[measure.key] = {
            {"mean", number(interval.mean)}, {"low", number(interval.low)}, {"high", number(interval.high)}};
      } else {
        row[measure.key] = number(interval.mean);
      }
      if (!arguments.json) std::printf(" %18.4f", interval.mean);
    }
    if (!arguments.json) std::printf("\n");
    out["heads"].push_back(std::move(row));
  }
  if (arguments.json) std::cout << out.dump(2) << "\n";
}

void heads(const HeadsArguments& arguments) {
  const SubjectArguments& one = arguments.subject;
  const bool has_one =
      !one.text.empty() || !one.text_file.empty() || !one.ids.empty() || !one.input_file.empty();
  if (has_one && !arguments.texts.empty())
    throw WrongArguments("give one text (--text, --text-file, --ids or --input) or --texts, not both");
  check_there(arguments.texts, "--texts");
  Pool pool(arguments.subject.threads);
  HeadAverages averages;
  bool several_stacks = false;
  if (arguments.texts.empty()) {
    const CommandPass pass = run_pass_of(arguments.subject, pool);
    averages.add(all_head_statistics(*pass.trace, &pool));
    several_stacks = pass.trace->n_layers(Stack::cross) > 0;
  } else {
    const LoadedModel loaded = open_running_model(arguments.subject.model, pool);
    several_stacks = loaded.model->spec.is_encoder_decoder();
    Subject like = subject_of(arguments.subject);
    if (!arguments.subject.interventions.empty()) {
      like.interventions = parse_interventions(arguments.subject.interventions, loaded.model->spec);
    }
    HeadsOfTextsOptions options;
    options.pool = &pool;
    options.too_long = arguments.subject.truncate ? TooLong::cut : TooLong::refuse;
    options.stop_at_problem = true;
    averages = heads_of_texts(loaded, read_texts(arguments.texts, like), options).averages;
  }
  print_averages(averages, several_stacks, arguments);
}

}  // namespace

void add_heads(Commands commands) {
  auto arguments = std::make_shared<HeadsArguments>();
  CLI::App* command =
      commands.program.add_subcommand("heads", "Statistics of every head, with intervals over texts");
  arguments->subject.add_model(command);
  arguments->subject.add_text(command);
  arguments->subject.add_interventions(command);
  arguments->subject.add_threads(command);
  command->add_option("--texts", arguments->texts,
                      "a file of texts, one a line (or .jsonl): mean and 95 % interval over them");
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { heads(*arguments); });
}

}  // namespace attn::app
