#pragma once

#include "core/training/grammar.h"

namespace attn {

// One sentence in the making: what was drawn before anything is said, and the words said so far.
struct Grammar::Derivation {
  Random random{0};
  int frame = 0;
  Side side = Side::first;
  bool past = true;
  const Noun* nouns[3] = {nullptr, nullptr, nullptr};  // X, Y, Z
  bool many[3] = {false, false, false};
  const VerbForms* verb = nullptr;
  const Reason* reasons[2] = {nullptr, nullptr};
  const Reason* others[2] = {nullptr, nullptr};  // {B}
  std::string kind;

  int n_steps = 0;  // alternatives taken so far
  std::vector<std::string> words;
  std::vector<int> mentions[3];
  std::vector<int> asked;
  int reason_row = -1, n_reason_words = 0;

  // Which of `nouns` a role is; R: whichever the reason speaks of.
  int index_of(char role) const {
    if (role == 'R') return side == Side::first ? 0 : 1;
    return role == 'Y' ? 1 : role == 'Z' ? 2 : 0;
  }
  const Reason& reason() const { return *reasons[side == Side::first ? 0 : 1]; }
};

}  // namespace attn
