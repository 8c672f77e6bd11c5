#include "core/training/model_card.h"

#include <algorithm>
#include <cstdio>

namespace attn {

namespace {

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

// "93.8 %", or of several seeds "91.0 – 93.8 – 95.2 %" (lowest, median, highest).
std::string over_seeds(std::vector<double> shares) {
  if (shares.size() == 1) return percent(shares[0]);
  std::sort(shares.begin(), shares.end());
  if (percent(shares.front()) == percent(shares.back())) return percent(shares.front());
  const std::size_t half = shares.size() / 2;
  const double median = shares.size() % 2 == 1 ? shares[half] : (shares[half - 1] + shares[half]) / 2;
  char text[48];
  std::snprintf(text, sizeof text, "%.1f – %.1f – %.1f %%", 100 * shares.front(), 100 * median,
                100 * shares.back());
  return text;
}

std::string pronoun_table(const std::vector<SeedResult>& results) {
  std::string table =
      "| words of the sentences | both twins right | sentences right | weight on the antecedent | named at "
      "the "
      "pronoun |\n|---|---|---|---|---|\n";
  for (std::size_t r = 0; r < results.front().rows.size(); ++r) {
    const auto column = [&](double PronounScore::*member) {
      std::vector<double> shares;
      for (const SeedResult& result : results) shares.push_back(result.rows[r].score.*member);
      return over_seeds(std::move(shares));
    };
    const bool baseline = results.front().rows[r].name.starts_with("baseline");
    table += "| " + results.front().rows[r].name + " | " + column(&PronounScore::pairs_right) + " | " +
             column(&PronounScore::sentences_right) + " | " +
             (baseline ? "" : column(&PronounScore::weight)) + " | " +
             (baseline ? "" : column(&PronounScore::named)) + " |\n";
  }
  std::vector<double> reasons;
  for (const SeedResult& result : results) reasons.push_back(result.reason.score);
  table +=
      "\nMean weight from the pronoun to the reason, of the head below the last layer that looks there most "
      "(nobody "
      "supervised it; in the first seed " +
      to_text(results.front().reason.head) + "): " + over_seeds(std::move(reasons)) + ".\n";
  return table;
}

std::string story_table(const std::vector<SeedResult>& results) {
  const auto row = [&](const std::string& name, const auto& share_of) {
    std::vector<double> shares;
    for (const SeedResult& result : results) shares.push_back(share_of(*result.stories));
    return "| " + name + " | " + over_seeds(std::move(shares)) + " |\n";
  };
  const StoryScore& first = *results.front().stories;
  return "| on fresh texts | |\n|---|---|\n" +
         row("induction score of the best head (in the first seed " + to_text(first.induction.head) + ")",
             [](const StoryScore& s) { return s.induction.score; }) +
         row("previous-token score of the best head (" + to_text(first.previous.head) + ")",
             [](const StoryScore& s) { return s.previous.score; }) +
         row("next words of stories that were the most likely one",
             [](const StoryScore& s) { return s.next_word; });
}

std::string measure_table(const std::vector<SeedResult>& results) {
  std::string table = "| on held-out sentences | share |\n|---|---|\n";
  for (std::size_t m = 0; m < results.front().measures.size(); ++m) {
    std::vector<double> shares;
    for (const SeedResult& result : results) shares.push_back(result.measures[m].share);
    table += "| " + results.front().measures[m].name + " | " + over_seeds(std::move(shares)) + " |\n";
  }
  return table;
}

std::string about_pronouns(const Recipe& recipe, const Grammar& grammar) {
  const int n_sentences = recipe.batch * recipe.optimiser.n_steps;
  std::string text = "## Data\n\nAbout " + std::to_string(n_sentences) +
                     " made-up sentences, drawn fresh for every step from a grammar of " +
                     std::to_string(grammar.frames().size()) + " situations and " +
                     std::to_string(grammar.vocabulary().size() - 3) + " words.";
  text +=
      " No text of anybody was used. Each pronoun sentence has a twin that differs in the reason only, and "
      "so in "
      "the answer; both are equally likely, and so are both orders of the two candidates. Held-out nouns and "
      "adjectives never stand in a pronoun sentence of training, only in sentences without a pronoun";
  text += recipe.masked_again > recipe.masked
              ? ": those that tell a property, and those that say the noun again where a pronoun could stand "
                "(\"… because the dog was too weary\"), in which that noun or the adjective is often hidden."
              : " that tell a property.";
  text += "\n\n## Objective\n\nMasked words (";
  text += percent(recipe.masked) + "), and the output at the pronoun names the antecedent's word. ";
  if (recipe.objective == Objective::naming)
    return text +
           "No head was told where to look: the answer is the word named at the pronoun. The other columns "
           "tell of "
           "the head that prefers the antecedent most often, whichever it is: the same accuracy of the "
           "answer may "
           "come with a head that points, or with none.\n";
  return text + "**Supervised:** layer " + std::to_string(recipe.n_layers - 1) +
         ", head 0 was trained to point from the pronoun to the antecedent (attention sum, Kadlec et al. "
         "2016): "
         "its weights are the answer. No other head was told where to look; what they do emerged, and "
         "differs "
         "from seed to seed.\n";
}

std::string about_stories(const Recipe& recipe, const Grammar& grammar) {
  return "## Data\n\n" + percent(1 - recipe.repeated) + " made-up stories from a grammar of " +
         std::to_string(grammar.vocabulary().size() - 3) + " words, " + percent(recipe.repeated) +
         " random words that are repeated after 6 to 20 positions. No text of anybody was used.\n\n## "
         "Objective\n\nThe next word; of repeated random words only from the second time on. No head was "
         "told "
         "where to look.\n";
}

std::string about_translation(const Recipe& recipe, const Grammar& grammar) {
  return "## Data\n\nAbout " + std::to_string(recipe.batch * recipe.optimiser.n_steps) +
         " made-up sentences with their Chinese, drawn fresh for every step from a bilingual grammar of " +
         std::to_string(grammar.frames().size()) + " situations and " +
         std::to_string(grammar.vocabulary().size() - 3) +
         " words of both languages. No text of anybody was used. One in eight pairs of nouns is held out: no "
         "sentence of training has both in their roles.\n\n## Objective\n\nThe next word of the translation. "
         "The Chinese repeats the noun that the pronoun stands for, so that it shows what the model took "
         "\"it\" to be. **Supervised:** the cross-attention head 0 of decoder layer " +
         std::to_string(recipe.n_layers - 1) +
         " was trained to look at the English word whose Chinese is written next (guided alignment, Chen et "
         "al. "
         "2016): its row for a word shows where the following word comes from, and the word said again for "
         "\"it\" is aligned with \"it\" itself. What \"it\" stands for is found by heads that nobody "
         "guided.\n";
}

std::string about_tags(const Recipe& recipe, const Grammar& grammar) {
  std::string classes;
  for (const std::string& label : grammar.labels()) classes += (classes.empty() ? "" : ", ") + label;
  return "## Data\n\nAbout " + std::to_string(recipe.batch * recipe.optimiser.n_steps) +
         " made-up sentences from a grammar of " + std::to_string(grammar.vocabulary().size() - 4) +
         " words, many of which have more than one class. No text of anybody was used. One in eight "
         "sentences "
         "is held out.\n\n## Objective\n\nThe class of every word, and at [CLS] the kind of the whole "
         "sentence: " +
         classes + ". " + percent(recipe.unknown) +
         " of the words are hidden as [UNK]. No head was told where "
         "to look.\n";
}

// What the numbers under "Results" were counted on.
std::string about_numbers(const Recipe& recipe, const SeedResult& result) {
  switch (recipe.objective) {
    case Objective::stories:
      return "";
    case Objective::translation:
      return "On 500 fresh sentences a line, and 500 twin pairs. ";
    case Objective::tagging:
      return "On 500 fresh sentences. ";
    default:
      return "On " + std::to_string(result.rows.front().score.n_pairs) +
             " fresh twin pairs a line; a pair counts only when both answers are right (a rule that does not "
             "read the reason gets 0 %). ";
  }
}

std::string about(const Recipe& recipe, const Grammar& grammar) {
  switch (recipe.objective) {
    case Objective::stories:
      return about_stories(recipe, grammar);
    case Objective::translation:
      return about_translation(recipe, grammar);
    case Objective::tagging:
      return about_tags(recipe, grammar);
    default:
      return about_pronouns(recipe, grammar);
  }
}

const char* architecture_name(Objective objective) {
  switch (objective) {
    case Objective::stories:
      return "Llama";
    case Objective::translation:
      return "Marian";
    default:
      return "BERT";
  }
}

}  // namespace

SeedResult evaluate(const Recipe& recipe, const Model& model, const Grammar& grammar, std::uint64_t seed,
                    int n_pairs, Pool* pool) {
  if (recipe.objective == Objective::stories)
    return {seed, {}, {}, score_stories(model, grammar, 40, pool), {}};
  if (recipe.objective == Objective::translation)
    return {seed, {}, {}, std::nullopt, evaluate_translation(model, grammar, n_pairs, pool)};
  if (recipe.objective == Objective::tagging)
    return {seed, {}, {}, std::nullopt, evaluate_tags(model, grammar, n_pairs, pool)};
  SeedResult result{seed, evaluate_pronouns(model, grammar, n_pairs, pool), {}, std::nullopt, {}};
  const std::vector<TwinPair> pairs = held_out_pairs(grammar, {Draw::held_out, Draw::seen}, n_pairs);
  const std::vector<double> weights = reason_weights(model, pairs, pool);
  const int n_heads = model.spec.encoder->layers.front().self.n_heads;
  for (int i = 0; i < (model.spec.encoder->n_layers() - 1) * n_heads; ++i)
    if (weights[static_cast<std::size_t>(i)] > result.reason.score)
      result.reason = {{Stack::encoder, i / n_heads, i % n_heads}, weights[static_cast<std::size_t>(i)]};
  return result;
}

std::string evaluation_table(const std::vector<SeedResult>& results) {
  if (results.empty()) return {};
  if (!results.front().measures.empty()) return measure_table(results);
  return results.front().stories ? story_table(results) : pronoun_table(results);
}

std::string baseline_table(const std::vector<NamedShare>& baselines, std::uint64_t seed) {
  std::string table = "| trained for comparison, seed " + std::to_string(seed) + " | |\n|---|---|\n";
  for (const NamedShare& one : baselines) table += "| " + one.name + " | " + percent(one.share) + " |\n";
  return table;
}

std::string model_card(const Recipe& recipe, const Grammar& grammar, const std::vector<SeedResult>& results,
                       std::size_t n_parameters, const std::vector<NamedShare>& baselines) {
  std::string card =
      "# " + recipe.name + "\n\n" + recipe.title + ", " + architecture_name(recipe.objective) +
      "'s architecture: " + std::to_string(recipe.n_layers) +
      (recipe.objective == Objective::translation ? " + " + std::to_string(recipe.n_layers) : "") +
      " layers of " + std::to_string(recipe.n_heads) + " heads, width " + std::to_string(recipe.d_model) +
      ", " + std::to_string(n_parameters) + " parameters. Made by `attnlab train " + recipe.name +
      " --seed " + std::to_string(recipe.seed) + "` from " + recipe.name + ".recipe and " + recipe.grammar +
      ".\n\n" + about(recipe, grammar) + "\n## Results\n\n";
  if (!results.empty()) card += about_numbers(recipe, results.front());
  if (results.size() > 1)
    card += "Lowest, median and highest of " + std::to_string(results.size()) + " seeds.\n\n";
  else
    card += "One seed; others differ by several points.\n\n";
  card += evaluation_table(results);
  if (!baselines.empty()) card += "\n" + baseline_table(baselines, recipe.seed);
  card += "\n## Limits\n\nIt knows these situations and words, and nothing else: other words become [UNK].";
  if (recipe.objective == Objective::pointer || recipe.objective == Objective::naming)
    card +=
        " In a situation that it was not trained on its answer is no better than chance. Adjectives that it "
        "never "
        "saw as a reason are resolved less often than the trained ones. It does not understand tiredness.";
  return card + "\n";
}

}  // namespace attn
