#include "core/model/npz.h"

#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "core/math/worded_error.h"

namespace attn {

namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

// What the header of a .npy says: a Python dictionary of three entries.
struct NpyHeader {
  std::string type;  // "<f4"
  bool fortran_order = false;
  std::vector<Index> shape;
  std::size_t data_start = 0;
};

// The text after `key`: in the header, without blanks; empty when there is none.
std::string_view after_key(std::string_view header, const std::string& key) {
  for (const char quote : {'\'', '"'}) {
    const std::size_t found = header.find(quote + key + quote);
    if (found == std::string_view::npos) continue;
    std::size_t at = header.find(':', found + key.size() + 2);
    if (at == std::string_view::npos) return {};
    ++at;
    while (at < header.size() && header[at] == ' ') ++at;
    return header.substr(at);
  }
  return {};
}

NpyHeader read_header(std::string_view bytes, const std::string& label) {
  const auto fail = [&](const char* what) -> void {
    throw WordedError(framed("file.damaged", label + ": " + what));
  };
  if (bytes.size() < 12 || bytes.substr(0, 6) != kMagic) fail("this is no .npy array.");
  const unsigned version = static_cast<unsigned char>(bytes[6]);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;)
    length = (length << 8) | static_cast<unsigned char>(bytes[8 + i]);
  if (version < 1 || version > 3 || length > bytes.size() - 8 - length_bytes)
    fail("the header of the array is cut short.");
  NpyHeader header;
  header.data_start = 8 + length_bytes + length;
  const std::string_view text = bytes.substr(8 + length_bytes, length);

  const std::string_view type = after_key(text, "descr");
  const std::size_t end = type.size() < 2 ? std::string_view::npos : type.find(type[0], 1);
  if (end == std::string_view::npos || (type[0] != '\'' && type[0] != '"'))
    fail("the array has fields or no type; plain numbers or texts are expected.");
  header.type = type.substr(1, end - 1);
  header.fortran_order = after_key(text, "fortran_order").substr(0, 4) == "True";

  const std::string_view shape = after_key(text, "shape");
  const std::size_t close = shape.find(')');
  if (shape.empty() || shape[0] != '(' || close == std::string_view::npos) fail("the array has no shape.");
  std::string number;
  for (const char c : shape.substr(1, close - 1)) {
    if (c >= '0' && c <= '9' && number.size() < 18) {
      number += c;
    } else if (c == ',' || c == ' ') {
      if (!number.empty()) header.shape.push_back(std::stoll(number));
      number.clear();
    } else {
      fail("the array has an impossible shape.");
    }
  }
  if (!number.empty()) header.shape.push_back(std::stoll(number));
  if (header.shape.size() > 16) fail("the array has more than 16 dimensions.");
  return header;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c >= 0x110000 || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 63));
    out += static_cast<char>(0x80 | ((c >> 6) & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

// One text of NumPy: n code points of 4 bytes ("U") or n bytes ("S"), padded with zeros.
std::string read_text(std::string_view bytes, bool wide) {
  std::string out;
  if (!wide) {
    out = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
    return out;
  }
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t c = 0;
    std::memcpy(&c, bytes.data() + i, 4);
    if (c == 0) break;
    append_utf8(out, c);
  }
  return out;
}

// Number i of a row-major array → where it lies in a column-major one.
Index fortran_place(Index i, const std::vector<Index>& shape) {
  Index place = 0;
  std::vector<Index> strides(shape.size(), 1);
  for (std::size_t d = 1; d < shape.size(); ++d) strides[d] = strides[d - 1] * shape[d - 1];
  for (std::size_t d = shape.size(); d-- > 0;) {
    place += (i % shape[d]) * strides[d];
    i /= shape[d];
  }
  return place;
}

}  // namespace

Matrix NpyArray::matrix() const {
  const Index cols = shape.empty() ? 1 : shape.back();
  const Index rows = cols == 0 ? 0 : static_cast<Index>(numbers.size()) / cols;
  return Eigen::Map<const Matrix>(numbers.data(), rows, cols);
}

