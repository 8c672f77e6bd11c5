#include "core/model/safetensors.h"

#include <gtest/gtest.h>

#include "tests/model/scratch.h"

namespace attn {
namespace {

std::string with_length(const std::string& header, const std::string& data) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  return out + header + data;
}

// A file with this header and so many bytes of data.
std::string sentence_of(const std::string& header, std::size_t n_data) {
  Scratch scratch;
  const auto path = scratch.file("x.safetensors", with_length(header, std::string(n_data, '\0')));
  return refusal([&] { read_safetensors(path); });
}

#define EXPECT_REFUSED(header, n_data, part)                                   \
  do {                                                                         \
    const std::string sentence = sentence_of(header, n_data);                  \
    EXPECT_NE(sentence.find(part), std::string::npos) << "said: " << sentence; \
  } while (false)

TEST(Safetensors, ReadsWhatItWrote) {
  Scratch scratch;
  Matrix m(2, 3);
  m << 1, 2, 3, 4, 5, 6.5f;
  Row v(2);
  v << -1, 0.25f;
  TensorToWrite half = to_write("half", m);
  half.type = DType::f16;
  const auto path = scratch.folder() / "x.safetensors";
  write_safetensors(path, {to_write("m", m, {1, 2, 3}), to_write("v", v), half}, {{"tokens", "[\"猫\"]"}});
  const Safetensors read = read_safetensors(path);
  EXPECT_EQ(read.metadata.at("tokens"), "[\"猫\"]");
  EXPECT_EQ(read.tensors.at("m").shape, (std::vector<Index>{1, 2, 3}));
  EXPECT_EQ(read_tensor(read.tensors.at("m")), m);
  EXPECT_EQ(read_tensor(read.tensors.at("v")), v);
  EXPECT_EQ(read_tensor(read.tensors.at("half")), m);  // exact in 16 bits
  EXPECT_EQ(read.tensors.at("half").type_name, "F16");
  EXPECT_EQ(read.tensors.at("m").offset % 4, 0u);
}

TEST(Safetensors, AWriteThatFailsLeavesNothingBehind) {
  Scratch scratch;
  Matrix m = Matrix::Ones(2, 2);
  TensorToWrite bad = to_write("m", m);
  bad.read_row = [](Index, float*) { throw Error("no more"); };
  expect_refusal([&] { write_safetensors(scratch.folder() / "x.safetensors", {bad}); }, "no more");
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
  expect_refusal([&] { write_safetensors(scratch.folder() / "no" / "x.safetensors", {to_write("m", m)}); },
                 "cannot be written");
}

TEST(Safetensors, ReadsATensorThatLiesAtAnOddByte) {
  Scratch scratch;
  const std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  const auto path =
      scratch.file("x.safetensors", with_length(header, std::string("\x07\x00\x00\x80\x3f", 5)));
  EXPECT_EQ(read_tensor(read_safetensors(path).tensors.at("b"))(0, 0), 1.0f);
}

TEST(Safetensors, RefusesATensorWhoseOffsetsOverlap) {
  EXPECT_REFUSED(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
      12, "overlaps");
}

TEST(Safetensors, RefusesAHoleBetweenOrAfterTensors) {
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "hole");
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, "cover 4");
}

TEST(Safetensors, RefusesAShapeThatDoesNotFitItsBytes) {
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8, "does not fit");
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,6]}})", 6, "does not fit");
}

TEST(Safetensors, RefusesAShapeWhoseProductOverflows) {
  // 2^32 * 2^32 is 0 in 64 bits: it would fit 0 bytes.
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
                 "does not fit");
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", 4,
                 "impossible");
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "natural number");
}

TEST(Safetensors, RefusesOffsetsBeyondTheFile) {
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 8, "cut short");
  EXPECT_REFUSED(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}})", 8,
      "cut short");
  EXPECT_REFUSED(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}})", 8, "cut short");
}

TEST(Safetensors, RefusesADuplicateName) {
  EXPECT_REFUSED(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
      2, "twice");
}

TEST(Safetensors, RefusesAHeaderThatIsNone) {
  EXPECT_REFUSED("", 0, "does not begin");
  EXPECT_REFUSED("[1]", 0, "does not begin");
  EXPECT_REFUSED("{\"a\":", 0, "not valid JSON");
  EXPECT_REFUSED(R"({"a":5})", 0, "no dtype");
  EXPECT_REFUSED(R"({"a":{"dtype":"Q7","shape":[],"data_offsets":[0,0]}})", 0, "unknown dtype");
  EXPECT_REFUSED(R"({"__metadata__":{"format":7}})", 0, "not a text");
  EXPECT_REFUSED("{\"a\":" + std::string(1'000'000, '['), 0, "nested deeper");
}

TEST(Safetensors, RefusesAHeaderLengthBeyondTheFile) {
  Scratch scratch;
  const auto lying = scratch.file("lying.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
  expect_refusal([&] { read_safetensors(lying); }, "says that its header has 9223372036854775807 bytes");
  const auto tiny = scratch.file("tiny.safetensors", "abc");
  expect_refusal([&] { read_safetensors(tiny); }, "too short");
  const auto empty = scratch.file("empty.safetensors", "");
  expect_refusal([&] { read_safetensors(empty); }, "too short");
  expect_refusal([&] { read_safetensors(scratch.folder()); }, "not a regular file");
}

TEST(Safetensors, AFileThatIsCutAfterItWasOpenedIsAnErrorWhenItIsRead) {
  Scratch scratch;
  const Matrix m = Matrix::Ones(64, 64);
  const auto path = scratch.folder() / "x.safetensors";
  write_safetensors(path, {to_write("m", m)});
  const Safetensors opened = read_safetensors(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
  expect_refusal([&] { read_tensor(opened.tensors.at("m")); }, "it was cut short");
}

TEST(Safetensors, EveryCutOfAFileIsRefused) {
  Scratch scratch;
  const Matrix m = Matrix::Ones(3, 5);
  const auto path = scratch.folder() / "x.safetensors";
  write_safetensors(path, {to_write("m", m)}, {{"a", "b"}});
  const std::string whole = read_all(path);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = scratch.file("cut.safetensors", whole.substr(0, n));
    EXPECT_NE(refusal([&] { read_safetensors(cut); }), "") << n << " bytes";
  }
}

}  // namespace
}  // namespace attn
