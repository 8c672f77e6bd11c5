// How long 1 MB of text takes with every kind of tokenizer: each folder of $ATTN_TOKENIZERS (several with ':'
// between; shared/golden/tokenizers where it is not set) with each kind of text. Google Benchmark's own
// options choose: --benchmark_filter=t5/prose.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/math/error.h"
#include "core/text/tokenizer.h"
#include "core/text/unicode.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytes = 1'000'000;

// The same numbers on every machine (splitmix64, Steele et al. 2014).
class Numbers {
 public:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  // As words are used: the r-th most frequent of n about 1 / r as often as the first.
  std::size_t ranked(std::size_t n) {
    const double share = static_cast<double>(next() >> 11) * 0x1p-53;
    return std::min(n - 1, static_cast<std::size_t>(std::pow(static_cast<double>(n), share)) - 1);
  }

 private:
  std::uint64_t state_ = 1;
};

std::string made_up_word(Numbers& numbers, std::size_t syllables) {
  static constexpr const char* kBegin[] = {"b", "c", "d", "f", "g", "h",  "l",  "m",  "n",  "p",
                                           "r", "s", "t", "v", "w", "st", "th", "ch", "pr", ""};
  static constexpr const char* kMiddle[] = {"a", "e", "i", "o", "u", "ea", "ou"};
  static constexpr const char* kEnd[] = {"", "", "n", "r", "s", "t", "l", "ng", "ck"};
  std::string word;
  for (std::size_t i = 0; i < syllables; ++i) {
    word += kBegin[numbers.below(std::size(kBegin))];
    word += kMiddle[numbers.below(std::size(kMiddle))];
    word += kEnd[numbers.below(std::size(kEnd))];
  }
  return word;
}

// 1 MB with as many different words as a shelf of novels.
std::string prose() {
  Numbers numbers;
  std::vector<std::string> words;
  for (int i = 0; i < 30'000; ++i) words.push_back(made_up_word(numbers, 1 + numbers.below(4)));
  std::string text;
  for (int n = 0; text.size() < kBytes; ++n) {
    std::string word = words[numbers.ranked(words.size())];
    if (n % 12 == 0 && word[0] >= 'a') word[0] = static_cast<char>(word[0] - 32);
    text += word + (n % 12 == 11 ? ". " : n % 5 == 4 ? ", " : " ");
  }
  return text;
}

std::string chinese() {
  Numbers numbers;
  std::string text;
  for (int n = 1; text.size() < kBytes; ++n) {
    attn::unicode::append(text, static_cast<char32_t>(0x4E00 + (numbers.ranked(5000) * 7919) % 20'900));
    if (n % 11 == 0) text += n % 33 == 0 ? "。" : "，";
  }
  return text;
}

// Emoji, digits, marks, several scripts, and words of thousands of letters.
std::string mixed() {
  Numbers numbers;
  std::string text;
  while (text.size() < kBytes) {
    switch (numbers.below(7)) {
      case 0:
        for (int i = 0; i < 20; ++i)
          attn::unicode::append(text, static_cast<char32_t>(0x1F300 + numbers.below(0x300)));
        break;
      case 1:
        for (int i = 0; i < 40; ++i) text += static_cast<char>('0' + numbers.below(10));
        break;
      case 2:
        text += made_up_word(numbers, 1000);
        break;
      case 3:
        text += "e\u0301\u0302 \u00fc\u0327 \uff21\uff22 \ufb01 ";
        break;
      case 4:
        for (int i = 0; i < 30; ++i)
          attn::unicode::append(text, static_cast<char32_t>(0x0410 + numbers.below(64)));
        break;
      case 5:
        for (int i = 0; i < 30; ++i)
          attn::unicode::append(text, static_cast<char32_t>(0xAC00 + numbers.below(11'000)));
        break;
      default:
        text += "   \t\n" + made_up_word(numbers, 3) + "'s!?...";
    }
    text += ' ';
  }
  return text;
}

// Our own sources.
std::string code() {
  std::string text;
  while (text.size() < kBytes) {
    const std::size_t before = text.size();
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(ATTN_SOURCE_DIR) / "core")) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    if (text.size() == before) break;
  }
  text.resize(std::min(text.size(), kBytes));
  return text;
}

// One word: nothing parts it.
std::string one_word() {
  Numbers numbers;
  return made_up_word(numbers, kBytes / 3).substr(0, kBytes);
}

std::string one_letter() {
  return std::string(kBytes, 'a');
}

std::vector<fs::path> tokenizer_folders() {
  const char* given = std::getenv("ATTN_TOKENIZERS");
  std::string places = given && *given ? given : ATTN_SOURCE_DIR "/../shared/golden/tokenizers";
  std::vector<fs::path> folders;
  places += ':';
  for (std::size_t at = 0, end; (end = places.find(':', at)) != std::string::npos; at = end + 1) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(places.substr(at, end - at), missing))
      if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

int main(int count, char** arguments) {
  struct Text {
    const char* name;
    std::shared_ptr<const std::string> text;
  };
  std::vector<Text> texts;
  const auto add = [&](const char* name, std::string text) {
    texts.push_back({name, std::make_shared<const std::string>(std::move(text))});
  };
  add("prose", prose());
  add("chinese", chinese());
  add("mixed", mixed());
  add("code", code());
  add("one_word", one_word());
  add("one_letter", one_letter());
  for (const fs::path& folder : tokenizer_folders()) {
    std::shared_ptr<const attn::Tokenizer> tokenizer;
    try {
      tokenizer = attn::load_tokenizer(folder);
    } catch (const attn::Error&) {
      continue;  // no tokenizer lies here
    }
    for (const Text& text : texts) {
      const std::string name = folder.filename().string() + "/" + text.name;
      benchmark::RegisterBenchmark(name.c_str(), [tokenizer, text = text.text](benchmark::State& state) {
        for (auto _ : state) benchmark::DoNotOptimize(tokenizer->encode(*text));
      })->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
