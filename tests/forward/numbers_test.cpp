#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/forward/interventions.h"
#include "core/forward/pass.h"
#include "core/forward/retrace.h"
#include "same_trace.h"
#include "tests/analysis/models_of_all_kinds.h"

namespace attn {
namespace {

Inputs text(std::vector<int> ids) {
  Inputs inputs;
  inputs.ids = std::move(ids);
  return inputs;
}

const Inputs kText = text({3, 1, 4, 1, 5});

std::shared_ptr<const Trace> run(const std::shared_ptr<const Model>& model, const std::string& wish) {
  return run_pass(model, kText, parse_interventions(wish, model->spec));
}

const AttentionRecord& first_layer(const Trace& trace) {
  return *trace.encoder.layers[0]->self;
}

// How many entries of two matrices differ in any bit.
int n_unlike(const Matrix& a, const Matrix& b) {
  return static_cast<int>((a.array() != b.array()).count());
}

// The rows, norms and sums around the branches of layer 1, where the model has them.
void add_stream_numbers(const Trace& trace, Stack stack, int token, int entry,
                        std::vector<OverwrittenNumber>& all) {
  const bool cross = stack == Stack::cross;
  const Stack own = cross ? Stack::decoder : stack;
  const StackSpec& spec = own == Stack::encoder ? *trace.model->spec.encoder : *trace.model->spec.decoder;
  const StackTrace& done = own == Stack::encoder ? trace.encoder : trace.decoder;
  const auto add = [&](NumberPlace place, HeadId at, const Matrix& from, Index row) {
    if (from.size() > 0) all.push_back({place, at, token, entry, from(row, entry)});
  };
  const std::vector<int> rows = {token};
  const RetracedLayer layer = retrace_rows(trace, own, 1, rows);
  const LayerSteps<float>& steps = layer.steps;
  const bool then_cross = !cross && steps.cross.input.size() > 0;
  const Matrix& middle = then_cross ? steps.cross.input : steps.feed_forward.input;
  const BranchSteps<float>& branch = cross ? static_cast<const BranchSteps<float>&>(steps.cross) : steps.self;
  const HeadId at{stack, 1, 0};
  const bool after = spec.norm_place == NormPlace::after;
  add(NumberPlace::attention_norm, at, after ? middle : branch.read, 0);
  add(NumberPlace::attention_post_norm, at, branch.normed, 0);
  if (!spec.parallel_residual) add(NumberPlace::attention_sum, at, after ? branch.sum : middle, 0);
  if (cross) return;
  const RetracedEmbedding start = retrace_embedding(trace, stack);
  add(NumberPlace::word, {stack, 0, 0}, start.steps.words, token);
  add(NumberPlace::position, {stack, 0, 0}, start.steps.positions, token);
  add(NumberPlace::type, {stack, 0, 0}, start.steps.types, token);
  add(NumberPlace::embedding_sum, {stack, 0, 0}, start.steps.sum, token);
  if (!spec.shared_norm) add(NumberPlace::feed_forward_norm, at, steps.feed_forward.read, 0);
  add(NumberPlace::feed_forward_post_norm, at, steps.feed_forward.normed, 0);
  add(NumberPlace::feed_forward_sum, at, steps.feed_forward.sum, 0);
  if (spec.final_norm) add(NumberPlace::final_norm, {stack, 0, 0}, done.output, token);
}

// What a pass has at each place for one token of one head: [value of entry 2, and how it is called].
std::vector<OverwrittenNumber> numbers_of(const Trace& trace, Stack stack) {
  const HeadId id{stack, 1, 2};
  const int token = 2, entry = 2;
  const HeadExplanation head = explain_head(trace, id);
  const StackTrace& done = stack == Stack::encoder ? trace.encoder : trace.decoder;
  const LayerRecord& record = *done.layers[1];
  const bool cross = stack == Stack::cross;
  std::vector<OverwrittenNumber> all;
  const auto add = [&](NumberPlace place, HeadId at, const Matrix& from, int column) {
    all.push_back({place, at, token, column, from(token, column)});
  };
  add(NumberPlace::query, id, head.queries, entry);
  add(NumberPlace::key, id, head.keys, entry);
  add(NumberPlace::value, id, head.values, entry);
  add(NumberPlace::score, id, head.scores, 1);
  add(NumberPlace::mixed, id, head.mixed, entry);
  add(NumberPlace::attention, {stack, 1, 0}, cross ? record.cross_out : record.self_out, entry);
  add_stream_numbers(trace, stack, token, entry, all);
  if (cross) return all;
  add(NumberPlace::embedding, {stack, 0, 0}, done.layers[0]->input, entry);
  add(NumberPlace::activation, {stack, 1, 0}, compute_ffn_activations(trace, stack, 1), entry);
  add(NumberPlace::feed_forward, {stack, 1, 0}, record.ffn_out, entry);
  add(NumberPlace::stream, {stack, 0, 0}, record.input, entry);
  return all;
}

TEST(Numbers, SetToWhatItIsANumberChangesNothingBitForBit) {
  int n = 0;
  for (const KindOfPass& pass : passes_of_all_kinds())
    for (const Stack stack : pass.stacks)
      for (const OverwrittenNumber& number : numbers_of(*pass.trace, stack)) {
        Interventions wish = pass.trace->interventions;
        set_number(wish, number);
        const auto same = run_pass(pass.trace->model, pass.trace->inputs, wish);
        EXPECT_EQ(unlike(*same, *pass.trace), "") << pass.name << ": " << to_text(wish);
        ++n;
      }
  EXPECT_GT(n, 300);
}

TEST(Numbers, EveryPlaceIsMetInSomeModel) {
  std::set<NumberPlace> met;
  for (const KindOfPass& pass : passes_of_all_kinds())
    for (const Stack stack : pass.stacks)
      for (const OverwrittenNumber& number : numbers_of(*pass.trace, stack)) met.insert(number.place);
  EXPECT_EQ(met.size(), static_cast<std::size_t>(kNumberPlaces));
}

TEST(Numbers, SetToAnotherEachOneIsFeltAfterItsPlaceAndNotBefore) {
  for (const KindOfPass& pass : passes_of_all_kinds())
    for (const Stack stack : pass.stacks)
      for (OverwrittenNumber number : numbers_of(*pass.trace, stack)) {
        number.value += 3;
        Interventions wish;
        set_number(wish, number);
        PassOptions options;
        options.previous = pass.trace;
        const auto moved = run_pass(pass.trace->model, pass.trace->inputs, wish, options);
        EXPECT_EQ(unlike(*moved, *run_pass(pass.trace->model, pass.trace->inputs, wish)), "")
            << pass.name << ": " << to_text(wish);
        if (pass.trace->interventions.any()) continue;
        EXPECT_NE(unlike(*moved, *pass.trace), "") << pass.name << ": " << to_text(wish);
        // A number that enters a layer leaves the layers below alone.
        if (number.at.layer == 0 || stack != pass.stacks[0]) continue;
        EXPECT_EQ(moved->first_computed_layer, 1) << pass.name << ": " << to_text(wish);
      }
}

TEST(Numbers, OneOfAQueryMovesTheScoresOfThatRowOfThatHeadAsComputedByHand) {
  const auto model = RandomModel().build();
  const auto plain = run(model, ""), moved = run(model, "q 0.2 3:1=0.75");
  const HeadExplanation before = explain_head(*plain, {Stack::encoder, 0, 2}),
                        after = explain_head(*moved, {Stack::encoder, 0, 2});
  for (Index k = 0; k < 5; ++k) {
    double score = 0;
    for (Index i = 0; i < 4; ++i)
      score += (i == 1 ? 0.75 : static_cast<double>(before.queries(3, i))) *
               static_cast<double>(before.keys(k, i));
    EXPECT_NEAR(static_cast<double>(after.scores(3, k)), score / 2, 1e-5);
  }
  for (Index q = 0; q < 5; ++q)
    if (q != 3) {
      EXPECT_EQ(n_unlike(after.scores.row(q), before.scores.row(q)), 0);
    }
  for (std::size_t h = 0; h < 4; ++h)
    if (h != 2) {
      EXPECT_EQ(n_unlike(first_layer(*moved).weights[h], first_layer(*plain).weights[h]), 0);
    }
  EXPECT_EQ(n_unlike(first_layer(*moved).queries, first_layer(*plain).queries), 1);
}

TEST(Numbers, OneOfAKeyMovesItsColumnAndOneOfAValueOnlyTheSums) {
  const auto model = RandomModel().build();
  const auto plain = run(model, ""), key = run(model, "k 0.1 4:0=1"), value = run(model, "v 0.1 4:0=1");
  const HeadExplanation before = explain_head(*plain, {Stack::encoder, 0, 1}),
                        moved = explain_head(*key, {Stack::encoder, 0, 1});
  EXPECT_EQ(n_unlike(moved.scores.leftCols(4), before.scores.leftCols(4)), 0);
  EXPECT_EQ(n_unlike(moved.scores.col(4), before.scores.col(4)), 5);
  EXPECT_EQ(n_unlike(first_layer(*value).weights[1], first_layer(*plain).weights[1]), 0);
  const float by = 1 - before.values(4, 0);
  for (Index q = 0; q < 5; ++q)
    EXPECT_NEAR(first_layer(*value).mixed(q, 4), first_layer(*plain).mixed(q, 4) + by * before.weights(q, 4),
                1e-5f);
}

TEST(Numbers, AScoreEntersTheSoftmaxAndAMaskedOneStaysMasked) {
  const auto model = RandomModel().build();
  const auto plain = run(model, "mask=causal"),
             moved = run(model, "mask=causal; score 0.3 3:1=1.5; score 0.3 1:4=99");
  const HeadExplanation before = explain_head(*plain, {Stack::encoder, 0, 3}),
                        after = explain_head(*moved, {Stack::encoder, 0, 3});
  double sum = 0;
  const auto term = [&](Index k) {
    return std::exp(k == 1 ? 1.5 : static_cast<double>(before.scores(3, k)));
  };
  for (Index k = 0; k < 4; ++k) sum += term(k);
  for (Index k = 0; k < 4; ++k)
    EXPECT_NEAR(static_cast<double>(first_layer(*moved).weights[3](3, k)), term(k) / sum, 1e-5);
  EXPECT_EQ(after.scores(3, 1), 1.5f);
  EXPECT_EQ(n_unlike(first_layer(*moved).weights[3].row(1), first_layer(*plain).weights[3].row(1)), 0);
}

TEST(Numbers, OneOfAHeadsOutputMovesTheLayersOutputAlongItsColumnOfWO) {
  const auto model = RandomModel().build();
  const auto plain = run(model, ""), moved = run(model, "z 0.2 3:1=0.75");
  EXPECT_EQ(n_unlike(first_layer(*moved).mixed, first_layer(*plain).mixed), 1);
  EXPECT_EQ(first_layer(*moved).mixed(3, 9), 0.75f);
  const Matrix column = model->parameters.encoder.layers[0].self.output.weight_columns(9, 1);
  const float by = 0.75f - first_layer(*plain).mixed(3, 9);
  const Matrix &out = moved->encoder.layers[0]->self_out, &before = plain->encoder.layers[0]->self_out;
  for (Index i = 0; i < out.cols(); ++i) EXPECT_NEAR(out(3, i), before(3, i) + by * column(i, 0), 1e-5f);
}

TEST(Numbers, OneOfAHiddenUnitMovesTheNetworksOutputAlongItsColumnOfWDown) {
  const auto model = RandomModel().build();
  const auto plain = run(model, ""), moved = run(model, "activation 0 3:7=2");
  const Matrix hidden = compute_ffn_activations(*plain, Stack::encoder, 0);
  const std::vector<int> row = {3};
  EXPECT_EQ(compute_ffn_activations(*moved, Stack::encoder, 0, row)(0, 7), 2.0f);
  const Matrix column = model->parameters.encoder.layers[0].down.weight_columns(7, 1);
  const Matrix &out = moved->encoder.layers[0]->ffn_out, &before = plain->encoder.layers[0]->ffn_out;
  for (Index i = 0; i < out.cols(); ++i)
    EXPECT_NEAR(out(3, i), before(3, i) + (2 - hidden(3, 7)) * column(i, 0), 1e-5f);
  EXPECT_EQ(n_unlike(out.topRows(3), before.topRows(3)), 0);
}

TEST(Numbers, OneOfAStreamIsThatNumberAndNothingElseOfIt) {
  const auto model = RandomModel().build();
  const auto plain = run(model, "");
  const auto embedding = run(model, "embedding 2:5=-1.5");
  EXPECT_EQ(embedding->encoder.layers[0]->input(2, 5), -1.5f);
  EXPECT_EQ(n_unlike(embedding->encoder.layers[0]->input, plain->encoder.layers[0]->input), 1);
  const auto stream = run(model, "stream 0 2:5=-1.5");
  EXPECT_EQ(stream->encoder.layers[1]->input(2, 5), -1.5f);
  EXPECT_EQ(n_unlike(stream->encoder.layers[1]->input, plain->encoder.layers[1]->input), 1);
  const auto last = run(model, "stream 1 2:5=-1.5");
  EXPECT_EQ(last->encoder.output(2, 5), -1.5f);
  EXPECT_EQ(n_unlike(last->encoder.output, plain->encoder.output), 1);
  const auto attention = run(model, "attention-out 0 2:5=-1.5; ffn-out 1 2:5=4");
  EXPECT_EQ(n_unlike(attention->encoder.layers[0]->self_out, plain->encoder.layers[0]->self_out), 1);
  EXPECT_EQ(attention->encoder.layers[1]->ffn_out(2, 5), 4.0f);
}

TEST(Numbers, RowsOfTheEmbeddingAreAddedUpWithTheOneThatWasSet) {
  RandomModel wish;
  wish.norm_place = NormPlace::before;  // no norm between their sum and the first layer
  wish.n_token_types = 2;
  const auto model = wish.build();
  const float word = model->parameters.embedding.words(4, 5),
              position = model->parameters.encoder.position_table(2, 5),
              type = model->parameters.embedding.token_types(0, 5);
  const auto input = [&](const char* numbers) { return run(model, numbers)->encoder.layers[0]->input; };
  const Matrix plain = input("");
  for (const auto& [numbers, sum] :
       {std::pair<const char*, float>{"word-row 2:5=1.5", 1.5f + position + type},
        {"position-row 2:5=1.5", word + 1.5f + type},
        {"type-row 2:5=1.5", word + position + 1.5f},
        {"embedding-sum 2:5=1.5", 1.5f}}) {
    const Matrix moved = input(numbers);
    EXPECT_NEAR(moved(2, 5), sum, 1e-6f) << numbers;
    EXPECT_EQ(n_unlike(moved, plain), 1) << numbers;
  }
}

// norm(x) of one row, as its definition says, in double.
std::vector<double> norm_by_hand(const NormSpec& spec, const NormParameters<float>& norm, const Row& x) {
  const Eigen::RowVectorXd wide = x.cast<double>();
  const bool layer = spec.kind == NormKind::layer;
  const double mean = layer ? wide.mean() : 0;
  const double size = std::sqrt((wide.array() - mean).square().mean() + spec.epsilon);
  std::vector<double> out;
  for (Index i = 0; i < x.size(); ++i)
    out.push_back((wide[i] - mean) / size * static_cast<double>(norm.gain[i]) +
                  (layer ? static_cast<double>(norm.bias[i]) : 0.0));
  return out;
}

TEST(Numbers, OneOfTheSumAfterAttentionGoesThroughTheNormThatFollows) {
  for (const NormKind kind : {NormKind::layer, NormKind::rms}) {
    RandomModel wish;
    wish.norm = kind;
    const auto model = wish.build();
    const std::vector<int> rows = {3};
    Row sum = retrace_rows(*run(model, ""), Stack::encoder, 0, rows).steps.self.sum.row(0);
    sum[6] = 2.5f;
    const std::vector<double> expected =
        norm_by_hand(model->spec.encoder->norm, model->parameters.encoder.layers[0].self_norm, sum);
    const auto moved = run(model, "attention-sum 0 3:6=2.5");
    const Matrix y = retrace_rows(*moved, Stack::encoder, 0, rows).steps.feed_forward.input;
    for (Index i = 0; i < y.cols(); ++i)
      EXPECT_NEAR(static_cast<double>(y(0, i)), expected[static_cast<std::size_t>(i)], 1e-5);
    // What the norm gives can be set too: then it is that number, and the others stay.
    const auto normed = run(model, "attention-sum 0 3:6=2.5; attention-norm 0 3:6=-4");
    const Matrix set = retrace_rows(*normed, Stack::encoder, 0, rows).steps.feed_forward.input;
    EXPECT_EQ(set(0, 6), -4.0f);
    EXPECT_EQ(n_unlike(set, y), 1);
  }
}

TEST(Numbers, InAPreNormModelTheSumAfterAttentionIsTheStreamAndItsNormsFeedTheBranches) {
  for (const NormKind kind : {NormKind::layer, NormKind::rms}) {
    RandomModel wish;
    wish.norm = kind;
    wish.norm_place = NormPlace::before;
    const auto model = wish.build();
    const LayerParameters<float>& p = model->parameters.encoder.layers[0];
    const auto plain = run(model, "");
    const std::vector<int> rows = {3};
    const auto steps_of = [&](const Trace& trace) {
      return retrace_rows(trace, Stack::encoder, 0, rows).steps;
    };
    const LayerSteps<float> before = steps_of(*plain);

    const auto sum = run(model, "attention-sum 0 3:6=2.5");
    EXPECT_EQ(n_unlike(steps_of(*sum).feed_forward.input, before.feed_forward.input), 1);
    EXPECT_EQ(steps_of(*sum).feed_forward.input(0, 6), 2.5f);
    EXPECT_EQ(n_unlike(sum->encoder.layers[0]->self_out, plain->encoder.layers[0]->self_out), 0);

    const auto read = run(model, "attention-norm 0 3:6=2.5");
    const Matrix column = p.self.query.weight_columns(6, 1);
    const Matrix &q = first_layer(*read).queries, &q_before = first_layer(*plain).queries;
    for (Index i = 0; i < q.cols(); ++i)
      EXPECT_NEAR(q(3, i), q_before(3, i) + (2.5f - before.self.read(0, 6)) * column(i, 0), 1e-5f);

    const auto norm = run(model, "ffn-norm 0 3:6=2.5");
    const Matrix up = p.up.weight_columns(6, 1);
    const Matrix hidden = steps_of(*norm).feed_forward.up;
    for (Index i = 0; i < hidden.cols(); ++i)
      EXPECT_NEAR(hidden(0, i),
                  before.feed_forward.up(0, i) + (2.5f - before.feed_forward.read(0, 6)) * up(i, 0), 1e-5f);
  }
}

TEST(Numbers, HeadsThatShareAKeyShareItsNumbers) {
  RandomModel wish;
  wish.shape = RandomModel::Shape::decoder;
  wish.n_kv_heads = 2;
  const auto model = wish.build();
  const auto first = run(model, "k 0.0 2:1=3"), second = run(model, "k 0.1 2:1=3");
  EXPECT_EQ(unlike(*first, *second), "");
  const auto plain = run(model, "");
  const auto unlike_weights = [&](std::size_t h) {
    return n_unlike(first->decoder.layers[0]->self->weights[h], plain->decoder.layers[0]->self->weights[h]);
  };
  EXPECT_GT(unlike_weights(0), 0);
  EXPECT_GT(unlike_weights(1), 0);
  EXPECT_EQ(unlike_weights(2), 0);
  EXPECT_FALSE(why_not(parse_interventions("k 0.0 2:1=3; k 0.1 2:1=4", model->spec), model->spec, 5).empty());
}

TEST(Numbers, InABatchAreThoseOfEveryText) {
  const auto model = RandomModel().build();
  const Interventions wish =
      parse_interventions("q 0.2 1:1=0.75; stream 0 2:5=-1; score 1.0 0:1=2; embedding 1:1=0", model->spec);
  const std::vector<Inputs> texts = {text({3, 1, 4}), kText};
  const auto together = run_batch(model, texts, wish);
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(unlike(*together[i], *run_pass(model, texts[i], wish)), "");
}

TEST(Numbers, OfEarlierTokensAreKeptWhenATokenIsTyped) {
  RandomModel wish;
  wish.shape = RandomModel::Shape::decoder;
  const auto model = wish.build();
  const Interventions numbers = parse_interventions(
      "q 0.2 1:1=0.75; k 0.1 0:1=1; v 1.1 2:0=2; stream 0 1:5=-1; embedding 2:1=0; z 1.0 2:0=1", model->spec);
  std::shared_ptr<const Trace> previous;
  Inputs inputs = text({3, 1, 4});
  for (const int typed : {1, 5, 9, 2}) {
    inputs.ids.push_back(typed);
    PassOptions options;
    options.previous = previous;
    const auto quick = run_pass(model, inputs, numbers, options);
    EXPECT_EQ(unlike(*quick, *run_pass(model, inputs, numbers)), "");
    if (previous) {
      EXPECT_EQ(quick->first_computed_row, static_cast<int>(inputs.ids.size()) - 1);
    }
    previous = quick;
  }
}

TEST(SetByHand, TheNewestWeightOfARowIsKeptAndOthersGiveWay) {
  Interventions wish;
  const HeadId head{Stack::encoder, 0, 1};
  set_cell(wish, {head, 2, 0, 0.5f});
  set_cell(wish, {head, 2, 1, 0.4f});
  set_cell(wish, {head, 3, 1, 0.9f});
  EXPECT_EQ(wish.cells.size(), 3u);
  set_cell(wish, {head, 2, 3, 0.3f});  // with the first it would be 1.2 in one row
  EXPECT_TRUE(why_not(wish, RandomModel().build()->spec, 5).empty());
  EXPECT_EQ(wish.cells.back(), (OverwrittenCell{head, 2, 3, 0.3f}));
  set_cell(wish, {head, 2, 3, 0.1f});
  EXPECT_EQ(std::count_if(wish.cells.begin(), wish.cells.end(),
                          [](const OverwrittenCell& c) { return c.query == 2 && c.key == 3; }),
            1);
}

}  // namespace
}  // namespace attn
