#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "core/math/error.h"
#include "core/study/media/log_mel.h"
#include "core/study/media/picture_file.h"
#include "core/study/media/preprocess.h"
#include "core/study/media/resize.h"
#include "core/study/media/sound_file.h"
#include "core/study/session.h"

// The expected values were made with Pillow 9.4 and NumPy 1.24 (the formulas of transformers 4.44's
// processors).

namespace attn {
namespace {

namespace fs = std::filesystem;

fs::path data(const std::string& name) {
  return fs::path(ATTN_TEST_DATA) / "media" / name;
}

std::vector<std::uint8_t> bytes_of(const std::string& name) {
  const std::string text = read_text_file(data(name));
  return {text.begin(), text.end()};
}

std::vector<float> floats_of(const std::string& name) {
  const std::string text = read_text_file(data(name));
  std::vector<float> out(text.size() / sizeof(float));
  std::memcpy(out.data(), text.data(), out.size() * sizeof(float));
  return out;
}

int largest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  if (a.size() != b.size()) return 999;
  int most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(int{a[i]} - int{b[i]}));
  return most;
}

TEST(Picture, PngsOfEveryColourTypeAreReadAsPillowReadsThem) {
  for (const char* name : {"picture", "grey", "palette", "alpha"}) {
    const Picture picture = read_picture(data(std::string(name) + ".png"));
    EXPECT_EQ(picture.width, 37) << name;
    EXPECT_EQ(picture.height, 23) << name;
    EXPECT_EQ(largest_difference(picture.rgb, bytes_of(std::string(name) + ".rgb")), 0) << name;
  }
}

TEST(Picture, AJpegIsReadAsPillowReadsIt) {
  const Picture picture = read_picture(data("picture.jpg"));
  EXPECT_LE(largest_difference(picture.rgb, bytes_of("picture_jpg.rgb")), 1);
}

TEST(Picture, RefusesWhatIsNoPictureAndWhatEndsEarly) {
  EXPECT_THROW(decode_picture("GIF89a", "x.gif"), Error);
  EXPECT_THROW(decode_picture("", "x.png"), Error);
  for (const char* name : {"picture.png", "picture.jpg"}) {
    const std::string whole = read_text_file(data(name));
    for (const std::size_t n : {std::size_t{4}, std::size_t{20}, std::size_t{40}})
      EXPECT_THROW(decode_picture(std::string_view(whole).substr(0, n), name), Error) << name << " " << n;
  }
}

TEST(Picture, AHeaderThatClaimsAHugePictureIsRefusedBeforeAnythingIsAllocated) {
  std::string png = read_text_file(data("picture.png"));
  // Width and height stand at bytes 16 and 20; the header's check sum is of no matter to the size.
  for (const std::size_t at : {std::size_t{16}, std::size_t{20}}) png[at] = 0x3F;
  EXPECT_THROW(decode_picture(png, "huge.png"), Error);
}

TEST(Resize, IsPillowsToTheLastBit) {
  const Picture picture = read_picture(data("picture.png"));
  const auto check = [&](const char* name, int width, int height, Resample how) {
    EXPECT_EQ(largest_difference(resized(picture, width, height, how).rgb,
                                 bytes_of("resized_" + std::string(name) + ".rgb")),
              0)
        << name;
  };
  check("bilinear", 16, 16, Resample::bilinear);
  check("bicubic", 16, 16, Resample::bicubic);
  check("lanczos", 16, 16, Resample::lanczos);
  check("larger", 48, 40, Resample::bilinear);
  check("wide", 60, 10, Resample::bicubic);
}

TEST(Resize, TheMiddleIsCutOut) {
  Picture picture;
  picture.width = 4;
  picture.height = 3;
  for (std::uint8_t i = 0; i < 36; ++i) picture.rgb.push_back(i);
  const Picture middle = centre_cut(picture, 2, 1);
  EXPECT_EQ(middle.rgb, (std::vector<std::uint8_t>{15, 16, 17, 18, 19, 20}));
  EXPECT_THROW(centre_cut(picture, 5, 1), Error);
}

// A model folder with nothing but its settings: the preparation reads no weights.
Model model_with(const std::string& settings, InputKind input, const std::string& family) {
  const fs::path folder = fs::temp_directory_path() / ("attn-media-" + family);
  fs::create_directories(folder);
  fs::remove(folder / "preprocessor_config.json");
  if (!settings.empty()) write_text_file(folder / "preprocessor_config.json", settings);
  Model model;
  model.path = folder.string();
  model.name = family;
  model.spec.family = family;
  model.spec.input = input;
  model.spec.encoder = StackSpec{};
  model.spec.patches = {3, 32, 32, 8, 1};
  model.spec.n_mel = 16;
  model.spec.n_frames = 50;
  return model;
}

