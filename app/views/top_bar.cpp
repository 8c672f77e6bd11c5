#include <algorithm>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/shell.h"
#include "app/views/view_parts.h"
#include "app/widgets/menus.h"
#include "core/analysis/nearest_words.h"
#include "core/model/load_model.h"
#include "core/text/tokenizer.h"

namespace attn::app {

namespace {

constexpr float kBarHeight = 48;             // one row, design units
constexpr int kMostOffered = 8;              // alternatives for a twin
constexpr Index kMostOfferedFrom = 400'000;  // numbers in the embedding table
constexpr float kNarrow = 1100;              // below this width the bar breaks in two

std::string layers_by_heads(const MenuModel& model, const Ui& ui) {
  return ui.words("bar.layers_by_heads",
                  {{"layers", std::to_string(model.n_layers)}, {"heads", std::to_string(model.n_heads)}});
}

const MenuModel* find_model(const Desk& desk, const std::string& name) {
  for (const MenuModel& model : desk.models) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

void choose_example(const Example& example, Intents& intents) {
  intents.edit([example](Study& s) {
    if (s.a.model != example.model) s.selection = {};
    s.a.model = example.model;
    s.a.text = example.text;
    s.a.pair.reset();
    if (example.target.empty())
      s.a.target.reset();
    else
      s.a.target = example.target;
    s.a.input_file.clear();
    s.a.interventions = {};
    s.twin = example.twin;
    s.flipped = false;
    s.selection.query = -1;  // the window chooses the pronoun when the tokens are there
    s.selection.key.reset();
  });
}

// One of our models is chosen while the screen still shows an example made for another: the model's own first
// example, in the same language where it has one. nullptr: the text stays.
const Example* example_instead(const Study& study, const MenuModel& model, const Desk& desk) {
  const Example* shown = nullptr;
  const Example* own = nullptr;
  for (const Example& example : desk.examples)
    if (example.text == study.a.text && example.model == study.a.model) shown = &example;
  if (!model.built_in || !shown || model.name == study.a.model || is_changed(study.a)) return nullptr;
  for (const Example& example : desk.examples) {
    if (example.model != model.name) continue;
    if (example.text == study.a.text) return nullptr;
    if (!own || (own->language != shown->language && example.language == shown->language)) own = &example;
  }
  return own;
}

void choose_model(const std::string& name, Intents& intents) {
  intents.edit([name](Study& s) {
    s.a.model = name;
    s.a.interventions = {};
    s.selection.shown.clear();
    s.selection.pinned.reset();
    s.selection.head = {};
    s.compare = CompareWith::nothing;
  });
}

// "bert · 12 layers × 12 heads": what kind of model it is. Ours say it in words below.
std::string kind_of(const MenuModel& model, const Ui& ui) {
  const std::string size = model.n_layers > 0 ? layers_by_heads(model, ui) : "";
  if (model.built_in || model.family.empty()) return size;
  return size.empty() ? model.family : model.family + " · " + size;
}

// "110 M", "1.2 B", "46 k".
std::string count_text(std::size_t n) {
  const auto value = static_cast<double>(n);
  if (value >= 999.5e6) return fixed(value * 1e-9, 1) + " B";
  if (value >= 999.5e3) return fixed(value * 1e-6, value < 9.95e6 ? 1 : 0) + " M";
  return value >= 1000 ? fixed(value * 1e-3, 0) + " k" : std::to_string(n);
}

// "110 M parameters · needs about 440 MB of memory; 20 GB are free".
std::string needs_of(const MenuModel& model, const Ui& ui, std::uint64_t free_bytes) {
  const std::string memory = memory_needed(ui, model.memory_bytes, free_bytes);
  if (model.n_parameters == 0) return memory;
  const std::string parameters = ui.words("bar.parameters", {{"n", count_text(model.n_parameters)}});
  return memory.empty() ? parameters : parameters + " · " + memory;
}

// Why a model of the menu is greyed; empty: it can be opened. One that is too large now may fit later.
std::string why_not_opened(const Ui& ui, const MenuModel& model, std::uint64_t free_bytes) {
  const Wording why =
      model.why_not.empty() ? why_no_memory(model.title, model.memory_bytes, free_bytes) : model.why_not;
  return in_words(ui.words, why);
}

void draw_model_menu(Ui& ui, const Study& study, const Desk& desk, Intents& intents) {
  const MenuModel* present = find_model(desk, study.a.model);
  const std::string title = present ? present->title : short_model_name(study.a.model);
  const std::string remark = present && present->n_layers > 0 ? std::to_string(present->n_layers) + " × " +
                                                                    std::to_string(present->n_heads)
                                                              : "";
  const std::string hint = present && present->n_layers > 0 ? layers_by_heads(*present, ui) : "";
  if (drop_button(ui, "bar.model", title, remark, {.tooltip = hint})) {
    open_popup(ui, "bar.models");
    intents.ask(Command::find_models);
  }
  const Rect anchor = last_rect();
  popup(ui, "bar.models", anchor, ui.px(460), [&] {
    for (std::size_t i = 0; i < desk.models.size(); ++i) {
      const MenuModel& model = desk.models[i];
      const bool first_foreign = !model.built_in && (i == 0 || desk.models[i - 1].built_in);
      if (i == 0 && model.built_in) menu_heading(ui, ui.words("bar.built_in"));
      if (first_foreign) menu_heading(ui, ui.words("bar.on_this_computer"));
      const std::string about = card_text(ui.words, model.name, "trained_on", model.trained_on);
      const std::string why_not = why_not_opened(ui, model, desk.free_memory_bytes);
      const std::string needs = model.built_in ? "" : needs_of(model, ui, desk.free_memory_bytes);
      if (menu_row(ui, "bar.models." + model.name,
                   {model.title, kind_of(model, ui), about.empty() ? needs : about, why_not,
                    model.name == study.a.model})) {
        if (const Example* example = example_instead(study, model, desk))
          choose_example(*example, intents);
        else
          choose_model(model.name, intents);
        close_popup(ui);
      }
    }
    rule(ui);
    if (menu_row(ui, "bar.models.open", {ui.words("bar.open_folder")})) {
      intents.ask(Command::open);
      close_popup(ui);
    }
  });
}

void draw_examples_menu(Ui& ui, const Study& study, const Desk& desk, Intents& intents) {
  if (drop_button(ui, "bar.examples", ui.words("bar.examples"))) open_popup(ui, "bar.example_list");
  const Rect anchor = last_rect();
  popup(ui, "bar.example_list", anchor, ui.px(560), [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
    std::string language;
    int number = 0;
    for (const Example& example : desk.examples) {
      if (example.language != language) {
        if (!language.empty()) space(ui);
        language = example.language;
        menu_heading(ui, ui.words(language == "zh" ? "bar.examples_zh" : "bar.examples_en"));
        space(ui, 2);
      }
      const std::string name = "bar.example_list." + std::to_string(number++);
      if (menu_row(ui, name, {.text = example.text, .chosen = example.text == study.a.text})) {
        choose_example(example, intents);
        close_popup(ui);
      }
    }
    space(ui);
    menu_heading(ui, ui.words("bar.examples_own"));
    space(ui, 2);
    number = 0;
    for (const std::string& text : desk.own_examples) {
      const std::string name = "bar.example_list.own" + std::to_string(number++);
      if (menu_row(ui, name, {.text = text, .chosen = text == study.a.text})) {
        intents.edit([text](Study& s) {
          s.a.text = text;
          s.twin.reset();
          s.flipped = false;
        });
        close_popup(ui);
      }
    }
    space(ui, 4);
    rule(ui);
    space(ui, 4);
    if (menu_row(ui, "bar.example_list.keep", {ui.words("bar.keep_sentence")})) {
      intents.ask(Command::keep_example, study.shown().text);
      close_popup(ui);
    }
    ImGui::PopStyleVar();
  });
}

std::string twin_text_on_button(const Ui& ui, const Study& study) {
  const std::string shown = !study.twin      ? std::string(ui.words("bar.twin_none"))
                            : !study.other() ? std::string(ui.words("bar.twin_gone"))
                            : study.flipped  ? study.twin->word
                                             : study.twin->alternative;
  return ui.words("bar.twin", {{"word", shown}});
}

void set_twin(const std::string& word, const std::string& alternative, Intents& intents) {
  intents.edit(
      [word, alternative](Study& s) {
        if (word.empty() && alternative.empty()) {
          s.twin.reset();
          s.flipped = false;
        } else {
          s.twin = Twin{word, s.twin && s.twin->word == word ? s.twin->occurrence : 0, alternative};
        }
      },
      "twin");
}

// Words of the model's own vocabulary whose embeddings are most like the word's. Only where that is a matter
// of microseconds: large vocabularies are not searched while a frame is drawn.
std::vector<NearWord> offered_words(const Frame& frame, const std::string& word) {
  if (word.empty() || !frame.a || !frame.a->loaded.model || !frame.a->loaded.tokenizer) return {};
  const Matrix& table = frame.a->loaded.model->parameters.embedding.words;
  if (table.size() > kMostOfferedFrom) return {};
  const Encoding encoding = frame.a->loaded.tokenizer->encode(word, {false});
  if (encoding.ids.size() != 1 || frame.a->loaded.tokenizer->unknown_id() == encoding.ids[0]) return {};
  return nearest_words(*frame.a->loaded.model, *frame.a->loaded.tokenizer, encoding.ids[0], kMostOffered);
}

// A picture, a sound or a recording is in front: none of its words can be exchanged.
bool reads_own_words(const Frame& frame) {
  return frame.a->loaded.model && frame.a->loaded.tokenizer && frame.a->subject.input_file.empty() &&
         frame.a->loaded.model->spec.input == InputKind::words;
}

void draw_twin_menu(Ui& ui, const Study& study, const Frame& frame, Intents& intents) {
  const std::optional<Subject> other = study.other();
  const std::string text = twin_text_on_button(ui, study);
  ButtonOptions flip;
  flip.icon = Icon::swap;
  flip.tooltip = ui.words("bar.twin_flip_hint");
  if (frame.a && !reads_own_words(frame)) {
    button(ui, "bar.twin", text, {.disabled = ui.words("bar.twin_no_words")});
    return;
  }
  if (other) {
    if (button(ui, "bar.twin", text, flip)) intents.edit([](Study& s) { s.flipped = !s.flipped; });
    beside(ui, 2);
    if (icon_button(ui, "bar.twin_edit", Icon::chevron_down, ui.words("bar.twin_edit")))
      open_popup(ui, "bar.twin_menu");
  } else if (button(ui, "bar.twin", text)) {
    open_popup(ui, "bar.twin_menu");
  }
  const Rect anchor = last_rect();
  popup(ui, "bar.twin_menu", anchor, ui.px(340), [&] {
    note(ui, ui.words("bar.twin_what"), ui.px(316));
    space(ui);
    // Which word: the chosen token's, or the present twin's.
    std::string word = study.twin ? study.twin->word : "";
    if (word.empty() && frame.a && study.selection.query >= 0) {
      const Encoding& source = frame.a->text.source;
      const auto at = static_cast<std::size_t>(study.selection.query);
      if (at < source.begin.size() && source.end[at] > source.begin[at]) {
        word = study.a.text.substr(source.begin[at], source.end[at] - source.begin[at]);
      }
    }
    std::string alternative = study.twin ? study.twin->alternative : "";
    heading(ui, ui.words("bar.twin_word"));
    TextFieldOptions field;
    field.hint = ui.words("bar.twin_word_hint");
    const bool word_changed = text_field(ui, "bar.twin_menu.word", word, field).changed;
    heading(ui, ui.words("bar.twin_alternative"));
    field.hint = ui.words("bar.twin_alternative_hint");
    const TextEdited edited = text_field(ui, "bar.twin_menu.alternative", alternative, field);
    if (word_changed || edited.changed) set_twin(word, alternative, intents);
    const std::vector<NearWord> offered = offered_words(frame, word);
    if (!offered.empty()) note(ui, ui.words("bar.twin_offered", {{"word", word}}), ui.px(316));
    ButtonOptions chip;
    chip.small = true;
    float line = 0;
    for (const NearWord& near : offered) {
      const float width = text_size(ui, TextRole::body, near.word).x + ui.px(32);
      if (line > 0 && line + width < ui.px(316))
        beside(ui, 4);
      else
        line = 0;
      line += width;
      if (button(ui, "bar.twin_menu.offer." + near.word, near.word, chip)) set_twin(word, near.word, intents);
    }
    if (study.twin && !other)
      note(ui, ui.words("bar.twin_not_there", {{"word", study.twin->word}}), ui.px(316));
    space(ui);
    ButtonOptions quiet;
    quiet.look = ButtonLook::quiet;
    quiet.small = true;
    if (study.twin && button(ui, "bar.twin_menu.remove", ui.words("bar.twin_remove"), quiet)) {
      intents.edit([](Study& s) {
        s.twin.reset();
        s.flipped = false;
        if (s.compare == CompareWith::twin) s.compare = CompareWith::nothing;
      });
      close_popup(ui);
    }
    if (edited.submitted) close_popup(ui);
  });
}

void draw_sentence(Ui& ui, const Frame& frame, const Study& study, const ViewState& view, float width,
                   Intents& intents) {
  std::string text = study.shown().text;
  if (view.focus_sentence) {
    focus_text_field(ui, "bar.sentence");
    intents.look([](ViewState& v) { v.focus_sentence = false; });
  }
  TextFieldOptions options;
  options.role = TextRole::sentence;
  const std::string& file = study.a.input_file;
  const std::string file_name = file.substr(file.find_last_of('/') + 1);
  options.hint = file.empty() ? ui.words("bar.sentence_hint") : std::string_view(file_name);
  options.width = width;
  // A recording's words were written down with it.
  const bool recording = frame.a && frame.a->loaded.recording && frame.a->subject.model == study.a.model;
  if (recording) options.disabled = ui.words("bar.sentence_recording");
  // The letters of the tokens under the mouse, wherever that is.
  std::vector<TextMark> marks;
  if (frame.a && frame.a->trace && frame.a->subject.text == text && frame.a->subject.model == study.a.model) {
    const Stack stack = view.hover.head.value_or(study.selection.head).stack;
    for (const int token : {view.hover.query, view.hover.key})
      if (const auto letters = letters_of(*frame.a, stack, token))
        marks.push_back({letters->first, letters->second, ui.theme.accent_soft});
  }
  options.marks = marks;
  if (text_field(ui, "bar.sentence", text, options).changed) {
    intents.edit(
        [text](Study& s) {
          if (s.flipped && s.twin) {
            // What is typed into the twin makes the twin the sentence, and the other one its twin.
            s.twin = Twin{s.twin->alternative, s.twin->occurrence, s.twin->word};
            s.flipped = false;
          }
          s.a.text = text;
          s.a.input_file.clear();
        },
        "typing");
  }
}

// What the model wrote by itself, as a person reads it.
std::string written_target(const Ui& ui, const Frame& frame) {
  if (!frame.a->text.target || !frame.a->loaded.tokenizer) return {};
  const std::vector<int>& ids = frame.a->text.target->ids;
  if (ids.size() < 2) return {};
  const std::string text = frame.a->loaded.tokenizer->decode({ids.begin() + 1, ids.end()});
  return ui.words("predictions.writes_target", {{"text", text}});
}

void draw_second_row(Ui& ui, const Rect& rect, const Study& study, const Frame& frame, Intents& intents) {
  const ModelSpec& spec = frame.a->loaded.model->spec;
  const bool target = spec.is_encoder_decoder();
  std::string text = target ? study.a.target.value_or("") : study.a.pair.value_or("");
  const std::string written = target && !study.a.target ? written_target(ui, frame) : "";
  const std::string_view name = target ? "bar.target" : "bar.pair";
  ImGui::SetCursorScreenPos({rect.x0 + ui.px(140), rect.y0});
  TextFieldOptions options;
  options.role = TextRole::sentence;
  options.hint = !written.empty() ? std::string_view(written)
                 : target         ? ui.words("bar.target_hint")
                                  : ui.words("bar.pair_hint");
  options.width = rect.x1 - rect.x0 - ui.px(156);
  if (!frame.a->loaded.tokenizer) options.disabled = ui.words("bar.second_no_tokenizer");
  if (text_field(ui, name, text, options).changed) {
    intents.edit(
        [text, target](Study& s) {
          std::optional<std::string>& field = target ? s.a.target : s.a.pair;
          field = text.empty() ? std::nullopt : std::optional(text);
        },
        "typing second");
  }
}

bool takes_second_sentence(const Frame& frame) {
  if (!frame.a || !frame.a->loaded.model) return false;
  const ModelSpec& spec = frame.a->loaded.model->spec;
  return spec.is_encoder_decoder() || (spec.encoder && spec.embedding.n_token_types > 1);
}

}  // namespace

std::string memory_needed(const Ui& ui, std::uint64_t needed, std::uint64_t free) {
  if (needed == 0) return {};
  return ui.words(free > 0 ? "bar.memory" : "bar.memory_needed",
                  {{"needed", bytes_text(needed)}, {"free", bytes_text(free)}});
}

std::string short_model_name(const std::string& name) {
  const std::size_t end = name.find_last_not_of('/');
  if (end == std::string::npos) return name;
  const std::size_t slash = name.find_last_of('/', end);
  return name.substr(slash == std::string::npos ? 0 : slash + 1,
                     end - (slash == std::string::npos ? 0 : slash + 1) + 1);
}

std::string better_model_for(const std::string& text, const Frame& frame, const Desk& desk) {
  if (!frame.a || !frame.a->loaded.model) return "";
  const std::string& language = frame.a->loaded.model->spec.card.language;
  if (language.empty()) return "";
  std::size_t han = 0, latin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0xE3 && byte <= 0xE9) ++han;  // first bytes of U+3000 … U+9FFF
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80) ++latin;
  }
  const std::string wanted = han > 0 && han * 3 > latin ? "zh" : latin > 0 && han == 0 ? "en" : "";
  if (wanted.empty() || wanted == language) return "";
  for (const MenuModel& model : desk.models) {
    if (model.built_in && model.language == wanted && model.family == frame.a->loaded.model->spec.family)
      return model.name;
  }
  return "";
}