NpyArray read_npy(std::string_view bytes, const std::string& label) {
  const NpyHeader header = read_header(bytes, label);
  const std::string_view data = bytes.substr(header.data_start);
  const std::string& type = header.type;
  struct Named {
    const char* name;
    DType type;
  };
  constexpr Named kTypes[] = {{"<f4", DType::f32}, {"<f2", DType::f16}, {"<f8", DType::f64},
                              {"<i8", DType::i64}, {"<i4", DType::i32}, {"<i2", DType::i16},
                              {"|i1", DType::i8},  {"|u1", DType::u8},  {"|b1", DType::boolean}};
  const bool wide = type.rfind("<U", 0) == 0, narrow = type.rfind("|S", 0) == 0;
  const Named* known = nullptr;
  for (const Named& one : kTypes)
    if (type == one.name) known = &one;
  std::size_t size = known ? bytes_of(known->type) : 0;
  if ((wide || narrow) && type.size() > 2 && type.size() < 10 &&
      type.find_first_not_of("0123456789", 2) == std::string::npos)
    size = std::stoul(type.substr(2)) * (wide ? 4 : 1);
  if (!known && !wide && !narrow)
    throw WordedError(
        worded("recording.array_type",
               "{file}: the array has the type '{type}'; little-endian floats, integers, booleans and texts "
               "are supported.",
               {{"file", label}, {"type", type.substr(0, 40)}}));

  const std::optional<Index> n = product_of(header.shape);
  if (!n || (size > 0 && static_cast<std::size_t>(*n) > data.size() / size) || (size == 0 && *n > 1'000'000))
    throw WordedError(worded("recording.array_cut",
                             "{file}: the array should be {shape} of {type}, but has {n} bytes: it was cut "
                             "short.",
                             {{"file", label},
                              {"shape", shape_text(header.shape)},
                              {"type", type},
                              {"n", std::to_string(data.size())}}));
  NpyArray out;
  out.shape = header.shape;
  StridedSource source{reinterpret_cast<const std::byte*>(data.data()), known ? known->type : DType::f32, 1,
                       *n};
  for (Index i = 0; i < *n; ++i) {
    const Index place = header.fortran_order ? fortran_place(i, header.shape) : i;
    if (known)
      out.numbers.push_back(source.at(0, place));
    else
      out.texts.push_back(read_text(data.substr(static_cast<std::size_t>(place) * size, size), wide));
  }
  return out;
}

namespace {

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};

// The current member, unpacked as far as it really goes: a header's claim is not believed.
std::string unpack_member(void* zip, const std::string& label, std::size_t max_bytes) {
  if (unzOpenCurrentFile(zip) != UNZ_OK) throw WordedError(framed("file.damaged", label + " is damaged."));
  std::string out;
  std::vector<char> piece(1 << 20);
  while (true) {
    const int n = unzReadCurrentFile(zip, piece.data(), static_cast<unsigned>(piece.size()));
    if (n < 0 || out.size() + static_cast<std::size_t>(n) > max_bytes) {
      unzCloseCurrentFile(zip);
      throw WordedError(n < 0
                            ? framed("file.damaged", label + " is damaged.")
                            : worded("recording.too_large",
                                     "{file} is larger than a recording may be (2 GB).", {{"file", label}}));
    }
    if (n == 0) break;
    out.append(piece.data(), static_cast<std::size_t>(n));
  }
  if (unzCloseCurrentFile(zip) != UNZ_OK)
    throw WordedError(
        worded("recording.checksum", "{file} has a wrong checksum. Copy it again.", {{"file", label}}));
  return out;
}

}  // namespace

std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path) {
  const std::shared_ptr<const File> file = File::open(path);
  const std::unique_ptr<void, CloseZip> zip(unzOpen64(path.c_str()));
  if (!zip)
    throw WordedError(
        worded("recording.no_npz", "{file} is no .npz archive (numpy.savez).", {{"file", file->label()}}));
  std::map<std::string, NpyArray> arrays;
  std::size_t room = std::size_t{2} << 30;
  for (int next = unzGoToFirstFile(zip.get()); next == UNZ_OK; next = unzGoToNextFile(zip.get())) {
    std::array<char, 512> name{};
    unz_file_info64 info{};
    if (unzGetCurrentFileInfo64(zip.get(), &info, name.data(), name.size() - 1, nullptr, 0, nullptr, 0) !=
        UNZ_OK)
      throw WordedError(
          framed("file.damaged", file->label() + ": the archive's list of members is damaged."));
    std::string key = name.data();
    if (key.size() < 4 || key.compare(key.size() - 4, 4, ".npy") != 0) continue;
    key.resize(key.size() - 4);
    const std::string label = file->label() + ": '" + key.substr(0, 100) + "'";
    const std::string bytes = unpack_member(zip.get(), label, room);
    room -= bytes.size();
    if (!arrays.emplace(key, read_npy(bytes, label)).second)
      throw WordedError(framed("file.damaged", label + " stands twice in the archive."));
  }
  return arrays;
}