TEST(Preprocess, APictureIsResizedRescaledAndNormalisedAsTheFolderSays) {
  const Model model = model_with(
      R"({"do_normalize": true, "do_resize": true, "size": {"height": 32, "width": 32}, "resample": 2,
          "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]})",
      InputKind::patches, "vit");
  const PreparedMedia prepared = read_media(model, data("picture.png"));
  const std::vector<float> expected = floats_of("vit_pixels.f32");
  ASSERT_EQ(prepared.inputs.pixels.size(), static_cast<Index>(expected.size()));
  float most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    most = std::max(most, std::abs(prepared.inputs.pixels.data()[i] - expected[i]));
  EXPECT_LT(most, 1e-6f);
  EXPECT_EQ(prepared.names.size(), 17u);
  EXPECT_EQ(prepared.names[0], "[CLS]");
  EXPECT_EQ(prepared.names[6], "1,1");
  EXPECT_TRUE(prepared.special[0]);
}

TEST(Preprocess, SaysWhatItAssumedWhereTheFolderHasNoSettings) {
  const PreparedMedia prepared =
      read_media(model_with("", InputKind::patches, "vit-bare"), data("picture.png"));
  EXPECT_EQ(prepared.inputs.pixels.rows(), 96);
  ASSERT_FALSE(prepared.media->notes.empty());
  EXPECT_NE(prepared.media->notes.back().english.find("preprocessor_config.json"), std::string::npos);
}

TEST(Preprocess, RefusesSettingsThatDisagreeWithTheModel) {
  EXPECT_THROW(
      read_media(model_with(R"({"size": 224})", InputKind::patches, "vit-other"), data("picture.png")),
      Error);
  EXPECT_THROW(read_media(model_with(R"({"size": 32, "image_std": [0, 1, 1]})", InputKind::patches, "vit-0"),
                          data("picture.png")),
               Error);
  EXPECT_THROW(read_media(model_with("[]", InputKind::patches, "vit-list"), data("picture.png")), Error);
}

TEST(Preprocess, RefusesAFileOfTheOtherKind) {
  EXPECT_THROW(read_media(model_with("", InputKind::patches, "vit-bare"), data("sound.wav")), Error);
  EXPECT_THROW(read_media(model_with("", InputKind::samples, "wav-bare"), data("picture.png")), Error);
  EXPECT_THROW(read_media(model_with("", InputKind::words, "bert"), data("picture.png")), Error);
}

TEST(Preprocess, SoundIsNormalisedForWav2Vec2) {
  const PreparedMedia prepared =
      read_media(model_with(R"({"do_normalize": true, "sampling_rate": 16000})", InputKind::samples, "wav"),
                 data("sound.wav"));
  const std::vector<float> expected = floats_of("wav2vec2_samples.f32");
  ASSERT_EQ(prepared.inputs.samples.size(), static_cast<Index>(expected.size()));
  float most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    most = std::max(most, std::abs(prepared.inputs.samples.data()[i] - expected[i]));
  EXPECT_LT(most, 1e-5f);
}

TEST(Preprocess, SoundBecomesWhispersSpectrogram) {
  const PreparedMedia prepared = read_media(
      model_with(R"({"feature_size": 16, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400})",
                 InputKind::features, "whisper"),
      data("sound.wav"));
  const std::vector<float> expected = floats_of("whisper_mel.f32");
  ASSERT_EQ(prepared.inputs.features.size(), static_cast<Index>(expected.size()));
  float most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    most = std::max(most, std::abs(prepared.inputs.features.data()[i] - expected[i]));
  EXPECT_LT(most, 1e-4f);
}

TEST(Sound, SeveralChannelsAreOneAndTheirMean) {
  const Sound sound = read_sound(data("stereo_8k.wav"));
  EXPECT_EQ(sound.rate, 8000);
  EXPECT_EQ(sound.samples.size(), 1500u);
}

TEST(Sound, AToneKeepsItsPitchAndLoudnessAtAnotherRate) {
  Sound tone;
  tone.rate = 8000;
  for (int i = 0; i < 4000; ++i)
    tone.samples.push_back(static_cast<float>(std::sin(2 * M_PI * 500 * i / 8000)));
  const Sound faster = at_rate(tone, 16000);
  ASSERT_EQ(faster.samples.size(), 8000u);
  for (std::size_t i = 1000; i < 7000; ++i)
    ASSERT_NEAR(faster.samples[i], std::sin(2 * M_PI * 500 * static_cast<double>(i) / 16000), 2e-3) << i;
}

TEST(Sound, RefusesWhatIsNoSound) {
  EXPECT_THROW(decode_sound("", "x.wav"), Error);
  EXPECT_THROW(decode_sound("RIFF....WAVEfmt ", "x.wav"), Error);
  std::string whole = read_text_file(data("sound.wav"));
  EXPECT_THROW(decode_sound(std::string_view(whole).substr(0, 44), "x.wav"), Error);
}

}  // namespace
}  // namespace attn
