#include "app/cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "app/cli/terminal.h"
#include "core/analysis/health.h"
#include "core/analysis/mentions.h"
#include "core/forward/embedding.h"
#include "core/math/worded_error.h"
#include "core/study/affordable.h"
#include "core/study/media/picture_file.h"
#include "core/study/session.h"

namespace attn::app {

void SubjectArguments::add_model(CLI::App* command) {
  command->add_option("--model", model, "built-in name, model folder, or Hub name in the local cache")
      ->required()
      ->type_name("M");
}

void SubjectArguments::add_text(CLI::App* command) {
  command->add_option("--text", text, "the sentence (the source of an encoder-decoder)");
  command->add_option("--text-file", text_file, "read the text from a file");
  command->add_option("--text-pair", text_pair, "a second sentence, for models that take pairs");
  command->add_option("--target", target, "the target of an encoder-decoder");
  command->add_option("--ids", ids, "token numbers instead of a text: 5,9,2; nothing is added or taken away");
  command->add_option("--target-ids", target_ids, "token numbers of the target, its start token included");
  command->add_option("--image", image, "a picture (PNG, JPEG) for a model that reads pictures");
  command->add_option("--audio", audio, "a sound (WAV) for a model that reads sound");
  command->add_option("--input", input_file,
                      "a safetensors file with input_ids, pixel_values, input_values …");
  command->add_option("--add-special-tokens", add_special_tokens, "false leaves the text bare")
      ->default_val(true);
  command
      ->add_option_function<std::string>(
          "--truncate",
          [this](const std::string& to) {
            truncate = true;
            truncate_to = to;
          },
          "cut a text that is longer than the model's positions, or than N tokens")
      ->expected(0, 1)
      ->type_name("[N]");
}

void SubjectArguments::add_interventions(CLI::App* command) {
  command->add_option("--do", interventions,
                      "interventions, e.g. \"mask=causal; positions=off; head 0.1=zero\"");
}

void SubjectArguments::add_threads(CLI::App* command) {
  command->add_option("--threads", threads, "threads to compute with (0: one per core)")
      ->check(CLI::Range(0, 1024));
}

int truncated_at(const SubjectArguments& arguments) {
  if (arguments.truncate_to.empty()) return 0;
  const std::vector<int> numbers = parse_ids(arguments.truncate_to, "--truncate");
  if (numbers.size() != 1 || numbers.front() < 1)
    throw WrongArguments("--truncate takes one number of tokens, as in --truncate 512, or none");
  return numbers.front();
}

void tell(const std::vector<Wording>& notes) {
  for (const Wording& note : notes) std::fprintf(stderr, "attnlab: %s\n", note.english.c_str());
}

void check_numbers(const Trace& trace, const LoadedModel& loaded) {
  if (!loaded.model) return;
  if (const Wording problem = first_not_a_number(trace, loaded.model->name); !problem.empty())
    throw WordedError(problem);
}

std::string told_utf8(std::string_view text, const std::string& option) {
  std::string valid = valid_utf8(text);
  if (valid == text) return valid;
  const auto wrong = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end()).first;
  std::fprintf(stderr, "attnlab: %s is no UTF-8 at byte %td (0x%02x); what is wrong is read as U+FFFD\n",
               option.c_str(), wrong - text.begin() + 1, static_cast<unsigned char>(*wrong));
  return valid;
}

void check_there(const std::string& file, const std::string& option) {
  std::error_code ignored;
  if (!file.empty() && !std::filesystem::exists(file, ignored))
    throw WrongArguments(option + ": there is no file " + file);
}

std::vector<int> parse_ids(const std::string& text, const std::string& option) {
  const auto refuse = [&](std::string_view wrong) {
    throw WrongArguments(option + " takes numbers with commas between them, as in 5,9,2; " +
                         (wrong.empty() ? "a number is missing beside a comma"
                                        : "this is not one: \"" + std::string(wrong.substr(0, 20)) + "\""));
  };
  std::string_view rest = text;
  const auto trim = [](std::string_view part) {
    constexpr std::string_view kBlank = " \n\r\t";
    while (!part.empty() && kBlank.find(part.front()) != kBlank.npos) part.remove_prefix(1);
    while (!part.empty() && kBlank.find(part.back()) != kBlank.npos) part.remove_suffix(1);
    return part;
  };
  rest = trim(rest);
  if (rest.starts_with('[') && rest.ends_with(']')) rest = trim(rest.substr(1, rest.size() - 2));
  if (rest.empty()) throw WrongArguments(option + " is empty; give token numbers, as in 5,9,2");
  std::vector<int> ids;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != rest.npos;
    const std::string_view part = trim(rest.substr(0, comma));
    int id = 0;
    const auto [after, problem] = std::from_chars(part.data(), part.data() + part.size(), id);
    if (problem != std::errc() || after != part.data() + part.size()) refuse(part);
    ids.push_back(id);
    if (more) rest.remove_prefix(comma + 1);
  }
  return ids;
}

