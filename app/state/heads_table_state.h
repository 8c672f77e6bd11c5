#pragma once

#include <string>

namespace attn::app {

// How the heads table view is looked at: plain values, written out with a session.
struct HeadsTableState {
  std::string measure = "entropy";  // sorts the table and colours the grid: Measure::key
  bool ascending = false;
  float at_least = -1;        // heads with less of the measure are left out; below 0: none is
  bool colours_grid = false;  // the main grid shows the measure in place of pictures
  bool over_texts = false;    // means over the texts of a file, in place of the present text; not kept
  bool texts_asked = false;   // the file is to be read; not kept
  std::string texts_file;     // one text a line
  bool operator==(const HeadsTableState&) const = default;
};

}  // namespace attn::app
