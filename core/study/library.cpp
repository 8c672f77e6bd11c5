#include "core/study/library.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/analysis/mentions.h"
#include "core/forward/embedding.h"
#include "core/math/worded_error.h"
#include "core/model/own_models.h"
#include "core/study/affordable.h"
#include "core/study/attention_file.h"
#include "core/study/media/preprocess.h"
#include "core/study/session.h"
#include "core/study/stand_ins.h"
#include "core/study/written_tokens.h"

namespace attn {

ModelPlaces model_places() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path built_in = ATTN_SOURCE_MODELS;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path().parent_path() / "share/attnlab/models";
  if (!program.empty() && fs::is_directory(installed, ignored)) built_in = installed;
  if (const char* asked = std::getenv("ATTNLAB_MODELS"); asked && *asked) built_in = asked;
  return ModelPlaces::from_environment(built_in, {own_models_folder()});
}

namespace {

std::vector<Wording> notes_of(const LoadedModel& loaded) {
  std::vector<Wording> notes = loaded.model->notes;
  const int n_known = loaded.model->spec.embedding.n_vocab;
  if (!loaded.tokenizer || n_known == 0 || loaded.tokenizer->n_vocab() <= n_known) return notes;
  int id = loaded.tokenizer->n_vocab() - 1;
  while (id > n_known && loaded.tokenizer->token(id).empty()) --id;
  notes.push_back(worded("text.beyond_vocabulary",
                         "The tokenizer of {model} has token numbers up to {id} (\"{token}\"), but the model "
                         "knows {n}: a text that uses one beyond is refused.",
                         {{"model", loaded.model->name},
                          {"id", std::to_string(id)},
                          {"token", loaded.tokenizer->token(id)},
                          {"n", std::to_string(n_known)}}));
  return notes;
}

}  // namespace

LoadedModel open_model(const std::string& name, Pool* pool, LoadProgress* progress, const CancelToken* cancel,
                       const std::function<void(const LoadedModel&)>& on_begun) {
  LoadedModel loaded;
  if (is_attention_file(name)) {
    loaded.recorded = std::make_shared<const Recording>(read_attention_file(name));
    loaded.recording = loaded.recorded->trace;
    return loaded;
  }
  const std::filesystem::path folder = resolve_model(name, model_places());
  const auto read_tokenizer = [&] {
    try {
      loaded.tokenizer = load_tokenizer(folder);
    } catch (const Error& problem) {
      loaded.tokenizer_problem = wording_of(problem);
    }
    loaded.notes = notes_of(loaded);
  };
  if (!on_begun) {
    loaded.model = load_model(folder, pool, progress, cancel);
    read_tokenizer();
    return loaded;
  }
  loaded.model = load_model(folder, pool, progress, cancel, [&](std::shared_ptr<const Model> begun) {
    loaded.model = std::move(begun);
    read_tokenizer();
    on_begun(loaded);
  });
  return loaded;
}

