#include "app/views/view_caches.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "core/analysis/head_statistics.h"
#include "core/analysis/words.h"
#include "core/forward/thumbnails.h"
#include "core/math/error.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostCandidates = 3;

// Makes `stack` the right size and fills it. Returns why it could not; empty: it could.
std::string upload(gl::HeatmapStack& stack, const Matrix& values, bool per_row) {
  try {
    const int rows = static_cast<int>(values.rows()), columns = static_cast<int>(values.cols());
    if (stack.rows() != rows || stack.columns() != columns) stack = gl::HeatmapStack(rows, columns, 1);
    stack.set(0, view(values), per_row);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

bool is_punctuation(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && std::isalnum(byte) == 0;
  });
}

// A recording may have weights without the thumbnails that a pass makes; empty: it has neither.
Matrix thumbnail_of(const AttentionRecord& record, std::size_t head) {
  if (head < record.thumbnails.size()) return record.thumbnails[head];
  if (head >= record.weights.size()) return {};
  const Matrix& weights = record.weights[head];
  Matrix thumbnail = empty_thumbnail<float>(weights.rows(), weights.cols());
  pool_into_thumbnail(view(weights), 0, weights.rows(), thumbnail);
  return thumbnail;
}

Matrix first_thumbnail(const Trace& trace, Stack stack) {
  for (int l = 0; l < trace.n_layers(stack); ++l) {
    const AttentionRecord* record = trace.attention(stack, l);
    if (Matrix picture = record ? thumbnail_of(*record, 0) : Matrix(); picture.size() > 0) return picture;
  }
  return {};
}

}  // namespace

int all_layers(const Trace& trace, Stack stack) {
  const int done = trace.n_layers(stack);
  if (!trace.model || trace.complete) return done;
  const std::optional<StackSpec>& spec =
      stack == Stack::encoder ? trace.model->spec.encoder : trace.model->spec.decoder;
  return spec ? std::max(done, spec->n_layers()) : done;
}

Source source_of(const Side& side, const HeadId& head) {
  const auto made = side.asked_weights.find(head);
  return {side.trace, made == side.asked_weights.end() ? nullptr : made->second, head};
}

const ShownMatrix* HeadPicture::update(const Side& side, const HeadId& head, const ShownOptions& options,
                                       std::shared_ptr<const Matrix> values) {
  const Source source = source_of(side, head);
  if (source_ != source || options_ != options || values_ != values) {
    source_ = source;
    options_ = options;
    values_ = std::move(values);
    shown_ = make_shown_matrix(side, head, options, values_.get());
    largest_ = shown_ ? largest_of(*shown_) : 0;
    problem_ = shown_ ? upload(stack_, shown_->values, options.per_row) : std::string();
  }
  return shown_ && problem_.empty() ? &*shown_ : nullptr;
}

void GridPictures::update(const Trace& trace, Stack stack, bool per_row) {
  const std::vector<std::shared_ptr<const LayerRecord>>& layers =
      (stack == Stack::encoder ? trace.encoder : trace.decoder).layers;
  const int n_heads = trace.n_heads(stack);
  const Matrix first = n_heads == 0 ? Matrix() : first_thumbnail(trace, stack);
  if (first.size() == 0) {
    layers_.clear();
    return;
  }
  const int n_layers = all_layers(trace, stack);
  const int rows = static_cast<int>(first.rows()), columns = static_cast<int>(first.cols());
  const bool fits = stack_.rows() == rows && stack_.columns() == columns &&
                    stack_.layers() == n_layers * n_heads && n_heads_ == n_heads;
  if (!fits || of_ != stack || per_row_ != per_row) {
    if (!fits) stack_ = gl::HeatmapStack(rows, columns, n_layers * n_heads);
    layers_.clear();
    of_ = stack;
    per_row_ = per_row;
    n_heads_ = n_heads;
  }
  layers_.resize(static_cast<std::size_t>(n_layers));
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const AttentionRecord* record = trace.attention(stack, static_cast<int>(l));
    if (!record) layers_[l] = nullptr;
    if (!record || layers_[l] == layers[l]) continue;
    for (int h = 0; h < n_heads; ++h) {
      const Matrix picture = thumbnail_of(*record, static_cast<std::size_t>(h));
      const bool fits_here = picture.rows() == rows && picture.cols() == columns;
      // A recording's layers may differ in heads: where there is none, nothing can be seen.
      const Matrix none = Matrix::Constant(rows, columns, std::numeric_limits<float>::quiet_NaN());
      stack_.set(static_cast<int>(l) * n_heads + h, view(fits_here ? picture : none), per_row);
    }
    layers_[l] = layers[l];
  }
}

