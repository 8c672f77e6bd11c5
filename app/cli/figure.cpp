#include <memory>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "core/analysis/mentions.h"
#include "core/math/error.h"
#include "core/study/figure_views.h"

namespace attn::app {

namespace {

struct FigureArguments {
  SubjectArguments subject;
  std::string view = "heatmap", out, stack, query;
  int layer = 0, head = 0;
  double scale = 2;
  bool dark = false, chinese = false;
};

HeadId head_of(const FigureArguments& arguments, const Trace& trace) {
  Stack stack = trace.n_layers(Stack::encoder) > 0 ? Stack::encoder : Stack::decoder;
  if (arguments.stack == "encoder") stack = Stack::encoder;
  if (arguments.stack == "decoder") stack = Stack::decoder;
  if (arguments.stack == "cross") stack = Stack::cross;
  const int n_layers = trace.n_layers(stack), n_heads = trace.n_heads(stack);
  if (n_layers == 0) throw WrongArguments("this model has no " + std::string(name_of(stack)) + " attention");
  if (arguments.layer < 0 || arguments.layer >= n_layers || arguments.head < 0 || arguments.head >= n_heads) {
    throw WrongArguments("there is no head L" + std::to_string(arguments.layer) + "·H" +
                         std::to_string(arguments.head) + "; this model has layers 0–" +
                         std::to_string(n_layers - 1) + " and heads 0–" + std::to_string(n_heads - 1));
  }
  return {stack, arguments.layer, arguments.head};
}

int query_of(const std::string& word, const CommandPass& pass) {
  try {
    return find_mention(pass.subject.text, pass.text.source, word).tokens.front();
  } catch (const Error& problem) {
    throw WrongArguments(std::string("--query: ") + problem.what());
  }
}

void draw_figure(const FigureArguments& arguments) {
  check_ending(arguments.out, {".png", ".svg", ".pdf"}, "--out");
  Pool pool(arguments.subject.threads);
  const CommandPass pass = run_pass_of(arguments.subject, pool);
  FigureOptions options;
  options.dark = arguments.dark;
  options.text = pass.subject.text;
  options.words = arguments.chinese ? chinese_words() : english_words();
  if (!arguments.query.empty()) {
    options.query = query_of(arguments.query, pass);
  }
  Figure figure;
  if (arguments.view == "grid") {
    figure = grid_figure(*pass.trace, options);
  } else if (arguments.view == "links") {
    figure = links_figure(*pass.trace, {head_of(arguments, *pass.trace)}, options);
  } else if (arguments.view == "steps") {
    figure = steps_figure(*pass.trace, head_of(arguments, *pass.trace), options.query, std::nullopt, options);
  } else {
    figure = heatmap_figure(*pass.trace, head_of(arguments, *pass.trace), options);
  }
  save_figure(figure, arguments.out, arguments.scale);
}

}  // namespace

void add_figure(Commands commands) {
  auto arguments = std::make_shared<FigureArguments>();
  CLI::App* command = commands.program.add_subcommand("figure", "Draws heads as PNG, SVG or PDF");
  arguments->subject.add_model(command);
  arguments->subject.add_text(command);
  arguments->subject.add_interventions(command);
  arguments->subject.add_threads(command);
  command->add_option("--view", arguments->view, "grid, heatmap, links or steps")
      ->check(CLI::IsMember({"grid", "heatmap", "links", "steps"}));
  command->add_option("--layer", arguments->layer, "layer, from 0");
  command->add_option("--head", arguments->head, "head, from 0");
  command->add_option("--stack", arguments->stack, "of an encoder-decoder")
      ->check(CLI::IsMember({"encoder", "decoder", "cross"}));
  command->add_option("--query", arguments->query,
                      "the word whose row is outlined, whose links alone are drawn, or whose steps are");
  command->add_option("--scale", arguments->scale, "PNG: pixels for each pixel at 100 %")
      ->check(CLI::Range(0.25, 16.0));
  command->add_flag("--dark", arguments->dark, "dark background");
  command->add_flag("--chinese", arguments->chinese, "caption in Chinese");
  command->add_option("--out", arguments->out, "F.png, F.svg or F.pdf")->required();
  commands.on(command, [arguments] { draw_figure(*arguments); });
}

}  // namespace attn::app
