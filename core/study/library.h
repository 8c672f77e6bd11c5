#pragma once

#include <memory>
#include <string>

#include "core/forward/pass.h"
#include "core/model/find_models.h"
#include "core/model/load_model.h"
#include "core/study/media/media.h"
#include "core/study/study.h"
#include "core/text/tokenizer.h"

namespace attn {

struct Recording;

// A model ready to read texts. The tokenizer is null where the folder has none: then ids only.
struct LoadedModel {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::shared_ptr<const Trace> recording;     // an attention file in place of a model: `model` is null
  std::shared_ptr<const Recording> recorded;  // what that file says of itself; null: a model
  Wording tokenizer_problem;                  // why there is no tokenizer: one sentence
  // What a person should know of it: Model::notes, and token numbers that the model has no embedding for.
  std::vector<Wording> notes;
};

// Where models lie: the caches of this computer, and the built-in ones ($ATTNLAB_MODELS, else
// share/attnlab/models beside the program, else the source tree that it was built from).
ModelPlaces model_places();

// Opens what --model takes: a built-in name, a folder (anything with a slash or dot), a Hub name in the local
// cache, or an attention file. Throws Error, or Cancelled. `on_begun`: see load_model; the tokenizer is there
// by then.
LoadedModel open_model(const std::string& name, Pool* pool = nullptr, LoadProgress* progress = nullptr,
                       const CancelToken* cancel = nullptr,
                       const std::function<void(const LoadedModel&)>& on_begun = nullptr);

// What one of our own models says of itself, from its config.json alone; empty where there is nothing.
ModelCard read_model_card(const std::filesystem::path& folder);

// A Subject's text as the model reads it.
struct PreparedText {
  Encoding source;                 // of text (and pair)
  std::optional<Encoding> target;  // of an encoder-decoder, begins with its start token
  Inputs inputs;
  std::shared_ptr<const Media> media;  // a picture or sound in place of a text; else null
  int n_cut = 0;                       // tokens that did not fit the model's positions and were left out
};

enum class TooLong { refuse, cut };

// Tokenizes a Subject's text, pair and target for this model. A text is cut to `at_most` tokens (0: as many
// as the model takes). Throws Error when the text has no tokens, is too long (TooLong::refuse; and always
// where it would ask too much of this computer), or its ids do not fit the vocabulary.
PreparedText prepare_text(const LoadedModel& loaded, const Subject& subject,
                          TooLong too_long = TooLong::refuse, int at_most = 0);

// Runs a prepared text and names the Trace's rows and columns.
std::shared_ptr<const Trace> run_prepared(const LoadedModel& loaded, const PreparedText& prepared,
                                          const Interventions& interventions,
                                          const PassOptions& options = {});

// prepare_text and run_prepared in one: what the command line does.
std::shared_ptr<const Trace> run_subject(const LoadedModel& loaded, const Subject& subject,
                                         const PassOptions& options = {}, TooLong too_long = TooLong::refuse);

// Raw tensors by their Hugging Face names (input_ids, token_type_ids, decoder_input_ids, pixel_values,
// input_values, input_features; `prefix` may stand before them, as in "run0.") from a safetensors file.
// Throws Error.
Inputs read_inputs_file(const std::filesystem::path& file, const std::string& prefix = "");

// Names the rows and columns of a Trace that was computed from token numbers: by the tokenizer where there is
// one, else by the numbers; patches and frames by their place.
void name_tokens(Trace& trace, const Inputs& inputs, const Tokenizer* tokenizer);

// The longest sequence that this stack takes, in tokens; 0: no limit.
int position_limit(const ModelSpec& spec, Stack stack);

}  // namespace attn
