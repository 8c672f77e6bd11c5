#include "core/study/table.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/forward/pass.h"
#include "core/math/error.h"
#include "core/model/npz.h"
#include "core/model/whole_file.h"
#include "core/text/tokenizer.h"

namespace attn {

namespace {

std::string number(float value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string on_one_line(std::string name) {
  for (char& c : name)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return name;
}

// Fields of a line joined by `separator`, each name as `write_name` has it.
template <class WriteName>
std::string lines(const Table& table, char separator, const char* line_end, const WriteName& write_name) {
  std::string out = write_name(table.corner);
  for (const std::string& column : table.columns) out += separator + write_name(column);
  out += line_end;
  for (Index i = 0; i < table.values.rows(); ++i) {
    out += write_name(table.rows[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < table.values.cols(); ++j) out += separator + number(table.values(i, j));
    out += line_end;
  }
  return out;
}

}  // namespace

Matrix dense_weights(const Trace& trace, const HeadId& head) {
  const std::optional<HeadWeights> kept = trace.weights(head);
  if (!kept) {
    if (!trace.attention(head.stack, head.layer) || head.head < 0 || head.head >= trace.n_heads(head.stack))
      throw Error("There is no head " + to_text(head) + " in the " + std::string(name_of(head.stack)) +
                  ": it has " + std::to_string(trace.n_layers(head.stack)) + " layers of " +
                  std::to_string(trace.n_heads(head.stack)) + " heads, counted from 0.");
    return compute_weights(trace, head);
  }
  Matrix weights(kept->rows(), kept->cols());
  for (Index i = 0; i < weights.rows(); ++i)
    weights.row(i) = Eigen::Map<const Row>(kept->row(i), weights.cols());
  return weights;
}

Table weights_table(const Trace& trace, const HeadId& head) {
  Table table{"query \\ key", readable_tokens(trace.query_tokens(head.stack)),
              readable_tokens(trace.key_tokens(head.stack)), dense_weights(trace, head)};
  table.rows.resize(static_cast<std::size_t>(table.values.rows()));
  table.columns.resize(static_cast<std::size_t>(table.values.cols()));
  return table;
}

std::string to_csv(const Table& table) {
  return lines(table, ',', "\r\n", quoted);
}

std::string to_tsv(const Table& table) {
  return lines(table, '\t', "\n", on_one_line);
}

std::string to_json(const Table& table) {
  using Json = nlohmann::ordered_json;
  Json values = Json::array();
  for (Index i = 0; i < table.values.rows(); ++i) {
    Json row = Json::array();
    for (Index j = 0; j < table.values.cols(); ++j) {
      const float value = table.values(i, j);
      row.push_back(std::isnan(value) ? Json(nullptr) : Json(value));
    }
    values.push_back(std::move(row));
  }
  const Json whole = {{"rows", table.rows}, {"columns", table.columns}, {"values", values}};
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void save_table(const Table& table, const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".npz")
    return write_npz(path, {to_write("values", table.values)},
                     {{"rows", table.rows}, {"columns", table.columns}});
  std::string bytes;
  if (ending == ".csv") {
    bytes = to_csv(table);
  } else if (ending == ".tsv") {
    bytes = to_tsv(table);
  } else if (ending == ".json") {
    bytes = to_json(table) + "\n";
  } else {
    throw Error("Cannot tell from '" + path.string() +
                "' what kind of table to write: end it in .csv, .tsv, .json or .npz.");
  }
  WholeFile file(path);
  file.write(bytes);
  file.finish();
}

}  // namespace attn
