#include "core/study/library.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/analysis/mentions.h"
#include "core/math/worded_error.h"
#include "core/model/own_models.h"
#include "core/study/attention_file.h"
#include "core/study/session.h"

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

LoadedModel open_model(const std::string& name, Pool* pool, LoadProgress* progress,
                       const CancelToken* cancel) {
  LoadedModel loaded;
  if (is_attention_file(name)) {
    loaded.recording = read_attention_file(name).trace;
    return loaded;
  }
  const std::filesystem::path folder = resolve_model(name, model_places());
  loaded.model = load_model(folder, pool, progress, cancel);
  try {
    loaded.tokenizer = load_tokenizer(folder);
  } catch (const Error& problem) {
    loaded.tokenizer_problem = problem.what();
  }
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

void fit(Encoding& encoding, int limit, TooLong too_long, const char* what, int& n_cut) {
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

PreparedText prepare_text(const LoadedModel& loaded, const Subject& subject, TooLong too_long) {
  if (loaded.recording) return recorded_text(*loaded.recording);
  const ModelSpec& spec = loaded.model->spec;
  if (!loaded.tokenizer) {
    throw WordedError(worded("text.no_tokenizer",
                             "{model} has no tokenizer that can be read ({reason}); give token numbers with "
                             "--ids instead of a text",
                             {{"model", loaded.model->name}, {"reason", loaded.tokenizer_problem}}));
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
  const Stack stack = spec.encoder ? Stack::encoder : Stack::decoder;
  fit(prepared.source, position_limit(spec, stack), too_long, "text", prepared.n_cut);
  check_ids(prepared.source, spec.embedding.n_vocab);
  prepared.inputs.ids = prepared.source.ids;
  if (spec.embedding.n_token_types > 0) prepared.inputs.type_ids = prepared.source.type_ids;

  if (spec.is_encoder_decoder()) {
    if (spec.decoder_start_id < 0) {
      throw Error(loaded.model->name +
                  ": config.json does not say what a target begins with (decoder_start_token_id)");
    }
    const Encoding target = tokenizer.encode_target(subject.target.value_or(""), EncodeOptions{false});
    prepared.target = start_with(spec.decoder_start_id, tokenizer, target);
    fit(*prepared.target, position_limit(spec, Stack::decoder), too_long, "target", prepared.n_cut);
    check_ids(*prepared.target,
              spec.target_embedding ? spec.target_embedding->n_vocab : spec.embedding.n_vocab);
    prepared.inputs.target_ids = prepared.target->ids;
  }
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
