#include "app/views/media_view.h"

#include <algorithm>
#include <cmath>

#include "app/look/wording.h"
#include "app/views/view_parts.h"

namespace attn::app {

namespace {

constexpr float kStripHeight = 132;                           // design units
constexpr float kLeastOverlay = 0.30f, kMostOverlay = 0.72f;  // of the colour over the picture
constexpr std::size_t kColumns = 1024;                        // of a waveform's outline

// A row of a head's weights over the media's tokens.
struct Shown {
  std::optional<HeadWeights> weights;
  int query = -1;
  int n_keys = 0;
  float largest = 0;
  int largest_key = -1;

  float at(int key) const { return weights->at(query, key); }
  bool there() const { return query >= 0; }
};

Shown row_shown(const Frame& frame, const Study& study, const ViewState& view) {
  Shown shown;
  const HeadId head = view.hover.head.value_or(study.selection.head);
  shown.weights = frame.a->weights(head);
  if (!shown.weights || view.covered) return shown;
  const int query = view.hover.query >= 0 ? view.hover.query : study.selection.query;
  shown.n_keys = static_cast<int>(shown.weights->cols());
  if (query < 0 || query >= shown.weights->rows()) return shown;
  shown.query = query;
  for (int key = 0; key < shown.n_keys; ++key) {
    if (shown.largest_key >= 0 && !(shown.at(key) > shown.largest)) continue;
    shown.largest = shown.at(key);
    shown.largest_key = key;
  }
  return shown;
}

// The colour of a weight beside the row's largest: patches have small ones, and the picture of them matters.
Colour overlay_colour(const Ui& ui, const ViewState& view, const Shown& shown, int key) {
  gl::HeatmapLook look = weights_look(ui, view);
  look.low = 0;
  look.high = std::max(1e-6f, shown.largest);
  return colour_of(look, shown.at(key));
}

// What is not looked at stays as it is; what is looked at takes the weight's colour.
float opacity(const Shown& shown, int key) {
  const float share = shown.largest > 0 ? shown.at(key) / shown.largest : 0;
  return kLeastOverlay + (kMostOverlay - kLeastOverlay) * std::clamp(share, 0.0f, 1.0f);
}

void prepare(MediaCache& cache, const std::shared_ptr<const Media>& media) {
  if (cache.of == media) return;
  cache.of = media;
  cache.outline.clear();
  cache.texture = {};
  if (media->kind == Media::Kind::picture) {
    cache.texture =
        gl::PictureTexture(media->picture.width, media->picture.height, media->picture.rgb.data(), false);
    return;
  }
  const std::vector<float>& samples = media->sound.samples;
  const std::size_t n = std::min(kColumns, std::max<std::size_t>(1, samples.size()));
  for (std::size_t c = 0; c < n; ++c) {
    const std::size_t first = c * samples.size() / n,
                      last = std::max(first + 1, (c + 1) * samples.size() / n);
    const auto [least, most] =
        std::minmax_element(samples.begin() + static_cast<std::ptrdiff_t>(first),
                            samples.begin() + static_cast<std::ptrdiff_t>(std::min(last, samples.size())));
    cache.outline.emplace_back(*least, *most);
  }
  if (media->spectrogram.size() == 0) return;
  const Matrix& mel = media->spectrogram;
  const float low = mel.minCoeff(), high = std::max(low + 1e-6f, mel.maxCoeff());
  Picture picture;
  picture.width = static_cast<int>(std::min<Index>(mel.cols(), 4096));
  picture.height = static_cast<int>(mel.rows());
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const float share = (mel(picture.height - 1 - y, x * mel.cols() / picture.width) - low) / (high - low);
      const auto grey = static_cast<std::uint8_t>(255 - 215 * share);
      picture.rgb.insert(picture.rgb.end(), {grey, grey, grey});
    }
  cache.texture = gl::PictureTexture(picture.width, picture.height, picture.rgb.data(), true);
}

ImTextureID texture_id(unsigned name) {
  return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(name));
}

