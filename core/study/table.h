#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/forward/trace.h"

namespace attn {

// Numbers with names for rows and columns: one head's weights, a measure of all heads. What is copied and
// exported beside a figure.
struct Table {
  std::string corner;                // what the rows and columns are: "query \\ key"
  std::vector<std::string> rows;     // names, one a row of `values`
  std::vector<std::string> columns;  // likewise
  Matrix values;                     // not-a-number: an empty field, null in JSON
};

// The weights of one head, [Tq, Tk]: those that the Trace kept, or made again from q and k. Throws Error when
// there is no such head, or a recording lacks it.
Matrix dense_weights(const Trace& trace, const HeadId& head);

// The same as a table, names as a person reads them.
Table weights_table(const Trace& trace, const HeadId& head);

// RFC 4180: names in quotes where they need it, lines end in CRLF, numbers as short as they can be and still
// read back as the same float.
std::string to_csv(const Table& table);
// For the clipboard and spreadsheets: tabs and line ends inside names become spaces.
std::string to_tsv(const Table& table);
// {"rows": […], "columns": […], "values": [[…]]}
std::string to_json(const Table& table);

// Writes .csv, .tsv, .json or .npz (arrays "values", "rows", "columns"), whole or not at all. Throws Error
// naming the path.
void save_table(const Table& table, const std::filesystem::path& path);

}  // namespace attn