void check_ending(const std::string& file, std::initializer_list<std::string_view> endings,
                  const std::string& option) {
  const std::string own = std::filesystem::path(file).extension().string();
  std::string known;
  for (const std::string_view ending : endings) {
    if (own == ending) return;
    known += (known.empty() ? "" : ", ") + std::string(ending);
  }
  throw WrongArguments(option + " " + file + ": the ending says what is written; give one of " + known);
}

Subject subject_of(const SubjectArguments& arguments) {
  if (!arguments.text.empty() && !arguments.text_file.empty()) {
    throw WrongArguments("--text and --text-file were both given; give one of them");
  }
  Subject subject;
  subject.model = arguments.model;
  subject.special_tokens = arguments.add_special_tokens;
  check_there(arguments.text_file, "--text-file");
  check_there(arguments.image, "--image");
  check_there(arguments.audio, "--audio");
  check_there(arguments.input_file, "--input");
  if (!arguments.text_file.empty()) {
    subject.text = read_text_file(arguments.text_file);
    while (!subject.text.empty() && (subject.text.back() == '\n' || subject.text.back() == '\r')) {
      subject.text.pop_back();
    }
  } else {
    subject.text = arguments.text;
  }
  subject.text = told_utf8(subject.text, arguments.text_file.empty() ? "--text" : arguments.text_file);
  if (!arguments.image.empty() && !arguments.audio.empty())
    throw WrongArguments("--image and --audio were both given; give one of them");
  if (!arguments.image.empty() && !is_picture_name(arguments.image))
    throw WrongArguments("--image " + arguments.image + ": its ending is no picture's; give a PNG or JPEG");
  if (!arguments.audio.empty() && !is_sound_name(arguments.audio))
    throw WrongArguments("--audio " + arguments.audio + ": its ending is no sound's; give a WAV");
  subject.input_file = arguments.image.empty() ? arguments.audio : arguments.image;
  if (!arguments.text_pair.empty()) subject.pair = told_utf8(arguments.text_pair, "--text-pair");
  if (!arguments.target.empty()) subject.target = told_utf8(arguments.target, "--target");
  return subject;
}

Interventions interventions_of(const SubjectArguments& arguments, const ModelSpec& spec) {
  if (arguments.interventions.empty()) return {};
  try {
    Interventions wish = parse_interventions(arguments.interventions, spec);
    const std::vector<std::string> reasons = why_not(wish, spec);
    if (!reasons.empty()) throw Error(reasons.front());
    return wish;
  } catch (const Error& problem) {
    throw WrongArguments(std::string("--do: ") + problem.what());
  }
}

namespace {

void cut_to_positions(std::vector<int>& ids, int limit, const SubjectArguments& arguments) {
  if (!arguments.truncate) return;
  const int at_most = truncated_at(arguments);
  for (const int length : {limit, at_most})
    if (length > 0 && static_cast<int>(ids.size()) > length) ids.resize(static_cast<std::size_t>(length));
}

void check_ids(const std::vector<int>& ids, int n_vocab, const char* option) {
  for (const int id : ids) {
    if (id >= 0 && id < n_vocab) continue;
    throw WrongArguments(std::string(option) + ": " + std::to_string(id) +
                         " is no token number of this model; they go from 0 to " +
                         std::to_string(n_vocab - 1));
  }
}

// The target as token numbers, in place of a text.
Encoding target_from(const std::vector<int>& ids, const Tokenizer& tokenizer) {
  Encoding target;
  target.ids = ids;
  for (const int id : ids) {
    target.tokens.push_back(tokenizer.token(id));
    target.special.push_back(tokenizer.is_special(id));
  }
  target.type_ids.assign(ids.size(), 0);
  target.begin.assign(ids.size(), 0);
  target.end.assign(ids.size(), 0);
  target.words.assign(ids.size(), -1);
  return target;
}

// A recording is looked at as it is: there is nothing to run.
void show_recording(CommandPass& result, const SubjectArguments& arguments) {
  const bool asks_for_a_pass = !result.subject.text.empty() || !result.subject.input_file.empty() ||
                               !arguments.ids.empty() || !arguments.input_file.empty() ||
                               !arguments.interventions.empty();
  if (asks_for_a_pass) {
    throw WrongArguments(arguments.model +
                         " is a recording, not a model that runs: leave out --text, --ids, --input and --do");
  }
  result.text = prepare_text(result.loaded, result.subject);
  result.subject.text = spell(result.loaded.recording->tokens, result.loaded.recording->words).text;
  result.trace = result.loaded.recording;
}

}  // namespace

