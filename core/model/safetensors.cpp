#include "core/model/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/math/worded_error.h"
#include "core/model/json_text.h"

namespace attn {

namespace {

// The largest header that the reference implementation accepts.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

struct TypeName {
  const char* name;
  std::size_t bytes;
  std::optional<DType> type;
};

constexpr std::array<TypeName, 17> kTypes = {{
    {"F32", 4, DType::f32},
    {"F16", 2, DType::f16},
    {"BF16", 2, DType::bf16},
    {"F64", 8, DType::f64},
    {"I64", 8, DType::i64},
    {"I32", 4, DType::i32},
    {"I16", 2, DType::i16},
    {"I8", 1, DType::i8},
    {"U8", 1, DType::u8},
    {"BOOL", 1, DType::boolean},
    {"U16", 2, std::nullopt},
    {"U32", 4, std::nullopt},
    {"U64", 8, std::nullopt},
    {"F8_E4M3", 1, std::nullopt},
    {"F8_E5M2", 1, std::nullopt},
    {"F8_E8M0", 1, std::nullopt},
    {"C64", 8, std::nullopt},
}};

std::uint64_t natural(const nlohmann::json& value, const std::string& where) {
  // A number beyond 2^63 must not turn negative: nlohmann's get<int64_t> would do so silently.
  if (!value.is_number_unsigned())
    throw WordedError(framed("file.damaged", where + " is not a natural number."));
  return value.get<std::uint64_t>();
}

// One entry of the header; `begin` and `end` are its bytes within the data, which are `data_bytes` long.
struct Entry {
  TensorRef tensor;
  std::uint64_t begin = 0, end = 0;
};

Entry read_entry(const std::string& name, const nlohmann::json& json, const File& file,
                 std::uint64_t data_bytes) {
  const std::string where = file.label() + ": tensor '" + name.substr(0, 200) + "'";
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets") || !json["dtype"].is_string() || !json["shape"].is_array() ||
      !json["data_offsets"].is_array() || json["data_offsets"].size() != 2)
    throw WordedError(framed("file.damaged",
                             where + " has no dtype, shape and data_offsets as a safetensors header must."));
  Entry entry;
  entry.tensor.name = name;
  entry.tensor.type_name = json["dtype"].get<std::string>();
  const auto known = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const TypeName& t) { return entry.tensor.type_name == t.name; });
  if (known == kTypes.end())
    throw WordedError(worded("weights.unknown_type", "{tensor} has the unknown dtype '{type}'.",
                             {{"tensor", where}, {"type", entry.tensor.type_name.substr(0, 40)}}));
  entry.tensor.type = known->type;

  if (json["shape"].size() > 16)
    throw WordedError(framed("file.damaged", where + " has more than 16 dimensions."));
  for (const nlohmann::json& size : json["shape"]) {
    const std::uint64_t n = natural(size, where + ": a size in its shape");
    if (n > (std::uint64_t{1} << 62))
      throw WordedError(framed("file.damaged", where + " has an impossible size in its shape."));
    entry.tensor.shape.push_back(static_cast<Index>(n));
  }
  const std::optional<Index> elements = product_of(entry.tensor.shape);
  entry.begin = natural(json["data_offsets"][0], where + ": an offset");
  entry.end = natural(json["data_offsets"][1], where + ": an offset");
  if (entry.begin > entry.end || entry.end > data_bytes)
    throw WordedError(worded(
        "weights.cut",
        "{tensor} lies at bytes {begin} to {end}, but the file has {n} bytes of data: it was cut short, "
        "or its header is wrong. Download it again.",
        {{"tensor", where},
         {"begin", std::to_string(entry.begin)},
         {"end", std::to_string(entry.end)},
         {"n", std::to_string(data_bytes)}}));
  const std::uint64_t size = entry.end - entry.begin;
  if (!elements || static_cast<std::uint64_t>(*elements) != size / known->bytes || size % known->bytes != 0)
    throw WordedError(framed("file.damaged",
                             where + " is " + entry.tensor.type_name + " " + shape_text(entry.tensor.shape) +
                                 ", which does not fit its " + std::to_string(size) + " bytes."));
  entry.tensor.strides = contiguous_strides(entry.tensor.shape);
  return entry;
}

