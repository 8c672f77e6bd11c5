#include "app/views/start.h"

#include <algorithm>
#include <cstdint>

#include "app/look/wording.h"
#include "app/views/start/sections.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

constexpr int kMostPositions = 48;          // rows of the table that are shown, or as many as the text has
constexpr int kMostTokens = 40, kNear = 3;  // words on the map, and neighbours of each
constexpr float kThreeColumns = 1060, kTwoColumns = 540, kPicture = 314, kLowPicture = 240;  // design units

// Asks for what this computation's tokens start as; the reason why there is none, if that is so.
Wording update_facts(const Frame& frame, Stack stack, StartCache& cache, Intents& intents) {
  const std::string key = "start/facts/" + std::to_string(frame.a->id) + "/" + std::string(name_of(stack));
  const auto answer = frame.answer<StartFacts>(key);
  if (answer.value && answer.value != cache.facts) {
    cache.facts = answer.value;
    cache.trace = frame.a->trace;
  }
  if (!answer.problem.empty()) return answer.problem;
  if (frame.a->id != 0)
    intents.want<StartFacts>(key, [trace = frame.a->trace, stack](JobControl&) {
      return StartFacts{token_start(*trace, stack), position_table(*trace, stack, kMostPositions)};
    });
  return {};
}

// The map depends on the words alone, not on what was done to the model.
void update_map(const Frame& frame, StartCache& cache, Intents& intents) {
  const std::shared_ptr<const Model> model = cache.trace->model;
  const std::shared_ptr<const Tokenizer> tokenizer = frame.a->loaded.tokenizer;
  const TokenStart& start = cache.facts->start;
  const bool own_table = start.n_vocab != static_cast<int>(model->parameters.embedding.words.rows());
  if (!tokenizer || own_table) {
    cache.map = std::make_shared<const WordMap>();
    return;
  }
  // Neighbours are those of these parameters: a model that was read again is another one.
  std::string key = "start/map/" + std::to_string(reinterpret_cast<std::uintptr_t>(model.get()));
  for (const int id : start.ids) key += "," + std::to_string(id);
  const auto answer = frame.answer<WordMap>(key);
  if (answer.value) cache.map = answer.value;
  intents.want<WordMap>(key, [model, tokenizer, ids = start.ids](JobControl& control) {
    return word_map(*model, *tokenizer, ids, kMostTokens, kNear, control.cancel());
  });
}

void update_pictures(StartPage& page) {
  StartCache& cache = page.cache;
  if (cache.pictured == cache.facts) return;
  cache.pictured = cache.facts;
  const Matrix& similar = cache.facts->start.similar;
  const auto n = static_cast<int>(similar.rows());
  ShownMatrix shown;
  shown.values = similar;
  for (int i = 0; i < n; ++i) {
    shown.rows.push_back(page.name(i));
    shown.row_of.push_back(i);
  }
  shown.columns = shown.rows;
  shown.column_of = shown.query_of = shown.key_of = shown.row_of;
  shown.supervised.assign(static_cast<std::size_t>(n), true);
  cache.similar = std::move(shown);
  cache.similar_picture = gl::HeatmapStack(n, n, 1);
  cache.similar_picture.set(0, attn::view(similar));
  const Matrix& table = cache.facts->positions.values;
  cache.position_picture = gl::HeatmapStack();
  if (table.size() == 0) return;
  cache.position_picture =
      gl::HeatmapStack(static_cast<int>(table.rows()), static_cast<int>(table.cols()), 1);
  cache.position_picture.set(0, attn::view(table));
}

// The pictures: three, two or one beside one another.
float draw_pictures(StartPage& page, const Rect& rect) {
  Ui& ui = page.ui;
  const float gap = ui.px(20);
  if (rect.width() >= ui.px(kThreeColumns)) {
    const float bottom = std::max(rect.y0 + ui.px(kPicture), rect.y1);
    const float one = (rect.width() - 2 * gap) / 3;
    draw_word_map(page, {rect.x0, rect.y0, rect.x0 + one, bottom});
    draw_similarities(page, {rect.x0 + one + gap, rect.y0, rect.x0 + 2 * one + gap, bottom});
    draw_positions(page, {rect.x0 + 2 * (one + gap), rect.y0, rect.x1, bottom});
    return bottom - rect.y0;
  }
  float y = rect.y0;
  if (rect.width() >= ui.px(kTwoColumns)) {
    const float one = (rect.width() - gap) / 2, bottom = y + ui.px(kPicture);
    draw_word_map(page, {rect.x0, y, rect.x0 + one, bottom});
    draw_similarities(page, {rect.x0 + one + gap, y, rect.x1, bottom});
    y = bottom + gap;
  } else {
    draw_word_map(page, {rect.x0, y, rect.x1, y + ui.px(kPicture)});
    y += ui.px(kPicture) + gap;
    draw_similarities(page, {rect.x0, y, rect.x1, y + ui.px(kPicture)});
    y += ui.px(kPicture) + gap;
  }
  draw_positions(page, {rect.x0, y, rect.x1, y + ui.px(kLowPicture)});
  return y + ui.px(kLowPicture) - rect.y0;
}

}  // namespace

void draw_start(Ui& ui, const Rect& rect, const Frame& frame, const Study& study, const ViewState& view,
                StartCache& cache, Intents& intents) {
  if (!frame.a || !frame.a->trace)
    return draw_nothing_yet(ui, rect, frame, "start.empty", "start.empty_hint");
  const Trace& trace = *frame.a->trace;
  if (!trace.model)
    return empty_state(ui, rect, ui.words("start.recording"), ui.words("start.recording_hint"));
  const ModelSpec& spec = trace.model->spec;
  const bool decoder = study.selection.head.stack != Stack::encoder && spec.decoder;
  const Stack stack = decoder || !spec.encoder ? Stack::decoder : Stack::encoder;
  if (spec.input != InputKind::words && !(stack == Stack::decoder && spec.encoder))
    return empty_state(ui, rect, ui.words("start.no_words"), ui.words("start.no_words_hint"));
  const Wording problem = update_facts(frame, stack, cache, intents);
  if (!problem.empty()) return empty_state(ui, rect, ui.words("start.cannot"), in_words(ui.words, problem));
  if (!cache.facts || cache.facts->start.ids.empty())
    return empty_state(ui, rect, ui.words("map.computing"), "");
  update_map(frame, cache, intents);

  const int n = static_cast<int>(cache.facts->start.ids.size());
  StartPage page{ui,   *cache.facts, *cache.trace, *frame.a,
                 view, cache,        intents,      std::clamp(study.selection.query, 0, n - 1)};
  update_pictures(page);
  ImGui::SetCursorScreenPos(ImVec2(rect.x0, rect.y0));
  scroll_area(ui, "start.page", rect.height(), [&] {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float right = rect.x1 - ui.px(12), scrolled = rect.y0 - at.y;
    float y = at.y + draw_token_strips(page, {at.x, at.y, right, rect.y1}) + ui.px(14);
    y += draw_pictures(page, {at.x, y, right, rect.y1 - scrolled - ui.px(4)});
    ImGui::SetCursorScreenPos(ImVec2(at.x, y));
    ImGui::Dummy(ImVec2(1, 1));
  });
}

}  // namespace attn::app