ModelCard read_model_card(const std::filesystem::path& folder) {
  ModelCard card;
  try {
    const auto config = nlohmann::json::parse(read_text_file(folder / "config.json"), nullptr, false);
    if (!config.is_object() || !config.contains("attnlab") || !config["attnlab"].is_object()) return card;
    const nlohmann::json& ours = config["attnlab"];
    if (!ours.contains("card") || !ours["card"].is_object()) return card;
    const auto text = [&](const char* name) {
      const auto at = ours["card"].find(name);
      return at != ours["card"].end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    card.title = text("title");
    card.trained_on = text("trained_on");
    card.supervised = text("supervised");
    card.language = text("language");
  } catch (const Error&) {
    // No config that can be read: nothing is said.
  }
  return card;
}

int position_limit(const ModelSpec& spec, Stack stack) {
  const std::optional<StackSpec>& of = stack == Stack::encoder ? spec.encoder : spec.decoder;
  return of ? of->position.n_positions : 0;
}

namespace {

void keep(Encoding& e, const std::vector<std::size_t>& kept) {
  const auto pick = [&](auto& values) {
    if (values.empty()) return;
    std::remove_reference_t<decltype(values)> chosen;
    chosen.reserve(kept.size());
    for (const std::size_t i : kept) chosen.push_back(values[i]);
    values = std::move(chosen);
  };
  pick(e.ids);
  pick(e.tokens);
  pick(e.type_ids);
  pick(e.special);
  pick(e.begin);
  pick(e.end);
  pick(e.words);
}

// Leaves out the last tokens of the text, but none that the template added after it.
int cut_to(Encoding& encoding, int limit) {
  const int n = static_cast<int>(encoding.ids.size());
  if (limit <= 0 || n <= limit) return 0;
  int n_closing = 0;
  while (n_closing < n && encoding.special[n - 1 - n_closing]) ++n_closing;
  n_closing = std::min(n_closing, limit);
  std::vector<std::size_t> kept;
  for (int i = 0; i < limit - n_closing; ++i) kept.push_back(static_cast<std::size_t>(i));
  for (int i = n - n_closing; i < n; ++i) kept.push_back(static_cast<std::size_t>(i));
  keep(encoding, kept);
  return n - limit;
}

void fit(Encoding& encoding, int limit, TooLong too_long, int at_most, const char* what, int& n_cut) {
  if (at_most > 0) n_cut += cut_to(encoding, at_most);
  const int n = static_cast<int>(encoding.ids.size());
  if (limit <= 0 || n <= limit) return;
  if (too_long == TooLong::refuse) {
    throw WordedError(
        worded("text.too_long",
               "the {what} has {n} tokens, but this model takes at most {limit}; shorten it, or "
               "cut it with --truncate",
               {{"what", what}, {"n", std::to_string(n)}, {"limit", std::to_string(limit)}}));
  }
  n_cut += cut_to(encoding, limit);
}

void check_ids(const Encoding& encoding, int n_vocab) {
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (encoding.ids[i] >= 0 && encoding.ids[i] < n_vocab) continue;
    throw WordedError(worded("text.unknown_id",
                             "token \"{token}\" has id {id}, but the model's vocabulary has {n} entries: "
                             "tokenizer and parameters do not belong together",
                             {{"token", encoding.tokens[i]},
                              {"id", std::to_string(encoding.ids[i])},
                              {"n", std::to_string(n_vocab)}}));
  }
}

Encoding start_with(int id, const Tokenizer& tokenizer, const Encoding& rest) {
  Encoding out = rest;
  out.ids.insert(out.ids.begin(), id);
  out.tokens.insert(out.tokens.begin(), tokenizer.token(id));
  out.type_ids.insert(out.type_ids.begin(), 0);
  out.special.insert(out.special.begin(), true);
  out.begin.insert(out.begin.begin(), 0);
  out.end.insert(out.end.begin(), 0);
  out.words.insert(out.words.begin(), -1);
  return out;
}

}  // namespace

static PreparedText recorded_text(const Trace& recording) {
  SpelledText spelled = spell(recording.tokens, recording.words);
  PreparedText prepared;
  prepared.source = std::move(spelled.encoding);
  prepared.inputs = recording.inputs;
  return prepared;
}

namespace {

// Tokens that are no words: patches, frames, or numbers from a file of raw tensors.
Encoding named_rows(std::vector<std::string> names, std::vector<bool> special) {
  Encoding out;
  const std::size_t n = names.size();
  out.tokens = std::move(names);
  out.special = std::move(special);
  out.type_ids.assign(n, 0);
  out.begin.assign(n, 0);
  out.end.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) out.words.push_back(out.special[i] ? -1 : static_cast<int>(i));
  return out;
}

std::vector<std::string> names_of(const std::vector<int>& ids, const Tokenizer* tokenizer) {
  std::vector<std::string> names;
  for (const int id : ids) {
    std::string token = tokenizer ? tokenizer->token(id) : "";
    names.push_back(token.empty() ? std::to_string(id) : std::move(token));
  }
  return names;
}

