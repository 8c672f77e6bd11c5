#include "core/analysis/head_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/analysis/detectors.h"
#include "core/analysis/entropy.h"
#include "core/forward/pass.h"

namespace attn {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<Measure, 13> kMeasures = {{
    {"entropy", &HeadStatistics::entropy, "mean_i of -sum_j A_ij ln A_ij, in nats", "Clark et al. 2019"},
    {"normalised_entropy", &HeadStatistics::normalised_entropy, "mean_i of H_i / ln(number of keys)",
     "Clark et al. 2019"},
    {"confidence", &HeadStatistics::confidence, "mean_i of max_j A_ij", "Voita et al. 2019"},
    {"distance", &HeadStatistics::distance, "mean_i of sum_j A_ij |i - j|, in tokens", "Vig & Belinkov 2019"},
    {"self", &HeadStatistics::self, "mean_i of A_ii", "Clark et al. 2019"},
    {"previous", &HeadStatistics::previous, "mean_i of A_i,i-1", "Clark et al. 2019"},
    {"next", &HeadStatistics::next, "mean_i of A_i,i+1", "Clark et al. 2019"},
    {"first", &HeadStatistics::first, "mean_i of A_i0 (sink share of the head at the first token)",
     "Gu et al. 2025"},
    {"separators", &HeadStatistics::separators, "mean_i of sum of A_ij over separators j",
     "Clark et al. 2019"},
    {"sink", &HeadStatistics::sink, "max_j of mean_i A_ij (sink share of the head at its strongest key)",
     "after Gu et al. 2025"},
    {"previous_token", &HeadStatistics::previous_token, "sum A*D / sum A, D_i,i-1 = 1", "TransformerLens"},
    {"duplicate_token", &HeadStatistics::duplicate_token,
     "sum A*D / sum A, D_ij = 1 where j < i is the same token", "TransformerLens"},
    {"induction", &HeadStatistics::induction,
     "sum A*D / sum A, D_ij = 1 where j - 1 < i is the same token as i",
     "TransformerLens; Olsson et al. 2022"},
}};

// The cells where a detector's D is 1. Few cells are, so that summing over them costs next to nothing beside
// the dense detector_score.
using Cells = std::vector<std::pair<int, int>>;  // (query, key), in the order of the queries

Cells cells_of(const Matrix& pattern) {
  Cells cells;
  for (Index i = 0; i < pattern.rows(); ++i)
    for (Index j = 0; j < pattern.cols(); ++j)
      if (pattern(i, j) > 0) cells.emplace_back(static_cast<int>(i), static_cast<int>(j));
  return cells;
}

struct Patterns {
  Cells previous, duplicate, induction;
};

// The weight on some cells, met row by row.
class WeightOn {
 public:
  explicit WeightOn(const Cells& cells) : next_(cells.begin()), end_(cells.end()) {}
  void add(Index query, const float* row) {
    for (; next_ != end_ && next_->first == query; ++next_) sum_ += row[next_->second];
  }
  double share(double total) const { return total > 0 ? sum_ / total : 0; }

 private:
  Cells::const_iterator next_, end_;
  double sum_ = 0;
};

// Sums of one kind of share over the rows where it has a meaning.
struct Mean {
  double sum = 0;
  int n = 0;
  void add(double value) {
    if (std::isnan(value)) return;
    sum += value;
    ++n;
  }
  double value() const { return n > 0 ? sum / n : kNone; }
};

HeadStatistics statistics_of(const Trace& trace, const HeadId& head, const std::vector<int>& separators,
                             const Patterns& patterns) {
  const bool cross = head.stack == Stack::cross;
  std::array<Mean, 9> means;
  Row columns;
  int seen_rows = 0;
  WeightOn previous(patterns.previous), duplicate(patterns.duplicate), induction(patterns.induction);
  const auto add_row = [&](Index i, std::span<const float> row) {
    const RowStatistics s = row_statistics(row, i, cross, separators);
    const double values[] = {s.entropy,   s.normalised_entropy, s.confidence, s.distance,
                             s.self,      s.previous,           s.next,       s.first,
                             s.separators};
    for (std::size_t m = 0; m < means.size(); ++m) means[m].add(values[m]);
    if (!std::isnan(s.entropy)) {
      columns += Eigen::Map<const Row>(row.data(), static_cast<Index>(row.size()));
      ++seen_rows;
    }
    for (WeightOn* on : {&previous, &duplicate, &induction}) on->add(i, row.data());
  };
  for_weight_rows(trace, head, [&](Index first, const HeadWeights& rows) {
    if (columns.size() == 0) columns = Row::Zero(rows.cols());
    for (Index r = 0; r < rows.rows(); ++r)
      add_row(first + r, {rows.row(r), static_cast<std::size_t>(rows.cols())});
  });
  HeadStatistics out;
  out.head = head;
  double* const fields[] = {&out.entropy,   &out.normalised_entropy, &out.confidence, &out.distance,
                            &out.self,      &out.previous,           &out.next,       &out.first,
                            &out.separators};
  for (std::size_t m = 0; m < means.size(); ++m) *fields[m] = means[m].value();
  Index sink_key = 0;
  out.sink = seen_rows > 0 ? columns.maxCoeff(&sink_key) / seen_rows : kNone;
  out.sink_key = static_cast<int>(sink_key);
  const double total = columns.sum();
  out.previous_token = cross ? kNone : previous.share(total);
  out.duplicate_token = cross ? kNone : duplicate.share(total);
  out.induction = cross ? kNone : induction.share(total);
  return out;
}

}  // namespace

