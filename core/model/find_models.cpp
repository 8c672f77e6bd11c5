#include "core/model/find_models.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "core/math/worded_error.h"
#include "core/model/families/family.h"
#include "core/model/file.h"
#include "core/model/load_model.h"

namespace attn {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Subfolders in the order of their names; none when the folder cannot be read.
std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string with_replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// "models--google--bert" → "google/bert".
std::string hub_name(const fs::path& repository) {
  return folder_name(repository / "snapshots" / "any");
}

// Whether there is a weight file or an index; a wrong index counts, so that opening it says what is wrong.
bool has_weights(const fs::path& folder) {
  try {
    return !weight_files_of(folder).empty();
  } catch (const std::exception&) {
    return true;
  }
}

// Why the download of a Hub model is not whole; empty when nothing is missing. Files of a snapshot are links
// into blobs/, whose unfinished downloads end in ".incomplete".
Wording unfinished_download(const fs::path& repository, const fs::path& snapshot) {
  std::error_code error;
  for (fs::directory_iterator it(snapshot, error), end; !error && it != end; it.increment(error))
    if (it->is_symlink() && !is_there(it->path()))
      return worded("download.broken_link",
                    "The download is not finished: {file} is a link to a blob that is not there.",
                    {{"file", it->path().filename().string()}});
  if (has_weights(snapshot)) return {};
  for (fs::directory_iterator it(repository / "blobs", error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".incomplete")
      return worded("download.incomplete",
                    "The download is not finished: blobs/{blob}… is incomplete. Run the download again.",
                    {{"blob", it->path().filename().string().substr(0, 12)}});
  return {};
}

// The snapshot that refs/main names; else the newest one. Empty when there is none.
fs::path snapshot_of(const fs::path& repository) {
  try {
    std::string commit = read_small_file(repository / "refs" / "main", 4096);
    while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back()))) commit.pop_back();
    const bool plain = !commit.empty() && commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (plain && is_there(repository / "snapshots" / commit)) return repository / "snapshots" / commit;
  } catch (const Error&) {  // no such ref: any snapshot will do
  }
  fs::path newest;
  fs::file_time_type time;
  for (const fs::path& snapshot : subfolders(repository / "snapshots")) {
    std::error_code ignored;
    const fs::file_time_type written = fs::last_write_time(snapshot, ignored);
    if (newest.empty() || written > time) {
      newest = snapshot;
      time = written;
    }
  }
  return newest;
}

// Why what lies in this repository of the Hub's cache cannot be opened; empty: `snapshot` can be tried.
Wording unusable_download(const fs::path& repository, const fs::path& snapshot) {
  if (snapshot.empty())
    return worded("download.no_snapshot",
                  "The download of {model} is not finished: there is no snapshot yet.",
                  {{"model", hub_name(repository)}});
  return unfinished_download(repository, snapshot);
}

void find_in_hub_cache(const fs::path& cache, std::vector<FoundModel>& out) {
  for (const fs::path& repository : subfolders(cache)) {
    const std::string folder = repository.filename().string();
    if (folder.rfind("models--", 0) != 0) continue;
    const fs::path snapshot = snapshot_of(repository);
    FoundModel model;
    if (const Wording reason = unusable_download(repository, snapshot); !reason.empty()) {
      model.path = snapshot.empty() ? repository : snapshot;
      model.unusable = reason;
    } else {
      if (!is_there(snapshot / "config.json")) continue;  // a data set, a tokenizer, a diffusion model
      model = inspect_model(snapshot);
    }
    model.origin = FoundModel::Origin::hugging_face;
    model.name = hub_name(repository);
    out.push_back(std::move(model));
  }
}

void find_in_model_scope(const fs::path& cache, std::vector<FoundModel>& out) {
  std::set<std::string> seen;
  // Newer versions put models under "models"; dots in names are written "___".
  for (const fs::path& root : {cache / "models", cache / "hub" / "models", cache / "hub", cache})
    for (const fs::path& owner : subfolders(root)) {
      if (owner.filename().string().front() == '.') continue;
      for (const fs::path& folder : subfolders(owner)) {
        if (!is_there(folder / "config.json")) continue;
        const std::string name =
            owner.filename().string() + "/" + with_replaced(folder.filename().string(), "___", ".");
        std::error_code ignored;
        if (!seen.insert(fs::weakly_canonical(folder, ignored).string()).second) continue;
        FoundModel model = inspect_model(folder);
        if (!model.usable() && !has_weights(folder))
          model.unusable =
              worded("download.no_weights", "The download is not finished: there are no weights yet.");
        model.origin = FoundModel::Origin::model_scope;
        model.name = name;
        out.push_back(std::move(model));
      }
    }
}

void find_in_folder(const fs::path& folder, FoundModel::Origin origin, std::vector<FoundModel>& out) {
  const auto add = [&](const fs::path& path) {
    out.push_back(inspect_model(path));
    out.back().origin = origin;
  };
  if (is_there(folder / "config.json")) {
    add(folder);
    return;
  }
  for (const fs::path& inside : subfolders(folder))
    if (is_there(inside / "config.json")) add(inside);
}

}  // namespace

