#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "core/analysis/head_distance.h"
#include "core/analysis/lens.h"
#include "core/analysis/predictions.h"

namespace attn::app {

// What the model's output head says of the places that are looked at: worked out by a job, from sealed Sides.

struct Place {
  int token = -1;    // row of the output; -1: the text as a whole
  std::string name;  // of the token there, as a person reads it
  bool masked = false;
  std::vector<Prediction> now, before;            // the likeliest first; before: as trained, or empty
  std::optional<Prediction> own_now, own_before;  // what really stands there (or comes next)
  int own_rank = 0;                               // entries that are likelier, now
};

struct Said {
  std::uint64_t side = 0;  // Side::id that it was worked out from
  OutputKind kind = OutputKind::none;
  std::vector<Place> places;
  AnswerSpan span, span_before;  // OutputKind::question
  std::string answer, answer_before;
};

struct SaidWish {
  std::vector<int> rows;    // of the output; empty: all, or the text as a whole
  std::vector<int> masked;  // tokens to be covered first (models that predict masked words)
  int most = 8;
  std::string key(std::uint64_t side, std::uint64_t baseline) const;
};

// Runs the text with its words covered where that was wished for, and reads the output head's rows; the same
// for the baseline where there is one. Throws Error for a model that says nothing, Cancelled.
Said what_is_said(const Side& side, const Side* baseline, const SaidWish& wish, Pool* pool,
                  const CancelToken* cancel);

// The tokens that the rows of the output stand for: the text's, or an encoder-decoder's target.
const std::vector<std::string>& output_tokens(const Trace& trace);

// Tokens of the word that `token` is a piece of.
std::vector<int> pieces_of_word(const Side& side, int token);

// What the pointing head's answer cannot be changed by: everything that is computed after its weights.
// False where there is no pointing head.
bool comes_after_pointer(const ModelSpec& spec, const HeadId& head);

}  // namespace attn::app