bool GridPictures::ready(int layer) const {
  return layer >= 0 && layer < static_cast<int>(layers_.size()) && layers_[static_cast<std::size_t>(layer)];
}

int WordLine::at(float screen_x, float gap_px) const {
  for (int i = 0; i < n(); ++i)
    if (std::abs(screen_x - x(i)) <= (width[static_cast<std::size_t>(i)] + gap_px) / 2) return i;
  return -1;
}

const WordLine& WordLineCache::update(Ui& ui, TextRole role, const std::shared_ptr<const Trace>& trace,
                                      Stack stack, bool queries, float gap_px, bool merged) {
  if (trace_ == trace && stack_ == stack && role_ == role && gap_px_ == gap_px && merged_ == merged)
    return line_;
  line_ = WordLine();
  const WordGroups places = places_of(*trace, stack, queries, merged);
  const std::vector<std::string>& tokens = queries ? trace->query_tokens(stack) : trace->key_tokens(stack);
  line_.of_token.assign(tokens.size(), -1);
  float x = 0;
  for (std::size_t i = 0; i < places.groups.size(); ++i) {
    line_.names.push_back(places.names[i]);
    line_.first_token.push_back(places.groups[i].front());
    for (const int token : places.groups[i])
      line_.of_token[static_cast<std::size_t>(token)] = static_cast<int>(i);
    const float width = std::max(gap_px / 2, text_size(ui, role, line_.names.back()).x);
    line_.middle.push_back(x + width / 2);
    line_.width.push_back(width);
    x += width + gap_px;
  }
  line_.length = std::max(0.0f, x - gap_px);
  // Glyphs that are still to be made have no width yet: then measure again in the next frame.
  trace_ = ui.fonts.any_missing() ? nullptr : trace;
  stack_ = stack;
  role_ = role;
  gap_px_ = gap_px;
  merged_ = merged;
  return line_;
}

const WordGroups& PlacesCache::update(const std::shared_ptr<const Trace>& trace, Stack stack, bool merged) {
  if (trace_ == trace && stack_ == stack && merged_ == merged) return places_;
  places_ = trace ? places_of(*trace, stack, true, merged) : WordGroups();
  trace_ = trace;
  stack_ = stack;
  merged_ = merged;
  return places_;
}

std::optional<HeadWeights> WordWeights::update(const Side& side, const HeadId& head, bool merged) {
  const std::optional<HeadWeights> weights = side.weights(head);
  if (!weights || !merged) return weights;
  const Source source = source_of(side, head);
  Merged& kept = heads_[head];
  if (kept.source != source || kept.weights.size() == 0) {
    kept.source = source;
    kept.weights = merge_words(*weights, places_of(*side.trace, head.stack, true, true),
                               places_of(*side.trace, head.stack, false, true));
  }
  return HeadWeights(as_const(view(kept.weights)));
}

