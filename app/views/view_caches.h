#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/state/frame.h"
#include "app/state/view_state.h"
#include "app/views/media_view.h"
#include "app/views/shown_matrix.h"
#include "app/widgets/widgets.h"
#include "core/analysis/coreference.h"
#include "core/analysis/head_distance.h"

namespace attn::app {

// What the views keep from frame to frame, so that nothing is worked out twice. Each holds on to the Trace
// that it was made of, and compares by that.

// Which numbers a cached thing was made of.
struct Source {
  std::shared_ptr<const Trace> trace;
  std::shared_ptr<const Matrix> asked;  // weights over the budget, made because asked for
  HeadId head;
  bool operator==(const Source&) const = default;
};
Source source_of(const Side& side, const HeadId& head);

// How many layers a stack will have: while a slow pass publishes layer by layer, more than are done.
int all_layers(const Trace& trace, Stack stack);

// One head on the graphics card.
class HeadPicture {
 public:
  // Null: the weights are not there yet, or `problem()` says why they cannot be drawn. `values` in their
  // place: see make_shown_matrix.
  const ShownMatrix* update(const Side& side, const HeadId& head, const ShownOptions& options,
                            std::shared_ptr<const Matrix> values = nullptr);
  float largest() const { return largest_; }
  const gl::HeatmapStack& stack() const { return stack_; }
  const std::string& problem() const { return problem_; }

 private:
  std::optional<Source> source_;
  ShownOptions options_;
  std::shared_ptr<const Matrix> values_;
  std::optional<ShownMatrix> shown_;
  float largest_ = 0;
  gl::HeatmapStack stack_;
  std::string problem_;
};

// The thumbnails of all heads of one stack, one picture each: layer * n_heads + head.
class GridPictures {
 public:
  // Only layers that were computed again are uploaded again.
  void update(const Trace& trace, Stack stack, bool per_row);
  const gl::HeatmapStack& stack() const { return stack_; }
  bool ready(int layer) const;

 private:
  Stack of_ = Stack::encoder;
  bool per_row_ = false;
  int n_heads_ = 0;
  std::vector<std::shared_ptr<const LayerRecord>> layers_;  // what each layer's pictures were made of
  gl::HeatmapStack stack_;
};

// The tokens of a sequence, or the words that they are pieces of, beside one another: where the middle of
// each stands, from the left end of the line.
struct WordLine {
  std::vector<std::string> names;
  std::vector<int> first_token;      // of each place
  std::vector<int> of_token;         // the place of each token
  std::vector<float> middle, width;  // pixels
  float length = 0;
  float start = 0;  // on the screen
  int n() const { return static_cast<int>(names.size()); }
  float x(int i) const { return start + middle[static_cast<std::size_t>(i)]; }
  int at(float screen_x, float gap_px) const;  // -1: between words
};
class WordLineCache {
 public:
  const WordLine& update(Ui& ui, TextRole role, const std::shared_ptr<const Trace>& trace, Stack stack,
                         bool queries, float gap_px, bool merged);

 private:
  std::shared_ptr<const Trace> trace_;
  Stack stack_ = Stack::encoder;
  bool merged_ = false;
  TextRole role_ = TextRole::body;
  float gap_px_ = 0;
  WordLine line_;
};

// The tokens of a stack's queries, or the words that they are pieces of, as the strip above the views names
// them.
class PlacesCache {
 public:
  const WordGroups& update(const std::shared_ptr<const Trace>& trace, Stack stack, bool merged);

 private:
  std::shared_ptr<const Trace> trace_;
  Stack stack_ = Stack::encoder;
  bool merged_ = false;
  WordGroups places_;
};

// The weights of heads as links draw them: of tokens, or merged to words (core/analysis/words.h).
class WordWeights {
 public:
  // Nullopt: not there yet. Valid until the next update of this head.
  std::optional<HeadWeights> update(const Side& side, const HeadId& head, bool merged);

 private:
  struct Merged {
    Source source;
    Matrix weights;
  };
  std::map<HeadId, Merged> heads_;
};

// What a head does on this text: means over its rows; not-a-number where no row has it.
struct HeadFacts {
  double entropy = 0, first = 0, distance = 0;
};
std::optional<HeadFacts> facts_of(const Side& side, const HeadId& head);  // nullopt: no weights yet
class FactsCache {
 public:
  const HeadFacts* update(const Side& side, const HeadId& head);  // null: no weights yet

 private:
  std::optional<Source> source_;
  std::optional<HeadFacts> facts_;
};

// What a model with a pointing head says that a word means.
struct PointerSays {
  struct Candidate {
    std::string word;
    int token = 0;  // its first
    double share = 0;
  };
  int asked = -1;                     // the token that was asked about
  std::vector<Candidate> candidates;  // the likeliest first
};
class PointerCache {
 public:
  // The word that the pointing head is asked about: `query` where it was trained for that word, else the
  // first such word of the text; -1: there is none.
  int asked_word(const Side& side, int query);
  // Null: the model has no pointing head, or its weights are not there. `query`: the word asked about.
  const PointerSays* update(const Side& side, int query);

 private:
  std::optional<Source> source_;
  int query_ = -1;
  std::optional<PointerSays> says_;
  std::shared_ptr<const Trace> asked_of_;
  std::vector<bool> asked_;
};

// Two heads and what lies between them.
class ComparePictures {
 public:
  HeadPicture left, right;
  // left - right on aligned tokens, shaped like the left; null: one of them is not there yet.
  // `values_a`, `values_b` in place of the heads' weights: see make_shown_matrix.
  const ShownMatrix* update(const Side& a, const HeadId& head_a, const Side& b, const HeadId& head_b,
                            const ShownOptions& options, std::shared_ptr<const Matrix> values_a = nullptr,
                            std::shared_ptr<const Matrix> values_b = nullptr);
  const gl::HeatmapStack& difference() const { return stack_; }
  float largest() const { return largest_; }     // of the differences, by size
  double distance() const { return distance_; }  // mean Jensen-Shannon divergence of the rows, nats

 private:
  std::optional<Source> source_a_, source_b_;
  std::shared_ptr<const Matrix> values_a_, values_b_;
  ShownOptions options_;
  std::optional<ShownMatrix> shown_;
  gl::HeatmapStack stack_;
  float largest_ = 0;
  double distance_ = 0;
};

// Made after the window and gone before it: it holds pictures on the graphics card.
struct ViewCaches {
  PlacesCache strip;
  HeadPicture map;
  std::array<HeadPicture, 3> stacks;  // an encoder-decoder's, side by side; in the order of Stack
  GridPictures grid;
  ComparePictures compare;
  FactsCache facts;
  PointerCache pointer, pointer_before, pointer_twin;
  WordLineCache query_words, key_words;
  MediaCache media;
  WordWeights word_weights;
};

}  // namespace attn::app
