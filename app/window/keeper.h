#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/state/keepsakes.h"
#include "app/window/log.h"
#include "core/math/worded_error.h"
#include "core/study/session.h"

namespace attn::app {

// What outlives the window: settings and the last session, in the user's folders.
class Keeper {
 public:
  // fresh: nothing is read or written. complain: shows a person what went wrong.
  Keeper(Folders folders, bool fresh, Log& log, std::function<void(const Wording&)> complain);

  // The session of the last time; nullopt: there is none, or it cannot be read. Then it is put aside, not
  // written over: a newer program may read it, or a person mend it.
  std::optional<Session> last_session();
  // Keeps what `write` gives where that changed since the last time; says once when it cannot.
  void keep_session(const std::function<std::string()>& write);
  void keep_settings(const Settings& settings);

 private:
  void not_kept(const std::filesystem::path& folder, const std::exception& problem);

  Folders folders_;
  bool fresh_;
  Log& log_;
  std::function<void(const Wording&)> complain_;
  std::string kept_session_;
  bool told_ = false;
};

}  // namespace attn::app
