#include "core/study/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/math/worded_error.h"
#include "core/model/file_problem.h"

namespace attn {

using nlohmann::json;

namespace {

json head_to_json(const HeadId& id) {
  return {{"stack", std::string(name_of(id.stack))}, {"layer", id.layer}, {"head", id.head}};
}

json subject_to_json(const Subject& subject) {
  json out = {{"model", subject.model}, {"text", subject.text}, {"special_tokens", subject.special_tokens}};
  if (subject.pair) out["pair"] = *subject.pair;
  if (subject.target) out["target"] = *subject.target;
  if (!subject.input_file.empty()) out["input_file"] = subject.input_file;
  if (subject.interventions.any()) out["interventions"] = to_text(subject.interventions);
  if (!subject.bound_text.empty()) out["bound_text"] = subject.bound_text;
  if (!subject.joined_words.empty()) out["joined_words"] = subject.joined_words;
  if (!subject.stand_ins.empty()) out["stand_ins"] = subject.stand_ins;
  if (subject.written && subject.written->text == subject.text)
    out["written"] = {
        {"typed", subject.written->typed}, {"ids", subject.written->ids}, {"ends", subject.written->ends}};
  return out;
}

const char* name_of(CompareWith with) {
  switch (with) {
    case CompareWith::nothing:
      return "nothing";
    case CompareWith::other_head:
      return "other_head";
    case CompareWith::twin:
      return "twin";
    case CompareWith::as_trained:
      return "as_trained";
    case CompareWith::other_subject:
      return "other_subject";
  }
  return "nothing";
}

[[noreturn]] void damaged(const std::string& source) {
  throw WordedError(
      worded("session.damaged", "{file} is no Attention Lab session, or it is damaged", {{"file", source}}));
}

// Reads fields with sentences instead of exceptions of the JSON library.
class Fields {
 public:
  Fields(const json& object, std::string source, std::string path)
      : object_(object), source_(std::move(source)), path_(std::move(path)) {
    if (!object_.is_object()) fail("", "an object");
  }

  [[noreturn]] void fail(const std::string& name, const std::string& expected) const {
    const std::string where = name.empty() ? path_ : path_.empty() ? name : path_ + "." + name;
    throw WordedError(worded("session.field",
                             "{file}: \"{where}\" should be {expected}; the file is damaged or no session",
                             {{"file", source_}, {"where", where}, {"expected", expected}}));
  }