// What every drawing below reads.
struct Canvas {
  Ui& ui;
  const Frame& frame;
  const Study& study;
  const ViewState& view;
  const Media& media;
  const MediaCache& cache;
  const Shown& shown;
  Intents& intents;
  bool queries_too;  // the queries are patches or frames as well: a click chooses one
  std::string name;

  const std::string& token(int index) const {
    return frame.a->trace->tokens[static_cast<std::size_t>(index)];
  }
  void feel(const Touch& touch, int index) const {
    if (!touch.hovered || index < 0 || index >= static_cast<int>(frame.a->trace->tokens.size())) return;
    const HeadId head = study.selection.head;
    if (touch.clicked && queries_too) {
      const bool again = study.selection.query == index;
      choose_query(intents, again ? -1 : index);
    } else if (touch.clicked && study.selection.query >= 0) {
      choose_query(intents, study.selection.query, index);
    }
    intents.look([index](ViewState& v) { v.hover.key = index; });
    if (!shown.there() || index >= shown.n_keys) return;
    preview(ui, [&] {
      label(ui, {}, token(index), TextRole::heading);
      label(ui, {},
            head_name(*frame.a->trace, head, view) + "  " + fixed(static_cast<double>(shown.at(index)), 4),
            TextRole::small);
    });
  }
};

void draw_patch(const Canvas& c, const Rect& cell, int index, bool grid) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 a(cell.x0, cell.y0), b(cell.x1, cell.y1);
  if (c.shown.there() && index < c.shown.n_keys)
    list.AddRectFilled(a, b,
                       with_alpha(overlay_colour(c.ui, c.view, c.shown, index), opacity(c.shown, index)));
  if (grid) list.AddRect(a, b, with_alpha(c.ui.theme.panel, 0.45f));
}

void outline_patch(const Canvas& c, const Rect& cell, Colour colour, float width) {
  ImGui::GetWindowDrawList()->AddRect(ImVec2(cell.x0, cell.y0), ImVec2(cell.x1, cell.y1), colour, 0, 0,
                                      c.ui.px(width));
}

void draw_picture(const Canvas& c, const Rect& rect) {
  Ui& ui = c.ui;
  const Media& media = c.media;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // Learned tokens stand beside the picture, in a column.
  const float chip_width = ui.px(76), chip_height = ui.px(30);
  const float scale =
      std::min((rect.width() - chip_width - ui.px(8)) / static_cast<float>(media.picture.width),
               rect.height() / static_cast<float>(media.picture.height));
  const float width = std::floor(static_cast<float>(media.picture.width) * scale);
  const float height = std::floor(static_cast<float>(media.picture.height) * scale);
  const Rect place{rect.x0 + chip_width + ui.px(8), rect.y0, rect.x0 + chip_width + ui.px(8) + width,
                   rect.y0 + height};
  for (int i = 0; i < media.n_prefix; ++i) {
    const Rect chip{rect.x0, rect.y0 + static_cast<float>(i) * (chip_height + ui.px(4)), rect.x0 + chip_width,
                    rect.y0 + static_cast<float>(i) * (chip_height + ui.px(4)) + chip_height};
    const bool shaded = c.shown.there() && i < c.shown.n_keys;
    const Colour ground = shaded ? overlay_colour(ui, c.view, c.shown, i) : ui.theme.background;
    list.AddRectFilled(ImVec2(chip.x0, chip.y0), ImVec2(chip.x1, chip.y1), ground, ui.px(4));
    draw_text_in(ui, list, TextRole::small, chip, readable_on(ground), c.token(i), 0.5f);
    if (i == c.study.selection.query && c.queries_too) outline_patch(c, chip, ui.theme.accent, 2);
    c.feel(touch_area(ui, c.name + "." + std::to_string(i), chip, c.token(i)), i);
  }
  list.AddImage(texture_id(c.cache.texture.name()), ImVec2(place.x0, place.y0), ImVec2(place.x1, place.y1));
  const auto cell_of = [&](int index) {
    const int patch = index - media.n_prefix, row = patch / media.across, column = patch % media.across;
    const auto x = [&](int at) {
      return place.x0 + std::floor(width * static_cast<float>(at) / static_cast<float>(media.across));
    };
    const auto y = [&](int at) {
      return place.y0 + std::floor(height * static_cast<float>(at) / static_cast<float>(media.down));
    };
    return Rect{x(column), y(row), x(column + 1), y(row + 1)};
  };
  const int n = media.n_prefix + media.across * media.down;
  const bool grid = width / static_cast<float>(media.across) >= ui.px(6);
  for (int i = media.n_prefix; i < n; ++i) {
    const Rect cell = cell_of(i);
    draw_patch(c, cell, i, grid);
    mark(ui, c.name + "." + std::to_string(i), cell, c.token(i));
  }
  if (c.shown.there() && c.shown.largest_key >= media.n_prefix && c.shown.largest_key < n)
    outline_patch(c, cell_of(c.shown.largest_key), ui.theme.ink, 2);
  const int chosen = c.study.selection.query;
  if (c.queries_too && chosen >= media.n_prefix && chosen < n)
    outline_patch(c, cell_of(chosen), ui.theme.accent, 3);
  const Touch touch = touch_area(ui, c.name + ".picture", place);
  const int column =
      std::clamp(static_cast<int>(touch.mouse.x / std::max(1.0f, width) * static_cast<float>(media.across)),
                 0, media.across - 1);
  const int row =
      std::clamp(static_cast<int>(touch.mouse.y / std::max(1.0f, height) * static_cast<float>(media.down)), 0,
                 media.down - 1);
  c.feel(touch, media.n_prefix + row * media.across + column);
}

