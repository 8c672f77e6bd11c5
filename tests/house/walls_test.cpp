// Reads the #includes of the whole house and fails where a wall is broken.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

// Which rooms each room may enter besides itself. What core rooms may enter is everything below them.
const std::map<std::string, std::set<std::string>>& walls() {
  static const std::map<std::string, std::set<std::string>> kWalls = [] {
    std::map<std::string, std::set<std::string>> w;
    w["core/math"] = {};
    w["core/text"] = {"core/math"};
    w["core/model"] = {"core/math", "core/text"};
    w["core/attention"] = {"core/math"};
    w["core/forward"] = {"core/attention", "core/model", "core/text", "core/math"};
    std::set<std::string> forward_and_below = w["core/forward"];
    forward_and_below.insert("core/forward");
    w["core/analysis"] = forward_and_below;
    w["core/training"] = forward_and_below;
    w["core/study"] = forward_and_below;
    w["core/study"].insert("core/analysis");
    std::set<std::string> core;
    for (const auto& [room, may] : w) core.insert(room);
    const auto with = [&](std::set<std::string> more) {
      more.insert(core.begin(), core.end());
      return more;
    };
    w["app/state"] = core;
    w["app/worker"] = with({"app/state"});
    w["app/look"] = with({"app/state"});
    w["app/gl"] = with({"app/state", "app/look"});
    w["app/widgets"] = with({"app/gl", "app/state", "app/look"});
    w["app/views"] = with({"app/state", "app/widgets", "app/look", "app/gl"});
    w["app/lessons"] = with({"app/state", "app/widgets", "app/look"});
    w["app/window"] =
        with({"app/state", "app/worker", "app/gl", "app/widgets", "app/look", "app/views", "app/lessons"});
    w["app/cli"] = with({"app/window"});
    return w;
  }();
  return kWalls;
}

std::string room_of(const std::string& path) {
  const std::size_t first = path.find('/');
  const std::size_t second = path.find('/', first + 1);
  return second == std::string::npos ? path.substr(0, first) : path.substr(0, second);
}

struct Include {
  std::string file, target;
  bool system = false;
};

std::vector<Include> all_includes() {
  const fs::path root = ATTN_SOURCE_DIR;
  const std::regex line_form(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (const char* top : {"core", "app"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp") continue;
      std::ifstream in(entry.path());
      std::string line;
      std::smatch match;
      while (std::getline(in, line)) {
        if (!std::regex_search(line, match, line_form)) continue;
        found.push_back({fs::relative(entry.path(), root).generic_string(), match[2], match[1] == "<"});
      }
    }
  }
  return found;
}

TEST(Walls, NoRoomEntersAnotherThatTheDesignKeepsFromIt) {
  int n_checked = 0;
  for (const Include& include : all_includes()) {
    if (include.system || (include.target.rfind("core/", 0) != 0 && include.target.rfind("app/", 0) != 0))
      continue;
    const std::string from = room_of(include.file), to = room_of(include.target);
    if (from == to || from == "app") continue;  // app/main.cpp may call anyone
    const auto room = walls().find(from);
    ASSERT_NE(room, walls().end()) << include.file << " stands in " << from
                                   << ", a room that the design does not know";
    EXPECT_TRUE(room->second.count(to))
        << include.file << " includes " << include.target << ", but " << from << " may not enter " << to;
    ++n_checked;
  }
  EXPECT_GT(n_checked, 30) << "the test no longer finds the includes";
}

TEST(Walls, OnlyTheWindowsRoomsSpeakOpenGL) {
  for (const Include& include : all_includes()) {
    const bool opengl = include.target.rfind("epoxy/", 0) == 0 || include.target.rfind("GLFW/", 0) == 0;
    if (!opengl) continue;
    const std::string room = room_of(include.file);
    EXPECT_TRUE(room == "app/gl" || room == "app/window") << include.file << " includes " << include.target;
  }
}

TEST(Walls, ViewsAndLessonsUseWidgetsNotImGui) {
  for (const Include& include : all_includes()) {
    const std::string room = room_of(include.file);
    if (room != "app/views" && room != "app/lessons" && room.rfind("core/", 0) != 0) continue;
    EXPECT_EQ(include.target.find("imgui"), std::string::npos)
        << include.file << " includes " << include.target;
  }
}

TEST(House, TheTopLevelIsWhatThePeopleWeBuildForFixed) {
  const std::set<std::string> allowed = {"app",          "core",           "shaders",          "assets",
                                         "tests",        "CMakeLists.txt", "README.md",        "LICENSE",
                                         "CHANGELOG.md", "build",          "CMakePresets.json"};
  for (const auto& entry : fs::directory_iterator(ATTN_SOURCE_DIR)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name[0] == '.' || allowed.count(name)) << name << " does not belong at the top level";
  }
}

}  // namespace
