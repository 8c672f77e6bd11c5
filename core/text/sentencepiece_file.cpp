#include "core/text/sentencepiece_file.h"

#include <cstdint>
#include <cstring>

#include "core/math/worded_error.h"

namespace attn {
namespace {

// The fields of one protocol buffer message, in the order of the file (Protocol Buffers, "Encoding").
class Message {
 public:
  Message(std::string_view bytes, const std::string& place) : bytes_(bytes), place_(place) {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;      // of varints and fixed numbers
    std::string_view bytes = {};  // of strings and messages
  };

  // The next field; false at the end. Throws for a field that reaches beyond it.
  bool next(Field& field) {
    if (at_ == bytes_.size()) return false;
    const std::uint64_t tag = varint();
    field = {tag >> 3, 0, {}};
    switch (tag & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.value = fixed(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.value = fixed(4);
        break;
      default:
        damaged("a field of an unknown kind");
    }
    return true;
  }

 private:
  [[noreturn]] void damaged(const char* what) const {
    throw WordedError(
        worded("tokenizer.sentencepiece_cut",
               "{file} is cut off or no SentencePiece model: {detail} at byte {at} of a part of "
               "{n}.",
               {{"file", place_},
                {"detail", what},
                {"at", std::to_string(at_)},
                {"n", std::to_string(bytes_.size())}}));
  }
  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size() - at_) damaged("a field reaches beyond the end");
    at_ += static_cast<std::size_t>(length);
    return bytes_.substr(at_ - static_cast<std::size_t>(length), static_cast<std::size_t>(length));
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    damaged("a number without end");
  }
  std::uint64_t fixed(std::size_t length) {
    const std::string_view bytes = take(length);
    std::uint64_t value = 0;
    for (std::size_t i = length; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  std::string_view bytes_;
  const std::string& place_;
  std::size_t at_ = 0;
};

float float_of(std::uint64_t bits) {
  const auto word = static_cast<std::uint32_t>(bits);
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

SentencePieceFile::Piece read_piece(std::string_view bytes, const std::string& place) {
  SentencePieceFile::Piece piece;
  Message message(bytes, place);
  for (Message::Field field; message.next(field);) {
    if (field.number == 1) piece.text = std::string(field.bytes);
    if (field.number == 2) piece.score = float_of(field.value);
    if (field.number == 3) {
      if (field.value < 1 || field.value > 6) {
        throw WordedError(framed("tokenizer.damaged", place + ": the piece '" + piece.text +
                                                          "' has the type " + std::to_string(field.value) +
                                                          ", expected 1 to 6."));
      }
      piece.type = static_cast<SentencePieceFile::PieceType>(field.value);
    }
  }
  return piece;
}

void read_trainer(std::string_view bytes, const std::string& place, SentencePieceFile& file) {
  Message message(bytes, place);
  for (Message::Field field; message.next(field);) {
    if (field.number == 3) {
      if (field.value < 1 || field.value > 4) {
        throw WordedError(
            framed("tokenizer.damaged",
                   place + ": the model type is " + std::to_string(field.value) + ", expected 1 to 4."));
      }
      file.kind = static_cast<SentencePieceFile::Kind>(field.value);
    }
    if (field.number == 24) file.treat_whitespace_as_suffix = field.value != 0;
    if (field.number == 35) file.byte_fallback = field.value != 0;
  }
}

void read_normalizer(std::string_view bytes, const std::string& place, SentencePieceFile& file) {
  Message message(bytes, place);
  for (Message::Field field; message.next(field);) {
    if (field.number == 2) file.precompiled_charsmap = std::string(field.bytes);
    if (field.number == 3) file.add_dummy_prefix = field.value != 0;
    if (field.number == 4) file.remove_extra_whitespaces = field.value != 0;
    if (field.number == 5) file.escape_whitespaces = field.value != 0;
  }
}

}  // namespace

SentencePieceFile read_sentencepiece_file(std::string_view bytes, const std::string& place) {
  SentencePieceFile file;
  Message message(bytes, place);
  for (Message::Field field; message.next(field);) {
    if (field.number == 1) file.pieces.push_back(read_piece(field.bytes, place));
    if (field.number == 2) read_trainer(field.bytes, place, file);
    if (field.number == 3) read_normalizer(field.bytes, place, file);
  }
  if (file.pieces.empty())
    throw WordedError(worded("tokenizer.no_pieces",
                             "{file} holds no pieces; it is cut off or no SentencePiece model.",
                             {{"file", place}}));
  return file;
}

}  // namespace attn
