#pragma once

#include "app/widgets/widgets.h"

namespace attn::app {

// A panel that slid over the views because there is no room beside them: background, title, a cross, and
// `body` under them, which scrolls. What lies beside it stays alive. Escape or the cross set `open` to false.
// Its controls are reached with Tab like all others (focus.cpp).
void drawer(Ui& ui, std::string_view name, std::string_view title, const Rect& rect, bool& open,
            const std::function<void()>& body);

}  // namespace attn::app
