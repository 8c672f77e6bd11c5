#include "app/views/heads_table/measured.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attn::app {

Answer<AllHeads> want_measures(const Frame& frame, const std::shared_ptr<const Side>& side,
                               Intents& intents) {
  if (side->id == 0 || !side->trace) return {};
  const std::string key = "heads_table/" + std::to_string(side->id);
  intents.want<AllHeads>(key, [trace = side->trace](JobControl& control) {
    return all_head_statistics(*trace, &control.pool(), control.cancel());
  });
  return frame.answer<AllHeads>(key);
}

std::string texts_job_key(const Side& side, const std::string& file) {
  return "heads_of_texts/" + side.subject.model + "/" + to_text(without_tokens(side.subject.interventions)) +
         "/" + file;
}

void want_texts(const std::shared_ptr<const Side>& side, const HeadsTableState& state, Intents& intents) {
  const auto work = [loaded = side->loaded, subject = side->subject,
                     file = state.texts_file](JobControl& control) {
    // What was done to single tokens belongs to the text that they stand in.
    Subject like = subject;
    like.interventions = without_tokens(subject.interventions);
    like.pair.reset();
    const std::vector<Subject> texts = read_texts(file, like);
    HeadsOfTextsOptions options;
    options.pool = &control.pool();
    options.cancel = control.cancel();
    options.on_text = [&](const HeadsOfTexts& so_far) {
      const int done = static_cast<int>(so_far.texts.size()) + so_far.n_failed;
      control.report(static_cast<float>(done) / static_cast<float>(std::max(1, so_far.n_asked)));
      // Copies are dear: publish when a tenth more is done.
      if (done % std::max(1, so_far.n_asked / 10) == 0) control.publish(so_far);
    };
    return heads_of_texts(loaded, texts, options);
  };
  intents.want<HeadsOfTexts>(texts_job_key(*side, state.texts_file), work, JobKind::lasting);
}

int HeadRows::row_of(const HeadId& head) const {
  const auto found = std::find(heads.begin(), heads.end(), head);
  return found == heads.end() ? -1 : static_cast<int>(found - heads.begin());
}

HeadRows rows_of(const AllHeads& heads) {
  HeadRows rows;
  rows.of_text = heads;
  const auto all = measures();
  rows.mean.resize(static_cast<Index>(heads.size()), static_cast<Index>(all.size()));
  for (std::size_t h = 0; h < heads.size(); ++h) {
    rows.heads.push_back(heads[h].head);
    for (std::size_t m = 0; m < all.size(); ++m)
      rows.mean(static_cast<Index>(h), static_cast<Index>(m)) = static_cast<float>(heads[h].*all[m].value);
  }
  return rows;
}

HeadRows rows_of(const HeadsOfTexts& texts) {
  HeadRows rows;
  rows.heads = texts.heads;
  const auto all = measures();
  const auto n_heads = static_cast<Index>(rows.heads.size()), n_measures = static_cast<Index>(all.size());
  rows.mean.resize(n_heads, n_measures);
  rows.low.resize(n_heads, n_measures);
  rows.high.resize(n_heads, n_measures);
  for (Index h = 0; h < n_heads; ++h)
    for (Index m = 0; m < n_measures; ++m) {
      const Interval interval =
          texts.averages.interval(rows.heads[static_cast<std::size_t>(h)], all[static_cast<std::size_t>(m)]);
      rows.mean(h, m) = static_cast<float>(interval.mean);
      rows.low(h, m) = static_cast<float>(interval.low);
      rows.high(h, m) = static_cast<float>(interval.high);
    }
  return rows;
}

Range range_of(const HeadRows& rows, std::size_t measure) {
  Range range;
  bool any = false;
  for (Index h = 0; h < rows.mean.rows(); ++h) {
    const float value = rows.mean(h, static_cast<Index>(measure));
    if (std::isnan(value)) continue;
    range.least = any ? std::min(range.least, value) : value;
    range.most = any ? std::max(range.most, value) : value;
    any = true;
  }
  return range;
}

Range scale_of(const HeadRows& rows, std::size_t measure) {
  const Measure& m = measures()[measure];
  const bool open_ended = m.value == &HeadStatistics::entropy || m.value == &HeadStatistics::distance;
  return {0, open_ended ? std::max(1e-6f, range_of(rows, measure).most) : 1.0f};
}

std::size_t place_of(std::string_view measure) {
  const Measure* found = find_measure(measure);
  return found ? static_cast<std::size_t>(found - measures().data()) : 0;
}

int digits_of(std::size_t measure) {
  return measures()[measure].value == &HeadStatistics::distance ? 1 : 2;
}

ValueGrid measure_grid(std::string_view name, const HeadRows& rows, Stack stack, int n_layers, int n_heads,
                       const HeadsTableState& state) {
  const std::size_t m = place_of(state.measure);
  const Range scale = scale_of(rows, m);
  const auto value = [&rows, m](const HeadId& id) {
    const int row = rows.row_of(id);
    return row < 0 ? std::nan("") : static_cast<double>(rows.mean(row, static_cast<Index>(m)));
  };
  ValueGrid grid;
  grid.name = name;
  grid.stack = stack;
  grid.n_layers = n_layers;
  grid.n_heads = n_heads;
  grid.value = value;
  if (const auto least = static_cast<double>(state.at_least); least >= 0)
    grid.dimmed = [value, least](const HeadId& id) { return !(value(id) >= least); };
  grid.low = scale.least;
  grid.high = scale.most;
  grid.digits = digits_of(m);
  return grid;
}

std::vector<int> ordered(const HeadRows& rows, const HeadsTableState& state) {
  const auto column = static_cast<Index>(place_of(state.measure));
  std::vector<int> places(rows.heads.size());
  std::iota(places.begin(), places.end(), 0);
  const auto value = [&](int place) { return rows.mean(place, column); };
  if (state.at_least >= 0)
    std::erase_if(places, [&](int place) { return !(value(place) >= state.at_least); });
  std::stable_sort(places.begin(), places.end(), [&](int a, int b) {
    if (std::isnan(value(a)) || std::isnan(value(b))) return !std::isnan(value(a)) && std::isnan(value(b));
    return state.ascending ? value(a) < value(b) : value(a) > value(b);
  });
  return places;
}

}  // namespace attn::app