ModelPlaces ModelPlaces::from_environment(fs::path built_in, std::vector<fs::path> folders) {
  ModelPlaces places;
  places.built_in = std::move(built_in);
  places.folders = std::move(folders);
  const std::string home = environment("HOME"), xdg = environment("XDG_CACHE_HOME");
  const fs::path cache = !xdg.empty() ? fs::path(xdg) : fs::path(home) / ".cache";
  const std::string hf_home = environment("HF_HOME");
  places.hugging_face = (hf_home.empty() ? cache / "huggingface" : fs::path(hf_home)) / "hub";
  for (const char* name : {"HUGGINGFACE_HUB_CACHE", "HF_HUB_CACHE"})
    if (const std::string value = environment(name); !value.empty()) places.hugging_face = value;
  const std::string model_scope = environment("MODELSCOPE_CACHE");
  places.model_scope =
      model_scope.empty() ? fs::path(home) / ".cache" / "modelscope" / "hub" : fs::path(model_scope);
  return places;
}

FoundModel inspect_model(const fs::path& folder) {
  FoundModel found;
  found.path = folder;
  found.name = folder_name(folder);
  try {
    for (const fs::path& file : weight_files_of(folder)) {
      std::error_code ignored;
      const std::uintmax_t bytes = fs::file_size(file, ignored);
      if (!ignored) found.bytes += bytes;
    }
    const Config config = Config::read(folder);
    found.family = config.text({"model_type"}, "");
    Model model;
    model.spec = read_spec(config);
    found.title = model.spec.card.title;
    found.n_layers = model.spec.text_stack().n_layers();
    found.n_heads = model.spec.text_stack().layers.front().self.n_heads;
    TensorFiles files = TensorFiles::open(folder);
    restore_tied_names(model.spec, files);
    ParameterPlan plan(files);
    family_of(config).place(config, Section(plan), model);
    found.memory_bytes = plan.memory_bytes();
    found.n_parameters = plan.n_parameters();
    found.notes = config.assumptions();
    if (const Wording left_over = unused_tensors(files); !left_over.empty()) found.notes.push_back(left_over);
  } catch (const Error& error) {
    found.unusable = wording_of(error);
  } catch (const std::exception& error) {
    found.unusable = worded("file.cannot_read", "{path} cannot be read: {reason}.",
                            {{"path", folder.filename().string()}, {"reason", error.what()}});
  }
  return found;
}

Wording why_no_folder(const fs::path& file) {
  const bool gguf = file.extension() == ".gguf";
  return gguf ? worded(
                    "file.gguf",
                    "{path} is a GGUF file, which is not read here; open the Hugging Face folder of the same "
                    "model, with safetensors.",
                    {{"path", file.string()}})
              : worded("file.no_model",
                       "{path} is a file; expected a model's folder, with config.json and weights in it.",
                       {{"path", file.string()}});
}

std::vector<FoundModel> find_models(const ModelPlaces& places) {
  std::vector<FoundModel> out;
  find_in_folder(places.built_in, FoundModel::Origin::built_in, out);
  for (const fs::path& folder : places.folders) find_in_folder(folder, FoundModel::Origin::folder, out);
  find_in_hub_cache(places.hugging_face, out);
  find_in_model_scope(places.model_scope, out);
  return out;
}

fs::path resolve_model(const std::string& name, const ModelPlaces& places) {
  const bool plain = !name.empty() && name.find_first_of("/\\.") == std::string::npos;
  if (plain && is_there(places.built_in / name / "config.json")) return places.built_in / name;
  for (const fs::path& folder : places.folders)
    if (plain && is_there(folder / name / "config.json")) return folder / name;
  std::error_code ignored;
  if (!name.empty() && fs::is_directory(name, ignored)) return name;
  if (fs::is_regular_file(name, ignored)) throw WordedError(why_no_folder(name));
  const fs::path repository = places.hugging_face / ("models--" + with_replaced(name, "/", "--"));
  Wording unusable;
  if (!name.empty() && name.find("..") == std::string::npos) {
    if (is_there(repository)) {
      const fs::path snapshot = snapshot_of(repository);
      unusable = unusable_download(repository, snapshot);
      if (unusable.empty()) return snapshot;
    }
    std::vector<FoundModel> scope;
    find_in_model_scope(places.model_scope, scope);
    for (const FoundModel& model : scope) {
      if (model.name != name) continue;
      if (model.usable()) return model.path;
      unusable = model.unusable;
    }
  }
  if (!unusable.empty()) throw WordedError(unusable);
  std::string known;
  for (const fs::path& folder : subfolders(places.built_in))
    if (is_there(folder / "config.json")) known += (known.empty() ? "" : ", ") + folder.filename().string();
  throw WordedError(worded(
      "model.unknown",
      "There is no model '{model}': it is no folder, none of the built-in ones ({known}), not in the Hugging "
      "Face cache ({cache}) and not in ModelScope's ({scope}). 'attnlab models' lists what there is.",
      {{"model", name},
       {"known", known.empty() ? "-" : known},
       {"cache", places.hugging_face.string()},
       {"scope", places.model_scope.string()}}));
}

}  // namespace attn
