#include "core/math/panels.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/math/simd_dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/math/panels.cpp"
#include "hwy/foreach_target.h"
//
#include "core/math/vector_math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace attn {
namespace HWY_NAMESPACE {

// How the tile fills the registers: 32 of them on AVX-512 and NEON, 16 elsewhere. A tile of few rows is made
// wider, so that there are always enough independent sums to hide a multiply-add's latency.
#if HWY_TARGET == HWY_AVX3
constexpr int kTileRows = 12;
constexpr int kTileVectors = 2;
constexpr int kFlatTileVectors = 2;
#elif HWY_TARGET == HWY_NEON
constexpr int kTileRows = 6;
constexpr int kTileVectors = 4;
constexpr int kFlatTileVectors = 8;
#elif HWY_TARGET == HWY_AVX2
constexpr int kTileRows = 6;
constexpr int kTileVectors = 2;
constexpr int kFlatTileVectors = 4;
#else
constexpr int kTileRows = 6;
constexpr int kTileVectors = 2;
constexpr int kFlatTileVectors = 8;
#endif
constexpr int kFlatTileRows = 1;

// Depth that is walked at once: a tile's rows of x stay in the first-level cache, a panel's slice in the
// second.
constexpr Index kDepthStep = 512;
// Panels that are worked on side by side.
constexpr Index kPanelsAtOnce = 4;
// 16-bit panels are widened, and loose matrices gathered, a slice at a time into this much of the stack.
constexpr Index kGatheredDepthStep = 256;

// The next slice of B is fetched into the second-level cache while the present one is worked on, so that
// memory and arithmetic overlap: two cache lines from `at` on in every step of the depth, which then moves
// on.
struct Ahead {
  const std::byte* at = nullptr;
  Index stride = 0;  // bytes a step
};
constexpr Index kCacheLineBytes = 64;

// One tile: y [kRows, kVectors * lanes] (+)= x [kRows, depth] * b [depth, ...]. Starts from y itself, or
// from `start` (null: zeros) when `first`. kTransposed: x is [depth, kRows].
template <int kRows, int kVectors, bool kTransposed>
void multiply_tile(const float* HWY_RESTRICT x, Index x_stride, const float* HWY_RESTRICT b, Index depth,
                   bool first, const float* start, float* y, Index y_stride, Ahead ahead) {
  FloatVector sum[kRows][kVectors];
  for (int v = 0; v < kVectors; ++v) {
    const FloatVector begin = start ? hn::LoadU(kFloats, start + v * kLanes) : hn::Zero(kFloats);
    for (int r = 0; r < kRows; ++r)
      sum[r][v] = first ? begin : hn::LoadU(kFloats, y + r * y_stride + v * kLanes);
  }
  // One plain loop: around a nested one the compiler moves every sum through memory.
  for (Index k = 0; k < depth; ++k) {
    __builtin_prefetch(ahead.at, 0, 2);
    __builtin_prefetch(ahead.at + kCacheLineBytes, 0, 2);
    ahead.at += ahead.stride;
    FloatVector column[kVectors];
    for (int v = 0; v < kVectors; ++v) column[v] = hn::Load(kFloats, b + k * kPanelWidth + v * kLanes);
    for (int r = 0; r < kRows; ++r) {
      const FloatVector value = hn::Set(kFloats, kTransposed ? x[k * x_stride + r] : x[r * x_stride + k]);
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(value, column[v], sum[r][v]);
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], kFloats, y + r * y_stride + v * kLanes);
}

using TileFunction = void (*)(const float*, Index, const float*, Index, bool, const float*, float*, Index,
                              Ahead);

struct Tile {
  TileFunction multiply;
  int columns;
};

template <int kRows, bool kTransposed>
constexpr Tile tile_of_height() {
  constexpr int kVectors = kRows <= kFlatTileRows ? kFlatTileVectors : kTileVectors;
  return {multiply_tile<kRows, kVectors, kTransposed>, kVectors * kLanes};
}

using Tiles = std::array<Tile, kTileRows>;  // [n - 1] computes n rows

template <bool kTransposed, int... kIndex>
constexpr Tiles tiles_of_every_height(std::integer_sequence<int, kIndex...>) {
  return {tile_of_height<kIndex + 1, kTransposed>()...};
}

constexpr Tiles kTiles = tiles_of_every_height<false>(std::make_integer_sequence<int, kTileRows>());
constexpr Tiles kTransposedTiles = tiles_of_every_height<true>(std::make_integer_sequence<int, kTileRows>());

// `rows` rows of one panel's slice: y (+)= x b, of which `columns` columns exist.
void multiply_block(const Tiles& tiles, const float* x, Index x_stride, const float* b, Index depth,
                    bool first, const float* start, int rows, Index columns, float* y, Index y_stride,
                    Ahead& ahead) {
  const Tile& tile = tiles[static_cast<std::size_t>(rows - 1)];
  for (Index c = 0; c < columns; c += tile.columns) {
    const float* tile_start = start ? start + c : nullptr;
    const Ahead present = ahead;
    ahead.at += depth * ahead.stride;
    if (c + tile.columns <= columns) {
      tile.multiply(x, x_stride, b + c, depth, first, tile_start, y + c, y_stride, present);
      continue;
    }
    // The last columns: computed to full width beside y, so that nothing beyond y is touched.
    alignas(64) float beside[kTileRows * kPanelWidth];
    const std::size_t bytes = static_cast<std::size_t>(columns - c) * sizeof(float);
    for (Index r = 0; r < rows && !first; ++r) {
      std::fill_n(beside + r * kPanelWidth, kPanelWidth, 0.0f);
      std::memcpy(beside + r * kPanelWidth, y + r * y_stride + c, bytes);
    }
    tile.multiply(x, x_stride, b + c, depth, first, tile_start, beside, kPanelWidth, present);
    for (Index r = 0; r < rows; ++r) std::memcpy(y + r * y_stride + c, beside + r * kPanelWidth, bytes);
  }
}

// What comes after the product, while the block is in the first-level cache.
void finish_block(const PanelProduct& p, Index first_row, Index rows, Index first_column, Index columns) {
  for (Index r = first_row; r < first_row + rows; ++r) {
    float* y = p.y + r * p.y_stride + first_column;
    if (p.scale != 1.0f)
      for (Index c = 0; c < columns; ++c) y[c] *= p.scale;
    activate_span(p.activation, y, columns);
    if (p.residual) {
      const float* residual = p.residual + r * p.residual_stride + first_column;
      for (Index c = 0; c < columns; ++c) y[c] += residual[c];
    }
  }
}

// 16-bit numbers as floats, exactly.
using HalfBitsTag = hn::Rebind<std::uint16_t, FloatTag>;
using BitsTag = hn::RebindToUnsigned<FloatTag>;

FloatVector widen_f16(hn::Vec<HalfBitsTag> half) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
  return hn::PromoteTo(kFloats, hn::BitCast(hn::Rebind<hwy::float16_t, FloatTag>(), half));
#else
  // Exponent and fraction move 13 bits up; the product moves the exponent's bias from 15 to 127, for
  // subnormal numbers too. What stood at the top (infinity, not a number) is put back there.
  const BitsTag d;
  const auto bits = hn::PromoteTo(d, half);
  const auto magnitude = hn::ShiftLeft<13>(hn::And(bits, hn::Set(d, 0x7FFFu)));
  const auto sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(d, 0x8000u)));
  const auto scaled = hn::BitCast(d, hn::Mul(hn::BitCast(kFloats, magnitude), hn::Set(kFloats, 0x1p112f)));
  const auto top = hn::Set(d, 0x7C00u << 13);
  const auto special = hn::Eq(hn::And(magnitude, top), top);
  const auto widened = hn::IfThenElse(special, hn::Or(magnitude, hn::Set(d, 0x7F800000u)), scaled);
  return hn::BitCast(kFloats, hn::Or(widened, sign));
