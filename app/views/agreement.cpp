#include "app/views/agreement.h"

#include <algorithm>
#include <map>

#include "app/views/view_parts.h"
#include "core/model/model.h"

namespace attn::app {

namespace {

using Seeds = std::vector<LoadedModel>;

// "animal 4 · street 1": how many seeds say which.
std::string votes(const AgreementReport& report, std::span<const Mention> candidates,
                  std::string_view nobody) {
  std::map<int, int> counts;
  for (const SeedAnswer& seed : report.seeds) ++counts[seed.best.value_or(-1)];
  std::vector<std::pair<int, int>> most(counts.begin(), counts.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [candidate, n] : most)
    text += (text.empty() ? "" : " · ") +
            (candidate < 0 ? std::string(nobody) : candidates[static_cast<std::size_t>(candidate)].word) +
            " " + std::to_string(n);
  return text;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Each seed's weights on the candidates, a line a seed.
std::string seed_by_seed(const AgreementReport& report, std::span<const Mention> candidates) {
  std::string text;
  for (const SeedAnswer& seed : report.seeds) {
    text += (text.empty() ? "" : "\n") + seed.name + ": ";
    for (std::size_t k = 0; k < seed.weights.size(); ++k)
      text += (k ? " · " : "") + candidates[k].word + " " + weight_text(seed.weights[k]);
  }
  return text;
}

}  // namespace

std::shared_ptr<const AgreementReport> ask_seeds(const Frame& frame, const std::shared_ptr<const Side>& side,
                                                 const Mention& pronoun, std::span<const Mention> candidates,
                                                 Intents& intents) {
  const LoadedModel& loaded = side->loaded;
  if (!loaded.model || !loaded.model->spec.pointer || side->id == 0 || pronoun.tokens.empty() ||
      candidates.empty())
    return nullptr;
  const std::string of_model = "seeds " + loaded.model->path + " " + loaded.model->fingerprint;
  intents.want<Seeds>(of_model, [loaded](JobControl& control) {
    return open_seeds(loaded, &control.pool(), control.cancel());
  });
  const std::shared_ptr<const Seeds> seeds = frame.answer<Seeds>(of_model).value;
  if (!seeds || seeds->size() < 2) return nullptr;
  std::string key = "agreement " + std::to_string(side->id) + " " + std::to_string(pronoun.tokens.front());
  for (const Mention& candidate : candidates) key += " " + std::to_string(candidate.tokens.front());
  const std::vector<Mention> of(candidates.begin(), candidates.end());
  intents.want<AgreementReport>(key, [seeds, side, pronoun, of](JobControl& control) {
    return agreement(*seeds, side->text, side->subject.text, pronoun, of, &control.pool());
  });
  return frame.answer<AgreementReport>(key).value;
}

std::string agreement_tip(Ui& ui, const AgreementReport& report, std::span<const Mention> candidates) {
  return seed_by_seed(report, candidates) + "\n" + std::string(ui.words("agreement.tip"));
}

void draw_agreement(Ui& ui, const AgreementReport& report, std::span<const Mention> candidates) {
  const std::string n = std::to_string(report.seeds.size());
  const std::string said = votes(report, candidates, ui.words("agreement.nobody"));
  const std::string tip = agreement_tip(ui, report, candidates);
  if (report.verdict == Agreement::agree) {
    value_row(ui, "agreement", ui.words("agreement.agree", {{"n", n}}),
              candidates[static_cast<std::size_t>(*report.candidate)].word);
    tooltip(ui, tip);
    return;
  }
  const bool unknown = report.verdict == Agreement::unknown_words;
  space(ui, 4);
  badge(ui, "agreement", ui.words(unknown ? "agreement.unknown_words" : "agreement.not_trained"),
        BadgeLook::warning);
  tooltip(ui, tip);
  switch (report.verdict) {
    case Agreement::unknown_words:
      return note(ui, ui.words("agreement.unknown_note",
                               {{"words", listed(report.unknown_words)}, {"n", n}, {"votes", said}}));
    case Agreement::disagree:
      return note(ui, ui.words("agreement.disagree_note", {{"n", n}, {"votes", said}}));
    default:
      return note(ui, ui.words("agreement.unseen_note", {{"n", n}}));
  }
}

}  // namespace attn::app
