#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "core/math/error.h"
#include "core/math/roofline.h"
#include "core/math/simd.h"
#include "core/study/affordable.h"

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

// What one stage of all layers must do: multiply-adds counted as two operations, parameters read once.
struct Work {
  double flops = 0, bytes = 0;
  Work& operator+=(const Work& other) {
    flops += other.flops;
    bytes += other.bytes;
    return *this;
  }
};

struct Stage {
  const char* name;
  double StageTimes::*time;
  Work work;
  double median_ms = 0;
};

Work product_work(double rows, double inputs, double outputs) {
  return {2 * rows * inputs * outputs, inputs * outputs * sizeof(float)};
}

// The four stages of a pass of `n_rows` tokens that look at each other and, in cross-attention, at
// `n_memory`.
std::vector<Stage> stages_of(const ModelSpec& spec, int n_tokens, int n_target_tokens) {
  Work projections, attention, output, feed_forward;
  const auto add_attention = [&](const AttentionSpec& a, double d_model, double n_queries, double n_keys) {
    const double all = static_cast<double>(a.n_heads) * a.d_head;
    const double shared = static_cast<double>(a.n_kv_heads) * a.d_head;
    projections += product_work(n_queries, d_model, all);
    projections += product_work(n_keys, d_model, 2 * shared);
    attention.flops += 4 * n_queries * n_keys * all;  // q · k and weights · v
    output += product_work(n_queries, all, d_model);
  };
  const auto add_stack = [&](const StackSpec& stack, double n_rows, double n_memory) {
    for (const LayerSpec& layer : stack.layers) {
      add_attention(layer.self, stack.d_model, n_rows, n_rows);
      if (layer.cross) add_attention(*layer.cross, stack.d_model, n_rows, n_memory);
      const FeedForwardSpec& ffn = layer.feed_forward;
      feed_forward += product_work(n_rows, stack.d_model, ffn.d_ff * (ffn.gated ? 3.0 : 2.0));
    }
  };
  if (spec.encoder) add_stack(*spec.encoder, n_tokens, 0);
  if (spec.decoder) add_stack(*spec.decoder, spec.encoder ? n_target_tokens : n_tokens, n_tokens);
  return {{"projections", &StageTimes::projections, projections},
          {"attention", &StageTimes::attention, attention},
          {"output", &StageTimes::output, output},
          {"feed_forward", &StageTimes::feed_forward, feed_forward}};
}

// The part of what the machine could do that was done: the least time that the roofline allows, by the time
// taken.
double share_of_roofline(const Work& work, double ms, const Roofline& roofline) {
  const double least_s = std::max(work.flops / roofline.gflops, work.bytes / roofline.read_gb_per_s) * 1e-9;
  return least_s * 1e3 / ms;
}

struct Timing {
  std::vector<double> sorted_ms;
  std::vector<Stage> stages;
  double load_ms = 0;
  Roofline roofline;
  double median() const { return percentile(sorted_ms, 0.5); }
};

Timing time_passes(const LoadedModel& loaded, const BenchArguments& arguments, int n_tokens, Pool& pool) {
  const ModelSpec& spec = loaded.model->spec;
  Inputs inputs;
  inputs.ids = made_up_ids(n_tokens, spec.embedding.n_vocab);
  const int n_target_vocab = spec.target_embedding ? spec.target_embedding->n_vocab : spec.embedding.n_vocab;
  if (spec.is_encoder_decoder()) inputs.target_ids = made_up_ids(arguments.n_target_tokens, n_target_vocab);

  Timing timing;
  timing.stages = stages_of(spec, n_tokens, arguments.n_target_tokens);
  std::vector<std::vector<double>> stage_ms(timing.stages.size());
  for (int run = -2; run < arguments.n_runs; ++run) {  // two to warm up
    StageTimes times;
    PassOptions options;
    options.pool = &pool;
    options.stage_times = &times;
    const auto start = std::chrono::steady_clock::now();
    const auto trace = run_pass(loaded.model, inputs, {}, options);
    const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
    if (run < 0) continue;
    timing.sorted_ms.push_back(ms.count());
    for (std::size_t i = 0; i < stage_ms.size(); ++i) stage_ms[i].push_back(times.*timing.stages[i].time);
  }
  std::sort(timing.sorted_ms.begin(), timing.sorted_ms.end());
  for (std::size_t i = 0; i < stage_ms.size(); ++i) {
    std::sort(stage_ms[i].begin(), stage_ms[i].end());
    timing.stages[i].median_ms = percentile(stage_ms[i], 0.5);
  }
  timing.roofline = measure_roofline(pool);
  return timing;
}