#endif
}

FloatVector widen_bf16(hn::Vec<HalfBitsTag> half) {
  return hn::BitCast(kFloats, hn::ShiftLeft<16>(hn::PromoteTo(BitsTag(), half)));
}

// Where depth k of panel `panel` stands.
const std::byte* stored_slice(const PanelProduct& p, Index panel, Index k) {
  return static_cast<const std::byte*>(p.panels) +
         static_cast<std::size_t>((panel * p.depth + k) * kPanelWidth) * bytes_of(p.type);
}

// Columns [column, column + columns) of a loose B from depth k, gathered into `room` as a slice of a panel.
void gather_slice(const LooseMatrix& b, Index column, Index columns, Index k, Index depth, float* room) {
  const float* from = b.data + k * b.row_stride + column * b.column_stride;
  if (columns < kPanelWidth) std::fill_n(room, depth * kPanelWidth, 0.0f);
  if (b.column_stride == 1 && columns == kPanelWidth) {
    for (Index d = 0; d < depth; ++d)  // of a size that the compiler knows: no call
      std::memcpy(room + d * kPanelWidth, from + d * b.row_stride, kPanelWidth * sizeof(float));
    return;
  }
  if (b.column_stride == 1) {
    for (Index d = 0; d < depth; ++d)
      std::memcpy(room + d * kPanelWidth, from + d * b.row_stride,
                  static_cast<std::size_t>(columns) * sizeof(float));
    return;
  }
  for (Index c = 0; c < columns; ++c)
    for (Index d = 0; d < depth; ++d)
      room[d * kPanelWidth + c] = from[c * b.column_stride + d * b.row_stride];
}

