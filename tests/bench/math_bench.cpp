// The kernels of core/math at the shapes of BERT-base, and of a built-in model. "peak" is the share of the
// multiply-adds that this machine can do with the same threads, measured in the same run; compare ratios, and
// take the minimum over repetitions on a busy machine (--benchmark_repetitions=10).
#include <benchmark/benchmark.h>

#include <vector>

#include "core/math/linear.h"
#include "core/math/roofline.h"
#include "core/math/rows.h"

namespace attn {
namespace {

ConstView constant_view(const Matrix& m) {
  return view(m);
}

// Counters from the number of float operations in an iteration.
void report(benchmark::State& state, double operations, const Roofline& roofline) {
  const double done = operations * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(done / 1e9, benchmark::Counter::kIsRate);
  state.counters["peak"] = benchmark::Counter(done / 1e9 / roofline.gflops, benchmark::Counter::kIsRate);
}

// Twelve layers' worth of one product, so that the parameters come from memory as they do in a model.
void linear(benchmark::State& state) {
  const Index inputs = state.range(0);
  const Index outputs = state.range(1);
  const Index rows = state.range(2);
  Pool pool(static_cast<int>(state.range(3)));
  const Roofline roofline = measure_roofline(pool);
  std::vector<Linear<float>> layers;
  for (int l = 0; l < 12; ++l)
    layers.push_back(Linear<float>::from_matrix(Matrix::Random(outputs, inputs), Row::Random(outputs)));
  const Matrix x = Matrix::Random(rows, inputs);
  Matrix y(rows, outputs);
  for (auto _ : state)
    for (const Linear<float>& layer : layers) layer.apply(constant_view(x), view(y), &pool);
  report(state, 2.0 * 12 * static_cast<double>(inputs * outputs * rows), roofline);
  state.counters["GB/s"] = benchmark::Counter(
      12.0 * static_cast<double>(layers[0].memory_bytes()) * static_cast<double>(state.iterations()) / 1e9,
      benchmark::Counter::kIsRate);
}

void bert_shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"in", "out", "rows", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
  for (int threads : {1, 2})
    for (int rows : {1, 16, 64, 128, 512})
      for (auto [in, out] : {std::pair{768, 768}, {768, 3072}, {3072, 768}})
        b->Args({in, out, rows, threads});
}
BENCHMARK(linear)->Apply(bert_shapes);

// The scores and the weighted sums of one head of BERT-base, in its columns of a layer's matrices.
void head_products(benchmark::State& state) {
  const Index tokens = state.range(0);
  Pool one(1);
  const Roofline roofline = measure_roofline(one, 1 << 20);
  const Matrix qkv = Matrix::Random(tokens, 3 * 768);
  Matrix scores(tokens, tokens);
  Matrix mixed(tokens, 768);
  for (auto _ : state) {
    product_transposed<float>(columns_of(constant_view(qkv), 64, 64), columns_of(constant_view(qkv), 832, 64),
                              0.125f, view(scores));
    product<float>(constant_view(scores), columns_of(constant_view(qkv), 1600, 64),
                   columns_of(view(mixed), 64, 64));
    benchmark::DoNotOptimize(mixed.data());
  }
  report(state, 4.0 * static_cast<double>(tokens * tokens * 64), roofline);
}
BENCHMARK(head_products)->Arg(16)->Arg(64)->Arg(128)->Arg(512)->Unit(benchmark::kMicrosecond);

void softmax(benchmark::State& state) {
  const Index tokens = state.range(0);
  const Matrix scores = Matrix::Random(tokens, tokens);
  Matrix m = scores;
  for (auto _ : state) {
    softmax_rows<float>(view(m));
    benchmark::DoNotOptimize(m.data());
  }
  state.SetItemsProcessed(state.iterations() * tokens * tokens);
}
BENCHMARK(softmax)->Arg(16)->Arg(128)->Arg(512)->Unit(benchmark::kMicrosecond);

void gelu(benchmark::State& state) {
  const Matrix x = 2 * Matrix::Random(16, 3072);
  Matrix y(16, 3072);
  for (auto _ : state) {
    y = x;
    activate<float>(static_cast<Activation>(state.range(0)), view(y));
    benchmark::DoNotOptimize(y.data());
  }
  state.SetItemsProcessed(state.iterations() * x.size());
}
BENCHMARK(gelu)
    ->ArgName("activation")
    ->Arg(static_cast<int>(Activation::gelu))
    ->Arg(static_cast<int>(Activation::gelu_tanh))
    ->Unit(benchmark::kMicrosecond);

void layer_norm(benchmark::State& state) {
  const Matrix x = Matrix::Random(128, 768);
  const Row gain = Row::Random(768);
  Matrix y(128, 768);
  for (auto _ : state) {
    layer_norm_rows<float>(view(x), gain, gain, 1e-5f, view(y));
    benchmark::DoNotOptimize(y.data());
  }
  state.SetItemsProcessed(state.iterations() * x.size());
}
BENCHMARK(layer_norm)->Unit(benchmark::kMicrosecond);

// All the arithmetic of a built-in model: 4 layers, 64 wide, 4 heads, 16 tokens, one thread.
void built_in_pass(benchmark::State& state) {
  constexpr Index kTokens = 16, kWidth = 64, kHeads = 4, kLayers = 4;
  constexpr Index kHeadWidth = kWidth / kHeads;
  const auto layer = [](Index outputs, Index inputs) {
    return Linear<float>::from_matrix(Matrix::Random(outputs, inputs), Row::Random(outputs));
  };
  const Linear<float> qkv = layer(3 * kWidth, kWidth), out = layer(kWidth, kWidth),
                      up = layer(4 * kWidth, kWidth), down = layer(kWidth, 4 * kWidth);
  const Row gain = Row::Ones(kWidth);
  Matrix x = Matrix::Random(kTokens, kWidth), sum(kTokens, kWidth), normed(kTokens, kWidth);
  Matrix projected(kTokens, 3 * kWidth), mixed(kTokens, kWidth), hidden(kTokens, 4 * kWidth);
  Matrix weights(kTokens, kTokens);
  for (auto _ : state) {
    for (Index l = 0; l < kLayers; ++l) {
      layer_norm_rows<float>(constant_view(x), gain, gain, 1e-5f, view(normed));
      qkv.apply(constant_view(normed), view(projected));
      for (Index h = 0; h < kHeads; ++h) {
        const auto block = [&](Index part) {
          return columns_of(constant_view(projected), part * kWidth + h * kHeadWidth, kHeadWidth);
        };
        product_transposed<float>(block(0), block(1), 0.25f, view(weights));
        softmax_rows<float>(view(weights));
        product<float>(constant_view(weights), block(2), columns_of(view(mixed), h * kHeadWidth, kHeadWidth));
      }
      out.apply_added(constant_view(mixed), constant_view(x), view(sum));
      layer_norm_rows<float>(constant_view(sum), gain, gain, 1e-5f, view(normed));
      up.apply_activated(constant_view(normed), Activation::gelu, view(hidden));
      down.apply_added(constant_view(hidden), constant_view(sum), view(x));
      layer_norm_rows<float>(constant_view(x), gain, gain, 1e-5f, view(x));
    }
    benchmark::DoNotOptimize(x.data());
  }
}
BENCHMARK(built_in_pass)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace attn
