#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/study/library.h"

namespace attn::app {

namespace {

using nlohmann::ordered_json;

void print_models(bool json) {
  std::vector<FoundModel> models = find_models(model_places());
  for (FoundModel& model : models)
    if (model.usable())
      model.unusable = why_no_memory(model.name, model.memory_bytes, available_memory_bytes());
  if (json) {
    ordered_json out = ordered_json::array();
    for (const FoundModel& model : models) {
      ordered_json notes = ordered_json::array();
      for (const Wording& note : model.notes) notes.push_back(note.english);
      out.push_back({{"name", model.name},
                     {"folder", model.path.string()},
                     {"family", model.family},
                     {"layers", model.n_layers},
                     {"heads", model.n_heads},
                     {"bytes", model.bytes},
                     {"memory_bytes", model.memory_bytes},
                     {"built_in", model.origin == FoundModel::Origin::built_in},
                     {"notes", notes},
                     {"usable", model.usable()},
                     {"why_not", model.unusable.english}});
    }
    std::cout << out.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
    return;
  }
  std::printf("%s %s %s %s\n", padded("name", 28).c_str(), padded("family", 14).c_str(),
              padded("layers×heads", 14).c_str(), "MB");
  for (const FoundModel& model : models) {
    std::printf("%s %s %s %.1f%s%s\n", padded(model.name, 28).c_str(), padded(model.family, 14).c_str(),
                padded(std::to_string(model.n_layers) + "×" + std::to_string(model.n_heads), 14).c_str(),
                static_cast<double>(model.bytes) / 1e6,
                model.usable() ? "" : "  not usable: ", model.unusable.english.c_str());
    for (const Wording& note : model.notes)
      std::printf("%s %s\n", padded("", 28).c_str(), note.english.c_str());
  }
}

}  // namespace

void add_models(Commands commands) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command =
      commands.program.add_subcommand("models", "Built-in models and those found on this computer");
  command->add_flag("--json", *json, "as JSON");
  commands.on(command, [json] { print_models(*json); });
}

}  // namespace attn::app