void draw_sound(const Canvas& c, const Rect& rect) {
  Ui& ui = c.ui;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto n = static_cast<int>(c.frame.a->trace->tokens.size());
  if (n == 0) return;
  const double seconds = c.media.sound.seconds();
  const float bottom = rect.y1 - ui.px(18);
  const Rect place{rect.x0, rect.y0, rect.x1, bottom};
  const auto x_of = [&](double second) {
    return place.x0 + place.width() * static_cast<float>(std::min(1.0, second / std::max(1e-9, seconds)));
  };
  const auto cell_of = [&](int index) {
    return Rect{x_of(index * c.media.seconds_a_token), place.y0, x_of((index + 1) * c.media.seconds_a_token),
                place.y1};
  };
  const bool spectrogram = static_cast<bool>(c.cache.texture);
  const float wave_top = spectrogram ? place.y0 + std::floor(place.height() * 0.55f) : place.y0;
  if (spectrogram)
    list.AddImage(texture_id(c.cache.texture.name()), ImVec2(place.x0, place.y0),
                  ImVec2(place.x1, wave_top - ui.px(2)));
  if (c.shown.there())
    for (int i = 0; i < std::min(n, c.shown.n_keys); ++i) {
      const Rect cell = cell_of(i);
      list.AddRectFilled(
          ImVec2(cell.x0, cell.y0), ImVec2(cell.x1, cell.y1),
          with_alpha(overlay_colour(ui, c.view, c.shown, i), spectrogram ? 0.45f : kMostOverlay));
    }
  const float middle = (wave_top + place.y1) / 2, half = (place.y1 - wave_top) / 2;
  float loudest = 1e-6f;
  for (const auto& [least, most] : c.cache.outline) loudest = std::max({loudest, -least, most});
  const Colour ink = c.shown.there() && !spectrogram ? rgb(0xffffff, 235) : ui.theme.ink;
  const auto n_columns = static_cast<float>(c.cache.outline.size());
  for (std::size_t i = 0; i < c.cache.outline.size(); ++i) {
    const float x = place.x0 + place.width() * (static_cast<float>(i) + 0.5f) / n_columns;
    const auto [least, most] = c.cache.outline[i];
    list.AddLine(ImVec2(x, middle - most / loudest * half), ImVec2(x, middle - least / loudest * half + 1),
                 ink, std::max(1.0f, place.width() / n_columns));
  }
  const int chosen = c.study.selection.query;
  if (c.queries_too && chosen >= 0 && chosen < n) {
    Rect cell = cell_of(chosen);
    cell.x1 = std::max(cell.x1, cell.x0 + ui.px(3));
    outline_patch(c, cell, ui.theme.accent, 2);
  }
  for (int i = 0; i < n; ++i) mark(ui, c.name + "." + std::to_string(i), cell_of(i), c.token(i));
  draw_text_in(ui, list, TextRole::note, {rect.x0, bottom, rect.x1, rect.y1}, ui.theme.dim, "0 s");
  draw_text_in(ui, list, TextRole::note, {rect.x0, bottom, rect.x1, rect.y1}, ui.theme.dim,
               fixed(seconds, 2) + " s", 1);
  const Touch touch = touch_area(ui, c.name + ".sound", place);
  const double second = static_cast<double>(touch.mouse.x / std::max(1.0f, place.width())) * seconds;
  c.feel(touch, std::clamp(static_cast<int>(second / c.media.seconds_a_token), 0, n - 1));
}

