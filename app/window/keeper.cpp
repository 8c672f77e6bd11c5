#include "app/window/keeper.h"

#include <filesystem>
#include <utility>

#include "app/window/opening.h"

namespace attn::app {

Keeper::Keeper(Folders folders, bool fresh, Log& log, std::function<void(const Wording&)> complain)
    : folders_(std::move(folders)), fresh_(fresh), log_(log), complain_(std::move(complain)) {}

std::optional<Session> Keeper::last_session() {
  const std::filesystem::path last = folders_.state / "last-session.json";
  std::error_code ignored;
  if (fresh_ || !std::filesystem::exists(last, ignored)) return std::nullopt;
  try {
    return parse_session(read_text_file(last), last.string());
  } catch (const Error& problem) {
    const std::filesystem::path aside = folders_.state / "unreadable-session.json";
    std::error_code failed;
    std::filesystem::rename(last, aside, failed);
    log_.say(problem.what());
    complain_(
        worded("session.set_aside",
               "the last session could not be opened, so this is a new one; what was there is kept in {path}",
               {{"path", (failed ? last : aside).string()}}));
    return std::nullopt;
  }
}

void Keeper::keep_session(const std::function<std::string()>& write) {
  if (fresh_) return;
  std::string text = write();
  if (text == kept_session_) return;
  try {
    std::filesystem::create_directories(folders_.state);
    write_text_file(folders_.state / "last-session.json", text);
  } catch (const std::exception& problem) {
    not_kept(folders_.state, problem);
  }
  kept_session_ = std::move(text);
}

void Keeper::keep_settings(const Settings& settings) {
  if (fresh_) return;
  try {
    std::filesystem::create_directories(folders_.config);
    write_text_file(folders_.config / "settings.json", settings_text(settings));
  } catch (const std::exception& problem) {
    not_kept(folders_.config, problem);
  }
}

// Said once: what follows fails alike.
void Keeper::not_kept(const std::filesystem::path& folder, const std::exception& problem) {
  log_.say(std::string("not kept: ") + problem.what());
  if (std::exchange(told_, true)) return;
  complain_(
      worded("file.not_kept",
             "{path} cannot be written: the session and settings will be forgotten when the window closes; "
             "everything else works",
             {{"path", folder.string()}}));
}

}  // namespace attn::app
