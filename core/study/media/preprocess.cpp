#include "core/study/media/preprocess.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/forward/embedding.h"
#include "core/math/worded_error.h"
#include "core/model/config.h"
#include "core/model/json_text.h"
#include "core/study/media/log_mel.h"
#include "core/study/media/picture_file.h"
#include "core/study/media/resize.h"
#include "core/study/media/sound_file.h"
#include "core/study/session.h"

namespace attn {

namespace {

constexpr const char* kFile = "preprocessor_config.json";
constexpr double kLongest_s = 90;  // of sound in one pass: attention costs its square

std::optional<Config> settings_of(const Model& model) {
  const std::filesystem::path path = std::filesystem::path(model.path) / kFile;
  std::error_code ignored;
  if (model.path.empty() || !std::filesystem::exists(path, ignored)) return std::nullopt;
  const std::string label = model.name + "/" + kFile;
  nlohmann::json json = parse_json(read_text_file(path), label);
  if (!json.is_object()) throw Error(label + " should hold an object; the file is damaged");
  return Config(std::move(json), label);
}

Config settings_or_none(const std::optional<Config>& settings, const Model& model) {
  return settings ? *settings : Config(nlohmann::json::object(), model.name + "/" + kFile);
}

struct Size {
  int width = 0, height = 0;
  int shortest = 0;  // > 0: the shorter side; the other keeps the proportions
};

// "size": 224, {"height": 224, "width": 224} or {"shortest_edge": 224}.
Size size_in(const Config& settings, const char* field, Size otherwise) {
  const auto found = settings.json().find(field);
  if (found == settings.json().end() || found->is_null()) return otherwise;
  if (!found->is_object()) {
    const int n = settings.size({field});
    return {n, n, 0};
  }
  const Config size(*found, settings.label() + " '" + field + "'");
  if (size.has({"shortest_edge"})) return {0, 0, size.size({"shortest_edge"})};
  return {size.size({"width"}), size.size({"height"}), 0};
}

std::array<float, 3> three(const Config& settings, const char* field, double otherwise) {
  std::array<float, 3> out;
  out.fill(static_cast<float>(otherwise));
  if (!settings.has({field})) return out;
  const std::vector<double> numbers = settings.numbers({field});
  if (numbers.size() != 3) settings.refuse("has '" + std::string(field) + "' that are not three numbers.");
  for (std::size_t c = 0; c < 3; ++c) out[c] = static_cast<float>(numbers[c]);
  return out;
}

Resample resample_in(const Config& settings, int otherwise) {
  const int how = settings.integer({"resample"}, otherwise);
  if (how < 1 || how > 3)
    settings.refuse("asks for 'resample' " + std::to_string(how) +
                    "; bilinear (2), bicubic (3) and Lanczos (1) are supported.");
  return static_cast<Resample>(how);
}

std::string by(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

// Resized and cut, as the folder says.
Picture as_read(const Picture& picture, const Config& settings, const PatchSpec& patches, bool deit,
                bool is_there) {
  const Size own{patches.width, patches.height, 0};
  Picture out = picture;
  if (settings.flag({"do_resize"}, true)) {
    Size size = size_in(settings, "size", own);
    if (size.shortest > 0) {
      const double scale = static_cast<double>(size.shortest) / std::min(picture.width, picture.height);
      const bool tall = picture.height > picture.width;
      size.width = tall ? size.shortest : static_cast<int>(picture.width * scale);
      size.height = tall ? static_cast<int>(picture.height * scale) : size.shortest;
    }
    constexpr int kMostResizedSide = 8192;
    if (size.width < 1 || size.height < 1 || size.width > kMostResizedSide || size.height > kMostResizedSide)
      throw WordedError(worded("media.too_narrow",
                               "this picture is too long and narrow for the model: it would become {size} "
                               "pixels; cut it to something nearer a square",
                               {{"size", by(size.width, size.height)}}));
    out = resized(picture, size.width, size.height, resample_in(settings, deit ? 3 : 2));
  }
  if (settings.flag({"do_center_crop"}, deit && is_there)) {
    const Size cut = size_in(settings, "crop_size", own);
    out = centre_cut(out, cut.shortest > 0 ? cut.shortest : cut.width,
                     cut.shortest > 0 ? cut.shortest : cut.height);
  }
  return out;
}

Matrix as_numbers(const Picture& picture, const Config& settings) {
  const bool rescale = settings.flag({"do_rescale"}, true), normalise = settings.flag({"do_normalize"}, true);
  const double factor = settings.number({"rescale_factor"}, 1.0 / 255);
  const std::array<float, 3> mean = three(settings, "image_mean", 0.5),
                             std = three(settings, "image_std", 0.5);
  Matrix pixels(3 * picture.height, picture.width);
  for (int c = 0; c < 3; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    if (normalise && !(std[channel] != 0)) settings.refuse("has an 'image_std' of 0.");
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                         static_cast<std::size_t>(x)) *
                            3 +
                        channel;
        const double raw = picture.rgb[at];
        auto value = static_cast<float>(rescale ? raw * factor : raw);
        if (normalise) value = (value - mean[channel]) / std[channel];
        pixels(c * picture.height + y, x) = value;
      }
  }
  return pixels;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

void name_frames(PreparedMedia& out, Index n, double seconds_each) {
  for (Index i = 0; i < n; ++i) out.names.push_back(seconds_text(static_cast<double>(i) * seconds_each));
  out.special.assign(static_cast<std::size_t>(n), false);
}

void note_cut(Media& media, double seconds) {
  media.notes.push_back(worded("media.cut", "Cut to its first {time}.", {{"time", seconds_text(seconds)}}));
}

// The folder does not say how sound is to be read.
void note_missing(Media& media, int rate, bool normalised) {
  const std::vector<std::pair<std::string, std::string>> values = {{"file", kFile},
                                                                   {"rate", std::to_string(rate)}};
  media.notes.push_back(
      normalised
          ? worded("media.no_settings_normalised",
                   "The folder has no {file}: {rate} samples a second, normalised, were assumed.", values)
          : worded("media.no_settings_sound",
                   "The folder has no {file}: {rate} samples a second were assumed.", values));
}

}  // namespace

PreparedMedia prepare_picture(const Model& model, const Picture& picture, const std::string& name) {
  const PatchSpec& patches = model.spec.patches;
  const std::optional<Config> found = settings_of(model);
  const Config settings = settings_or_none(found, model);
  const bool deit = model.spec.family == "deit";
  if (patches.n_channels != 3)
    throw Error(model.name + " reads pictures of " + std::to_string(patches.n_channels) +
                " channels; a picture file has 3");
  auto media = std::make_shared<Media>();
  media->kind = Media::Kind::picture;
  media->picture = as_read(picture, settings, patches, deit, found.has_value());
  if (media->picture.width != patches.width || media->picture.height != patches.height)
    throw Error(settings.label() + " makes pictures of " + by(media->picture.width, media->picture.height) +
                " pixels, but the model reads " + by(patches.width, patches.height) +
                "; one of the two files is wrong");
  media->n_prefix = patches.n_prefix;
  media->patch = patches.patch;
  media->across = patches.width / patches.patch;
  media->down = patches.height / patches.patch;
  if (picture.width != patches.width || picture.height != patches.height)
    media->notes.push_back(worded("media.resized", "{file}: {size} pixels, read as {as}.",
                                  {{"file", name},
                                   {"size", by(picture.width, picture.height)},
                                   {"as", by(patches.width, patches.height)}}));
  if (!found)
    media->notes.push_back(worded(
        "media.no_settings_picture",
        "The folder has no {file}: colours / 255, mean 0.5, deviation 0.5 were assumed.", {{"file", kFile}}));
  PreparedMedia out;
  out.inputs.channels = 3;
  out.inputs.pixels = as_numbers(media->picture, settings);
  for (int i = 0; i < patches.n_prefix; ++i) {
    out.names.emplace_back(i == 0 ? "[CLS]" : "[DIST]");
    out.special.push_back(true);
  }
  for (int y = 0; y < media->down; ++y)
    for (int x = 0; x < media->across; ++x) {
      out.names.push_back(std::to_string(y) + "," + std::to_string(x));
      out.special.push_back(false);
    }
  out.media = std::move(media);
  return out;
}

namespace {

// wav2vec 2.0: the samples themselves, to mean 0 and variance 1.
void read_samples(const Model& model, const Config& settings, Media& media, PreparedMedia& out) {
  if (media.sound.seconds() > kLongest_s) {
    media.sound.samples.resize(static_cast<std::size_t>(kLongest_s * media.sound.rate));
    note_cut(media, kLongest_s);
  }
  const auto n = static_cast<Index>(media.sound.samples.size());
  out.inputs.samples = Eigen::Map<const Row>(media.sound.samples.data(), n);
  if (settings.flag({"do_normalize"}, true)) {
    const double mean = out.inputs.samples.cast<double>().mean();
    const double variance = (out.inputs.samples.cast<double>().array() - mean).square().mean();
    out.inputs.samples = ((out.inputs.samples.cast<double>().array() - mean) / std::sqrt(variance + 1e-7))
                             .cast<float>()
                             .matrix();
  }
  int step = 1;
  for (const ConvolutionSpec& convolution : model.spec.stem) step *= convolution.stride;
  media.seconds_a_token = static_cast<double>(step) / media.sound.rate;
}

// Whisper: a spectrogram of exactly n_frames, silence behind a shorter sound.
void read_spectrogram(const Model& model, const Config& settings, Media& media, PreparedMedia& out) {
  LogMelSettings mel;
  mel.rate = media.sound.rate;
  mel.n_fft = settings.size({"n_fft"}, 400);
  mel.hop = settings.size({"hop_length"}, 160);
  mel.n_mel = settings.size({"feature_size"}, model.spec.n_mel);
  constexpr int kMostFft = 8192;
  if (mel.n_fft > kMostFft || mel.n_mel != model.spec.n_mel)
    throw Error(settings.label() + " makes spectrograms of " + std::to_string(mel.n_mel) +
                " mel bands (n_fft " + std::to_string(mel.n_fft) + "), but the model reads " +
                std::to_string(model.spec.n_mel));
  constexpr std::int64_t kMostSamples = std::int64_t{16} << 20;
  if (std::int64_t{model.spec.n_frames} * mel.hop > kMostSamples)
    throw Error(model.name + " reads sounds of " + std::to_string(model.spec.n_frames) + " x " +
                std::to_string(mel.hop) + " samples; that is too long to be computed here");
  const auto n_samples = static_cast<std::size_t>(model.spec.n_frames) * static_cast<std::size_t>(mel.hop);
  if (media.sound.samples.size() > n_samples)
    note_cut(media, static_cast<double>(n_samples) / static_cast<double>(media.sound.rate));
  media.sound.samples.resize(n_samples, 0.0f);
  out.inputs.features = log_mel(media.sound.samples, mel);
  media.spectrogram = out.inputs.features;
  int step = mel.hop;
  for (const ConvolutionSpec& convolution : model.spec.stem) step *= convolution.stride;
  media.seconds_a_token = static_cast<double>(step) / media.sound.rate;
}

}  // namespace

PreparedMedia prepare_sound(const Model& model, const Sound& sound, const std::string& name) {
  const std::optional<Config> found = settings_of(model);
  const Config settings = settings_or_none(found, model);
  const int rate = settings.size({"sampling_rate"}, 16000);
  auto media = std::make_shared<Media>();
  media->kind = Media::Kind::sound;
  if (rate > 384000) settings.refuse("has a 'sampling_rate' that no sound has.");
  media->sound = sound;
  // Nothing behind what can be read is resampled.
  const auto most = static_cast<std::size_t>((kLongest_s + 1) * sound.rate);
  if (media->sound.samples.size() > most) media->sound.samples.resize(most);
  if (sound.rate != rate) {
    media->sound = at_rate(media->sound, rate);
    media->notes.push_back(
        worded("media.resampled", "{file}: resampled from {from} to {to} samples a second.",
               {{"file", name}, {"from", std::to_string(sound.rate)}, {"to", std::to_string(rate)}}));
  }
  PreparedMedia out;
  if (model.spec.input == InputKind::samples) {
    read_samples(model, settings, *media, out);
    if (!found) note_missing(*media, rate, true);
  } else {
    read_spectrogram(model, settings, *media, out);
    if (!found) note_missing(*media, rate, false);
  }
  name_frames(out, count_tokens(model.spec, Stack::encoder, out.inputs), media->seconds_a_token);
  out.media = std::move(media);
  return out;
}

PreparedMedia read_media(const Model& model, const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const bool sound = is_sound_name(file);
  const std::vector<std::pair<std::string, std::string>> values = {{"model", model.name}, {"file", name}};
  switch (model.spec.input) {
    case InputKind::words:
      throw WordedError(
          sound ? worded("media.words_not_sound",
                         "{model} reads words, and {file} is a sound; type a sentence, or open a model that "
                         "reads sound (wav2vec 2.0, Whisper)",
                         values)
                : worded("media.words_not_picture",
                         "{model} reads words, and {file} is a picture; type a sentence, or open a model "
                         "that reads pictures (ViT, DeiT)",
                         values));
    case InputKind::patches:
      if (sound)
        throw WordedError(worded("media.picture_not_sound",
                                 "{model} reads pictures, and {file} is a sound; open a PNG or JPEG",
                                 values));
      return prepare_picture(model, read_picture(file), name);
    case InputKind::samples:
    case InputKind::features:
      if (is_picture_name(file))
        throw WordedError(worded("media.sound_not_picture",
                                 "{model} reads sound, and {file} is a picture; open a WAV", values));
      return prepare_sound(model, read_sound(file), name);
  }
  throw Error(name + " cannot be read by " + model.name);
}

}  // namespace attn
