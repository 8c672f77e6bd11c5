#include "core/model/torch_file.h"

#include <minizip/unzip.h>

#include <array>
#include <cstring>
#include <memory>

#include "core/math/worded_error.h"
#include "core/model/pickle.h"

namespace attn {

namespace {

constexpr std::uint64_t kMaxPickleBytes = std::uint64_t{256} << 20;

struct StorageType {
  const char* name;
  DType type;
};

constexpr std::array<StorageType, 10> kStorageTypes = {{{"FloatStorage", DType::f32},
                                                        {"HalfStorage", DType::f16},
                                                        {"BFloat16Storage", DType::bf16},
                                                        {"DoubleStorage", DType::f64},
                                                        {"LongStorage", DType::i64},
                                                        {"IntStorage", DType::i32},
                                                        {"ShortStorage", DType::i16},
                                                        {"CharStorage", DType::i8},
                                                        {"ByteStorage", DType::u8},
                                                        {"BoolStorage", DType::boolean}}};

DType type_of(const PickleValue& storage, const File& file) {
  for (const StorageType& one : kStorageTypes)
    if (storage.type_name == one.name) return one.type;
  throw WordedError(worded("weights.storage_type",
                           "{file} holds a {type}, which is not supported; F32, F16 and BF16 are.",
                           {{"file", file.label()}, {"type", storage.type_name.substr(0, 60)}}));
}

// Where the bytes of a storage lie.
struct Extent {
  std::uint64_t offset = 0, bytes = 0;
};
using Extents = std::map<std::string, Extent>;

// The tensors of a state dict: a dictionary of names.
void collect_tensors(const Pickle& pickle, const Extents& extents, const std::shared_ptr<const File>& file,
                     TorchFile& out) {
  if (pickle.top().kind != PickleValue::Kind::dictionary)
    throw WordedError(worded("weights.no_state_dict",
                             "{file} holds no dictionary of tensors (a state dict); save model.state_dict().",
                             {{"file", file->label()}}));
  for (const auto& [key, value] : pickle.top().entries) {
    if (key->kind != PickleValue::Kind::text || value->kind != PickleValue::Kind::tensor) continue;
    const PickleValue& storage = *value->storage;
    const DType type = type_of(storage, *file);
    const auto extent = extents.find(storage.text);
    const std::string where = file->label() + ": tensor '" + key->text.substr(0, 200) + "'";
    if (extent == extents.end())
      throw WordedError(framed("file.damaged", where + " has no numbers in the file. Download it again."));
    if (static_cast<std::uint64_t>(storage.n_elements) > extent->second.bytes / bytes_of(type))
      throw WordedError(framed("file.damaged", where + " should have " + std::to_string(storage.n_elements) +
                                                   " numbers, but the file has " +
                                                   std::to_string(extent->second.bytes) + " bytes of them."));
    TensorRef tensor;
    tensor.file = file;
    tensor.name = key->text;
    tensor.type = type;
    tensor.type_name = name_of(type);
    tensor.shape = value->shape;
    tensor.strides = value->strides;
    tensor.offset =
        extent->second.offset + static_cast<std::uint64_t>(value->storage_offset) * bytes_of(type);
    out.tensors.emplace(key->text, std::move(tensor));
  }
}

// ---- the zip archive of torch 1.6 and later

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};
using Zip = std::unique_ptr<void, CloseZip>;

// Every member's bytes, by the part of its name after "data/" ("pytorch_model/data/0" → "0"), and the pickle
// under "data.pkl".
Extents members_of(const File& file) {
  const Zip zip(unzOpen64(file.path().c_str()));
  if (!zip)
    throw WordedError(worded("weights.no_archive",
                             "{file} begins like a zip archive but is none: was the download interrupted?",
                             {{"file", file.label()}}));
  Extents members;
  for (int next = unzGoToFirstFile(zip.get()); next == UNZ_OK; next = unzGoToNextFile(zip.get())) {
    std::array<char, 512> name{};
    unz_file_info64 info{};
    if (unzGetCurrentFileInfo64(zip.get(), &info, name.data(), name.size() - 1, nullptr, 0, nullptr, 0) !=
        UNZ_OK)
      throw WordedError(framed("file.damaged", file.label() + ": the archive's list of members is damaged."));
    const std::string full = name.data();
    const std::size_t data = full.rfind("/data/");
    std::string key;
    if (data != std::string::npos)
      key = full.substr(data + 6);
    else if (full.size() >= 8 && full.compare(full.size() - 8, 8, "data.pkl") == 0)
      key = "data.pkl";
    else if (full.size() >= 9 && full.compare(full.size() - 9, 9, "byteorder") == 0)
      key = "byteorder";
    else
      continue;
    if (info.compression_method != 0 || info.compressed_size != info.uncompressed_size ||
        (info.flag & 1) != 0)
      throw WordedError(framed("file.damaged", file.label() + ": the member '" + full.substr(0, 200) +
                                                   "' is compressed, which torch.save never does."));
    int method = 0, level = 0;
    if (unzOpenCurrentFile2(zip.get(), &method, &level, 1) != UNZ_OK)
      throw WordedError(
          framed("file.damaged", file.label() + ": the member '" + full.substr(0, 200) + "' is damaged."));
    const std::uint64_t offset = unzGetCurrentFileZStreamPos64(zip.get());
    unzCloseCurrentFile(zip.get());
    if (offset > file.size() || info.uncompressed_size > file.size() - offset)
      throw WordedError(framed(
          "file.damaged", file.label() + ": the member '" + full.substr(0, 200) + "' ends beyond the file."));
    members[key] = {offset, info.uncompressed_size};
  }
  return members;
}

// torch writes no comment: the archive's end record is the last 22 bytes of a file that is whole.
void refuse_cut_archive(const File& file) {
  constexpr std::size_t kEndRecordBytes = 22;
  if (file.size() < kEndRecordBytes ||
      file.read_text(file.size() - kEndRecordBytes, 4) != std::string_view("PK\x05\x06", 4))
    throw WordedError(worded("weights.archive_cut",
                             "{file} does not end like a zip archive: it was cut short. Download it again.",
                             {{"file", file.label()}}));
}

TorchFile read_zip(const std::shared_ptr<const File>& file) {
  refuse_cut_archive(*file);
  Extents members = members_of(*file);
  const auto pickle = members.find("data.pkl");
  if (pickle == members.end() || pickle->second.bytes > kMaxPickleBytes)
    throw WordedError(framed("file.damaged", file->label() +
                                                 " is a zip archive without a data.pkl of believable size: "
                                                 "torch.save did not write it."));
  if (const auto order = members.find("byteorder"); order != members.end() && order->second.bytes == 3)
    throw WordedError(worded("weights.big_endian",
                             "{file} was written on a big-endian machine, which is not supported.",
                             {{"file", file->label()}}));
  TorchFile out;
  out.pickle = file->read_text(pickle->second.offset, static_cast<std::size_t>(pickle->second.bytes));
  collect_tensors(Pickle::read(out.pickle, file->label()), members, file, out);
  return out;
}

// ---- the older format: magic number, protocol, system, state dict, keys; then for each key the number of
// its elements and their bytes

TorchFile read_legacy(const std::shared_ptr<const File>& file) {
  // Pickles stand at the beginning, and nothing says how long they are.
  const std::size_t available = static_cast<std::size_t>(std::min(file->size(), kMaxPickleBytes));
  const std::string bytes = file->read_text(0, available);
  std::size_t position = 0;
  const auto next = [&]() {
    Pickle pickle = Pickle::read(std::string_view(bytes).substr(position), file->label());
    position += pickle.bytes_read();
    return pickle;
  };
  constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
  if (next().top().text != kMagic)
    throw WordedError(worded("weights.other_pickle",
                             "{file} is a pickle, but not one of torch.save; save the model as "
                             "model.safetensors.",
                             {{"file", file->label()}}));
  next();  // protocol
  next();  // the writer's machine
  const Pickle state = next();
  const Pickle keys = next();
  if (keys.top().kind != PickleValue::Kind::list)
    throw WordedError(framed("file.damaged", file->label() + " does not name its storages: it is damaged."));

  std::map<std::string, DType> types;
  for (const auto& [key, value] : state.top().entries)
    if (value->kind == PickleValue::Kind::tensor)
      types[value->storage->text] = type_of(*value->storage, *file);
  TorchFile out;
  out.pickle = bytes.substr(0, position);
  Extents extents;
  std::uint64_t offset = position;
  for (const PickleValue* key : keys.top().items) {
    const auto type = types.find(key->text);
    if (type == types.end())
      throw WordedError(framed("file.damaged", file->label() +
                                                   " holds a storage that no tensor names; save the model as "
                                                   "model.safetensors."));
    if (offset > file->size() || file->size() - offset < 8)
      throw WordedError(worded("weights.no_numbers",
                               "{file} ends before its numbers: it was cut short. Download it again.",
                               {{"file", file->label()}}));
    const std::string raw = file->read_text(offset, 8);
    std::uint64_t n = 0;
    for (std::size_t i = 8; i-- > 0;) n = (n << 8) | static_cast<unsigned char>(raw[i]);
    offset += 8;
    if (n > (file->size() - offset) / bytes_of(type->second))
      throw WordedError(worded("weights.storage_cut",
                               "{file} says that a storage has {n} numbers, more than the file holds: it was "
                               "cut short. Download it again.",
                               {{"file", file->label()}, {"n", std::to_string(n)}}));
    extents[key->text] = {offset, n * bytes_of(type->second)};
    offset += n * bytes_of(type->second);
  }
  collect_tensors(state, extents, file, out);
  return out;
}

}  // namespace

TorchFile read_torch_file(std::shared_ptr<const File> file) {
  if (file->size() < 8)
    throw WordedError(
        worded("weights.short_torch",
               "{file} has {n} bytes: too short for a file of torch.save. Was the download interrupted?",
               {{"file", file->label()}, {"n", std::to_string(file->size())}}));
  const std::string begin = file->read_text(0, 4);
  if (begin == std::string_view("PK\x03\x04", 4)) return read_zip(file);
  if (begin[0] == '\x80') return read_legacy(file);
  throw WordedError(worded(
      "weights.no_torch",
      "{file} is no file of torch.save (a Git LFS pointer, or an interrupted download?). Download it again.",
      {{"file", file->label()}}));
}

}  // namespace attn
