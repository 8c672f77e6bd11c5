#include <algorithm>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/meter.h"
#include "app/views/training/curves.h"
#include "app/views/training/parts.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kHeader = 64, kHeaderNote = 18;  // design units
constexpr float kChartColumn = 296, kLeastChartHeight = 140, kMostChartHeight = 240;
constexpr float kLeastModelWidth = 420, kLeastModelHeight = 320;
constexpr float kKeepOfMean = 0.97f;  // of the loss curve's running mean

// "40 s", "3 min".
std::string duration_text(const Ui& ui, double seconds) {
  const bool minutes = seconds >= 90;
  return ui.words(minutes ? "training.minutes" : "training.seconds",
                  {{"n", std::to_string(static_cast<int>(std::ceil(minutes ? seconds / 60 : seconds)))}});
}

// How far it is, and how long it will still take.
std::string facts_text(const TrainingPage& page, const TrainingPicture& picture) {
  const TrainingProgress& progress = picture.progress;
  const double rate = progress.seconds > 0 ? progress.step / progress.seconds : 0;
  const bool goes_on = page.cache.working && rate > 0 && !picture.finished;
  return page.ui.words(
      picture.finished ? "training.facts_end"
      : goes_on        ? "training.facts_left"
                       : "training.facts",
      {{"step", std::to_string(progress.step)},
       {"n", std::to_string(progress.n_steps)},
       {"seconds", fixed(progress.seconds, 1)},
       {"left", goes_on ? duration_text(page.ui, (progress.n_steps - progress.step) / rate) : ""},
       {"rate", fixed(rate, 0)},
       {"loss", fixed(progress.loss, 3)}});
}

// Both twins are right only where their answers differ: far fewer than by guessing means that they mostly do
// not.
bool says_the_same_of_both(const TrainingPicture& picture) {
  if (!about_pronouns(picture.recipe) || picture.learned.empty()) return false;
  const MeterReading& meter = picture.learned.back().meter;
  return meter.right * 8 < meter.n_pairs;
}

// "right on 487 of 500 held-out twin pairs": what a class watches.
void draw_headline(TrainingPage& page, const Rect& rect, const TrainingPicture& picture) {
  Ui& ui = page.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool pronouns = about_pronouns(picture.recipe);
  std::string headline = std::string(ui.words("training.measuring"));
  if (!picture.learned.empty()) {
    const LearningPoint& last = picture.learned.back();
    headline = pronouns ? ui.words("training.right_on", {{"right", std::to_string(last.meter.right)},
                                                         {"n", std::to_string(last.meter.n_pairs)}})
                        : ui.words("training.next_words", {{"share", fixed(100 * last.next_word, 0)}});
  }
  const float line = ui.px(28);
  mark(ui, "training.headline", {rect.x0, rect.y0, rect.x1, rect.y0 + line}, headline);
  draw_text_in(ui, list, TextRole::title, {rect.x0, rect.y0, rect.x1, rect.y0 + line}, ui.theme.ink,
               headline);
  const TrainingProgress& progress = picture.progress;
  const std::string facts = facts_text(page, picture);
  draw_text_in(ui, list, TextRole::note, {rect.x0, rect.y0 + line, rect.x1, rect.y0 + line + ui.px(20)},
               ui.theme.dim, facts);
  const float share =
      progress.n_steps > 0 ? static_cast<float>(progress.step) / static_cast<float>(progress.n_steps) : 0;
  const Rect bar{rect.x0, rect.y0 + line + ui.px(22), rect.x1, rect.y0 + line + ui.px(26)};
  list.AddRectFilled(ImVec2(bar.x0, bar.y0), ImVec2(bar.x1, bar.y1), ui.theme.line, ui.px(2));
  list.AddRectFilled(ImVec2(bar.x0, bar.y0), ImVec2(bar.x0 + bar.width() * share, bar.y1), ui.theme.accent,
                     ui.px(2));
  if (says_the_same_of_both(picture))
    draw_text_in(ui, list, TextRole::note, {rect.x0, bar.y1 + ui.px(4), rect.x1, bar.y1 + ui.px(22)},
                 ui.theme.dim, ui.words("training.same_of_both"));
}

Chart loss_chart(Ui& ui, const TrainingPicture& picture, int n_points) {
  Chart chart;
  chart.title = ui.words("training.loss");
  chart.x_name = ui.words("training.step_axis");
  chart.x_most = static_cast<float>(std::max(1, picture.progress.n_steps));
  Curve curve;
  curve.colour = ui.theme.accent;
  curve.points = smooth_curve(picture.losses, kKeepOfMean, n_points);
  chart.y_most = 0.1f;
  for (const ImVec2& p : curve.points) chart.y_most = std::max(chart.y_most, 1.05f * p.y);
  chart.curves.push_back(std::move(curve));
  return chart;
}

Chart learned_chart(Ui& ui, const TrainingPicture& picture) {
  const bool pronouns = about_pronouns(picture.recipe);
  Chart chart;
  chart.title = ui.words(pronouns ? "training.pairs_chart" : "training.words_chart");
  chart.x_name = ui.words("training.step_axis");
  chart.x_most = static_cast<float>(std::max(1, picture.progress.n_steps));
  chart.y_most = pronouns ? static_cast<float>(kHeldOutPairs) : 100;
  chart.whole_numbers = true;
  if (pronouns) {
    const float chance = static_cast<float>(kHeldOutPairs) / 4;
    chart.curves.push_back({std::string(ui.words("training.chance")),
                            {{0, chance}, {chart.x_most, chance}},
                            ui.theme.warn,
                            true});
  }
  Curve curve;
  curve.colour = ui.theme.accent;
  for (const LearningPoint& point : picture.learned)
    curve.points.push_back({static_cast<float>(point.step), pronouns
                                                                ? static_cast<float>(point.meter.right)
                                                                : static_cast<float>(100 * point.next_word)});
  chart.curves.push_back(std::move(curve));
  return chart;
}