// What an encoder-decoder's decoder reads: its start token, then what the person typed.
void prepare_target(const LoadedModel& loaded, const Subject& subject, TooLong too_long, int at_most,
                    PreparedText& prepared) {
  const ModelSpec& spec = loaded.model->spec;
  if (spec.decoder_start_id < 0)
    throw WordedError(worded("text.no_start",
                             "{model}: config.json does not say what a target begins with "
                             "(decoder_start_token_id)",
                             {{"model", loaded.model->name}}));
  if (loaded.tokenizer) {
    const Tokenizer& tokenizer = *loaded.tokenizer;
    const Encoding target = tokenizer.encode_target(subject.target.value_or(""), EncodeOptions{false});
    prepared.target = start_with(spec.decoder_start_id, tokenizer, target);
  } else {
    prepared.target = named_rows({std::to_string(spec.decoder_start_id)}, {true});
    prepared.target->ids = {spec.decoder_start_id};
  }
  fit(*prepared.target, position_limit(spec, Stack::decoder), too_long, at_most, "target", prepared.n_cut);
  check_affordable(spec, Stack::decoder, prepared.target->ids.size());
  check_ids(*prepared.target,
            spec.target_embedding ? spec.target_embedding->n_vocab : spec.embedding.n_vocab);
  prepared.inputs.target_ids = prepared.target->ids;
}

// Raw tensors by their Hugging Face names.
PreparedText prepare_tensors(const LoadedModel& loaded, const Subject& subject) {
  const ModelSpec& spec = loaded.model->spec;
  PreparedText prepared;
  prepared.inputs = read_inputs_file(subject.input_file);
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  const auto n = static_cast<std::size_t>(count_tokens(spec, stack, prepared.inputs));
  std::vector<std::string> names = names_of(prepared.inputs.ids, loaded.tokenizer.get());
  while (names.size() < n) names.push_back("#" + std::to_string(names.size()));
  prepared.source = named_rows(std::move(names), std::vector<bool>(n, false));
  prepared.source.ids = prepared.inputs.ids;
  if (!spec.is_encoder_decoder()) return prepared;
  if (prepared.inputs.target_ids.empty()) prepared.inputs.target_ids = {spec.decoder_start_id};
  prepared.target = named_rows(names_of(prepared.inputs.target_ids, loaded.tokenizer.get()),
                               std::vector<bool>(prepared.inputs.target_ids.size(), false));
  prepared.target->ids = prepared.inputs.target_ids;
  return prepared;
}

PreparedText prepare_media(const LoadedModel& loaded, const Subject& subject, TooLong too_long, int at_most) {
  const ModelSpec& spec = loaded.model->spec;
  if (subject.input_file.empty()) {
    const bool pictures = spec.input == InputKind::patches;
    const std::vector<std::pair<std::string, std::string>> values = {{"model", loaded.model->name}};
    throw WordedError(
        pictures ? worded("media.needs_picture",
                          "{model} reads pictures, not words: drop a PNG or JPEG onto the window, open it "
                          "with Ctrl+O, or give it with --image",
                          values)
                 : worded("media.needs_sound",
                          "{model} reads sound, not words: drop a WAV onto the window, open it with Ctrl+O, "
                          "or give it with --audio",
                          values));
  }
  PreparedMedia media = read_media(*loaded.model, subject.input_file);
  PreparedText prepared;
  prepared.inputs = std::move(media.inputs);
  prepared.media = std::move(media.media);
  prepared.source = named_rows(std::move(media.names), std::move(media.special));
  check_affordable(spec, Stack::encoder, prepared.source.tokens.size());
  if (spec.is_encoder_decoder()) prepare_target(loaded, subject, too_long, at_most, prepared);
  return prepared;
}

// Where the person joined pieces by hand: all that spell one of those words get the number of the first.
void join_words(const Subject& subject, Encoding& encoding) {
  for (const std::string& word : subject.joined_words) {
    for (std::size_t at = subject.text.find(word); !word.empty() && at != std::string::npos;
         at = subject.text.find(word, at + word.size())) {
      std::vector<std::size_t> pieces;
      for (std::size_t t = 0; t < encoding.words.size(); ++t) {
        const bool first_text = encoding.type_ids.empty() || encoding.type_ids[t] == 0;
        if (first_text && !encoding.special[t] && encoding.begin[t] < at + word.size() &&
            encoding.end[t] > at)
          pieces.push_back(t);
      }
      const bool fits = !pieces.empty() && encoding.begin[pieces.front()] >= at &&
                        encoding.end[pieces.back()] <= at + word.size();
      if (!fits) continue;
      for (const std::size_t t : pieces) encoding.words[t] = encoding.words[pieces.front()];
    }
  }
}

}  // namespace