// The slice as floats: where it stands, or widened into `room`.
const float* slice_as_floats(DType type, const std::byte* slice, Index depth, float* room) {
  if (type == DType::f32) return reinterpret_cast<const float*>(slice);
  const std::uint16_t* halves = reinterpret_cast<const std::uint16_t*>(slice);
  for (Index i = 0; i < depth * kPanelWidth; i += kLanes) {
    const auto half = hn::LoadU(HalfBitsTag(), halves + i);
    hn::Store(type == DType::f16 ? widen_f16(half) : widen_bf16(half), kFloats, room + i);
  }
  return room;
}

// Walks over the slice at `next` during the tiles of `blocks` blocks of rows.
Ahead spread(const std::byte* next, DType type, Index blocks) {
  const Index tiles = blocks * (kPanelWidth / (kTileVectors * kLanes));
  return {next, (kPanelWidth * static_cast<Index>(bytes_of(type)) + tiles - 1) / tiles};
}

// Where a walk over the slices of some panels stands: a few panels at a time, for each of them step by step
// down the depth, so that neither a slab of x nor one of y leaves the second-level cache before it is done.
struct Walk {
  Index first_panel;
  Index end_panel;
  Index steps;

  Index group = first_panel;
  Index step = 0;
  Index panel = first_panel;

  Index group_end() const { return std::min(end_panel, group + kPanelsAtOnce); }
  bool done() const { return group >= end_panel; }
  void advance() {
    if (++panel < group_end()) return;
    if (++step == steps) {
      step = 0;
      group = group_end();
    }
    panel = group;
  }
};

void multiply_panels(const PanelProduct& p, Index first_row, Index end_row, Index first_panel,
                     Index end_panel) {
  const Index rows = end_row - first_row;
  const Index blocks = (rows + kTileRows - 1) / kTileRows;
  alignas(64) float room[kGatheredDepthStep * kPanelWidth];
  const bool stored = p.type == DType::f32 && p.loose.data == nullptr;
  const Index most = stored ? kDepthStep : kGatheredDepthStep;
  const Index steps = std::max<Index>(1, (p.depth + most - 1) / most);

  for (Walk at{first_panel, end_panel, steps}; !at.done();) {
    const Walk here = at;
    at.advance();
    const Index k = p.depth * here.step / steps;
    const Index depth = p.depth * (here.step + 1) / steps - k;
    const Index column = here.panel * kPanelWidth;
    const Index columns = std::min(kPanelWidth, p.columns - column);
    const float* b = room;
    Ahead ahead{reinterpret_cast<const std::byte*>(room)};  // nothing to fetch: what is near anyway
    if (p.loose.data) {
      gather_slice(p.loose, column, columns, k, depth, room);
    } else {
      b = slice_as_floats(p.type, stored_slice(p, here.panel, k), depth, room);
      if (!at.done()) ahead = spread(stored_slice(p, at.panel, p.depth * at.step / steps), p.type, blocks);
    }
    for (Index block = 0; block < blocks; ++block) {
      const Index row = first_row + rows * block / blocks;
      const Index height = first_row + rows * (block + 1) / blocks - row;
      const float* x = p.x + (p.x_transposed ? k * p.x_stride + row : row * p.x_stride + k);
      multiply_block(p.x_transposed ? kTransposedTiles : kTiles, x, p.x_stride, b, depth,
                     here.step == 0 && !p.adds, p.start ? p.start + column : nullptr,
                     static_cast<int>(height), columns, p.y + row * p.y_stride + column, p.y_stride, ahead);
      if (here.step + 1 == steps) finish_block(p, row, height, column, columns);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace attn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attn {

HWY_EXPORT(multiply_panels);

void multiply_panels(const PanelProduct& p, Index first_row, Index end_row, Index first_panel,
                     Index end_panel) {
  assert(p.type == DType::f32 || p.type == DType::f16 || p.type == DType::bf16);
  assert(first_row <= end_row && end_panel <= panel_count(p.columns));
  assert(!p.adds || (p.start == nullptr && p.scale == 1.0f && p.activation == Activation::identity));
  ATTN_DISPATCH(multiply_panels)(p, first_row, end_row, first_panel, end_panel);
}

}  // namespace attn
#endif  // HWY_ONCE
