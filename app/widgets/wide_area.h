#pragma once

#include <functional>
#include <string_view>

#include "app/widgets/ui.h"

namespace attn::app {

// A region that scrolls both ways when `body` draws more than fits into `rect` (pixels).
void wide_area(Ui& ui, std::string_view name, const Rect& rect, const std::function<void()>& body);

}  // namespace attn::app
