#include <algorithm>
#include <charconv>
#include <system_error>
#include <tuple>

#include "core/forward/interventions.h"
#include "core/math/error.h"

// The text form of interventions.

namespace attn {

namespace {

// Both directions of a setting with a few named values.
template <class T>
struct Named {
  T value;
  std::string_view name;
};
constexpr Named<MaskKind> kMaskKinds[] = {{MaskKind::as_trained, "as-trained"},
                                          {MaskKind::none, "none"},
                                          {MaskKind::causal, "causal"},
                                          {MaskKind::window, "window"},
                                          {MaskKind::not_itself, "not-itself"}};
constexpr Named<PositionSetting> kPositions[] = {{PositionSetting::as_trained, "as-trained"},
                                                 {PositionSetting::off, "off"},
                                                 {PositionSetting::shuffled, "shuffled"},
                                                 {PositionSetting::shifted, "shifted"},
                                                 {PositionSetting::sinusoidal, "sinusoidal"}};
constexpr Named<HeadOff> kHeadOffs[] = {
    {HeadOff::zero, "zero"}, {HeadOff::mean, "mean"}, {HeadOff::uniform, "uniform"}};
constexpr Named<SoftmaxSetting> kSoftmaxes[] = {{SoftmaxSetting::soft, "soft"},
                                                {SoftmaxSetting::hard, "hard"}};
constexpr Named<bool> kSwitch[] = {{true, "on"}, {false, "off"}};
constexpr Named<Stack> kStacks[] = {
    {Stack::encoder, "enc"}, {Stack::decoder, "dec"}, {Stack::cross, "cross"}};
constexpr Named<bool LayerParts::*> kParts[] = {{&LayerParts::attention, "attention"},
                                                {&LayerParts::residual, "residual"},
                                                {&LayerParts::norm, "norm"},
                                                {&LayerParts::feed_forward, "ffn"}};

template <class T, std::size_t n>
std::string name_in(const Named<T> (&all)[n], T value) {
  for (const Named<T>& one : all)
    if (one.value == value) return std::string(one.name);
  return "";
}

constexpr Named<NumberPlace> kPlaces[] = {{NumberPlace::word, "word-row"},
                                          {NumberPlace::position, "position-row"},
                                          {NumberPlace::type, "type-row"},
                                          {NumberPlace::embedding_sum, "embedding-sum"},
                                          {NumberPlace::embedding, "embedding"},
                                          {NumberPlace::attention_norm, "attention-norm"},
                                          {NumberPlace::query, "q"},
                                          {NumberPlace::key, "k"},
                                          {NumberPlace::value, "v"},
                                          {NumberPlace::score, "score"},
                                          {NumberPlace::mixed, "z"},
                                          {NumberPlace::attention, "attention-out"},
                                          {NumberPlace::attention_post_norm, "attention-out-norm"},
                                          {NumberPlace::attention_sum, "attention-sum"},
                                          {NumberPlace::feed_forward_norm, "ffn-norm"},
                                          {NumberPlace::activation, "activation"},
                                          {NumberPlace::feed_forward, "ffn-out"},
                                          {NumberPlace::feed_forward_post_norm, "ffn-out-norm"},
                                          {NumberPlace::feed_forward_sum, "ffn-sum"},
                                          {NumberPlace::stream, "stream"},
                                          {NumberPlace::final_norm, "final-norm"}};

std::string number(float value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

template <class All, class F>
std::string joined(const All& all, F text) {
  std::string list;
  for (const auto& one : all) list += (list.empty() ? "" : ",") + text(one);
  return list;
}

std::string plain(int n) {
  return std::to_string(n);
}

std::string cell_text(const std::pair<int, int>& cell) {
  return std::to_string(cell.first) + ":" + std::to_string(cell.second);
}

// "", "dec " or "cross ": an encoder's name is left out.
std::string prefix(Stack stack) {
  return stack == Stack::encoder ? "" : name_in(kStacks, stack) + " ";
}

std::string address(const HeadId& id) {
  return prefix(id.stack) + std::to_string(id.layer) + "." + std::to_string(id.head);
}

// "q 1.0 7:3", "stream dec 1 7:3", "embedding 7:3".
std::string number_name(const OverwrittenNumber& one) {
  std::string at = prefix(one.at.stack);
  if (belongs_to_head(one.place))
    at = address(one.at) + " ";
  else if (belongs_to_layer(one.place))
    at += std::to_string(one.at.layer) + " ";
  return name_in(kPlaces, one.place) + " " + at + cell_text({one.token, one.entry});
}

}  // namespace

std::string to_text(const Interventions& wish) {
  std::string text;
  const auto add = [&](const std::string& setting, const std::string& value) {
    text += (text.empty() ? "" : "; ") + setting + "=" + value;
  };
  for (const auto& [stack, mask] : wish.masks) {
    const std::string of_stack = stack == Stack::encoder ? "" : "." + name_in(kStacks, stack);
    if (mask.kind != MaskKind::as_trained)
      add("mask" + of_stack, name_in(kMaskKinds, mask.kind) +
                                 (mask.kind == MaskKind::window ? ":" + std::to_string(mask.window) : ""));
    if (!mask.hidden_keys.empty()) add("hide" + of_stack, joined(mask.hidden_keys, plain));
    if (!mask.blocked.empty()) add("block" + of_stack, joined(mask.blocked, cell_text));
  }
  if (wish.positions == PositionSetting::shuffled)
    add("positions", "shuffled:" + joined(wish.permutation, plain));
  else if (wish.positions == PositionSetting::shifted)
    add("positions", "shifted:" + std::to_string(wish.shift));
  else if (wish.positions != PositionSetting::as_trained)
    add("positions", name_in(kPositions, wish.positions));
  if (wish.scaling_off) add("scaling", "off");
  if (wish.temperature != 1.0f) add("temperature", number(wish.temperature));
  if (wish.softmax != SoftmaxSetting::soft) add("softmax", name_in(kSoftmaxes, wish.softmax));
  for (const auto& [id, off] : wish.heads_off) add("head " + address(id), name_in(kHeadOffs, off));
  for (const OverwrittenCell& cell : wish.cells)
    add("weight " + address(cell.head) + " " + cell_text({cell.query, cell.key}), number(cell.weight));
  for (const OverwrittenNumber& one : wish.numbers) add(number_name(one), number(one.value));
  for (const auto& [where, parts] : wish.layers)
    for (const auto& part : kParts)
      if (!(parts.*part.value))
        add(std::string(part.name) + " " + prefix(where.first) + std::to_string(where.second), "off");
  return text;
}

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// One setting, "name words=value", while it is read.
class Setting {
 public:
  Setting(std::string_view text, Stack unnamed_stack) : text_(text), stack_(unnamed_stack) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) refuse("it has no '='");
    value_ = trimmed(text.substr(equals + 1));
    for (std::string_view word : split(text.substr(0, equals), ' '))
      if (!word.empty()) words_.push_back(word);
    if (words_.empty()) refuse("it has no name before '='");
    const std::size_t dot = words_[0].find('.');
    if (dot != std::string_view::npos) {
      stack_ = one_of(kStacks, words_[0].substr(dot + 1));
      words_[0] = words_[0].substr(0, dot);
    } else if (words_.size() > 1 && !words_[1].empty() && (words_[1][0] < '0' || words_[1][0] > '9')) {
      stack_ = one_of(kStacks, words_[1]);
      words_.erase(words_.begin() + 1);
    }
  }