void print_json(const BenchArguments& arguments, const Model& model, const Timing& timing, int n_tokens,
                int n_threads) {
  nlohmann::ordered_json stages;
  Work all;
  for (const Stage& stage : timing.stages) {
    all += stage.work;
    stages[stage.name] = {
        {"median_ms", stage.median_ms},
        {"gflop_per_s", stage.work.flops / stage.median_ms * 1e-6},
        {"gb_per_s", stage.work.bytes / stage.median_ms * 1e-6},
        {"share_of_roofline", share_of_roofline(stage.work, stage.median_ms, timing.roofline)}};
  }
  const nlohmann::ordered_json out = {
      {"model", arguments.subject.model},
      {"tokens", n_tokens},
      {"threads", n_threads},
      {"simd", simd_target()},
      {"runs", arguments.n_runs},
      {"median_ms", timing.median()},
      {"min_ms", timing.sorted_ms.front()},
      {"p10_ms", percentile(timing.sorted_ms, 0.1)},
      {"p90_ms", percentile(timing.sorted_ms, 0.9)},
      {"share_of_roofline", share_of_roofline(all, timing.median(), timing.roofline)},
      {"stages", stages},
      {"roofline", {{"gflop_per_s", timing.roofline.gflops}, {"gb_per_s", timing.roofline.read_gb_per_s}}},
      {"load_ms", timing.load_ms},
      {"parameters", model.n_parameters},
      {"parameter_bytes", model.memory_bytes}};
  std::printf("%s\n", out.dump(2).c_str());
}

void print_table(const BenchArguments& arguments, const Timing& timing, int n_tokens, int n_threads) {
  std::printf("%s: %d tokens, %d threads, %s, every head kept, %d runs\n", arguments.subject.model.c_str(),
              n_tokens, n_threads, simd_target().c_str(), arguments.n_runs);
  std::printf("  %-14s %10s %10s %10s %10s\n", "", "median ms", "GFLOP/s", "GB/s", "roofline");
  const auto print_row = [&](const char* name, const Work& work, double ms) {
    std::printf("  %-14s %10.3f %10.1f %10.1f %9.0f %%\n", name, ms, work.flops / ms * 1e-6,
                work.bytes / ms * 1e-6, 100 * share_of_roofline(work, ms, timing.roofline));
  };
  Work all;
  double rest_ms = timing.median();
  for (const Stage& stage : timing.stages) {
    print_row(stage.name, stage.work, stage.median_ms);
    all += stage.work;
    rest_ms -= stage.median_ms;
  }
  std::printf("  %-14s %10.3f\n", "rest", rest_ms);
  print_row("pass", all, timing.median());
  std::printf("  least %.3f ms, 10 %% %.3f, 90 %% %.3f\n", timing.sorted_ms.front(),
              percentile(timing.sorted_ms, 0.1), percentile(timing.sorted_ms, 0.9));
  std::printf("  this machine, now: %.0f GFLOP/s, %.1f GB/s; loading took %.1f ms\n", timing.roofline.gflops,
              timing.roofline.read_gb_per_s, timing.load_ms);
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
  const int limit = position_limit(spec, spec.encoder ? Stack::encoder : Stack::decoder);
  const int n_tokens = arguments.n_tokens > 0 ? arguments.n_tokens : limit > 0 ? std::min(128, limit) : 128;
  if (limit > 0 && n_tokens > limit)
    throw WrongArguments("--tokens " + std::to_string(n_tokens) + ": " + loaded.model->name +
                         " takes at most " + std::to_string(limit) + " tokens");
  check_affordable(spec, spec.encoder ? Stack::encoder : Stack::decoder, static_cast<std::size_t>(n_tokens));
  Timing timing = time_passes(loaded, arguments, n_tokens, pool);
  timing.load_ms = load_ms.count();
  if (arguments.json) {
    print_json(arguments, *loaded.model, timing, n_tokens, pool.threads());
  } else {
    print_table(arguments, timing, n_tokens, pool.threads());
  }
}

}  // namespace

void add_bench(Commands commands) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = commands.program.add_subcommand(
      "bench",
      "How long one pass takes, by stage, every head kept, and how near that is to what the machine can do");
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