// Head and word in view: the person's, else the head that is trained to answer and the word it is asked at.
void settle_selection(TrainingCache& cache, const TrainingPicture& picture) {
  const ModelSpec& spec = picture.side->loaded.model->spec;
  if (!cache.head_chosen) {
    const int layer = spec.pointer ? spec.pointer->layer : spec.text_stack().n_layers() - 1;
    cache.selection.head = {spec.encoder ? Stack::encoder : Stack::decoder, layer,
                            spec.pointer ? spec.pointer->head : 0};
  }
  const int n_tokens = static_cast<int>(picture.side->trace->tokens.size());
  if (!cache.query_chosen || cache.selection.query >= n_tokens) {
    cache.selection.query = picture.asked >= 0 ? picture.asked : n_tokens - 1;
    cache.selection.key.reset();
  }
}

// The views of a trained model, on the model that learns.
void draw_model(TrainingPage& page, const Rect& rect, const TrainingPicture& picture) {
  if (!picture.side || !picture.side->trace) return;
  TrainingCache& cache = page.cache;
  const float says = page.ui.px(24);
  draw_text_in(page.ui, *ImGui::GetWindowDrawList(), TextRole::note,
               {rect.x0, rect.y0, rect.x1, rect.y0 + page.ui.px(18)}, page.ui.theme.dim,
               page.ui.words(picture.own_sentence ? "training.own_sentence" : "training.your_sentence"));
  settle_selection(cache, picture);
  Frame inner;
  inner.a = picture.side;
  Study study;
  study.a = picture.side->subject;
  study.selection = cache.selection;
  inner.study = study;
  Intents wishes;
  draw_heads_view(page.ui, {rect.x0, rect.y0 + says, rect.x1, rect.y1}, inner, study, page.view, cache.views,
                  wishes);
  for (const Intents::Edit& edit : wishes.edits()) edit.change(study);
  cache.head_chosen |= !(study.selection.head == cache.selection.head);
  cache.query_chosen |= study.selection.query != cache.selection.query;
  cache.selection = study.selection;
  for (const auto& change : wishes.looks()) page.intents.look(change);
}

void draw_charts(TrainingPage& page, const TrainingPicture& picture, const Rect& pairs, const Rect& loss) {
  draw_chart(page.ui, "training.pairs_chart", pairs, learned_chart(page.ui, picture));
  draw_chart(page.ui, "training.loss_chart", loss,
             loss_chart(page.ui, picture, std::max(50, static_cast<int>(loss.width()))));
}

}  // namespace

void draw_progress(TrainingPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const TrainingCache& cache = page.cache;
  if (!cache.problem.empty()) {
    ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
    badge(ui, "training.problem", ui.words("training.problem"), BadgeLook::warning);
    return note(ui, in_words(ui.words, cache.problem));
  }
  if (!cache.picture) {
    return cache.run
               ? empty_state(ui, rect, ui.words("training.beginning"), ui.words("training.beginning_hint"))
               : empty_state(ui, rect, ui.words("training.empty"), ui.words("training.empty_hint"));
  }
  const TrainingPicture& picture = *cache.picture;
  const float header = ui.px(kHeader + (about_pronouns(picture.recipe) ? kHeaderNote : 0));
  draw_headline(page, {rect.x0, rect.y0, rect.x1, rect.y0 + header}, picture);
  const Rect below{rect.x0, rect.y0 + header, rect.x1, rect.y1};
  // Charts beside the model; where there is little room, they stand under one another and scroll.
  const float charts = ui.px(kChartColumn), gap = ui.px(16), least = ui.px(kLeastModelHeight);
  if (below.width() >= charts + gap + ui.px(kLeastModelWidth) && below.height() >= least) {
    draw_model(page, {below.x0, below.y0, below.x1 - charts - gap, below.y1}, picture);
    const Rect column{below.x1 - charts, below.y0, below.x1, below.y1};
    const float half = std::min(ui.px(kMostChartHeight), (column.height() - gap) / 2);
    draw_charts(page, picture, {column.x0, column.y0, column.x1, column.y0 + half},
                {column.x0, column.y0 + half + gap, column.x1, column.y0 + 2 * half + gap});
    return;
  }
  ImGui::SetCursorScreenPos(ImVec2(below.x0, below.y0));
  scroll_area(ui, "training.scroll", below.height(), [&] {
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float right = below.x1 - ui.px(12), half = (right - below.x0 - gap) / 2,
                high = ui.px(kLeastChartHeight);
    draw_charts(page, picture, {below.x0, corner.y, below.x0 + half, corner.y + high},
                {below.x0 + half + gap, corner.y, right, corner.y + high});
    const float top = corner.y + high + gap;
    draw_model(page, {below.x0, top, right, top + least}, picture);
    ImGui::SetCursorScreenPos({corner.x, top + least});
    space(ui, 1);
  });
}

}  // namespace attn::app
