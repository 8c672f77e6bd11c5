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
  char text[48];
  std::snprintf(text, sizeof text, "%.1f – %.1f – %.1f %%", 100 * shares.front(),
                100 * shares[shares.size() / 2], 100 * shares.back());
  return text;
}

}  // namespace

std::string evaluation_table(const std::vector<SeedResult>& results) {
  if (results.empty()) return {};
  std::string table =
      "| words of the sentences | both twins right | sentences right | weight on the antecedent | named at "
      "the pronoun |\n"
      "|---|---|---|---|---|\n";
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
  return table;
}

std::string model_card(const Recipe& recipe, const Grammar& grammar, const std::vector<SeedResult>& results,
                       std::size_t n_parameters) {
  const std::size_t n_sentences =
      static_cast<std::size_t>(recipe.batch) * static_cast<std::size_t>(recipe.optimiser.n_steps);
  std::string card = "# " + recipe.name + "\n\n";
  card += recipe.title + ": who is meant by a pronoun? Made by `attnlab train " + recipe.name + " --seed " +
          std::to_string(recipe.seed) + "` from " + recipe.name + ".recipe and " + recipe.grammar + ".\n\n";
  card += "## Data\n\nAbout " + std::to_string(n_sentences) +
          " made-up sentences, drawn fresh for every step from a grammar of " +
          std::to_string(grammar.frames().size()) + " situations and " +
          std::to_string(grammar.vocabulary().size() - 3) +
          " words. No text of anybody was used. Each pronoun sentence has a twin that differs in the reason "
          "only, and so in "
          "the answer; both are equally likely, and so are both orders of the two candidates. Held-out nouns "
          "and adjectives "
          "never stand in a pronoun sentence of training, only in sentences without a pronoun that tell a "
          "property.\n\n";
  card += "## Model and objective\n\n" + std::to_string(recipe.n_layers) + " layers of " +
          std::to_string(recipe.n_heads) + " heads, width " + std::to_string(recipe.d_model) + ", " +
          std::to_string(n_parameters) + " parameters (BERT's architecture). Masked words (" +
          percent(recipe.masked) + "), and the output at the pronoun names the antecedent's word.\n";
  if (recipe.objective == Objective::pointer)
    card += "**Supervised:** layer " + std::to_string(recipe.n_layers - 1) +
            ", head 0 was trained to point from the pronoun to the antecedent (attention sum, Kadlec et al. "
            "2016): its "
            "weights are the answer. No other head was told where to look; what they do emerged, and differs "
            "from seed to "
            "seed.\n";
  else
    card += "No head was told where to look.\n";
  card += "\n## Results\n\nOn " +
          std::to_string(results.empty() ? 0 : results.front().rows.front().score.n_pairs) +
          " fresh twin pairs a line; a pair counts only when both answers are right (a rule that does not "
          "read the reason "
          "gets 0 %). ";
  card += results.size() > 1
              ? "Lowest, median and highest of " + std::to_string(results.size()) + " seeds.\n\n"
              : "One seed; others differ by several points.\n\n";
  card += evaluation_table(results);
  card +=
      "\n## Limits\n\nIt knows these situations and words, and nothing else: a word outside the vocabulary "
      "becomes "
      "[UNK], and in a situation that it was not trained on its answer is no better than chance. Adjectives "
      "that it "
      "never saw as a reason are resolved far less often than the trained ones. It does not understand "
      "tiredness.\n";
  return card;
}

}  // namespace attn
