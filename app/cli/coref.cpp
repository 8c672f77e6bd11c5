#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/analysis/coreference.h"
#include "core/math/error.h"

namespace attn::app {

namespace {

struct CorefArguments {
  SubjectArguments subject;
  std::string pronoun;
  std::vector<std::string> candidates;
  bool json = false;
};

void print_report(const CoreferenceReport& report) {
  std::printf("%s\n\"%s\" at token %d", report.text.c_str(), report.pronoun.word.c_str(),
              report.pronoun.tokens.front());
  if (const std::optional<int> best = report.answer.best()) {
    std::printf(" means \"%s\" (%s)\n", report.candidates[static_cast<std::size_t>(*best)].word.c_str(),
                report.answer.method.c_str());
  } else {
    std::printf("; no answer by %s: %s\n", report.answer.method.c_str(), report.answer.why_not.c_str());
  }
  std::printf("\n%-16s", "head");
  for (const Mention& candidate : report.candidates) std::printf(" %12s", ("→ " + candidate.word).c_str());
  std::printf(" %9s\n", "margin");
  for (const HeadCoreference& head : report.heads) {
    std::printf("%s", padded(to_text(head.head, report.several_stacks), 15).c_str());
    for (const double weight : head.to_candidates) std::printf(" %10.3f", weight);
    std::printf(" %+9.3f  %s\n", head.margin, bar(std::abs(head.margin), 24).c_str());
  }
}

void coref(const CorefArguments& arguments) {
  Pool pool(arguments.subject.threads);
  const CommandPass pass = run_pass_of(arguments.subject, pool);
  if (pass.text.source.tokens.empty())
    throw WrongArguments("coref reads a text; give --text or --text-file, not numbers");
  print_coreference(make_report(pass, arguments.pronoun, arguments.candidates, &pool), arguments.json);
}

}  // namespace

CoreferenceReport make_report(const CommandPass& pass, const std::string& pronoun,
                              const std::vector<std::string>& candidates, Pool* pool) {
  CoreferenceReport report;
  report.model = pass.subject.model;
  report.text = pass.subject.text;
  report.tokens = pass.trace->tokens;
  report.pronoun = find_mention(pass.subject.text, pass.text.source, pronoun);
  for (const std::string& word : candidates) {
    report.candidates.push_back(find_mention(pass.subject.text, pass.text.source, word));
  }
  const Trace& trace = *pass.trace;
  const Stack stack = trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  report.several_stacks = trace.n_layers(Stack::cross) > 0;
  const bool points = trace.model && trace.model->spec.pointer;
  report.heads = rank_heads(*pass.trace, stack, report.pronoun.tokens, report.candidates, pool);
  report.answer = points ? pointer_answer(*pass.trace, report.pronoun.tokens, report.candidates)
                         : attention_score_answer(report.heads, MasDirection::from_pronoun);
  return report;
}

void print_coreference(const CoreferenceReport& report, bool json) {
  if (json) {
    std::cout << to_json(report) << "\n";
  } else {
    print_report(report);
  }
}

void add_coref(Commands commands) {
  auto arguments = std::make_shared<CorefArguments>();
  CLI::App* command =
      commands.program.add_subcommand("coref", "Ranks every head by where a pronoun looks among candidates");
  arguments->subject.add_model(command);
  arguments->subject.add_text(command);
  arguments->subject.add_interventions(command);
  arguments->subject.add_threads(command);
  command->add_option("--pronoun", arguments->pronoun, "the word that looks; it#2 is its second occurrence")
      ->required();
  command->add_option("--candidates", arguments->candidates, "words with commas between them")
      ->required()
      ->delimiter(',');
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { coref(*arguments); });
}

}  // namespace attn::app
