#include "core/study/agreement.h"

#include <algorithm>

#include "core/analysis/coreference.h"
#include "core/math/error.h"
#include "core/study/stand_ins.h"

namespace attn {

namespace {

// Less than this on the best candidate, in the middle one of the seeds, is wavering. On held-out twin pairs
// the weight is 0.97 on average (model cards).
constexpr double kSure = 0.6;

SeedAnswer ask(const LoadedModel& seed, const PreparedText& prepared, const Mention& pronoun,
               std::span<const Mention> candidates, Pool* pool) {
  PassOptions options;
  options.pool = pool;
  const std::shared_ptr<const Trace> trace = run_pass(seed.model, prepared.inputs, {}, options);
  const CoreferenceAnswer answer = pointer_answer(*trace, pronoun.tokens, candidates);
  if (answer.scores.empty()) throw Error(seed.model->name + " cannot be asked: " + answer.why_not);
  SeedAnswer out{seed.model->name, answer.scores, std::nullopt};
  if (*std::max_element(out.weights.begin(), out.weights.end()) > 0) out.best = answer.best();
  return out;
}

}  // namespace

std::vector<std::filesystem::path> seed_folders(const std::filesystem::path& model) {
  std::vector<std::filesystem::path> folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(model / "seeds", ignored))
    if (std::filesystem::exists(entry.path() / "config.json", ignored)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<LoadedModel> open_seeds(const LoadedModel& model, Pool* pool, const CancelToken* cancel) {
  std::vector<LoadedModel> seeds = {model};
  for (const std::filesystem::path& folder : seed_folders(model.model->path)) {
    LoadedModel seed = model;
    auto opened = std::make_shared<Model>(*load_model(folder, pool, nullptr, cancel));
    if (!opened->spec.pointer || opened->spec.embedding.n_vocab != model.model->spec.embedding.n_vocab)
      throw Error(folder.string() + ": this seed is of another kind than " + model.model->name +
                  "; was one of them trained on another grammar?");
    opened->name = "seed " + folder.filename().string();
    seed.model = std::move(opened);
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

AgreementReport agreement(std::span<const LoadedModel> seeds, const PreparedText& prepared,
                          const std::string& text, const Mention& pronoun,
                          std::span<const Mention> candidates, Pool* pool) {
  AgreementReport report;
  if (seeds.empty() || candidates.empty()) return report;
  if (const Tokenizer* tokenizer = seeds.front().tokenizer.get())
    for (UnknownWord& word : unknown_words(*tokenizer, prepared.source, text))
      report.unknown_words.push_back(std::move(word.text));
  std::vector<double> surest;
  for (const LoadedModel& seed : seeds) {
    report.seeds.push_back(ask(seed, prepared, pronoun, candidates, pool));
    const std::vector<double>& weights = report.seeds.back().weights;
    surest.push_back(*std::max_element(weights.begin(), weights.end()));
  }
  const bool same = std::all_of(report.seeds.begin(), report.seeds.end(), [&](const SeedAnswer& answer) {
    return answer.best && answer.best == report.seeds.front().best;
  });
  std::nth_element(surest.begin(), surest.begin() + static_cast<std::ptrdiff_t>(surest.size() / 2),
                   surest.end());
  const bool sure = surest[surest.size() / 2] >= kSure;
  if (same) report.candidate = report.seeds.front().best;
  report.verdict = !report.unknown_words.empty() ? Agreement::unknown_words
                   : !same                       ? Agreement::disagree
                   : !sure                       ? Agreement::unseen
                                                 : Agreement::agree;
  return report;
}

}  // namespace attn
