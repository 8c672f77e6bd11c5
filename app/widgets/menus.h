#pragma once

#include "app/widgets/widgets.h"

namespace attn::app {

// Rows of a menu whose entries need more than a word (choices.cpp has menu_items for the plain ones). Drawn
// at the cursor of an open popup, as wide as it is.

// A heading over rows, in line with their words.
void menu_heading(Ui& ui, std::string_view text);

struct MenuRow {
  std::string_view text;
  std::string_view remark{};    // dim, beside the text
  std::string_view about{};     // dim, wrapped, under them
  std::string_view disabled{};  // why it cannot be chosen: takes the place of `about`
  bool chosen = false;          // it is what is there now: gets a tick
};
// True when it was clicked; the caller closes the popup.
bool menu_row(Ui& ui, std::string_view name, const MenuRow& row);

}  // namespace attn::app