namespace {

std::string npy_header(const std::string& type, const std::vector<Index>& shape) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
  for (const Index size : shape) text += std::to_string(size) + ", ";
  text += "), }";
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  std::string out(kMagic);
  out += '\x01';
  out += '\0';
  out += static_cast<char>(text.size() & 0xff);
  out += static_cast<char>(text.size() >> 8);
  return out + text;
}

// UTF-8 → code points; what is no UTF-8 becomes U+FFFD.
std::u32string code_points(const std::string& text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const std::size_t n = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
    bool valid = n > 0 && i + n <= text.size();
    char32_t value = n == 1 ? c : n == 0 ? 0 : c & (0x7f >> n);
    for (std::size_t k = 1; valid && k < n; ++k) {
      const unsigned char next = static_cast<unsigned char>(text[i + k]);
      valid = next >> 6 == 2;
      value = (value << 6) | (next & 63);
    }
    out += valid ? value : U'\xfffd';
    i += valid ? n : 1;
  }
  return out;
}

// A zip archive under a temporary name; renamed by finish().
class NpzWriter {
 public:
  explicit NpzWriter(const std::filesystem::path& path) : path_(path), temporary_(path) {
    temporary_ += ".part" + std::to_string(::getpid());
    zip_ = zipOpen64(temporary_.c_str(), APPEND_STATUS_CREATE);
    if (!zip_) fail();
  }
  ~NpzWriter() {
    if (zip_) zipClose(zip_, nullptr);
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
  }
  NpzWriter(const NpzWriter&) = delete;
  NpzWriter& operator=(const NpzWriter&) = delete;

  void begin(const std::string& name) {
    zip_fileinfo info{};
    if (zipOpenNewFileInZip64(zip_, (name + ".npy").c_str(), &info, nullptr, 0, nullptr, 0, nullptr, 0, 0,
                              1) != ZIP_OK)
      fail();
  }
  void write(const void* bytes, std::size_t count) {
    if (zipWriteInFileInZip(zip_, bytes, static_cast<unsigned>(count)) != ZIP_OK) fail();
  }
  void end() {
    if (zipCloseFileInZip(zip_) != ZIP_OK) fail();
  }
  void finish() {
    const int closed = zipClose(zip_, nullptr);
    zip_ = nullptr;
    std::error_code error;
    if (closed == ZIP_OK) std::filesystem::rename(temporary_, path_, error);
    if (closed != ZIP_OK || error) fail();
  }

 private:
  [[noreturn]] void fail() {
    throw WordedError(worded("file.not_written", "'{path}' cannot be written; is the disk full?",
                             {{"path", path_.string()}}));
  }
  std::filesystem::path path_, temporary_;
  zipFile zip_ = nullptr;
};

}  // namespace

void write_npz(const std::filesystem::path& path, const std::vector<TensorToWrite>& arrays,
               const std::map<std::string, std::vector<std::string>>& texts) {
  NpzWriter writer(path);
  for (const TensorToWrite& array : arrays) {
    const std::string header = npy_header("<f4", array.shape);
    const Index cols = array.shape.empty() ? 1 : array.shape.back();
    const Index rows = cols == 0 ? 0 : product_of(array.shape).value_or(0) / cols;
    writer.begin(array.name);
    writer.write(header.data(), header.size());
    std::vector<float> row(static_cast<std::size_t>(cols));
    for (Index r = 0; r < rows; ++r) {
      array.read_row(r, row.data());
      writer.write(row.data(), row.size() * sizeof(float));
    }
    writer.end();
  }
  for (const auto& [name, list] : texts) {
    std::vector<std::u32string> wide;
    std::size_t longest = 1;
    for (const std::string& text : list) {
      wide.push_back(code_points(text));
      longest = std::max(longest, wide.back().size());
    }
    const std::string header = npy_header("<U" + std::to_string(longest), {static_cast<Index>(list.size())});
    writer.begin(name);
    writer.write(header.data(), header.size());
    for (std::u32string& text : wide) {
      text.resize(longest, U'\0');
      writer.write(text.data(), longest * 4);
    }
    writer.end();
  }
  writer.finish();
}

}  // namespace attn