  std::string_view name() const { return words_[0]; }
  std::string_view value() const { return value_; }
  Stack stack() const { return stack_; }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error("The intervention '" + std::string(text_) + "' is not understood: " + why + ".");
  }

  // The i-th word after the name and stack; there are exactly n of them.
  std::string_view word(std::size_t i, std::size_t n, const char* shape) const {
    if (words_.size() != n + 1) refuse(std::string("expected ") + shape);
    return words_[i + 1];
  }

  template <class T, std::size_t n>
  T one_of(const Named<T> (&all)[n], std::string_view wanted) const {
    std::string names;
    for (const Named<T>& one : all) {
      if (one.name == wanted) return one.value;
      names += (names.empty() ? "" : ", ") + std::string(one.name);
    }
    refuse("'" + std::string(wanted) + "' is none of " + names);
  }

  template <class T>
  T number_in(std::string_view digits) const {
    T number{};
    const std::from_chars_result end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size())
      refuse("'" + std::string(digits) + "' is no number that fits here");
    return number;
  }

  std::vector<int> numbers_in(std::string_view list) const {
    std::vector<int> numbers;
    if (list.empty()) return numbers;
    for (std::string_view one : split(list, ',')) numbers.push_back(number_in<int>(one));
    return numbers;
  }

  // "7:1": query and key.
  std::pair<int, int> cell_in(std::string_view cell) const {
    const std::vector<std::string_view> parts = split(cell, ':');
    if (parts.size() != 2) refuse("'" + std::string(cell) + "' is no cell; write query:key, for example 7:1");
    return {number_in<int>(parts[0]), number_in<int>(parts[1])};
  }

  // "0.1": layer and head.
  HeadId head_in(std::string_view address) const {
    const std::vector<std::string_view> parts = split(address, '.');
    if (parts.size() != 2)
      refuse("'" + std::string(address) + "' is no head; write layer.head, for example 0.1");
    return {stack_, number_in<int>(parts[0]), number_in<int>(parts[1])};
  }

 private:
  std::string_view text_, value_;
  std::vector<std::string_view> words_;
  Stack stack_;
};

void read_mask(const Setting& setting, Interventions& wish) {
  const std::vector<std::string_view> parts = split(setting.value(), ':');
  MaskSetting& mask = wish.masks[setting.stack()];
  mask.kind = setting.one_of(kMaskKinds, parts[0]);
  if ((mask.kind == MaskKind::window) != (parts.size() == 2))
    setting.refuse("a window says how wide it is, for example window:3, and the others do not");
  if (parts.size() == 2) mask.window = setting.number_in<int>(parts[1]);
}