  std::string text(const std::string& name) const {
    const json* value = find(name);
    if (!value || !value->is_string()) fail(name, "a text");
    return value->get<std::string>();
  }
  std::optional<std::string> find_text(const std::string& name) const {
    return find(name) ? std::optional(text(name)) : std::nullopt;
  }
  int number(const std::string& name) const {
    const json* value = find(name);
    if (!value || !value->is_number_integer()) fail(name, "a whole number");
    const auto wide = value->get<std::int64_t>();
    if (wide < -1 || wide > 1'000'000'000) fail(name, "a whole number between -1 and a billion");
    return static_cast<int>(wide);
  }
  bool flag(const std::string& name, bool otherwise) const {
    const json* value = find(name);
    if (!value) return otherwise;
    if (!value->is_boolean()) fail(name, "true or false");
    return value->get<bool>();
  }
  const json* find(const std::string& name) const {
    const auto at = object_.find(name);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  Fields inside(const std::string& name) const {
    const json* value = find(name);
    if (!value) fail(name, "an object");
    return {*value, source_, path_.empty() ? name : path_ + "." + name};
  }
  HeadId head(const std::string& name) const { return head_in(inside(name)); }
  static HeadId head_in(const Fields& f) {
    HeadId id;
    const std::string stack = f.text("stack");
    if (stack == "encoder") {
      id.stack = Stack::encoder;
    } else if (stack == "decoder") {
      id.stack = Stack::decoder;
    } else if (stack == "cross") {
      id.stack = Stack::cross;
    } else {
      f.fail("stack", "encoder, decoder or cross");
    }
    id.layer = f.number("layer");
    id.head = f.number("head");
    return id;
  }
  const std::string& source() const { return source_; }

 private:
  const json& object_;
  std::string source_, path_;
};

WrittenTokens written_from(const Fields& f, const Subject& subject) {
  WrittenTokens written;
  written.model = subject.model;
  written.text = subject.text;
  written.typed = static_cast<std::size_t>(std::max(0, f.number("typed")));
  const auto numbers = [&](const char* name, auto& out) {
    const json* list = f.find(name);
    if (!list || !list->is_array()) f.fail(name, "a list of numbers");
    for (const json& number : *list) {
      if (!number.is_number_unsigned() || number > 2147483647u) f.fail(name, "a list of numbers");
      out.push_back(number.get<typename std::remove_reference_t<decltype(out)>::value_type>());
    }
  };
  numbers("ids", written.ids);
  numbers("ends", written.ends);
  return written;
}

Subject subject_from(const Fields& f) {
  Subject subject;
  subject.model = f.text("model");
  subject.text = f.text("text");
  subject.pair = f.find_text("pair");
  subject.target = f.find_text("target");
  subject.special_tokens = f.flag("special_tokens", true);
  if (const auto written = f.find_text("interventions")) {
    subject.interventions = parse_interventions(*written, ModelSpec{});
  }
  subject.bound_text = f.find_text("bound_text").value_or("");
  subject.input_file = f.find_text("input_file").value_or("");
  if (const json* joined = f.find("joined_words")) {
    if (!joined->is_array()) f.fail("joined_words", "a list of texts");
    for (const json& word : *joined) {
      if (!word.is_string()) f.fail("joined_words", "a list of texts");
      subject.joined_words.push_back(word.get<std::string>());
    }
  }
  if (const json* stand_ins = f.find("stand_ins")) {
    if (!stand_ins->is_object()) f.fail("stand_ins", "words and the known word read in place of each");
    for (const auto& [word, known] : stand_ins->items()) {
      if (!known.is_string()) f.fail("stand_ins", "words and the known word read in place of each");
      subject.stand_ins[word] = known.get<std::string>();
    }
  }
  if (f.find("written")) subject.written = written_from(f.inside("written"), subject);
  return subject;
}

CompareWith compare_from(const Fields& f) {
  const std::string name = f.find_text("compare").value_or("nothing");
  for (const CompareWith with : {CompareWith::nothing, CompareWith::other_head, CompareWith::twin,
                                 CompareWith::as_trained, CompareWith::other_subject}) {
    if (name == name_of(with)) return with;
  }
  f.fail("compare", "nothing, other_head, twin, as_trained or other_subject");
}

}  // namespace

json study_to_json(const Study& study) {
  json selection = {{"head", head_to_json(study.selection.head)}, {"query", study.selection.query}};
  if (study.selection.key) selection["key"] = *study.selection.key;
  if (study.selection.pinned) selection["pinned"] = head_to_json(*study.selection.pinned);
  for (const HeadId& id : study.selection.shown) selection["shown"].push_back(head_to_json(id));
  json out = {{"a", subject_to_json(study.a)},
              {"flipped", study.flipped},
              {"compare", name_of(study.compare)},
              {"selection", std::move(selection)}};
  if (study.b) out["b"] = subject_to_json(*study.b);
  if (study.twin) {
    out["twin"] = {{"word", study.twin->word},
                   {"occurrence", study.twin->occurrence},
                   {"alternative", study.twin->alternative}};
  }
  return out;
}

Study study_from_json(const json& value, const std::string& source) {
  const Fields f(value, source, "study");
  Study study;
  study.a = subject_from(f.inside("a"));
  if (f.find("b")) study.b = subject_from(f.inside("b"));
  if (f.find("twin")) {
    const Fields twin = f.inside("twin");
    study.twin = Twin{twin.text("word"), twin.number("occurrence"), twin.text("alternative")};
  }
  study.flipped = f.flag("flipped", false);
  study.compare = compare_from(f);
  const Fields selection = f.inside("selection");
  study.selection.head = selection.head("head");
  study.selection.query = selection.number("query");
  if (selection.find("key")) study.selection.key = selection.number("key");
  if (selection.find("pinned")) study.selection.pinned = selection.head("pinned");
  if (const json* shown = selection.find("shown")) {
    if (!shown->is_array()) selection.fail("shown", "a list of heads");
    for (const json& id : *shown) study.selection.shown.push_back(Fields::head_in({id, source, "shown"}));
  }
  return study;
}

std::string to_session_text(const Session& session) {
  json view = json::parse(session.view_json, nullptr, false);
  if (view.is_discarded()) view = json::object();
  const json file = {{"attnlab_session", kSessionVersion},
                     {"study", study_to_json(session.study)},
                     {"view", std::move(view)}};
  // A text that is not UTF-8 cannot stand in JSON: its bad bytes become U+FFFD.
  return file.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Session parse_session(std::string_view text, const std::string& source) {
  const json file = json::parse(text, nullptr, false);
  if (file.is_discarded() || !file.is_object() || !file.contains("attnlab_session")) {
    damaged(source);
  }
  const json& version = file["attnlab_session"];
  if (!version.is_number_integer() || version.get<std::int64_t>() < 1) {
    damaged(source);
  }
  if (version.get<std::int64_t>() > kSessionVersion) {
    throw WordedError(
        worded("session.newer",
               "{file} was written by a newer Attention Lab (session version {version}; this one "
               "reads up to {known}); update the program to open it",
               {{"file", source}, {"version", version.dump()}, {"known", std::to_string(kSessionVersion)}}));
  }
  if (!file.contains("study")) damaged(source);
  Session session;
  session.study = study_from_json(file["study"], source);
  session.view_json = file.contains("view") && file["view"].is_object() ? file["view"].dump() : "{}";
  return session;
}

std::string read_text_file(const std::filesystem::path& path, std::size_t most_bytes) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw WordedError(worded("file.folder", "{path} is a folder, not a file", {{"path", path.string()}}));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw WordedError(file_problem(path, false));
  std::string text;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes) {
      throw WordedError(worded("file.too_large", "{path} is larger than {most} MB",
                               {{"path", path.string()}, {"most", std::to_string(most_bytes >> 20)}}));
    }
  }
  return text;
}

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  const std::string temporary = path.string() + ".part" + std::to_string(::getpid());
  const auto fail = [&] {
    const Wording why = file_problem(path, true);
    ::unlink(temporary.c_str());
    throw WordedError(why);
  };
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(file, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int reason = errno;
      ::close(file);
      errno = reason;
      fail();
    }
    written += static_cast<std::size_t>(n);
  }
  const bool flushed = ::fsync(file) == 0;
  if (::close(file) != 0 || !flushed) fail();
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail();
}

}  // namespace attn
