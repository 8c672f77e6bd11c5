#include "core/training/recipe.h"

#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "core/math/error.h"
#include "core/training/trimmed.h"

namespace attn {

const char* name_of(PositionKind kind) {
  switch (kind) {
    case PositionKind::learned:
      return "learned";
    case PositionKind::sinusoidal:
      return "sinusoidal";
    case PositionKind::rotary:
      return "rotary";
    default:
      return "none";
  }
}

namespace {

class RecipeReader {
 public:
  explicit RecipeReader(std::string file) : file_(std::move(file)) {}

  Recipe read(std::string_view text) {
    using Setter = std::function<void(const std::string&)>;
    Recipe r;
    const std::map<std::string, Setter> settings = {
        {"name", [&](const std::string& v) { r.name = v; }},
        {"title", [&](const std::string& v) { r.title = v; }},
        {"grammar", [&](const std::string& v) { r.grammar = v; }},
        {"objective",
         [&](const std::string& v) {
           choose(r.objective, v,
                  {{"pointer", Objective::pointer},
                   {"naming", Objective::naming},
                   {"stories", Objective::stories},
                   {"translation", Objective::translation},
                   {"tagging", Objective::tagging}});
         }},
        {"layers", [&](const std::string& v) { r.n_layers = whole(v, 1, 12); }},
        {"heads", [&](const std::string& v) { r.n_heads = whole(v, 1, 16); }},
        {"width", [&](const std::string& v) { r.d_model = whole(v, 4, 512); }},
        {"feed forward", [&](const std::string& v) { r.d_ff = whole(v, 0, 2048); }},
        {"longest text", [&](const std::string& v) { r.n_positions = whole(v, 8, 512); }},
        {"positions",
         [&](const std::string& v) {
           choose(r.positions, v,
                  {{"learned", PositionKind::learned},
                   {"sinusoidal", PositionKind::sinusoidal},
                   {"rotary", PositionKind::rotary},
                   {"none", PositionKind::none}});
         }},
        {"norm",
         [&](const std::string& v) {
           std::optional<NormPlace> place;
           choose(place, v, {{"before", NormPlace::before}, {"after", NormPlace::after}, {"none", {}}});
           r.norms = place.has_value();
           if (place) r.norm_place = *place;
         }},
        {"residual",
         [&](const std::string& v) {
           choose(r.residual, v, {{"on", true}, {"off", false}});
         }},
        {"question",
         [&](const std::string& v) {
           choose(r.question_at_end, v, {{"in place", false}, {"at the end", true}});
         }},
        {"scoring",
         [&](const std::string& v) {
           choose(r.scoring, v, {{"dot product", Scoring::dot_product}, {"additive", Scoring::additive}});
         }},
        {"mask",
         [&](const std::string& v) {
           choose(r.causal, v, {{"none", false}, {"causal", true}});
         }},
        {"scaling",
         [&](const std::string& v) {
           choose(r.scaling, v, {{"on", true}, {"off", false}});
         }},
        {"batch", [&](const std::string& v) { r.batch = whole(v, 1, 4096); }},
        {"masked", [&](const std::string& v) { r.masked = number(v, 0, 0.9); }},
        {"unknown", [&](const std::string& v) { r.unknown = number(v, 0, 0.9); }},
        {"breadth", [&](const std::string& v) { r.breadth = number(v, -10, 1); }},
        {"full breadth at", [&](const std::string& v) { r.full_breadth_at = whole(v, 1, 1000000); }},
        {"masked property", [&](const std::string& v) { r.masked_property = number(v, 0, 0.9); }},
        {"masked reason", [&](const std::string& v) { r.masked_reason = number(v, 0, 0.9); }},
        {"properties", [&](const std::string& v) { r.properties = number(v, 0, 1); }},
        {"repeats", [&](const std::string& v) { r.repeats = number(v, 0, 1); }},
        {"masked again", [&](const std::string& v) { r.masked_again = number(v, 0, 0.9); }},
        {"twins", [&](const std::string& v) { r.twins = number(v, 0, 1); }},
        {"masked weight", [&](const std::string& v) { r.masked_weight = number(v, 0, 10); }},
        {"guided weight", [&](const std::string& v) { r.guided_weight = number(v, 0, 10); }},
        {"repeated", [&](const std::string& v) { r.repeated = number(v, 0, 1); }},
        {"naming weight", [&](const std::string& v) { r.naming_weight = number(v, 0, 10); }},
        {"steps", [&](const std::string& v) { r.optimiser.n_steps = whole(v, 1, 1000000); }},
        {"warm up", [&](const std::string& v) { r.optimiser.warm_up = whole(v, 1, 100000); }},
        {"learning rate", [&](const std::string& v) { r.optimiser.learning_rate = number(v, 1e-6, 1); }},
        {"weight decay", [&](const std::string& v) { r.optimiser.weight_decay = number(v, 0, 1); }},
        {"clip", [&](const std::string& v) { r.optimiser.clip = number(v, 1e-3, 1e6); }},
        {"seed", [&](const std::string& v) { r.seed = static_cast<std::uint64_t>(whole(v, 0, 1000000000)); }},
    };
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      if (const std::size_t hash = line.find('#'); hash != std::string::npos) line.resize(hash);
      const std::string content = trimmed(line);
      if (content.empty()) continue;
      const std::size_t equals = content.find('=');
      if (equals == std::string::npos) fail("'" + content + "' has no '='; expected NAME = VALUE");
      const std::string name = trimmed(content.substr(0, equals));
      const auto setting = settings.find(name);
      if (setting == settings.end()) {
        std::string all;
        for (const auto& [known, setter] : settings) all += (all.empty() ? "" : ", ") + known;
        fail("there is no setting '" + name + "'; expected one of: " + all);
      }
      setting->second(trimmed(content.substr(equals + 1)));
    }
    if (r.name.empty()) fail("expected a line 'name = …'");
    if (r.grammar.empty()) fail("expected a line 'grammar = …'");
    if (r.d_model % r.n_heads != 0)
      fail("width " + std::to_string(r.d_model) + " does not divide by " + std::to_string(r.n_heads) +
           " heads");
    return r;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(file_ + ":" + std::to_string(line_) + ": " + what + ".");
  }
  int whole(const std::string& text, int low, int high) const {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
      fail("'" + text + "': expected a whole number from " + std::to_string(low) + " to " +
           std::to_string(high));
    return value;
  }
  double number(const std::string& text, double low, double high) const {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    double value = 0;
    if (!(in >> value) || !in.eof() || !(value >= low && value <= high)) {
      std::ostringstream range;
      range << "'" << text << "': expected a number from " << low << " to " << high;
      fail(range.str());
    }
    return value;
  }
  template <class T>
  void choose(T& target, const std::string& value, const std::map<std::string, T>& choices) const {
    const auto found = choices.find(value);
    if (found != choices.end()) {
      target = found->second;
      return;
    }
    std::string all;
    for (const auto& [name, choice] : choices) all += (all.empty() ? "" : ", ") + name;
    fail("'" + value + "': expected one of: " + all);
  }

  std::string file_;
  int line_ = 0;
};

}  // namespace

Recipe parse_recipe(std::string_view text, const std::string& file) {
  return RecipeReader(file).read(text);
}

Recipe load_recipe(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw Error(path.string() + ": cannot be read; expected a recipe (see assets/recipes).");
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_recipe(text.str(), path.filename().string());
}

Interventions trained_with(const Recipe& recipe) {
  Interventions interventions;
  const Stack stack = recipe.objective == Objective::stories ? Stack::decoder : Stack::encoder;
  for (int l = 0; l < recipe.n_layers && !recipe.residual; ++l)
    interventions.layers[{stack, l}].residual = false;
  return interventions;
}

}  // namespace attn
