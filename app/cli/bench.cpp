#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "core/math/error.h"

namespace attn::app {

namespace {

struct BenchArguments {
  SubjectArguments subject;
  int n_tokens = 0, n_target_tokens = 16, n_runs = 15;
  bool json = false;
};

// Token numbers that no pass can take a shortcut for.
std::vector<int> made_up_ids(int n, int n_vocab) {
  std::vector<int> ids(static_cast<std::size_t>(n));
  std::uint32_t state = 12345;
  for (int& id : ids) {
    state = state * 1664525u + 1013904223u;
    id = static_cast<int>((state >> 8) % static_cast<std::uint32_t>(n_vocab));
  }
  return ids;
}

double percentile(const std::vector<double>& sorted, double p) {
  return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1) + 0.5)];
}

void bench(const BenchArguments& arguments) {
  Pool pool(arguments.subject.threads);
  const auto load_start = std::chrono::steady_clock::now();
  const LoadedModel loaded = open_running_model(arguments.subject.model, pool);
  const std::chrono::duration<double, std::milli> load_ms = std::chrono::steady_clock::now() - load_start;
  const ModelSpec& spec = loaded.model->spec;

  if (spec.embedding.n_vocab == 0) {
    throw Error("bench times models of text; " + loaded.model->name + " reads images or sound");
  }

  Inputs inputs;
  const int limit = position_limit(spec, spec.encoder ? Stack::encoder : Stack::decoder);
  const int n_tokens = arguments.n_tokens > 0 ? arguments.n_tokens : limit > 0 ? std::min(128, limit) : 128;
  inputs.ids = made_up_ids(n_tokens, spec.embedding.n_vocab);
  const int n_target_vocab = spec.target_embedding ? spec.target_embedding->n_vocab : spec.embedding.n_vocab;
  if (spec.is_encoder_decoder()) inputs.target_ids = made_up_ids(arguments.n_target_tokens, n_target_vocab);
  PassOptions options;
  options.pool = &pool;

  std::vector<double> times_ms;
  for (int run = -2; run < arguments.n_runs; ++run) {  // two to warm up
    const auto start = std::chrono::steady_clock::now();
    const auto trace = run_pass(loaded.model, inputs, {}, options);
    const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
    if (run >= 0) times_ms.push_back(ms.count());
  }
  std::sort(times_ms.begin(), times_ms.end());
  const double median = percentile(times_ms, 0.5);

  if (arguments.json) {
    const nlohmann::ordered_json out = {{"model", arguments.subject.model},
                                        {"tokens", n_tokens},
                                        {"threads", pool.threads()},
                                        {"runs", arguments.n_runs},
                                        {"median_ms", median},
                                        {"min_ms", times_ms.front()},
                                        {"p10_ms", percentile(times_ms, 0.1)},
                                        {"p90_ms", percentile(times_ms, 0.9)},
                                        {"load_ms", load_ms.count()},
                                        {"parameters", loaded.model->n_parameters},
                                        {"parameter_bytes", loaded.model->memory_bytes}};
    std::printf("%s\n", out.dump(2).c_str());
    return;
  }
  std::printf("%s: %d tokens, %d threads, every head kept, %d runs\n", arguments.subject.model.c_str(),
              n_tokens, pool.threads(), arguments.n_runs);
  std::printf("  pass    median %9.3f ms   least %9.3f   10 %% %9.3f   90 %% %9.3f\n", median,
              times_ms.front(), percentile(times_ms, 0.1), percentile(times_ms, 0.9));
  std::printf("  loading        %9.1f ms\n", load_ms.count());
}

}  // namespace

void add_bench(Commands commands) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = commands.program.add_subcommand("bench", "How long one pass takes, every head kept");
  arguments->subject.add_model(command);
  arguments->subject.add_threads(command);
  command
      ->add_option("--tokens", arguments->n_tokens,
                   "length of the text (default: 128, or what the model takes)")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--target-tokens", arguments->n_target_tokens, "length of the target")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--runs", arguments->n_runs, "passes to time")->check(CLI::Range(1, 100000));
  command->add_flag("--json", arguments->json, "as JSON");
  commands.on(command, [arguments] { bench(*arguments); });
}

}  // namespace attn::app
