#include "core/model/load_model.h"

#include <unistd.h>
#include <xxhash.h>

#include <cstdio>
#include <fstream>
#include <new>

#include "core/math/worded_error.h"
#include "core/model/families/family.h"

namespace attn {

namespace {

std::string hex16(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  const double mega = static_cast<double>(bytes) * 1e-6;
  char text[32];
  if (mega >= 1000)
    std::snprintf(text, sizeof text, "%.1f GB", mega * 1e-3);
  else
    std::snprintf(text, sizeof text, mega < 10 ? "%.1f MB" : "%.0f MB", mega);
  return text;
}

Wording why_no_memory(const std::string& model, std::uint64_t needed, std::uint64_t available) {
  if (available == 0 || needed <= available) return {};
  return worded("model.memory",
                "{model} needs {needed} of memory, but {free} are free; close other programs or open a "
                "smaller model.",
                {{"model", model}, {"needed", bytes_text(needed)}, {"free", bytes_text(available)}});
}

std::uint64_t available_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string line;
  while (std::getline(file, line))
    if (line.rfind("MemAvailable:", 0) == 0) return std::strtoull(line.c_str() + 13, nullptr, 10) * 1024;
  return 0;
}

namespace {

using OnBegun = std::function<void(std::shared_ptr<const Model>)>;

std::string fingerprint_of(const Config& config, const TensorFiles& files) {
  const std::string text = config.json().dump();
  return hex16(files.fingerprint(XXH64(text.data(), text.size(), 0)));
}

std::shared_ptr<const Model> load(const std::filesystem::path& folder, Pool* pool, LoadProgress* progress,
                                  const CancelToken* cancel, const OnBegun& on_begun) {
  const Config config = Config::read(folder);
  const Family& family = family_of(config);
  auto model = std::make_shared<Model>();
  model->spec = read_spec(config);
  model->path = std::filesystem::absolute(folder).lexically_normal().string();
  model->name = folder_name(folder);

  TensorFiles files = TensorFiles::open(folder);
  restore_tied_names(model->spec, files);
  ParameterPlan plan(files);
  family.place(config, Section(plan), *model);
  model->n_parameters = plan.n_parameters();
  model->memory_bytes = plan.memory_bytes();
  if (const Wording why = why_no_memory(model->name, model->memory_bytes, available_memory_bytes());
      !why.empty())
    throw WordedError(why);
  model->fingerprint = fingerprint_of(config, files);
  model->notes = config.assumptions();
  if (const Wording left_over = unused_tensors(files); !left_over.empty()) model->notes.push_back(left_over);
  if (!on_begun) {
    plan.run(*model, pool, progress, cancel, nullptr);
    return model;
  }
  const auto arrival = std::make_shared<Arrival>(model->n_parts());
  model->arrival = arrival;
  on_begun(model);
  try {
    plan.run(*model, pool, progress, cancel, arrival.get());
  } catch (...) {
    arrival->failed(std::current_exception());
    throw;
  }
  return model;
}

}  // namespace

std::string fingerprint_of(const std::filesystem::path& folder) {
  return fingerprint_of(Config::read(folder), TensorFiles::open(folder));
}

std::shared_ptr<const Model> load_model(const std::filesystem::path& folder, Pool* pool,
                                        LoadProgress* progress, const CancelToken* cancel,
                                        const OnBegun& on_begun) {
  try {
    return load(folder, pool, progress, cancel, on_begun);
  } catch (const std::filesystem::filesystem_error& error) {
    throw WordedError(worded("file.cannot_read", "{path} cannot be read: {reason}.",
                             {{"path", folder.string()}, {"reason", error.code().message()}}));
  } catch (const std::bad_alloc&) {
    throw WordedError(worded("model.too_large",
                             "{model} does not fit into the memory of this computer; open a smaller model.",
                             {{"model", folder_name(folder)}}));
  }
}

}  // namespace attn
