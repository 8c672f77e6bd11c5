#pragma once

#include "app/gl/picture_texture.h"
#include "app/state/frame.h"
#include "app/state/intents.h"
#include "app/state/view_state.h"
#include "app/widgets/widgets.h"

namespace attn::app {

// Pictures and sound stand where words stand: a grid of patches over the picture, or the waveform (and the
// spectrogram) cut into frames, each shaded by how much the chosen one looks at it.

// The picture on the graphics card, and the waveform's outline; worked out from a Media alone.
struct MediaCache {
  std::shared_ptr<const Media> of;
  gl::PictureTexture texture;
  std::vector<std::pair<float, float>> outline;  // least and largest sample of each column
};

// True when the keys of this head are patches or frames.
bool keys_are_media(const Frame& frame, const HeadId& head);

// With everything: title, scale, notes. Chooses the query where the queries are patches or frames too.
void draw_media(Ui& ui, const Rect& rect, std::string_view name, const Frame& frame, const Study& study,
                const ViewState& view, MediaCache& cache, Intents& intents);
// How high the strip at the top is for it.
float media_strip_height(Ui& ui);

}  // namespace attn::app
