#include "core/study/heads_of_texts.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "core/analysis/health.h"
#include "core/math/worded_error.h"
#include "core/study/session.h"

namespace attn {

namespace {

// One line of a JSON Lines file.
Subject subject_of_json(const std::string& line, const Subject& like, const std::string& place) {
  const nlohmann::json value = nlohmann::json::parse(line, nullptr, false);
  Subject subject = like;
  if (value.is_string()) {
    subject.text = value.get<std::string>();
  } else if (value.is_object() && value.contains("text") && value["text"].is_string()) {
    subject.text = value["text"].get<std::string>();
    if (value.contains("pair") && value["pair"].is_string()) subject.pair = value["pair"].get<std::string>();
  } else {
    throw Error(place + " should be {\"text\": \"…\"} or a string");
  }
  return subject;
}

Matrix values_of(const std::vector<HeadStatistics>& heads) {
  const auto all = measures();
  Matrix values(static_cast<Index>(heads.size()), static_cast<Index>(all.size()));
  for (std::size_t h = 0; h < heads.size(); ++h)
    for (std::size_t m = 0; m < all.size(); ++m)
      values(static_cast<Index>(h), static_cast<Index>(m)) = static_cast<float>(heads[h].*all[m].value);
  return values;
}

}  // namespace

std::vector<Subject> read_texts(const std::filesystem::path& file, const Subject& like) {
  std::istringstream lines(read_text_file(file));
  const std::string ending = file.extension().string();
  bool json = ending == ".jsonl" || ending == ".json";
  std::vector<Subject> subjects;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    if (subjects.empty() && line.starts_with("{\"")) json = true;  // whatever the file is called
    if (json) {
      subjects.push_back(subject_of_json(line, like, file.string() + ", line " + std::to_string(number)));
    } else {
      subjects.push_back(like);
      subjects.back().text = line;
    }
  }
  if (subjects.empty()) throw Error(file.string() + " has no texts; write one on each line");
  return subjects;
}

HeadsOfTexts heads_of_texts(const LoadedModel& loaded, const std::vector<Subject>& texts,
                            const HeadsOfTextsOptions& options) {
  if (!loaded.model) throw Error("a recording has one text only; open a model to look at many");
  PassOptions pass;
  pass.pool = options.pool;
  pass.cancel = options.cancel;
  HeadsOfTexts out;
  out.n_asked = static_cast<int>(texts.size());
  for (const Subject& subject : texts) {
    throw_if_cancelled(options.cancel);
    try {
      const PreparedText prepared = prepare_text(loaded, subject, options.too_long);
      const auto trace = run_prepared(loaded, prepared, in_force(subject), pass);
      if (const Wording wrong = first_not_a_number(*trace, loaded.model->name); !wrong.empty())
        throw WordedError(wrong);
      const std::vector<HeadStatistics> heads = all_head_statistics(*trace, options.pool, options.cancel);
      if (out.heads.empty())
        for (const HeadStatistics& head : heads) out.heads.push_back(head.head);
      out.averages.add(heads);
      out.n_cut += prepared.n_cut > 0;
      out.texts.push_back(std::make_shared<const HeadsOfTexts::OneText>(
          HeadsOfTexts::OneText{subject.text, values_of(heads)}));
    } catch (const Error& problem) {
      if (options.stop_at_problem) throw;
      if (out.n_failed++ == 0) out.problem = problem.what();
    }
    if (options.on_text) options.on_text(out);
  }
  return out;
}

std::vector<int> texts_with_most(const HeadsOfTexts& of, const HeadId& head, const Measure& measure) {
  const auto row = std::find(of.heads.begin(), of.heads.end(), head) - of.heads.begin();
  const auto column = static_cast<Index>(&measure - measures().data());
  std::vector<int> places;
  const auto value = [&](int place) {
    const Matrix& values = of.texts[static_cast<std::size_t>(place)]->values;
    return row < values.rows() ? values(row, column) : std::nanf("");
  };
  for (int place = 0; place < static_cast<int>(of.texts.size()); ++place)
    if (!std::isnan(value(place))) places.push_back(place);
  std::stable_sort(places.begin(), places.end(), [&](int a, int b) { return value(a) > value(b); });
  return places;
}

}  // namespace attn
