#pragma once

#include <span>

#include "core/math/matrix.h"

namespace attn {

struct LogMelSettings {
  int rate = 16000;  // samples a second
  int n_fft = 400, hop = 160, n_mel = 80;
};

// Triangles that are evenly wide on the mel scale of Slaney's Auditory Toolbox, each of area 1, from 0 Hz to
// 8000 Hz: [n_mel, n_fft / 2 + 1].
Matrix mel_filters(const LogMelSettings& settings);

// Whisper's spectrogram (Radford et al. 2022; WhisperFeatureExtractor): |STFT|² with a periodic Hann window
// over the sound reflected at its ends, through the filters, log10, no more than 8 below the largest, then
// (x + 4) / 4. [n_mel, samples / hop].
Matrix log_mel(std::span<const float> samples, const LogMelSettings& settings);

}  // namespace attn
