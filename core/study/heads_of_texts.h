#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/analysis/head_statistics.h"
#include "core/study/library.h"

namespace attn {

// Many texts through one model: what each head does on average, and on which text it does it most.

// The texts of a file, each as `like` with its own text. A file that ends in .jsonl or .json, or
// begins with {", holds {"text"[, "pair"]} or a string a line; any other one text a line; empty lines are
// left out. Throws Error naming the line, and for a file without a text.
std::vector<Subject> read_texts(const std::filesystem::path& file, const Subject& like);

struct HeadsOfTexts {
  struct OneText {
    std::string text;
    Matrix values;  // [heads, measures()], in the order of averages.heads() of a model: layers, then heads
  };
  HeadAverages averages;
  std::vector<HeadId> heads;                          // the rows of `values`
  std::vector<std::shared_ptr<const OneText>> texts;  // those that were read, in the order of the file
  int n_asked = 0;                                    // texts in the file
  int n_cut = 0;                                      // of `texts`: longer than the model's positions, cut
  int n_failed = 0;  // left out, for what `problem` says of the first of them
  std::string problem;
};

struct HeadsOfTextsOptions {
  Pool* pool = nullptr;
  const CancelToken* cancel = nullptr;  // throws Cancelled between texts
  TooLong too_long = TooLong::cut;
  bool stop_at_problem = false;  // a text that cannot be read throws, in place of being left out
  std::function<void(const HeadsOfTexts& so_far)> on_text;  // after each text
};
HeadsOfTexts heads_of_texts(const LoadedModel& loaded, const std::vector<Subject>& texts,
                            const HeadsOfTextsOptions& options = {});

// The texts on which this head has most of this measure, the most first: places in `of.texts`.
std::vector<int> texts_with_most(const HeadsOfTexts& of, const HeadId& head, const Measure& measure);

}  // namespace attn