PreparedText prepare_text(const LoadedModel& loaded, const Subject& subject, TooLong too_long, int at_most) {
  if (loaded.recording) return recorded_text(*loaded.recording);
  const ModelSpec& spec = loaded.model->spec;
  if (std::filesystem::path(subject.input_file).extension() == ".safetensors")
    return prepare_tensors(loaded, subject);
  if (spec.input != InputKind::words) return prepare_media(loaded, subject, too_long, at_most);
  if (!subject.input_file.empty() && subject.text.empty()) read_media(*loaded.model, subject.input_file);
  if (!loaded.tokenizer) {
    throw WordedError(worded("text.no_tokenizer",
                             "{model} has no tokenizer that can be read ({reason}); give token numbers with "
                             "--ids instead of a text",
                             {{"model", loaded.model->name}}, {{"reason", loaded.tokenizer_problem}}));
  }
  const Tokenizer& tokenizer = *loaded.tokenizer;
  const EncodeOptions options{subject.special_tokens};
  PreparedText prepared;
  prepared.source = subject.pair && !subject.pair->empty()
                        ? tokenizer.encode_pair(subject.text, *subject.pair, options)
                        : tokenizer.encode(subject.text, options);
  const bool nothing_but_special =
      std::all_of(prepared.source.special.begin(), prepared.source.special.end(), [](bool s) { return s; });
  if (prepared.source.ids.empty() || (nothing_but_special && subject.text.empty())) {
    throw WordedError(worded("text.empty", "the text is empty; type a sentence"));
  }
  if (!subject.pair && !spec.is_encoder_decoder())
    put_written_tokens(subject, tokenizer, spec.eos_id, prepared.source);
  put_stand_ins(subject, tokenizer, prepared.source);
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  fit(prepared.source, position_limit(spec, stack), too_long, at_most, "text", prepared.n_cut);
  check_affordable(spec, stack, prepared.source.ids.size());
  check_ids(prepared.source, spec.embedding.n_vocab);
  prepared.inputs.ids = prepared.source.ids;
  if (spec.embedding.n_token_types > 0) prepared.inputs.type_ids = prepared.source.type_ids;

  join_words(subject, prepared.source);
  if (spec.is_encoder_decoder()) prepare_target(loaded, subject, too_long, at_most, prepared);
  return prepared;
}

std::shared_ptr<const Trace> run_prepared(const LoadedModel& loaded, const PreparedText& prepared,
                                          const Interventions& interventions, const PassOptions& options) {
  if (loaded.recording) {
    if (interventions.any())
      throw WordedError(worded("recording.no_interventions",
                               "this is a recording, not a model that runs: it cannot be intervened in"));
    return loaded.recording;
  }
  const auto named = [&](const std::shared_ptr<const Trace>& bare) {
    auto trace = std::make_shared<Trace>(*bare);
    trace->tokens = prepared.source.tokens;
    trace->words = prepared.source.words;
    if (prepared.target) {
      trace->target_tokens = prepared.target->tokens;
      trace->target_words = prepared.target->words;
    }
    return std::shared_ptr<const Trace>(std::move(trace));
  };
  PassOptions with_names = options;
  if (options.on_layer) {
    with_names.on_layer = [&](std::shared_ptr<const Trace> so_far) { options.on_layer(named(so_far)); };
  }
  return named(run_pass(loaded.model, prepared.inputs, interventions, with_names));
}

std::shared_ptr<const Trace> run_subject(const LoadedModel& loaded, const Subject& subject,
                                         const PassOptions& options, TooLong too_long) {
  return run_prepared(loaded, prepare_text(loaded, subject, too_long), in_force(subject), options);
}

}  // namespace attn
