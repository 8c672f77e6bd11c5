#pragma once

#include <memory>
#include <span>

#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/widgets/ui.h"
#include "core/study/agreement.h"

namespace attn::app {

// What the seeds of the model in front say that the pronoun of `side` means (core/study/agreement.h), worked
// out by jobs. Null: not there yet, or the model has no other seeds.
std::shared_ptr<const AgreementReport> ask_seeds(const Frame& frame, const std::shared_ptr<const Side>& side,
                                                 const Mention& pronoun, std::span<const Mention> candidates,
                                                 Intents& intents);

// Each seed's weights on the candidates, and what that is worth: for a tooltip.
std::string agreement_tip(Ui& ui, const AgreementReport& report, std::span<const Mention> candidates);

// Says it: whether they agree, and "not trained on sentences like this" where they do not. Drawn at the
// cursor of a panel.
void draw_agreement(Ui& ui, const AgreementReport& report, std::span<const Mention> candidates);

}  // namespace attn::app