void refuse_holes_and_overlaps(std::vector<Entry>& entries, const File& file, std::uint64_t data_bytes) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered)
      throw WordedError(framed(
          "file.damaged",
          file.label() + ": tensor '" + entry.tensor.name.substr(0, 200) + "' begins at byte " +
              std::to_string(entry.begin) + " of the data, expected " + std::to_string(covered) +
              (entry.begin < covered ? ": it overlaps another tensor." : ": there is a hole before it.")));
    covered = entry.end;
  }
  if (covered != data_bytes)
    throw WordedError(framed("file.damaged", file.label() + " has " + std::to_string(data_bytes) +
                                                 " bytes of data, but its tensors cover " +
                                                 std::to_string(covered) + "."));
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  return read_safetensors(File::open(path));
}

Safetensors read_safetensors(std::shared_ptr<const File> file) {
  const std::string& label = file->label();
  if (file->size() < 8)
    throw WordedError(
        worded("weights.short",
               "{file} has {n} bytes: too short for a safetensors file. Was the download interrupted?",
               {{"file", label}, {"n", std::to_string(file->size())}}));
  std::array<std::byte, 8> prefix{};
  file->read(0, prefix);
  std::uint64_t header_bytes = 0;
  for (std::size_t i = 8; i-- > 0;)
    header_bytes = (header_bytes << 8) | std::to_integer<std::uint64_t>(prefix[i]);
  if (header_bytes > kMaxHeaderBytes || header_bytes > file->size() - 8)
    throw WordedError(worded(
        "weights.header",
        "{file} says that its header has {header} bytes, but the file has {n}: it was cut short, or it "
        "is no safetensors file (a Git LFS pointer?).",
        {{"file", label}, {"header", std::to_string(header_bytes)}, {"n", std::to_string(file->size())}}));

  Safetensors result;
  result.header = file->read_text(8, static_cast<std::size_t>(header_bytes));
  if (result.header.empty() || result.header.front() != '{')
    throw WordedError(
        framed("file.damaged", label + ": the header does not begin with '{': this is no safetensors file."));
  const nlohmann::json header = parse_json(result.header, label + " (header)");
  const std::uint64_t data_start = 8 + header_bytes;
  const std::uint64_t data_bytes = file->size() - data_start;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object())
        throw WordedError(framed("file.damaged", label + ": __metadata__ is not an object of texts."));
      for (const auto& [key, text] : value.items()) {
        if (!text.is_string())
          throw WordedError(
              framed("file.damaged", label + ": __metadata__ '" + key.substr(0, 100) + "' is not a text."));
        result.metadata[key] = text.get<std::string>();
      }
      continue;
    }
    entries.push_back(read_entry(name, value, *file, data_bytes));
    entries.back().tensor.file = file;
    entries.back().tensor.offset = data_start + entries.back().begin;
  }
  refuse_holes_and_overlaps(entries, *file, data_bytes);
  for (Entry& entry : entries) {
    std::string name = entry.tensor.name;
    result.tensors.emplace(std::move(name), std::move(entry.tensor));
  }
  result.file = std::move(file);
  return result;
}

Matrix read_tensor(const TensorRef& tensor) {
  if (!tensor.type)
    throw WordedError(worded(
        "weights.tensor_type",
        "{file}: tensor '{tensor}' is stored as {type}, which is not supported; F32, F16 and BF16 are.",
        {{"file", tensor.file->label()}, {"tensor", tensor.name}, {"type", tensor.type_name}}));
  MatrixSource source;
  source.file = tensor.file;
  source.name = tensor.name;
  source.offset = tensor.offset;
  source.type = *tensor.type;
  source.cols = tensor.shape.empty() ? 1 : tensor.shape.back();
  source.rows = source.cols == 0 ? 0 : tensor.n_elements() / source.cols;
  source.row_stride = source.cols;
  std::vector<std::byte> buffer;
  return to_matrix(source.read(buffer));
}

}  // namespace attn