std::optional<HeadFacts> facts_of(const Side& side, const HeadId& head) {
  const std::optional<HeadWeights> weights = side.weights(head);
  if (!weights) return std::nullopt;
  const bool cross = head.stack == Stack::cross;
  double entropy = 0, first = 0, distance = 0;
  int n_rows = 0;
  for (Index q = 0; q < weights->rows(); ++q) {
    const RowStatistics row =
        row_statistics({weights->row(q), static_cast<std::size_t>(weights->cols())}, q, cross);
    if (std::isnan(row.entropy)) continue;
    entropy += row.entropy;
    first += row.first;
    distance += std::isnan(row.distance) ? 0.0 : row.distance;
    ++n_rows;
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (n_rows == 0) return HeadFacts{kNone, kNone, kNone};
  return HeadFacts{entropy / n_rows, first / n_rows, cross ? kNone : distance / n_rows};
}

const HeadFacts* FactsCache::update(const Side& side, const HeadId& head) {
  const Source source = source_of(side, head);
  if (source_ != source) {
    source_ = source;
    facts_ = facts_of(side, head);
  }
  return facts_ ? &*facts_ : nullptr;
}

int PointerCache::asked_word(const Side& side, int query) {
  if (asked_of_ != side.trace) {
    asked_of_ = side.trace;
    const ModelSpec& spec = side.trace->model->spec;
    asked_ = supervised_rows(
        side, {spec.encoder ? Stack::encoder : Stack::decoder, spec.pointer->layer, spec.pointer->head});
  }
  if (query >= 0 && query < static_cast<int>(asked_.size()) && asked_[static_cast<std::size_t>(query)])
    return query;
  const auto first = std::find(asked_.begin(), asked_.end(), true);
  return first == asked_.end() ? -1 : static_cast<int>(first - asked_.begin());
}

const PointerSays* PointerCache::update(const Side& side, int query) {
  const Model* model = side.trace ? side.trace->model.get() : nullptr;
  if (!model || !model->spec.pointer) return nullptr;
  const PointerSpec& pointer = *model->spec.pointer;
  const HeadId head{model->spec.encoder ? Stack::encoder : Stack::decoder, pointer.layer, pointer.head};
  const Source source = source_of(side, head);
  if (source_ == source && query_ == query) return says_ ? &*says_ : nullptr;
  source_ = source;
  query_ = query;
  says_.reset();
  const std::vector<std::string>& tokens = side.trace->tokens;
  if (query < 0 || query >= static_cast<int>(tokens.size())) return nullptr;

  // Every word may be the answer; those with the largest share are the candidates.
  const WordGroups words = group_words(tokens, side.trace->words);
  std::vector<Mention> mentions;
  for (std::size_t w = 0; w < words.groups.size(); ++w) {
    if (is_punctuation(words.names[w])) continue;
    if (std::find(words.groups[w].begin(), words.groups[w].end(), query) == words.groups[w].end())
      mentions.push_back({words.names[w], 0, 0, words.groups[w]});
  }
  const std::vector<int> asked = {query};
  const CoreferenceAnswer answer = pointer_answer(*side.trace, asked, mentions);
  if (answer.scores.size() != mentions.size()) return nullptr;
  PointerSays says;
  says.asked = query;
  for (std::size_t i = 0; i < mentions.size(); ++i)
    says.candidates.push_back({mentions[i].word, mentions[i].tokens.front(), answer.scores[i]});
  std::stable_sort(says.candidates.begin(), says.candidates.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  if (says.candidates.size() > kMostCandidates) says.candidates.resize(kMostCandidates);
  says_ = std::move(says);
  return &*says_;
}

const ShownMatrix* ComparePictures::update(const Side& a, const HeadId& head_a, const Side& b,
                                           const HeadId& head_b, const ShownOptions& options,
                                           std::shared_ptr<const Matrix> values_a,
                                           std::shared_ptr<const Matrix> values_b) {
  const Source source_a = source_of(a, head_a), source_b = source_of(b, head_b);
  if (source_a_ == source_a && source_b_ == source_b && options_ == options && values_a_ == values_a &&
      values_b_ == values_b)
    return shown_ ? &*shown_ : nullptr;
  values_a_ = std::move(values_a);
  values_b_ = std::move(values_b);
  source_a_ = source_a;
  source_b_ = source_b;
  options_ = options;
  shown_.reset();
  largest_ = 0;
  distance_ = 0;
  std::optional<ShownMatrix> of_a = make_shown_matrix(a, head_a, options, values_a_.get());
  const std::optional<ShownMatrix> of_b = make_shown_matrix(b, head_b, options, values_b_.get());
  if (!of_a || !of_b) return nullptr;
  Difference difference = difference_of(*of_a, *of_b);
  distance_ = difference.distance;
  largest_ = difference.largest;
  of_a->values = std::move(difference.values);
  of_a->supervised.assign(of_a->rows.size(), true);
  if (upload(stack_, of_a->values, false).empty()) shown_ = std::move(of_a);
  return shown_ ? &*shown_ : nullptr;
}

}  // namespace attn::app
