#include "app/window/opening.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/look/embedded.h"
#include "app/state/actions.h"
#include "core/math/worded_error.h"
#include "core/model/file.h"
#include "core/study/attention_file.h"
#include "core/study/example_files.h"
#include "core/study/library.h"
#include "core/study/media/picture_file.h"
#include "core/study/session.h"
#include "core/text/unicode.h"

namespace attn::app {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

bool is_model_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) && fs::exists(path / "config.json", ignored);
}

std::optional<std::size_t> first_byte_that_is_no_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const unicode::CodePoint character = unicode::decode(text, at);
    if (!character.valid) return at;
    at += character.length;
  }
  return std::nullopt;
}

// Raw tensors that a model reads, rather than weights that one has computed.
bool holds_inputs(const fs::path& path) {
  try {
    if (is_attention_file(path)) return false;
    read_inputs_file(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::vector<Example> built_in_examples() {
  std::vector<Example> examples;
  const json file = json::parse(embedded_text("assets/examples/examples.json"));
  for (const json& entry : file.at("examples")) {
    Example example;
    example.language = entry.at("language").get<std::string>();
    example.model = entry.at("model").get<std::string>();
    example.text = entry.at("text").get<std::string>();
    example.target = entry.value("target", "");
    example.pronoun = entry.value("pronoun", "");
    example.candidates = entry.value("candidates", std::vector<std::string>());
    if (entry.contains("twin")) {
      const json& twin = entry["twin"];
      example.twin = Twin{twin.at("word").get<std::string>(), twin.value("occurrence", 0),
                          twin.at("alternative").get<std::string>()};
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

Browser list_folder(const std::string& folder, Browser::For purpose) {
  Browser browser;
  browser.purpose = purpose;
  std::error_code problem;
  const fs::path path = fs::weakly_canonical(folder, problem);
  browser.folder = problem ? folder : path.string();
  fs::directory_iterator entries(browser.folder, fs::directory_options::skip_permission_denied, problem);
  if (problem) {
    browser.problem = browser.folder + ": " + problem.message();
    return browser;
  }
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.empty() || name.front() == '.') continue;
    std::error_code ignored;
    const bool is_folder = entry.is_directory(ignored);
    browser.entries.push_back({name, is_folder, is_folder && is_model_folder(entry.path())});
  }
  std::sort(browser.entries.begin(), browser.entries.end(),
            [](const Browser::Entry& a, const Browser::Entry& b) {
              return a.folder != b.folder ? a.folder : a.name < b.name;
            });
  return browser;
}

std::string folder_state(const std::string& folder) {
  std::error_code ignored;
  std::vector<std::string> parts;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".json" && extension != ".safetensors" && extension != ".bin" && extension != ".txt")
      continue;
    const auto size = fs::file_size(entry.path(), ignored);
    const auto time = fs::last_write_time(entry.path(), ignored).time_since_epoch().count();
    parts.push_back(entry.path().filename().string() + " " + std::to_string(size) + " " +
                    std::to_string(time));
  }
  std::sort(parts.begin(), parts.end());
  std::string state;
  for (const std::string& part : parts) state += part + "\n";
  return state;
}

Study first_study(const Desk& desk, Language language) {
  Study study;
  study.a.model = default_model(language);
  const std::string wanted = language == Language::chinese ? "zh" : "en";
  for (const Example& example : desk.examples) {
    if (example.language != wanted) continue;
    study.a.model = example.model;
    study.a.text = example.text;
    study.twin = example.twin;
    break;
  }
  return study;
}

Opened open_any(const std::string& path, const Study& present) {
  std::error_code ignored;
  const fs::path given(path);
  if (!fs::exists(given, ignored))
    throw WordedError(worded("open.nothing", "there is nothing at {path}", {{"path", path}}));
  Opened opened;
  opened.study = present;
  const bool config = given.filename() == "config.json";
  if (config || fs::is_directory(given, ignored)) {
    const fs::path folder = fs::absolute(config ? given.parent_path() : given);
    if (!is_model_folder(folder))
      throw WordedError(
          worded("open.no_model", "{path} has no config.json, so it is no model folder", {{"path", path}}));
    opened.study.a.model = folder.string();
    opened.study.a.interventions = {};
    opened.study.selection = {};
    opened.study.compare = CompareWith::nothing;
    opened.choose_pronoun = true;
    return opened;
  }
  const std::string extension = given.extension().string();
  if (extension == ".gguf") throw WordedError(why_no_folder(given));
  if (is_picture_name(given) || is_sound_name(given) ||
      (extension == ".safetensors" && holds_inputs(given))) {
    opened.study.a.input_file = fs::absolute(given).string();
    opened.study.a.text.clear();
    opened.study.twin.reset();
    opened.study.flipped = false;
    opened.study.selection.query = -1;
    opened.study.selection.key.reset();
    return opened;
  }
  if (extension == ".safetensors" || extension == ".npz") {
    opened.study = Study{};
    opened.study.a.model = fs::absolute(given).string();  // a recording stands where a model would
    opened.choose_pronoun = true;
    return opened;
  }
  if (looks_like_examples(given)) {
    opened.examples = fs::absolute(given).string();
    return opened;
  }
  if (extension == ".txt") {
    opened.study.a.text = read_text_file(given);
    if (const std::optional<std::size_t> at = first_byte_that_is_no_utf8(opened.study.a.text))
      opened.note =
          worded("text.no_utf8", "{path} is no UTF-8 at byte {at}; what is wrong is read as U+FFFD.",
                 {{"path", path}, {"at", std::to_string(*at + 1)}});
    std::replace_if(
        opened.study.a.text.begin(), opened.study.a.text.end(), [](char c) { return c == '\n' || c == '\r'; },
        ' ');
    opened.study.a.input_file.clear();
    opened.study.twin.reset();
    opened.study.flipped = false;
    opened.study.selection.query = -1;
    return opened;
  }
  const Session session = parse_session(read_text_file(given), given.filename().string());
  opened.study = session.study;
  opened.view = std::make_shared<json>(json::parse(session.view_json));
  opened.session = true;
  return opened;
}

namespace {

// A built-in model's name, or a folder's.
std::string name_of_model(const std::string& model) {
  return model.find('/') == std::string::npos ? model : folder_name(model);
}

}  // namespace

Settled settle_opening(const Frame& frame, const Study& study, const Study& drawn) {
  const Subject &asked = study.a, &answered = frame.study.a;
  const bool answers =
      answered.model == asked.model && answered.input_file == asked.input_file && answered.text == asked.text;
  if (!answers || frame.loading) return {};
  if (frame.problem.empty()) {
    const bool complete = frame.a && frame.a->trace && frame.a->trace->complete;
    const bool nothing_to_read = !frame.a;  // an empty sentence
    return {complete || nothing_to_read ? Settled::What::there : Settled::What::not_yet, {}, {}};
  }
  if (asks_for_other_input(frame.problem) && !frame.a) return {Settled::What::waits_for_input, {}, {}};
  const bool other_file = drawn.a.input_file != asked.input_file;
  if (drawn.a.model == asked.model && !other_file) return {Settled::What::stays, {}, {}};
  Settled out{Settled::What::failed, drawn, {}};
  if (!asked.text.empty() && !other_file) {
    out.back.a.text = asked.text;
    out.back.twin = study.twin;
    out.back.flipped = study.flipped;
  }
  out.problem = frame.problem;
  if (drawn.a.model != asked.model)
    out.problem = worded("open.still", "{problem} Shown: {model}.", {{"model", name_of_model(drawn.a.model)}},
                         {{"problem", frame.problem}});
  return out;
}

}  // namespace attn::app
