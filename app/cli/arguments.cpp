#include "app/cli/arguments.h"

#include <charconv>

#include "core/math/error.h"
#include "core/study/session.h"

namespace attn::app {

void SubjectArguments::add_model(CLI::App* command) {
  command->add_option("--model", model, "built-in name, model folder, or Hub name in the local cache")
      ->required();
}

void SubjectArguments::add_text(CLI::App* command) {
  command->add_option("--text", text, "the sentence (the source of an encoder-decoder)");
  command->add_option("--text-file", text_file, "read the text from a file");
  command->add_option("--text-pair", text_pair, "a second sentence, for models that take pairs");
  command->add_option("--target", target, "the target of an encoder-decoder");
  command->add_option("--ids", ids, "token numbers instead of a text: 5,9,2; nothing is added or taken away");
  command->add_option("--target-ids", target_ids, "token numbers of the target, its start token included");
  command->add_option("--input", input_file,
                      "a safetensors file with input_ids, pixel_values, input_values …");
  command->add_option("--add-special-tokens", add_special_tokens, "false leaves the text bare")
      ->default_val(true);
  command->add_flag("--truncate", truncate, "cut a text that is longer than the model's positions");
}

void SubjectArguments::add_interventions(CLI::App* command) {
  command->add_option("--do", interventions,
                      "interventions, e.g. \"mask=causal; positions=off; head 0.1=zero\"");
}

void SubjectArguments::add_threads(CLI::App* command) {
  command->add_option("--threads", threads, "threads to compute with (0: one per core)")
      ->check(CLI::Range(0, 1024));
}

std::vector<int> parse_ids(const std::string& text, const std::string& option) {
  std::vector<int> ids;
  const char* at = text.data();
  const char* end = at + text.size();
  const auto skip = [&] {
    while (at < end && (*at == ' ' || *at == ',' || *at == '\n' || *at == '\t' || *at == '[' || *at == ']'))
      ++at;
  };
  for (skip(); at < end; skip()) {
    int id = 0;
    const auto [after, problem] = std::from_chars(at, end, id);
    if (problem != std::errc()) {
      throw WrongArguments(
          option + " takes numbers with commas between them, as in 5,9,2; this is not one: \"" +
          std::string(at, std::min<std::size_t>(20, static_cast<std::size_t>(end - at))) + "\"");
    }
    ids.push_back(id);
    at = after;
  }
  if (ids.empty()) throw WrongArguments(option + " is empty; give token numbers, as in 5,9,2");
  return ids;
}

Subject subject_of(const SubjectArguments& arguments) {
  if (!arguments.text.empty() && !arguments.text_file.empty()) {
    throw WrongArguments("--text and --text-file were both given; give one of them");
  }
  Subject subject;
  subject.model = arguments.model;
  subject.special_tokens = arguments.add_special_tokens;
  if (!arguments.text_file.empty()) {
    subject.text = read_text_file(arguments.text_file);
    while (!subject.text.empty() && (subject.text.back() == '\n' || subject.text.back() == '\r')) {
      subject.text.pop_back();
    }
  } else {
    subject.text = arguments.text;
  }
  if (!arguments.text_pair.empty()) subject.pair = arguments.text_pair;
  if (!arguments.target.empty()) subject.target = arguments.target;
  return subject;
}

CommandPass run_pass_of(const SubjectArguments& arguments, Pool& pool, bool logits) {
  CommandPass result;
  result.subject = subject_of(arguments);
  const bool has_text = !result.subject.text.empty();
  const bool has_ids = !arguments.ids.empty();
  if (int(has_text) + int(has_ids) + int(!arguments.input_file.empty()) > 1) {
    throw WrongArguments("give one of --text, --text-file, --ids and --input, not several");
  }
  if (!has_text && !has_ids && arguments.input_file.empty()) {
    throw WrongArguments(
        "there is nothing to look at; give --text \"…\", --text-file F, --ids 5,9,2 or --input F");
  }
  result.loaded = open_model(arguments.model, &pool);
  const ModelSpec& spec = result.loaded.model->spec;
  if (!arguments.interventions.empty()) {
    result.subject.interventions = parse_interventions(arguments.interventions, spec);
  }
  PassOptions options;
  options.pool = &pool;
  options.logits = logits;

  if (has_text) {
    result.text =
        prepare_text(result.loaded, result.subject, arguments.truncate ? TooLong::cut : TooLong::refuse);
    result.trace = run_prepared(result.loaded, result.text, result.subject.interventions, options);
    return result;
  }
  Inputs inputs;
  if (has_ids) {
    inputs.ids = parse_ids(arguments.ids, "--ids");
    if (spec.is_encoder_decoder()) {
      inputs.target_ids = arguments.target_ids.empty() ? std::vector<int>{spec.decoder_start_id}
                                                       : parse_ids(arguments.target_ids, "--target-ids");
    }
  } else {
    inputs = read_inputs_file(arguments.input_file);
  }
  auto trace =
      std::make_shared<Trace>(*run_pass(result.loaded.model, inputs, result.subject.interventions, options));
  name_tokens(*trace, inputs, result.loaded.tokenizer.get());
  result.trace = std::move(trace);
  return result;
}

}  // namespace attn::app
