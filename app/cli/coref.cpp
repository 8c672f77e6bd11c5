#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/analysis/coreference.h"
#include "core/analysis/coreference_accuracy.h"
#include "core/math/error.h"
#include "core/study/example_files.h"

namespace attn::app {

namespace {

struct CorefArguments {
  SubjectArguments subject;
  std::string pronoun;
  std::vector<std::string> candidates;
  std::string file;
  bool json = false;
};

// The methods' short names are for JSON.
std::string method_text(const std::string& method) {
  if (method == "pointer") return "the head that was trained to point";
  if (method == "mas")
    return "maximum attention score: how often a candidate draws the most from the pronoun";
  if (method == "mas-reversed") return "maximum attention score, from the candidates to the pronoun";
  return method;
}

void print_report(const CoreferenceReport& report) {
  std::printf("%s\n\"%s\" at token %d", report.text.c_str(), report.pronoun.word.c_str(),
              report.pronoun.tokens.front());
  if (const std::optional<int> answer = report.answer.decided()) {
    std::printf(" means \"%s\" (%s)\n", report.candidates[static_cast<std::size_t>(*answer)].word.c_str(),
                method_text(report.answer.method).c_str());
  } else if (report.answer.best()) {
    std::printf(": undecided (%s: the lead is %.3f, below %.2f)\n", method_text(report.answer.method).c_str(),
                report.answer.lead(), undecided_below(report.answer.method));
  } else {
    std::printf("; no answer by %s: %s\n", method_text(report.answer.method).c_str(),
                report.answer.why_not.c_str());
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

std::string share_text(const Interval& share) {
  std::array<char, 64> text{};
  if (std::isfinite(share.low))
    std::snprintf(text.data(), text.size(), "%6.3f  %.3f-%.3f", share.mean, share.low, share.high);
  else
    std::snprintf(text.data(), text.size(), "%6.3f", share.mean);
  return text.data();
}

void print_accuracy(const CoreferenceAccuracy& accuracy, const std::vector<PronounExample>& examples,
                    bool several_stacks) {
  std::printf("%d examples judged", accuracy.n);
  if (accuracy.n_neither > 0) std::printf(", %d mean none of their candidates", accuracy.n_neither);
  if (accuracy.n_skipped > 0) std::printf(", %d left out", accuracy.n_skipped);
  std::printf("\nanswer: %s\n\n%s  right  95 %% interval\n", method_text(accuracy.method).c_str(),
              padded("", 20).c_str());
  const auto row = [](const std::string& name, const Interval& share) {
    std::printf("%s %s\n", padded(name, 20).c_str(), share_text(share).c_str());
  };
  row("answer", accuracy.answer);
  row("first candidate", accuracy.first);
  row("nearest before", accuracy.nearest);
  row("chance", Interval{accuracy.chance, std::nan(""), std::nan(""), accuracy.n});
  std::printf("\n");
  for (const HeadAccuracy& head : accuracy.heads) row(to_text(head.head, several_stacks), head.share);
  for (std::size_t i = 0; i < examples.size(); ++i)
    if (!accuracy.outcomes[i].why_skipped.empty())
      std::fprintf(stderr, "line %d left out: %s\n", examples[i].line,
                   accuracy.outcomes[i].why_skipped.c_str());
}

// A whole file: how often each head is right.
void coref_of_file(const CorefArguments& arguments, Pool& pool) {
  if (!arguments.pronoun.empty() || !arguments.candidates.empty() || !arguments.subject.text.empty())
    throw WrongArguments(
        "--file brings its own texts, pronouns and candidates: leave out --text, --pronoun and --candidates");
  check_there(arguments.file, "--file");
  const std::vector<PronounExample> examples = load_example_file(arguments.file);
  const LoadedModel loaded = open_running_model(arguments.subject.model, pool);
  if (!loaded.tokenizer)
    throw Error(arguments.subject.model + " has no tokenizer: " + loaded.tokenizer_problem.english);
  const Interventions interventions = interventions_of(arguments.subject, loaded.model->spec);
  const CoreferenceAccuracy accuracy =
      coreference_accuracy(loaded.model, *loaded.tokenizer, examples, interventions, &pool);
  const bool several_stacks = loaded.model->spec.is_encoder_decoder();
  if (arguments.json)
    std::cout << to_json(accuracy, examples, arguments.subject.model, several_stacks) << "\n";
  else
    print_accuracy(accuracy, examples, several_stacks);
}

void coref(const CorefArguments& arguments) {
  Pool pool(arguments.subject.threads);
  if (!arguments.file.empty()) return coref_of_file(arguments, pool);
  if (arguments.pronoun.empty() || arguments.candidates.empty())
    throw WrongArguments("coref needs --pronoun and --candidates, or a --file of examples");
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
  const auto find = [&](const std::string& word) {
    try {
      return find_mention(pass.subject.text, pass.text.source, word);
    } catch (const Error& problem) {
      throw WrongArguments(problem.what());
    }
  };
  report.pronoun = find(pronoun);
  for (const std::string& word : candidates) report.candidates.push_back(find(word));
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
  command->add_option("--pronoun", arguments->pronoun, "the word that looks; it#2 is its second occurrence");
  command->add_option("--candidates", arguments->candidates, "words with commas between them")
      ->delimiter(',');
  command->add_option(
      "--file", arguments->file,
      "a file of pronouns and their answers (.jsonl, GAP .tsv, Winograd .xml): how often each "
      "head is right");
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { coref(*arguments); });
}

}  // namespace attn::app