// File, what the colours mean, and what was done to the file.
void draw_words(const Canvas& c, const Rect& rect) {
  Ui& ui = c.ui;
  panel(
      ui, c.name + ".notes", rect, PanelLook::flat,
      [&] {
        const std::string& path = c.frame.a->subject.input_file;
        heading(ui, path.substr(path.find_last_of('/') + 1));
        if (c.shown.there()) {
          const HeadId head = c.view.hover.head.value_or(c.study.selection.head);
          const auto& queries = c.frame.a->trace->query_tokens(head.stack);
          note(ui, ui.words("media.looks", {{"query", queries[static_cast<std::size_t>(c.shown.query)]},
                                            {"head", head_name(*c.frame.a->trace, head, c.view)},
                                            {"largest", fixed(static_cast<double>(c.shown.largest), 3)},
                                            {"key", c.token(std::max(0, c.shown.largest_key))}}));
        } else {
          note(ui,
               ui.words(c.media.kind == Media::Kind::picture ? "media.choose_patch" : "media.choose_frame"));
        }
        for (const Wording& sentence : c.media.notes) note(ui, in_words(ui.words, sentence));
      },
      0);
}

}  // namespace

bool keys_are_media(const Frame& frame, const HeadId& head) {
  return frame.a && frame.a->trace && frame.a->text.media &&
         (head.stack == Stack::encoder || head.stack == Stack::cross);
}

float media_strip_height(Ui& ui) {
  return ui.px(ui.logical_size().y < 500 ? kStripHeight / 2 : kStripHeight);
}

void draw_media(Ui& ui, const Rect& rect, std::string_view name, const Frame& frame, const Study& study,
                const ViewState& view, MediaCache& cache, Intents& intents) {
  const std::shared_ptr<const Media> media = frame.a->text.media;
  prepare(cache, media);
  const Shown shown = row_shown(frame, study, view);
  const Canvas canvas{ui,
                      frame,
                      study,
                      view,
                      *media,
                      cache,
                      shown,
                      intents,
                      study.selection.head.stack == Stack::encoder,
                      std::string(name)};
  mark(ui, name, rect);
  const float gap = ui.px(16);
  if (media->kind == Media::Kind::sound) {
    const float words = std::min(ui.px(240), rect.width() * 0.3f);
    draw_sound(canvas, {rect.x0, rect.y0, rect.x1 - words - gap, rect.y1});
    draw_words(canvas, {rect.x1 - words, rect.y0, rect.x1, rect.y1});
    return;
  }
  const float shape = static_cast<float>(media->picture.width) / static_cast<float>(media->picture.height);
  const float width = std::min(rect.height() * shape + ui.px(84), rect.width() * 0.7f);
  draw_picture(canvas, {rect.x0, rect.y0, rect.x0 + width, rect.y1});
  draw_words(canvas, {rect.x0 + width + gap, rect.y0, rect.x1, rect.y1});
}

}  // namespace attn::app
