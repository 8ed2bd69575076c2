#include "report/slice_view.hpp"

#include <algorithm>
#include <cmath>

#include "report/marks.hpp"

namespace pleura::report {
namespace {

constexpr Colour kTagInk{16, 20, 24};
/// Where the lungs behind a point are thinner than this, most of what is seen there is the blur of the chest wall: it
/// fades to black.
constexpr double kFadeMm = 15;

double millimetres(const Geometry& geometry, const VoxelBox& box, std::size_t axis) {
  return static_cast<double>(box.high[axis] - box.low[axis]) * geometry.spacing[axis];
}

/// What two boxes share; empty where that is nothing.
VoxelBox common(const VoxelBox& a, const VoxelBox& b) {
  VoxelBox box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    box.low[axis] = std::max(a.low[axis], b.low[axis]);
    box.high[axis] = std::max(box.low[axis], std::min(a.high[axis], b.high[axis]));
  }
  return box;
}

bool has_lungs(const Screening& screening) { return screening.lungs.size() == screening.volume.hu.size(); }

/// One plane of the volume's grid, each voxel as value(voxel).
template <class Value>
Grid plane_of(const Geometry& geometry, Plane plane, std::int64_t index, const Value& value) {
  const Index3& shape = geometry.shape;
  Grid grid{shape[rows_of(plane)], shape[2], {}};
  grid.values.resize(static_cast<std::size_t>(grid.rows * grid.columns));
  auto to = grid.values.begin();
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    const std::int64_t z = plane == Plane::axial ? index : row, y = plane == Plane::axial ? row : index;
    const auto first = static_cast<std::size_t>((z * shape[1] + y) * shape[2]);
    for (std::size_t x = 0; x < static_cast<std::size_t>(shape[2]); ++x) *to++ = value(first + x);
  }
  return grid;
}

/// Sets each point of a coronal grid that lies in a box to the mean HU of the lungs over the box's depth; all voxels
/// count where a screening has no lungs.
void project(const Screening& screening, const VoxelBox& box, Grid& grid) {
  const Geometry& geometry = screening.volume.geometry;
  const bool masked = has_lungs(screening);
  const double fade = std::min(kFadeMm / geometry.spacing[1], static_cast<double>(box.high[1] - box.low[1]) / 2);
  const auto columns = static_cast<std::size_t>(box.high[2] - box.low[2]);
  std::vector<std::int32_t> sum(columns), count(columns);
  for (std::int64_t z = box.low[0]; z < box.high[0]; ++z) {
    std::fill(sum.begin(), sum.end(), 0);
    std::fill(count.begin(), count.end(), 0);
    for (std::int64_t y = box.low[1]; y < box.high[1]; ++y) {
      const auto first = static_cast<std::size_t>((z * geometry.shape[1] + y) * geometry.shape[2] + box.low[2]);
      for (std::size_t x = 0; x < columns; ++x) {
        const std::int32_t lung = !masked || screening.lungs[first + x] != 0 ? 1 : 0;
        count[x] += lung;
        sum[x] += lung * screening.volume.hu[first + x];
      }
    }
    float* to = &grid.values[static_cast<std::size_t>(z * grid.columns + box.low[2])];
    for (std::size_t x = 0; x < columns; ++x) {
      const double above_black = count[x] == 0 ? 0 : static_cast<double>(sum[x]) / count[x] - kProjectionWindow.low;
      to[x] = static_cast<float>(kProjectionWindow.low + above_black * std::min(1.0, count[x] / fade));
    }
  }
}

}  // namespace

std::array<int, 2> picture_size(const Geometry& geometry, Plane plane, const VoxelBox& crop, double pixels_per_mm) {
  const auto pixels = [&](std::size_t axis) {
    return std::max(1, static_cast<int>(std::lround(millimetres(geometry, crop, axis) * pixels_per_mm)));
  };
  return {pixels(2), pixels(rows_of(plane))};
}

double scale_to_fit(const Geometry& geometry, Plane plane, const VoxelBox& crop, int width, int height) {
  return std::min(width / millimetres(geometry, crop, 2), height / millimetres(geometry, crop, rows_of(plane)));
}

VoxelBox with_margin(const Geometry& geometry, const VoxelBox& box, double margin_mm) {
  VoxelBox wider;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto margin = static_cast<std::int64_t>(std::ceil(margin_mm / geometry.spacing[axis]));
    wider.low[axis] = std::clamp<std::int64_t>(box.low[axis] - margin, 0, geometry.shape[axis] - 1);
    wider.high[axis] = std::clamp<std::int64_t>(box.high[axis] + margin, wider.low[axis] + 1, geometry.shape[axis]);
  }
  return wider;
}

SliceView::SliceView(const Geometry& geometry, Plane plane, std::int64_t first, std::int64_t last, const VoxelBox& crop,
                     double pixels_per_mm)
    : plane_(plane),
      first_(first),
      last_(last),
      crop_(crop),
      pixels_per_mm_(pixels_per_mm),
      pixels_per_voxel_{pixels_per_mm * geometry.spacing[rows_of(plane)], pixels_per_mm * geometry.spacing[2]},
      picture_(picture_size(geometry, plane, crop, pixels_per_mm)[0],
               picture_size(geometry, plane, crop, pixels_per_mm)[1], {}) {}