CommandPass run_pass_of(const SubjectArguments& arguments, Pool& pool, bool logits) {
  CommandPass result;
  result.subject = subject_of(arguments);
  const bool has_media = !result.subject.input_file.empty();
  const bool has_text = !result.subject.text.empty() || has_media;
  const bool has_ids = !arguments.ids.empty();
  const bool two_inputs = has_media && !result.subject.text.empty();
  if (two_inputs || int(has_text) + int(has_ids) + int(!arguments.input_file.empty()) > 1) {
    throw WrongArguments("give one of --text, --text-file, --ids, --image, --audio and --input, not several");
  }
  result.loaded = open_model(arguments.model, &pool);
  tell(result.loaded.notes);
  if (result.loaded.recording) {
    show_recording(result, arguments);
    return result;
  }
  if (!has_text && !has_ids && arguments.input_file.empty()) {
    throw WrongArguments(
        "there is no text, or it is empty; give --text \"…\", --text-file F, --ids 5,9,2, --image F, --audio "
        "F or "
        "--input F");
  }
  const ModelSpec& spec = result.loaded.model->spec;
  const bool has_target = !arguments.target.empty() || !arguments.target_ids.empty();
  if (has_target && !spec.is_encoder_decoder()) {
    throw WrongArguments(result.loaded.model->name +
                         " is no encoder-decoder: it takes no --target or --target-ids");
  }
  result.subject.interventions = interventions_of(arguments, spec);
  PassOptions options;
  options.pool = &pool;
  options.logits = logits;

  if (has_text) {
    result.text = prepare_text(result.loaded, result.subject,
                               arguments.truncate ? TooLong::cut : TooLong::refuse, truncated_at(arguments));
    if (result.text.media) tell(result.text.media->notes);
    if (!arguments.target_ids.empty()) {
      result.text.inputs.target_ids = parse_ids(arguments.target_ids, "--target-ids");
      if (result.loaded.tokenizer)
        result.text.target = target_from(result.text.inputs.target_ids, *result.loaded.tokenizer);
      else
        result.text.target.reset();
    }
    result.trace = run_prepared(result.loaded, result.text, result.subject.interventions, options);
    check_numbers(*result.trace, result.loaded);
    return result;
  }
  Inputs inputs;
  const Stack first = spec.encoder ? Stack::encoder : Stack::decoder;
  if (has_ids) {
    if (spec.input != InputKind::words)
      throw WrongArguments(result.loaded.model->name + " reads " +
                           (spec.input == InputKind::patches ? "pictures, not token numbers: give --image"
                                                             : "sound, not token numbers: give --audio") +
                           " or --input");
    inputs.ids = parse_ids(arguments.ids, "--ids");
    if (spec.is_encoder_decoder()) {
      inputs.target_ids = arguments.target_ids.empty() ? std::vector<int>{spec.decoder_start_id}
                                                       : parse_ids(arguments.target_ids, "--target-ids");
    }
    check_ids(inputs.ids, spec.embedding.n_vocab, "--ids");
    check_ids(inputs.target_ids,
              spec.target_embedding ? spec.target_embedding->n_vocab : spec.embedding.n_vocab,
              "--target-ids");
    cut_to_positions(inputs.ids, position_limit(spec, first), arguments);
    cut_to_positions(inputs.target_ids, position_limit(spec, Stack::decoder), arguments);
  } else {
    inputs = read_inputs_file(arguments.input_file);
  }
  check_affordable(spec, first, static_cast<std::size_t>(count_tokens(spec, first, inputs)));
  auto trace =
      std::make_shared<Trace>(*run_pass(result.loaded.model, inputs, result.subject.interventions, options));
  check_numbers(*trace, result.loaded);
  name_tokens(*trace, inputs, result.loaded.tokenizer.get());
  result.trace = std::move(trace);
  return result;
}

LoadedModel open_running_model(const std::string& name, Pool& pool) {
  LoadedModel loaded = open_model(name, &pool);
  if (!loaded.model)
    throw WrongArguments(name + " is a recording, not a model that runs; give a model folder");
  tell(loaded.notes);
  return loaded;
}

}  // namespace attn::app