float top_bar_height(Ui& ui, float width, const Frame& frame) {
  float height = kBarHeight;
  if (width < ui.px(kNarrow)) height += kBarHeight - 8;
  if (takes_second_sentence(frame)) height += kBarHeight - 8;
  return ui.px(height);
}

void draw_top_bar(Ui& ui, const Rect& rect, const Study& study, const ViewState& view, const Frame& frame,
                  const Desk& desk, const PanelsAway& away, Intents& intents) {
  const bool narrow = rect.width() < ui.px(kNarrow);
  const float row = ui.px(metric::kControl), margin = ui.px(8), gap = ui.px(metric::kGap);
  const float top = rect.y0 + (ui.px(kBarHeight) - row) / 2;

  float x = rect.x0 + ui.px(away.left ? 8.0f : 16.0f);
  if (away.left) {
    ImGui::SetCursorScreenPos({x, top});
    // Amber while something in the model is changed: the badge that says what is behind it.
    const bool changed = is_changed(study.a);
    const ButtonLook look = changed ? ButtonLook::warning : ButtonLook::plain;
    if (icon_button(ui, "bar.left_panel", Icon::menu, ui.words("bar.left_panel_tip"), {.look = look}))
      intents.look([](ViewState& v) { v.switched_panel = SidePanel::left; });
    x = last_rect().x1 + gap;
  }
  if (!narrow) {
    const ImVec2 size = text_size(ui, TextRole::body_bold, "Attention Lab");
    ImGui::SetCursorScreenPos({x, top + (row - size.y) / 2});
    label(ui, "bar.title", "Attention Lab", TextRole::body_bold);
    x += size.x + ui.px(16);
  }
  ImGui::SetCursorScreenPos({x, top});
  draw_model_menu(ui, study, desk, intents);
  const float after_model = last_rect().x1 + gap;

  // The right-hand controls are as wide as their words (and the icons beside them); the sentence takes what
  // is left.
  const float right_width = text_size(ui, TextRole::body, ui.words("bar.examples")).x +
                            text_size(ui, TextRole::body, twin_text_on_button(ui, study)).x +
                            ui.px(study.other() ? 196.0f : 136.0f) + (away.right ? row + gap : 0);
  const float right_x = rect.x1 - right_width;
  const float sentence_x = narrow ? rect.x0 + margin : after_model;
  const float sentence_y = narrow ? top + ui.px(kBarHeight) - margin : top;
  const float sentence_end = narrow ? rect.x1 - margin : right_x - margin;
  ImGui::SetCursorScreenPos({sentence_x, sentence_y});
  draw_sentence(ui, frame, study, view, std::max(ui.px(120), sentence_end - sentence_x), intents);

  ImGui::SetCursorScreenPos({narrow ? std::max(after_model, right_x) : right_x, top});
  draw_examples_menu(ui, study, desk, intents);
  beside(ui);
  draw_twin_menu(ui, study, frame, intents);
  beside(ui);
  ButtonOptions language;
  language.tooltip = ui.words("bar.language_hint");
  if (button(ui, "bar.language", view.language == Language::english ? "EN" : "中", language)) {
    intents.look([](ViewState& v) {
      v.language = v.language == Language::english ? Language::chinese : Language::english;
    });
  }
  if (away.right) {
    beside(ui);
    if (icon_button(ui, "bar.right_panel", Icon::info, ui.words("bar.right_panel_tip")))
      intents.look([](ViewState& v) { v.switched_panel = SidePanel::right; });
  }
  if (takes_second_sentence(frame)) {
    draw_second_row(ui, {rect.x0, sentence_y + ui.px(kBarHeight) - margin, rect.x1, rect.y1}, study, frame,
                    intents);
  }
}

}  // namespace attn::app