SliceView::SliceView(const Screening& screening, Plane plane, std::int64_t index, const VoxelBox& crop,
                     double pixels_per_mm, const Window& window)
    : SliceView(screening.volume.geometry, plane, 0, 0, crop, pixels_per_mm) {
  const Geometry& geometry = screening.volume.geometry;
  first_ = std::clamp<std::int64_t>(index, 0, geometry.shape[normal_of(plane)] - 1);
  last_ = first_ + 1;
  draw_voxels(plane_of(geometry, plane, first_, [&](std::size_t voxel) { return screening.volume.hu[voxel]; }), window);
  if (has_lungs(screening))
    draw_outline(plane_of(geometry, plane, first_, [&](std::size_t voxel) { return screening.lungs[voxel] != 0; }));
}

SliceView SliceView::projection(const Screening& screening, const VoxelBox& lungs, const std::vector<VoxelBox>& insets,
                                const VoxelBox& crop, double pixels_per_mm) {
  const Geometry& geometry = screening.volume.geometry;
  SliceView view(geometry, Plane::coronal, lungs.low[1], lungs.high[1], crop, pixels_per_mm);
  Grid grid{geometry.shape[0], geometry.shape[2], {}};
  grid.values.assign(static_cast<std::size_t>(grid.rows * grid.columns), static_cast<float>(kProjectionWindow.low));
  project(screening, lungs, grid);
  for (std::size_t i = insets.size(); i-- > 0;)
    if (view.crosses(insets[i])) project(screening, common(insets[i], lungs), grid);
  view.draw_voxels(grid, kProjectionWindow);
  return view;
}

Grid SliceView::resampled(const Grid& grid) const {
  // A pixel's middle lies half a pixel from the crop's edge, and a voxel's half a voxel.
  const double row = 1 / pixels_per_voxel_[0], column = 1 / pixels_per_voxel_[1];
  const PixelAxis columns{static_cast<double>(crop_.low[2]) - 0.5 + column / 2, column, picture_.width()};
  if (plane_ == Plane::axial)
    return resample(grid, {static_cast<double>(crop_.low[1]) - 0.5 + row / 2, row, picture_.height()}, columns);
  return resample(grid, {static_cast<double>(crop_.high[0]) - 0.5 - row / 2, -row, picture_.height()}, columns);
}

Rectangle SliceView::to_pixels(const VoxelBox& box) const {
  const auto pixel = [](double value) { return static_cast<int>(std::lround(value)); };
  const auto row = [&](std::int64_t edge) {
    const std::int64_t rows = plane_ == Plane::axial ? edge - crop_.low[1] : crop_.high[0] - edge;
    return pixel(static_cast<double>(rows) * pixels_per_voxel_[0]);
  };
  const auto column = [&](std::int64_t edge) {
    return pixel(static_cast<double>(edge - crop_.low[2]) * pixels_per_voxel_[1]);
  };
  const int first = row(box.low[rows_of(plane_)]), last = row(box.high[rows_of(plane_)]);
  return {column(box.low[2]), std::min(first, last), column(box.high[2]), std::max(first, last)};
}

bool SliceView::crosses(const VoxelBox& box) const {
  return box.low[normal_of(plane_)] < last_ && first_ < box.high[normal_of(plane_)];
}

void SliceView::draw_voxels(const Grid& hu, const Window& window) {
  const Grid pixels = resampled(hu);
  const float scale = 255.0F / static_cast<float>(window.high - window.low);
  std::vector<std::uint8_t> greys(pixels.values.size());
  std::transform(pixels.values.begin(), pixels.values.end(), greys.begin(), [&](float value) {
    const float grey = (value - static_cast<float>(window.low)) * scale + 0.5F;
    return static_cast<std::uint8_t>(std::clamp(grey, 0.0F, 255.0F));
  });
  picture_ = Picture::of_greys(picture_.width(), picture_.height(), greys);
}

void SliceView::draw_outline(const Grid& lungs) {
  const Grid pixels = resampled(lungs);
  const int width = picture_.width(), height = picture_.height();
  const auto is_lung = [&](int x, int y) {  // the picture's border is no outline
    return x < 0 || y < 0 || x >= width || y >= height ||
           pixels.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] >
               0.5F;
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (is_lung(x, y) && !(is_lung(x - 1, y) && is_lung(x + 1, y) && is_lung(x, y - 1) && is_lung(x, y + 1)))
        picture_.blend(x, y, kOutline, 200);
}

void SliceView::annotate() {
  draw_sides(picture_,
             plane_ == Plane::axial ? Sides{.left = "R", .right = "L", .top = "A", .bottom = "P"}
                                    : Sides{.left = "R", .right = "L", .top = "H", .bottom = "F"},
             taken_);
  draw_scale_bar(picture_, pixels_per_mm_, taken_);
}

void SliceView::draw_boxes(const std::vector<BoxMark>& boxes) {
  constexpr int kFrame = 2;
  std::vector<const BoxMark*> seen;
  std::vector<Rectangle> frames;
  for (const BoxMark& mark : boxes) {
    const Rectangle area = to_pixels(mark.box);
    const Rectangle frame{area.left - kFrame, area.top - kFrame, area.right + kFrame, area.bottom + kFrame};
    const bool outside =
        frame.right <= 0 || frame.bottom <= 0 || frame.left >= picture_.width() || frame.top >= picture_.height();
    if (outside || !crosses(mark.box)) continue;
    seen.push_back(&mark);
    frames.push_back(frame);
  }
  for (std::size_t i = seen.size(); i-- > 0;) picture_.frame(frames[i], seen[i]->colour, kFrame);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]->tag.empty()) continue;
    const Rectangle tag = place_tag(picture_, frames[i], text_width(seen[i]->tag, FontSize::small) + 6,
                                    text_height(FontSize::small), frames, taken_);
    picture_.fill(tag, seen[i]->colour);
    picture_.text(tag.left + 3, tag.top, seen[i]->tag, kTagInk);
    taken_.push_back(tag);
  }
}

}  // namespace pleura::report
