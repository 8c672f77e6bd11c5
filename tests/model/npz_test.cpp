#include "core/model/npz.h"

#include <gtest/gtest.h>

#include "tests/model/scratch.h"

namespace attn {
namespace {

std::string npy(const std::string& header, const std::string& data) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size());
  out += '\0';
  return out + header + data;
}

TEST(Npz, ReadsWhatItWrote) {
  Scratch scratch;
  Matrix m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  const auto path = scratch.folder() / "x.npz";
  write_npz(path, {to_write("attentions.0", m, {2, 1, 3})}, {{"tokens", {"the", "猫", "😀", ""}}});
  const auto read = read_npz(path);
  EXPECT_EQ(read.at("attentions.0").shape, (std::vector<Index>{2, 1, 3}));
  EXPECT_EQ(read.at("attentions.0").matrix(), m);
  EXPECT_EQ(read.at("tokens").texts, (std::vector<std::string>{"the", "猫", "😀", ""}));
}

TEST(Npy, ReadsColumnMajorAndOtherTypes) {
  const NpyArray array = read_npy(npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n",
                                      std::string("\1\0\0\0\4\0\0\0\2\0\0\0\5\0\0\0\3\0\0\0\6\0\0\0", 24)),
                                  "x");
  EXPECT_EQ(array.numbers, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(
      read_npy(npy("{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }\n", std::string("ab\0\0", 4)),
               "x")
          .texts,
      (std::vector<std::string>{"ab", ""}));
  EXPECT_EQ(
      read_npy(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (), }\n", std::string("\0\x3c", 2)),
               "x")
          .numbers,
      (std::vector<float>{1}));
}

TEST(Npy, RefusesWhatItClaimsButDoesNotHave) {
  const auto expect = [](const std::string& bytes, const char* part) {
    expect_refusal([&] { read_npy(bytes, "x"); }, part);
  };
  expect("", "no .npy array");
  expect(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", "1234"), "cut short");
  expect(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4), }", "1234"),
         "cut short");
  expect(npy("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000,), }", ""), "cut short");
  expect(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "12345678"), "type '|O'");
  expect(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "1234"), "type '>f4'");
  expect(npy("{'descr': [('a', '<f4')], 'shape': (1,), }", "1234"), "fields or no type");
  expect(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "1234"), "impossible shape");
  expect(std::string("\x93NUMPY\x01\x00\xff\xff{", 11) + "      ", "header of the array is cut short");
}

TEST(Npz, RefusesWhatIsNoArchive) {
  Scratch scratch;
  const auto path = scratch.file("x.npz", "hello");
  expect_refusal([&] { read_npz(path); }, "no .npz archive");
}

}  // namespace
}  // namespace attn
