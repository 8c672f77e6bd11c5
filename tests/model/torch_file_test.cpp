#include "core/model/torch_file.h"

#include <gtest/gtest.h>

#include "core/model/pickle.h"
#include "core/model/safetensors.h"
#include "tests/model/scratch.h"

namespace attn {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

std::string pickle_sentence(const std::string& bytes) {
  return refusal([&] { Pickle::read(bytes, "x.bin"); });
}

TEST(Pickle, ReadsPlainValues) {
  // {'a': (1, -2, None, True), 'b': []}
  const std::string bytes = "\x80\x02}(X\x01\0\0\0"s + "a(K\x01J\xfe\xff\xff\xffN\x88tX\x01\0\0\0"s + "b]u."s;
  const Pickle pickle = Pickle::read(bytes, "x.bin");
  EXPECT_EQ(pickle.bytes_read(), bytes.size());
  ASSERT_EQ(pickle.top().entries.size(), 2u);
  const PickleValue& tuple = *pickle.top().entries[0].second;
  ASSERT_EQ(tuple.items.size(), 4u);
  EXPECT_EQ(tuple.items[1]->integer, -2);
  EXPECT_EQ(tuple.items[3]->kind, PickleValue::Kind::boolean);
}

TEST(Pickle, RefusesToRunAnything) {
  EXPECT_NE(pickle_sentence("cos\nsystem\n(X\x02\x00\x00\x00idtR.").find("asks for 'os.system'"),
            std::string::npos);
  EXPECT_NE(pickle_sentence("cbuiltins\neval\n.").find("asks for 'builtins.eval'"), std::string::npos);
  EXPECT_NE(pickle_sentence("ctorch\nload\n.").find("refused"), std::string::npos);
  EXPECT_NE(pickle_sentence("ctorch.Evil\nFloatStorage\n.").find("refused"), std::string::npos);
}

TEST(Pickle, RefusesAForbiddenInstruction) {
  EXPECT_NE(pickle_sentence("i").find("instruction 0x69"), std::string::npos);         // INST
  EXPECT_NE(pickle_sentence("(o").find("instruction 0x6f"), std::string::npos);        // OBJ
  EXPECT_NE(pickle_sentence("\x82\x01").find("instruction 0x82"), std::string::npos);  // EXT1
}

TEST(Pickle, RefusesAStackThatIsEmptyAndAMemoThatWasNeverWritten) {
  EXPECT_NE(pickle_sentence(".").find("stack is empty"), std::string::npos);
  EXPECT_NE(pickle_sentence("h\x05.").find("never stored"), std::string::npos);
  EXPECT_NE(pickle_sentence("t.").find("mark is missing"), std::string::npos);
  EXPECT_NE(pickle_sentence("(R.").find("stack is empty"), std::string::npos);
  EXPECT_NE(pickle_sentence(std::string("X\xff\xff\xff\xff"
                                        "a",
                                        6))
                .find("cut short"),
            std::string::npos);
  EXPECT_NE(pickle_sentence("").find("cut short"), std::string::npos);
}

TEST(Pickle, AListThatHoldsItselfIsReadAndLeaksNothing) {
  const Pickle pickle = Pickle::read(std::string("]q\x00h\x00"
                                                 "a.",
                                                 7),
                                     "x.bin");
  EXPECT_EQ(pickle.top().items[0], &pickle.top());
}

TEST(Pickle, RefusesATensorOutsideItsStorage) {
  // _rebuild_tensor_v2(storage of 4, offset, (size,), (stride,))
  const auto tensor = [](char offset, char size, char stride) {
    std::string out = "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"s;
    out += "X\x01\0\0\0"s + "0X\x03\0\0\0cpuK\x04tQK"s;
    out += offset;
    out += "K"s + size + "\x85K"s + stride + "\x85tR."s;
    return out;
  };
  EXPECT_EQ(pickle_sentence(tensor(0, 4, 1)), "");
  EXPECT_NE(pickle_sentence(tensor(1, 4, 1)).find("outside its storage"), std::string::npos);
  EXPECT_NE(pickle_sentence(tensor(0, 3, 2)).find("outside its storage"), std::string::npos);
  EXPECT_NE(pickle_sentence(tensor(0, 5, 0)).find("larger than its storage"), std::string::npos);
}

TEST(TorchFile, HoldsTheNumbersOfItsSafetensorsTwin) {
  const fs::path golden = fs::path(ATTN_TEST_DATA) / "golden";
  const TorchFile pickled = read_torch_file(File::open(golden / "bert__bin" / "pytorch_model.bin"));
  const Safetensors plain = read_safetensors(golden / "bert" / "model.safetensors");
  for (const auto& [name, tensor] : plain.tensors) {
    ASSERT_TRUE(pickled.tensors.count(name)) << name;
    EXPECT_EQ(pickled.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read_tensor(pickled.tensors.at(name)), read_tensor(tensor)) << name;
  }
}

TEST(TorchFile, ReadsTheFormatOfBefore16Too) {
  const fs::path families = fs::path(ATTN_GOLDEN_DIR) / "families";
  if (!fs::exists(families)) GTEST_SKIP() << "shared/golden is not here";
  const TorchFile old =
      read_torch_file(File::open(families / "distilbert__bin_legacy" / "pytorch_model.bin"));
  const Safetensors plain = read_safetensors(families / "distilbert" / "model.safetensors");
  for (const auto& [name, tensor] : plain.tensors)
    EXPECT_EQ(read_tensor(old.tensors.at(name)), read_tensor(tensor)) << name;
}

TEST(TorchFile, RefusesWhatIsNone) {
  Scratch scratch;
  const auto expect = [&](const std::string& bytes, const char* part) {
    const fs::path path = scratch.file("pytorch_model.bin", bytes);
    expect_refusal([&] { read_torch_file(File::open(path)); }, part);
  };
  expect("version https://git-lfs.github.com/spec/v1", "Git LFS pointer");
  expect("PK\x03\x04 and then nothing of a zip", "does not end like a zip archive");
  expect("abc", "too short");
  expect(std::string("\x80\x02K\x01.\x80\x02K\x01.", 10), "not one of torch.save");
}

TEST(TorchFile, ACutArchiveIsRefused) {
  Scratch scratch;
  const std::string whole = read_all(fs::path(ATTN_TEST_DATA) / "golden" / "bert__bin" / "pytorch_model.bin");
  for (const std::size_t n : {whole.size() - 1, whole.size() - 30, whole.size() / 2, std::size_t{100}}) {
    const fs::path path = scratch.file("pytorch_model.bin", whole.substr(0, n));
    EXPECT_NE(refusal([&] { read_torch_file(File::open(path)); }), "") << n << " bytes";
  }
}

}  // namespace
}  // namespace attn