std::span<const Measure> measures() {
  return kMeasures;
}

const Measure* find_measure(std::string_view key) {
  for (const Measure& measure : kMeasures)
    if (key == measure.key) return &measure;
  return nullptr;
}

std::vector<int> separator_keys(const std::vector<std::string>& tokens) {
  constexpr std::array<std::string_view, 9> kSeparators = {
      "[SEP]",      "</s>",    "<sep>",      "<eos>",           "<|endoftext|>",
      "<|im_end|>", "<|end|>", "<|eot_id|>", "<|end_of_text|>",
  };
  std::vector<int> keys;
  for (std::size_t j = 0; j < tokens.size(); ++j)
    if (std::find(kSeparators.begin(), kSeparators.end(), tokens[j]) != kSeparators.end())
      keys.push_back(static_cast<int>(j));
  return keys;
}

RowStatistics row_statistics(std::span<const float> weights, Index query, bool cross,
                             const std::vector<int>& separators) {
  const Eigen::Map<const Row> row(weights.data(), static_cast<Index>(weights.size()));
  const Index n = row.size();
  if (n == 0 || !(row.maxCoeff() > 0)) return {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
  RowStatistics out;
  out.entropy = entropy(weights);
  out.normalised_entropy = n > 1 ? out.entropy / std::log(static_cast<double>(n)) : 0;
  out.confidence = row.maxCoeff();
  const auto share = [&](Index key) { return !cross && key >= 0 && key < n ? row(key) : kNone; };
  out.self = share(query);
  out.previous = share(query - 1);
  out.next = share(query + 1);
  out.first = row(0);
  out.separators = 0;
  for (const int key : separators)
    if (key < n) out.separators += row(key);
  if (cross) {
    out.distance = kNone;
  } else {
    const auto offset = static_cast<float>(query);
    const Row distances = Row::LinSpaced(n, -offset, static_cast<float>(n - 1) - offset).cwiseAbs();
    out.distance = row.dot(distances);
  }
  return out;
}

namespace {

// Numbers that stand for the tokens of a stack's rows. A text of patches or frames has no words that could be
// alike: every token is its own.
std::vector<int> identities_of_rows(const Trace& trace, Stack stack, Index n_rows) {
  std::vector<int> ids = token_identities(trace, stack);
  if (static_cast<Index>(ids.size()) == n_rows) return ids;
  ids.resize(static_cast<std::size_t>(n_rows));
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int>(i);
  return ids;
}

// From q and k: a model computed it, and every head of the layer can be made again.
bool can_be_made(const Trace& trace, const HeadId& id) {
  return trace.complete && trace.model && trace.attention(id.stack, id.layer);
}

}  // namespace

std::vector<HeadStatistics> all_head_statistics(const Trace& trace, Pool* pool, const CancelToken* cancel) {
  std::vector<HeadId> heads;
  for (const Stack stack : {Stack::encoder, Stack::decoder, Stack::cross})
    for (int layer = 0; layer < trace.n_layers(stack); ++layer)
      for (int head = 0; head < trace.n_heads(stack); ++head)
        if (const HeadId id{stack, layer, head}; trace.weights(id) || can_be_made(trace, id))
          heads.push_back(id);

  const Patterns no_patterns;
  std::map<Stack, Patterns> patterns;
  std::map<Stack, std::vector<int>> separators;
  for (const HeadId& id : heads) {
    if (separators.contains(id.stack)) continue;
    separators[id.stack] = separator_keys(trace.key_tokens(id.stack));
    if (id.stack == Stack::cross) continue;
    const std::optional<HeadWeights> kept = trace.weights(id);
    const Index n = kept ? kept->rows() : trace.attention(id.stack, id.layer)->queries.rows();
    const std::vector<int> ids = identities_of_rows(trace, id.stack, n);
    patterns[id.stack] = {cells_of(previous_token_pattern(n)), cells_of(duplicate_token_pattern(ids)),
                          cells_of(induction_pattern(ids))};
  }
  std::vector<HeadStatistics> statistics(heads.size());
  parallel_for(pool, static_cast<std::ptrdiff_t>(heads.size()), [&](std::ptrdiff_t h) {
    throw_if_cancelled(cancel);
    const HeadId& id = heads[static_cast<std::size_t>(h)];
    const Patterns& of_stack = id.stack == Stack::cross ? no_patterns : patterns.at(id.stack);
    statistics[static_cast<std::size_t>(h)] = statistics_of(trace, id, separators.at(id.stack), of_stack);
  });
  return statistics;
}

Matrix pattern_of(const Measure& measure, const Trace& trace, const HeadStatistics& head) {
  const Stack stack = head.head.stack;
  const auto n_rows = static_cast<Index>(trace.query_tokens(stack).size());
  const auto n_columns = static_cast<Index>(trace.key_tokens(stack).size());
  Matrix pattern = Matrix::Zero(n_rows, n_columns);
  const auto is = [&](double HeadStatistics::*value) { return measure.value == value; };
  if (is(&HeadStatistics::first)) {
    if (n_columns > 0) pattern.col(0).setOnes();
    return pattern;
  }
  if (is(&HeadStatistics::separators)) {
    for (const int key : separator_keys(trace.key_tokens(stack))) pattern.col(key).setOnes();
    return pattern;
  }
  if (is(&HeadStatistics::sink)) {
    if (head.sink_key < n_columns) pattern.col(head.sink_key).setOnes();
    return pattern;
  }
  if (stack == Stack::cross || n_rows != n_columns) return {};
  if (is(&HeadStatistics::self)) return Matrix::Identity(n_rows, n_rows);
  if (is(&HeadStatistics::previous) || is(&HeadStatistics::previous_token))
    return previous_token_pattern(n_rows);
  if (is(&HeadStatistics::next)) return previous_token_pattern(n_rows).transpose();
  if (is(&HeadStatistics::duplicate_token))
    return duplicate_token_pattern(identities_of_rows(trace, stack, n_rows));
  if (is(&HeadStatistics::induction)) return induction_pattern(identities_of_rows(trace, stack, n_rows));
  return {};
}

double sink_share_of_heads(std::span<const HeadStatistics> heads, double epsilon) {
  if (heads.empty()) return 0;
  const auto sinks = std::count_if(heads.begin(), heads.end(),
                                   [epsilon](const HeadStatistics& head) { return head.first > epsilon; });
  return static_cast<double>(sinks) / static_cast<double>(heads.size());
}

void HeadAverages::add(std::span<const HeadStatistics> text) {
  ++n_texts_;
  for (const HeadStatistics& head : text) {
    std::vector<RunningMean>& means = means_[head.head];
    means.resize(kMeasures.size());
    for (std::size_t m = 0; m < kMeasures.size(); ++m) means[m].add(head.*kMeasures[m].value);
  }
}

std::vector<HeadId> HeadAverages::heads() const {
  std::vector<HeadId> heads;
  for (const auto& [head, means] : means_) heads.push_back(head);
  return heads;
}

Interval HeadAverages::interval(const HeadId& head, const Measure& measure) const {
  const auto found = means_.find(head);
  const auto m = static_cast<std::size_t>(&measure - kMeasures.data());
  if (found == means_.end() || m >= found->second.size()) return {kNone, kNone, kNone, 0};
  return found->second[m].interval();
}

}  // namespace attn
