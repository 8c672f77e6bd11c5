#pragma once

#include <filesystem>
#include <string>

#include "core/model/model.h"
#include "core/training/grammar.h"

namespace attn {

// The tokenizer.json of a grammar's vocabulary: English words after lower-casing and with contractions
// written out (didn't → did not), Chinese by the longest word that fits. Whole words; others become [UNK].
std::string tokenizer_json(const Grammar& grammar);

// Writes a trained model as a Hugging Face folder: config.json (a real architecture; what it lacks under the
// key "attnlab"), model.safetensors, tokenizer.json, tokenizer_config.json and MODEL_CARD.md with `card`.
// Everything is first written beside `folder` and put in its place when whole, so that an older model there
// stays intact until then. Throws Error when the folder cannot be written, or for a model that no
// architecture expresses. question_at_end: the model was trained so (Recipe); noted under "attnlab".
void save_model(const Model& model, const Grammar& grammar, const std::string& card,
                const std::filesystem::path& folder, bool question_at_end = false);

// Another MODEL_CARD.md for a model that is kept already. Throws Error when it cannot be written.
void save_card(const std::string& card, const std::filesystem::path& folder);

}  // namespace attn
