#include <algorithm>
#include <array>
#include <map>

#include "app/look/wording.h"
#include "app/views/shell.h"
#include "app/views/view_parts.h"
#include "app/widgets/menus.h"
#include "core/model/find_models.h"
#include "core/model/load_model.h"

namespace attn::app {

namespace {

std::string joined(const std::string& folder, const std::string& name) {
  if (!name.empty() && name.front() == '/') return name;
  return folder.empty() || folder.back() == '/' ? folder + name : folder + "/" + name;
}

std::string parent_of(const std::string& folder) {
  const std::size_t slash = folder.find_last_of('/');
  return slash == std::string::npos || slash == 0 ? "/" : folder.substr(0, slash);
}

// Sessions get the ending that a person left out.
std::string with_ending(const std::string& name, bool session) {
  const bool has_ending = name.find('.', name.find_last_of('/') + 1) != std::string::npos;
  return !session || name.empty() || has_ending ? name : name + ".json";
}

bool stands_in(const Browser& browser, const std::string& name) {
  return std::any_of(browser.entries.begin(), browser.entries.end(),
                     [&](const Browser::Entry& entry) { return entry.name == name; });
}

// What the model folders among the entries are: config and headers are read beside the pictures.
using InspectedModels = std::map<std::string, FoundModel>;
using Inspected = std::shared_ptr<const InspectedModels>;

Inspected inspect_entries(const Browser& browser, const Frame& frame, Intents& intents) {
  std::vector<std::string> names;
  for (const Browser::Entry& entry : browser.entries)
    if (entry.model) names.push_back(entry.name);
  if (names.empty()) return nullptr;
  const std::string key = "browse " + browser.folder;
  intents.want<InspectedModels>(key, [folder = browser.folder, names](JobControl& control) {
    InspectedModels found;
    for (const std::string& name : names) {
      throw_if_cancelled(control.cancel());
      found[name] = inspect_model(joined(folder, name));
      control.publish(found);
    }
    return found;
  });
  return frame.answer<InspectedModels>(key).value;
}

// A folder with a model in it: what it is and what opening it takes; grey where it cannot be opened.
bool draw_model_entry(Ui& ui, const Browser::Entry& entry, const Inspected& inspected,
                      std::uint64_t free_bytes) {
  const auto known = inspected ? inspected->find(entry.name) : InspectedModels::const_iterator();
  if (!inspected || known == inspected->end())
    return menu_row(ui, "file.entries." + entry.name, {entry.name});
  const FoundModel& model = known->second;
  const Wording why =
      model.usable() ? why_no_memory(entry.name, model.memory_bytes, free_bytes) : model.unusable;
  const std::string why_not = in_words(ui.words, why);
  const std::string kind = model.usable()
                               ? ui.words("bar.family_and_size", {{"family", model.family},
                                                                  {"layers", std::to_string(model.n_layers)},
                                                                  {"heads", std::to_string(model.n_heads)}})
                               : model.family;
  const std::string memory = memory_needed(ui, model.memory_bytes, free_bytes);
  return menu_row(ui, "file.entries." + entry.name, {entry.name, kind, memory, why_not});
}

}  // namespace

void draw_file_dialog(Ui& ui, FileDialogState& state, const Frame& frame, const Desk& desk,
                      Intents& intents) {
  const Browser& browser = desk.browser;
  bool open = browser.purpose != Browser::For::nothing;
  if (!open) return;
  const bool opening = browser.purpose == Browser::For::opening;
  const bool saving = browser.purpose == Browser::For::saving;
  const char* title = opening ? "file.open_title" : saving ? "file.save_title" : "file.export_title";
  const Command command = opening ? Command::open : saving ? Command::save : Command::export_figure;
  const char* hint = opening ? "file.path_hint" : saving ? "file.save_hint" : "file.export_hint";
  bool done = false;
  const auto take = [&](const std::string& path) {
    const bool scaled = command == Command::export_figure && path.ends_with(".png");
    intents.ask(command, scaled ? path + "\n" + std::to_string(state.scale + 1) : path);
    done = true;
  };
  modal(ui, "file", ui.words(title), open, 640.0f, [&] {
    note(ui, browser.folder);
    space(ui, 4);
    ButtonOptions small;
    small.small = true;
    small.icon = Icon::chevron_right;
    ButtonOptions up;
    up.small = true;
    if (button(ui, "file.up", ui.words("file.up"), up))
      intents.ask(Command::browse, parent_of(browser.folder));
    space(ui, 4);
    scroll_area(ui, "file.entries", ui.px(std::min(300.0f, ui.logical_size().y - 290)), [&] {
      if (!browser.problem.empty()) note(ui, browser.problem);
      ButtonOptions row;
      row.look = ButtonLook::quiet;
      row.small = true;
      const Inspected inspected = opening ? inspect_entries(browser, frame, intents) : Inspected();
      for (const Browser::Entry& entry : browser.entries) {
        if (opening && entry.model) {
          if (draw_model_entry(ui, entry, inspected, desk.free_memory_bytes))
            take(joined(browser.folder, entry.name));
          continue;
        }
        row.icon = entry.folder ? Icon::chevron_right : Icon::none;
        if (!button(ui, "file.entries." + entry.name, entry.name, row)) continue;
        const std::string path = joined(browser.folder, entry.name);
        if (entry.folder) {
          intents.ask(Command::browse, path);
        } else if (opening) {
          take(path);
        } else {
          state.typed = entry.name;
        }
      }
    });
    if (opening && !desk.recent_files.empty()) {
      heading(ui, ui.words("file.recent"));
      ButtonOptions row;
      row.look = ButtonLook::quiet;
      row.small = true;
      for (std::size_t i = 0; i < std::min<std::size_t>(3, desk.recent_files.size()); ++i) {
        if (button(ui, "file.recent." + std::to_string(i), desk.recent_files[i], row))
          take(desk.recent_files[i]);
      }
    }
    space(ui);
    TextFieldOptions field;
    field.hint = ui.words(hint);
    if (!state.opened) focus_text_field(ui, "file.path");
    state.opened = true;
    const TextEdited edited = text_field(ui, "file.path", state.typed, field);
    if (edited.changed) state.to_replace.clear();
    space(ui);
    if (!opening && !saving) {
      const std::array<Choice, 4> scales = {Choice{"1", "1×"}, Choice{"2", "2×"}, Choice{"3", "3×"},
                                            Choice{"4", "4×"}};
      segmented(ui, "file.scale", scales, state.scale, ui.px(180));
      close_up(ui);
      note(ui, ui.words("file.export_note"));
    }
    ButtonOptions go;
    go.look = ButtonLook::primary;
    const std::string target = with_ending(state.typed, saving);
    const bool exists = !opening && !target.empty() && stands_in(browser, target);
    const bool asked = exists && state.to_replace == target;
    if (asked) note(ui, ui.words("file.replace_note", {{"name", target}}));
    const char* verb = opening ? "file.open" : asked ? "file.replace" : "file.save";
    const bool confirmed = button(ui, "file.go", ui.words(verb), go) || edited.submitted;
    beside(ui);
    if (button(ui, "file.cancel", ui.words("file.cancel"))) open = false;
    if (confirmed && !target.empty()) {
      // A path to another folder leads there first: only then is it known what it would replace. What is
      // there already is replaced at the second press only.
      const std::size_t slash = target.find_last_of('/');
      if (!opening && slash != std::string::npos) {
        intents.ask(Command::browse,
                    joined(browser.folder, target.substr(0, std::max<std::size_t>(1, slash))));
        state.typed = target.substr(slash + 1);
      } else if (exists && !asked) {
        state.to_replace = target;
      } else {
        take(joined(browser.folder, target));
      }
    }
  });
  if (done || !open) {
    state = {};
    intents.ask(Command::close_browser);
  }
}

}  // namespace attn::app
