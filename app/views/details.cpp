#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "app/look/wording.h"
#include "app/views/agreement.h"
#include "app/views/meter.h"
#include "app/views/unknown_word.h"
#include "app/views/view_parts.h"
#include "app/views/views.h"
#include "core/model/model.h"
#include "core/study/recording_check.h"

namespace attn::app {

namespace {

constexpr std::size_t kMostKeys = 5;
constexpr std::size_t kMostFactsTokens = 512;
constexpr double kAgrees = 1e-4;           // of a weight with its recording: as attnlab verify
constexpr float kSmallestChange = 0.005f;  // that two decimals can show
constexpr int kLeastRows = 2;              // of words looked at, and of answers

std::string name_at(const std::vector<std::string>& tokens, int i) {
  return i >= 0 && i < static_cast<int>(tokens.size()) ? readable_token(tokens, static_cast<std::size_t>(i))
                                                       : "";
}

// The keys with the largest weights, the largest first.
std::vector<int> top_keys(const HeadWeights& weights, int query) {
  std::vector<int> keys(static_cast<std::size_t>(weights.cols()));
  std::iota(keys.begin(), keys.end(), 0);
  const std::size_t n = std::min(kMostKeys, keys.size());
  const float* row = weights.row(query);
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(n), keys.end(),
                    [row](int a, int b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  keys.resize(n);
  return keys;
}

void draw_looks_at(Ui& ui, const Frame& frame, const HeadId& head, const Study& study, const ViewState& view,
                   Intents& intents) {
  const Trace& trace = *frame.a->trace;
  const std::string name = head_name(trace, head, view);
  const std::vector<std::string>& keys = trace.key_tokens(head.stack);
  const int query = study.selection.query;
  const std::optional<HeadWeights> weights = frame.a->weights(head);
  if (!weights || query < 0 || query >= weights->rows()) {
    heading(ui, name);
    note(ui, ui.words("details.choose_word"));
    return;
  }
  const std::string word = name_at(trace.query_tokens(head.stack), query);
  heading(ui, shortened(ui, TextRole::heading, ui.words("details.looks_at", {{"word", word}, {"head", name}}),
                        room(ui)));
  if (view.covered) {
    note(ui, ui.words("details.covered"));
    if (button(ui, "details.reveal", ui.words("details.reveal"), {.icon = Icon::eye, .small = true}))
      intents.look([](ViewState& v) { v.covered = false; });
    return;
  }
  const std::optional<HeadWeights> before = frame.baseline ? frame.baseline->weights(head) : std::nullopt;
  const bool comparable = before && before->rows() == weights->rows() && before->cols() == weights->cols();
  float sum = 0;
  for (Index k = 0; k < weights->cols(); ++k) sum += weights->at(query, k);
  if (sum <= 0) note(ui, ui.words("details.all_masked"));
  int n_shown = 0;
  for (const int key : top_keys(*weights, query)) {
    const float weight = weights->at(query, key);
    if (weight < kSmallestChange && n_shown >= kLeastRows) break;  // what would read 0.00
    ++n_shown;
    if (bar_row(ui, "details.key." + std::to_string(key), name_at(keys, key), weight,
                weight_text(static_cast<double>(weight))))
      choose_query(intents, query, key);
    if (ImGui::IsItemHovered()) light_up_tokens(ui, view, intents, -1, key);
    const float was = comparable ? before->at(query, key) : weight;
    if (std::abs(was - weight) < kSmallestChange) continue;
    const Rect line = here(ui, room(ui), ui.px(14));
    draw_text_in(ui, *ImGui::GetWindowDrawList(), TextRole::note,
                 {line.x0, line.y0 - ui.px(6), line.x1, line.y1 - ui.px(2)}, ui.theme.warn,
                 ui.words("details.was", {{"weight", weight_text(static_cast<double>(was))}}), 1);
    ImGui::Dummy(ImVec2(line.width(), ui.px(4)));
  }
  // What drew the look before, if it is no longer among the first.
  if (comparable) {
    const int favourite = top_keys(*before, query).front();
    const std::vector<int> now = top_keys(*weights, query);
    if (std::find(now.begin(), now.end(), favourite) == now.end())
      note(ui, ui.words("details.as_trained_first",
                        {{"word", name_at(keys, favourite)},
                         {"weight", weight_text(static_cast<double>(before->at(query, favourite)))}}));
  }
}

// Whether the model's other seeds say the same.
void draw_seeds_say(Ui& ui, const Frame& frame, const PointerSays& says, Intents& intents) {
  const auto mention = [&](int token) {
    const std::optional<Stranger> stranger = stranger_at(*frame.a, static_cast<std::size_t>(token));
    return Mention{stranger ? stranger->word : name_at(frame.a->trace->tokens, token), 0, 0, {token}};
  };
  std::vector<Mention> candidates;
  for (const PointerSays::Candidate& candidate : says.candidates)
    candidates.push_back(mention(candidate.token));
  const auto report = ask_seeds(frame, frame.a, mention(says.asked), candidates, intents);
  if (report) draw_agreement(ui, *report, candidates);
}

void draw_pointer_says(Ui& ui, const Frame& frame, const Study& study, const ViewState& view,
                       ViewCaches& caches, Intents& intents) {
  const Trace& trace = *frame.a->trace;
  const int asked = caches.pointer.asked_word(*frame.a, study.selection.query);
  space(ui, 12);
  heading(ui, ui.words("details.says"));
  if (asked < 0) {
    std::string words;
    for (const std::string& word : trace.model->spec.pointer->asked_at)
      words += (words.empty() ? "" : ", ") + word;
    note(ui, ui.words("details.no_asked", {{"words", words}}));
    return;
  }
  if (view.covered) {
    note(ui, ui.words("details.covered"));
    return;
  }
  const std::string word = name_at(trace.tokens, asked);
  const PointerSays* says = caches.pointer.update(*frame.a, asked);
  if (!says || says->candidates.empty()) {
    note(ui, ui.words("details.cannot_say"));
    return;
  }
  // A lead too small to count is no answer.
  const double next = says->candidates.size() > 1 ? says->candidates[1].share : 0;
  const bool decided = says->candidates.front().share - next >= undecided_below("pointer");
  if (!decided) note(ui, ui.words("details.undecided", {{"least", weight_text(undecided_below("pointer"))}}));
  for (std::size_t i = 0; i < says->candidates.size(); ++i) {
    const bool counts = says->candidates[i].share >= static_cast<double>(kSmallestChange);
    if (!counts && i >= static_cast<std::size_t>(kLeastRows)) break;
    value_row(ui, "details.says." + std::to_string(i), word + " → " + says->candidates[i].word,
              weight_text(says->candidates[i].share), i == 0 && decided, i > 0 || !decided);
  }
  const PointerSays::Candidate& best = says->candidates.front();
  const PointerSays* before = frame.baseline ? caches.pointer_before.update(*frame.baseline, asked) : nullptr;
  if (before && !before->candidates.empty()) {
    const PointerSays::Candidate& was = before->candidates.front();
    if (was.token != best.token || std::abs(was.share - best.share) >= static_cast<double>(kSmallestChange))
      value_row(ui, "details.says_before", ui.words("details.says_before", {{"word", was.word}}),
                weight_text(was.share), false, true);
  }
  draw_seeds_say(ui, frame, *says, intents);
  if (!frame.other || !frame.other->trace || !study.twin) return;
  const int asked_there = follow_token(trace.tokens, frame.other->trace->tokens, asked);
  const PointerSays* there =
      asked_there < 0 ? nullptr : caches.pointer_twin.update(*frame.other, asked_there);
  if (!there || there->candidates.empty()) return;
  const std::string& exchanged = study.flipped ? study.twin->word : study.twin->alternative;
  value_row(
      ui, "details.says_twin",
      ui.words("details.says_twin", {{"exchanged", exchanged}, {"word", there->candidates.front().word}}),
      weight_text(there->candidates.front().share), false, true);
}

// What a head does: at once for a short text, by a job for one that would hold a frame up.
std::optional<HeadFacts> head_facts(const Frame& frame, const HeadId& head, ViewCaches& caches,
                                    Intents& intents) {
  const std::size_t n = frame.a->trace->key_tokens(head.stack).size();
  if (n <= kMostFactsTokens || frame.a->id == 0) {
    const HeadFacts* facts = caches.facts.update(*frame.a, head);
    return facts ? std::optional(*facts) : std::nullopt;
  }
  if (!frame.a->weights(head)) return std::nullopt;
  using Facts = std::optional<HeadFacts>;
  const std::string key = "facts/" + std::to_string(frame.a->id) + "/" + to_text(head, true);
  intents.want<Facts>(key, [side = frame.a, head](JobControl&) { return facts_of(*side, head); });
  const Answer<Facts> answer = frame.answer<Facts>(key);
  return answer.value ? *answer.value : std::nullopt;
}

void draw_head_facts(Ui& ui, const Frame& frame, const HeadId& head, const ViewState& view,
                     ViewCaches& caches, Intents& intents) {
  const std::optional<HeadFacts> facts = head_facts(frame, head, caches, intents);
  if (!facts) return;
  space(ui, 12);
  heading(ui, head_name(*frame.a->trace, head, view));
  if (view.covered) {
    note(ui, ui.words("details.covered"));
    return;
  }
  const auto row = [&](const char* name, double value, int digits, const char* unit) {
    const std::string key = std::string("details.") + name;
    std::string text = fixed(value, digits);
    if (unit && !std::isnan(value)) text += " " + std::string(ui.words(unit));
    value_row(ui, key, ui.words(key), text);
    tooltip(ui, ui.words(key + "_tip"));
  };
  row("entropy", facts->entropy, 2, "details.nats");
  row("first_share", facts->first, 2, nullptr);
  row("distance", facts->distance, 1, "details.tokens");
}

// Folders that were looked at lately: the recorded model may be among them.
std::vector<std::string> lately_opened(const Desk& desk) {
  std::vector<std::string> folders = desk.recent_files;
  for (const MenuModel& model : desk.models)
    if (!model.built_in && model.why_not.empty()) folders.push_back(model.name);
  return folders;
}

// A recording names its model: where that is on this computer, it can be asked whether it still says the
// same. An answer that it cannot be asked is no last word: its folder may be opened, and then it can.
void draw_recording_check(Ui& ui, const Frame& frame, const Desk& desk, Intents& intents) {
  const std::string& file = frame.a->subject.model;
  double& asked = ui.memory.numbers["details.check " + file];  // how often
  if (asked == 0 && button(ui, "details.check", ui.words("details.check"), {.small = true})) asked = 1;
  if (asked == 0) return;
  const std::string key = "details.check " + std::to_string(static_cast<int>(asked)) + " " + file;
  intents.want<RecordingCheck>(key, [file, folders = lately_opened(desk)](JobControl& job) {
    return check_recording(file, &job.pool(), job.cancel(), folders);
  });
  const Answer<RecordingCheck> answer = frame.answer<RecordingCheck>(key);
  if (!answer.problem.empty()) {
    note(ui, in_words(ui.words, answer.problem));
    if (button(ui, "details.check_again", ui.words("details.check_again"), {.small = true})) ++asked;
    if (button(ui, "details.check_open", ui.words("details.check_open"), {.small = true}))
      intents.ask(Command::open);
    return;
  }
  if (!answer.value) return note(ui, ui.words("details.check_working"));
  const double largest = answer.value->largest_weight;
  std::array<char, 32> difference{};
  std::snprintf(difference.data(), difference.size(), "%.1e", largest);
  note(ui, ui.words(largest == 0         ? "details.agrees_exactly"
                    : largest <= kAgrees ? "details.agrees"
                                         : "details.differs",
                    {{"model", answer.value->model}, {"difference", difference.data()}}));
}

void draw_card(Ui& ui, const Frame& frame, const ViewState& view, const Desk& desk, Intents& intents) {
  const Model* model = frame.a->trace->model.get();
  space(ui, 12);
  if (!model) {
    const Recording* recorded = frame.a->loaded.recorded.get();
    const bool own = recorded && !recorded->fingerprint.empty();
    note(ui, own ? ui.words("details.recording_own", {{"model", recorded->model}})
                 : std::string(ui.words("details.recording")));
    return draw_recording_check(ui, frame, desk, intents);
  }
  for (const Wording& one : frame.a->loaded.notes) note(ui, in_words(ui.words, one));
  const ModelCard& card = model->spec.card;
  if (!card.trained_on.empty())
    note(ui, card_text(ui.words, frame.a->subject.model, "trained_on", card.trained_on));
  const std::optional<PointerSpec>& pointer = model->spec.pointer;
  if (pointer && !card.supervised.empty()) {
    const HeadId head{model->spec.encoder ? Stack::encoder : Stack::decoder, pointer->layer, pointer->head};
    note(ui, ui.words("details.supervised", {{"head", head_name(*frame.a->trace, head, view)}}));
  } else if (!card.supervised.empty())
    note(ui, card_text(ui.words, frame.a->subject.model, "supervised", card.supervised));
  else
    note(ui, ui.words("details.nothing_supervised"));
}

}  // namespace

void draw_details(Ui& ui, const Frame& frame, const Study& study, const ViewState& view, const Desk& desk,
                  ViewCaches& caches, Intents& intents) {
  const std::optional<HeadId> head = head_on_screen(frame, study.selection.head);
  if (!head) return note(ui, ui.words("details.empty"));
  draw_looks_at(ui, frame, *head, study, view, intents);
  const Model* model = frame.a->trace->model.get();
  if (model && model->spec.pointer) draw_pointer_says(ui, frame, study, view, caches, intents);
  if (model) {
    const int asked = model->spec.pointer ? caches.pointer.asked_word(*frame.a, study.selection.query)
                                          : study.selection.query;
    draw_twins_alike(ui, frame, asked);
    draw_meter(ui, frame, intents);
  }
  draw_head_facts(ui, frame, *head, view, caches, intents);
  draw_card(ui, frame, view, desk, intents);
}

}  // namespace attn::app
