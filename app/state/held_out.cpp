#include "app/state/held_out.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/study/session.h"
#include "core/training/batch_sampler.h"
#include "core/training/evaluate.h"

namespace attn::app {

namespace fs = std::filesystem;

namespace {

bool same_words(const Tokenizer& tokenizer, const Grammar& grammar) {
  const std::vector<std::string>& words = grammar.vocabulary();
  if (tokenizer.n_vocab() != static_cast<int>(words.size())) return false;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (tokenizer.token(static_cast<int>(i)) != words[i]) return false;
  return true;
}

// What the view of training wrote into the config of a model that it kept.
bool was_asked_at_end(const fs::path& folder) {
  try {
    const auto config = nlohmann::json::parse(read_text_file(folder / "config.json"), nullptr, false);
    if (!config.is_object() || !config.contains("attnlab") || !config["attnlab"].is_object()) return false;
    return config["attnlab"].value("question", "") == "at the end";
  } catch (const std::exception&) {
    return false;  // a model without a readable config was not kept by us
  }
}

}  // namespace

fs::path recipes_folder() {
  return model_places().built_in.parent_path() / "recipes";
}

HeldOut held_out_of(std::shared_ptr<const Grammar> grammar, bool question_at_end) {
  HeldOut set;
  set.grammar = std::move(grammar);
  set.question_at_end = question_at_end;
  set.pairs = held_out_pairs(*set.grammar, {Draw::held_out, Draw::seen}, kHeldOutPairs);
  set.first_noun = guess_answers(set.pairs, Guess::first_noun);
  set.nearest_noun = guess_answers(set.pairs, Guess::nearest_noun);
  for (TwinPair& pair : set.pairs)
    for (Sentence* sentence : {&pair.first, &pair.second})
      if (question_at_end) ask_at_end(*sentence);
  return set;
}

HeldOut find_held_out(const LoadedModel& loaded) {
  if (!loaded.model || !loaded.tokenizer || !loaded.model->spec.encoder || loaded.model->spec.decoder ||
      loaded.model->spec.output != OutputKind::masked_words)
    return {};
  std::vector<fs::path> files;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(recipes_folder(), problem))
    if (entry.path().extension() == ".grammar") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    auto grammar = std::make_shared<const Grammar>(Grammar::load(file));
    if (!grammar->frames().empty() && same_words(*loaded.tokenizer, *grammar))
      return held_out_of(std::move(grammar), was_asked_at_end(loaded.model->path));
  }
  return {};
}

}  // namespace attn::app