void read_positions(const Setting& setting, Interventions& wish) {
  const std::size_t colon = setting.value().find(':');
  wish.positions = setting.one_of(kPositions, trimmed(setting.value().substr(0, colon)));
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : trimmed(setting.value().substr(colon + 1));
  wish.permutation.clear();
  wish.shift = 0;
  if (wish.positions == PositionSetting::shuffled)
    wish.permutation = setting.numbers_in(rest);
  else if (wish.positions == PositionSetting::shifted)
    wish.shift = setting.number_in<int>(rest);
  else if (!rest.empty())
    setting.refuse("only shuffled:2,0,1 and shifted:5 have something after ':'");
}

struct Reader {
  std::string_view name;
  void (*read)(const Setting& setting, Interventions& wish);
};

constexpr Reader kReaders[] = {
    {"mask", read_mask},
    {"hide",
     [](const Setting& setting, Interventions& wish) {
       for (int key : setting.numbers_in(setting.value()))
         wish.masks[setting.stack()].hidden_keys.insert(key);
     }},
    {"block",
     [](const Setting& setting, Interventions& wish) {
       for (std::string_view cell : split(setting.value(), ','))
         wish.masks[setting.stack()].blocked.insert(setting.cell_in(cell));
     }},
    {"positions", read_positions},
    {"scaling", [](const Setting& setting,
                   Interventions& wish) { wish.scaling_off = !setting.one_of(kSwitch, setting.value()); }},
    {"temperature",
     [](const Setting& setting, Interventions& wish) {
       wish.temperature = setting.number_in<float>(setting.value());
     }},
    {"softmax", [](const Setting& setting,
                   Interventions& wish) { wish.softmax = setting.one_of(kSoftmaxes, setting.value()); }},
    {"head",
     [](const Setting& setting, Interventions& wish) {
       const HeadId id = setting.head_in(setting.word(0, 1, "one head, for example head 0.1=zero"));
       wish.heads_off[id] = setting.one_of(kHeadOffs, setting.value());
     }},
    {"weight",
     [](const Setting& setting, Interventions& wish) {
       const char* shape = "a head and a cell, for example weight 1.0 7:5=0.9";
       const HeadId id = setting.head_in(setting.word(0, 2, shape));
       const auto [query, key] = setting.cell_in(setting.word(1, 2, shape));
       wish.cells.push_back({id, query, key, setting.number_in<float>(setting.value())});
     }},
};

// "ffn dec 0=off".
bool read_part(const Setting& setting, Interventions& wish) {
  for (const auto& part : kParts) {
    if (part.name != setting.name()) continue;
    const int layer = setting.number_in<int>(setting.word(0, 1, "one layer, for example ffn 0=off"));
    wish.layers[{setting.stack(), layer}].*part.value = setting.one_of(kSwitch, setting.value());
    return true;
  }
  return false;
}

// "q 1.0 7:3=0.5", "stream 1 7:3=0.5", "embedding 7:3=0.5".
bool read_number(const Setting& setting, Interventions& wish) {
  const auto place = std::find_if(std::begin(kPlaces), std::end(kPlaces),
                                  [&](const auto& one) { return one.name == setting.name(); });
  if (place == std::end(kPlaces)) return false;
  OverwrittenNumber one;
  one.place = place->value;
  one.at.stack = setting.stack();
  std::string_view cell;
  if (belongs_to_head(one.place)) {
    const char* shape = "a head, a token and an entry, for example q 1.0 7:3=0.5";
    one.at = setting.head_in(setting.word(0, 2, shape));
    cell = setting.word(1, 2, shape);
  } else if (belongs_to_layer(one.place)) {
    const char* shape = "a layer, a token and an entry, for example stream 1 7:3=0.5";
    one.at.layer = setting.number_in<int>(setting.word(0, 2, shape));
    cell = setting.word(1, 2, shape);
  } else {
    cell = setting.word(0, 1, "a token and an entry, for example embedding 7:3=0.5");
  }
  std::tie(one.token, one.entry) = setting.cell_in(cell);
  one.value = setting.number_in<float>(setting.value());
  wish.numbers.push_back(one);
  return true;
}

}  // namespace

Interventions parse_interventions(std::string_view text, const ModelSpec& spec) {
  Interventions wish;
  const Stack unnamed = spec.decoder && !spec.encoder ? Stack::decoder : Stack::encoder;
  for (std::string_view part : split(text, ';')) {
    if (part.empty()) continue;
    const Setting setting(part, unnamed);
    const auto reader = std::find_if(std::begin(kReaders), std::end(kReaders),
                                     [&](const Reader& one) { return one.name == setting.name(); });
    if (reader != std::end(kReaders))
      reader->read(setting, wish);
    else if (!read_part(setting, wish) && !read_number(setting, wish))
      setting.refuse(
          "known are mask, hide, block, positions, scaling, temperature, softmax, head, weight, attention, "
          "residual, norm, ffn and, for numbers, " +
          joined(kPlaces, [](const Named<NumberPlace>& place) { return std::string(place.name); }));
  }
  std::erase_if(wish.masks, [](const auto& entry) { return entry.second == MaskSetting(); });
  std::erase_if(wish.layers, [](const auto& entry) { return entry.second == LayerParts(); });
  return wish;
}

}  // namespace attn
