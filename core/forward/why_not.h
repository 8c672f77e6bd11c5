#pragma once

#include <vector>

#include "core/forward/interventions.h"
#include "core/math/worded_error.h"

namespace attn {

// As why_not (interventions.h), each reason in a form that the window can say in its own language.
std::vector<Wording> reasons_against(const Interventions& interventions, const ModelSpec& spec,
                                     int n_tokens = 0, int n_target_tokens = 0);

}  // namespace attn
