#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/forward/interventions.h"
#include "core/model/spec.h"
#include "core/training/grammar.h"
#include "core/training/optimiser.h"

namespace attn {

// How a model is made: a readable file (assets/recipes/NAME.recipe) of `name = value` lines. Every setting
// may be changed before training; a plain value.
enum class Objective {
  pointer,      // masked words, one head points at the antecedent, the output at the pronoun names it
  naming,       // the same without the pointer: masked words, and the output at the pronoun names it
  stories,      // a decoder: the next word, of small stories and of random words that repeat
  translation,  // an encoder-decoder: a bilingual grammar's sentences, one cross-attention head aligned
  tagging,      // an encoder: the class of every word, and at [CLS] the kind of the sentence
};

// "learned", "sinusoidal", "rotary"; "none" for every other: as a recipe names them, and a kept model's
// config.
const char* name_of(PositionKind kind);

struct Recipe {
  std::string name;     // "pronouns-en"
  std::string title;    // for people
  std::string grammar;  // file beside the recipe: "english.grammar"
  Objective objective = Objective::pointer;

  int n_layers = 3, n_heads = 4, d_model = 48, d_ff = 96, n_positions = 48;  // d_ff 0: no feed-forward
  PositionKind positions = PositionKind::learned;
  NormPlace norm_place = NormPlace::after;
  bool norms = true;     // "norm = none": no norm anywhere
  bool residual = true;  // x + f(x) rather than f(x) in every branch
  Scoring scoring = Scoring::dot_product;
  bool causal = false;
  bool scaling = true;           // scores divided by sqrt(d_head)
  bool question_at_end = false;  // the pronoun stands once more after the sentence, and is asked about there

  int batch = 64;                // fresh sentences a step
  double masked = 0.12;          // share of words that masked-word training hides
  double masked_property = 0.3;  // the same in sentences that tell a property, where there is more to guess
  double masked_reason = 0.4;    // the same for the adjective of a property sentence
  double unknown = 0.02;         // share of words replaced by [UNK], so that unknown words do not confuse
  double breadth = -0.25;        // share of the grammar's frames and words that the first steps draw from,
  int full_breadth_at = 1;       // growing evenly until this step: easy sentences first
  double properties = 0.35;      // share of sentences that tell a property
  double repeats = 0.1;          // share of the others that say the noun again instead of a pronoun
  double masked_again = 0.12;    // share of those nouns said again that are hidden; above `masked`: these
                                 // sentences hold held-out words too, and hide the reason as properties do
  double twins = 0.5;            // share of pronoun sentences that come with their twin
  double masked_weight = 0.3;    // of the masked words' loss
  double naming_weight = 0.3;    // of the loss of the word named at the pronoun
  double repeated = 0;  // stories: share of texts that are random words, repeated after 6 to 20 positions
  double guided_weight = 0.5;  // translation: of the loss that aligns the one head
  OptimiserOptions optimiser;
  std::uint64_t seed = 1;  // the shipped one

  bool operator==(const Recipe&) const = default;
};

// Throws Error "FILE:LINE: what was found, what was expected".
Recipe parse_recipe(std::string_view text, const std::string& file);
Recipe load_recipe(const std::filesystem::path& path);

// What a recipe's model is made of, for a vocabulary of this grammar.
ModelSpec spec_of(const Recipe& recipe, const Grammar& grammar);

// What no ModelSpec expresses and the model is trained with all the same: where residual connections are left
// out. Its passes must be run so too.
Interventions trained_with(const Recipe& recipe);

}  // namespace attn
