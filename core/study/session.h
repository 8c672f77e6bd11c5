#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/study/study.h"

namespace attn {

// A session is a Study, and how it was looked at, written out: one JSON file,
//   {"attnlab_session": 1, "study": {…}, "view": {…}}
// The view is the window's business and passes through here unread.

inline constexpr int kSessionVersion = 1;

nlohmann::json study_to_json(const Study& study);
// Throws Error naming the field that is missing or of the wrong kind. `source` names the file in the
// sentence.
Study study_from_json(const nlohmann::json& json, const std::string& source);

struct Session {
  Study study;
  std::string view_json;  // "{}" when there is none
};

std::string to_session_text(const Session& session);
// Throws Error for what is no session, is damaged, or was written by a newer version.
Session parse_session(std::string_view text, const std::string& source);

// Whole files. Writing goes to a temporary file beside the target, is flushed to the disk, and takes the
// target's name at once: a crash in the middle leaves the old file as it was. Throws Error with the system's
// reason.
std::string read_text_file(const std::filesystem::path& path, std::size_t most_bytes = std::size_t{64} << 20);
void write_text_file(const std::filesystem::path& path, std::string_view text);

}  // namespace attn
