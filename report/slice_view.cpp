#include "report/slice_view.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::report {
namespace {

constexpr double kWindowLow = -1350, kWindowHigh = 150;  // the usual lung window: 1500 HU around -600
constexpr Colour kLungs{86, 190, 236}, kSide{150, 160, 170};

/// One plane of a grid, read between its points: at(row, column) by index, repeated beyond the border.
template <class At>
double interpolate(const At& at, std::int64_t rows, std::int64_t columns, double row, double column) {
  const double r = std::clamp(row, 0.0, static_cast<double>(rows - 1));
  const double c = std::clamp(column, 0.0, static_cast<double>(columns - 1));
  const auto r0 = static_cast<std::int64_t>(r), c0 = static_cast<std::int64_t>(c);
  const std::int64_t r1 = std::min(r0 + 1, rows - 1), c1 = std::min(c0 + 1, columns - 1);
  const double fr = r - static_cast<double>(r0), fc = c - static_cast<double>(c0);
  return (1 - fr) * ((1 - fc) * at(r0, c0) + fc * at(r0, c1)) + fr * ((1 - fc) * at(r1, c0) + fc * at(r1, c1));
}

/// Offset of voxel (row, column) of a plane.
std::size_t offset(const Index3& shape, Plane plane, std::int64_t index, std::int64_t row, std::int64_t column) {
  const std::int64_t z = plane == Plane::axial ? index : row;
  const std::int64_t y = plane == Plane::axial ? row : index;
  return static_cast<std::size_t>((z * shape[1] + y) * shape[2] + column);
}

std::size_t rows_of(Plane plane) { return plane == Plane::axial ? 1 : 0; }

}  // namespace

std::array<int, 2> picture_size(const Geometry& geometry, Plane plane, const VoxelBox& crop, double pixels_per_mm) {
  const auto pixels = [&](std::size_t axis) {
    const double mm = static_cast<double>(crop.high[axis] - crop.low[axis]) * geometry.spacing[axis];
    return std::max(1, static_cast<int>(std::lround(mm * pixels_per_mm)));
  };
  return {pixels(2), pixels(rows_of(plane))};
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

SliceView::SliceView(const Screening& screening, Plane plane, std::int64_t index, const VoxelBox& crop,
                     double pixels_per_mm)
    : plane_(plane),
      index_(std::clamp<std::int64_t>(index, 0, screening.volume.geometry.shape[1 - rows_of(plane)] - 1)),
      crop_(crop),
      row_axis_(rows_of(plane)),
      pixels_per_voxel_{pixels_per_mm * screening.volume.geometry.spacing[row_axis_],
                        pixels_per_mm * screening.volume.geometry.spacing[2]},
      picture_(picture_size(screening.volume.geometry, plane, crop, pixels_per_mm)[0],
               picture_size(screening.volume.geometry, plane, crop, pixels_per_mm)[1], {}) {
  draw_voxels(screening);
  if (screening.lungs.size() == screening.volume.hu.size()) draw_lungs(screening);
}

std::array<double, 2> SliceView::to_index(double x, double y) const {
  const double rows = y / pixels_per_voxel_[0];
  const double row =
      plane_ == Plane::axial ? static_cast<double>(crop_.low[1]) + rows : static_cast<double>(crop_.high[0]) - rows;
  return {row - 0.5, static_cast<double>(crop_.low[2]) + x / pixels_per_voxel_[1] - 0.5};
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
  const int first = row(box.low[row_axis_]), last = row(box.high[row_axis_]);
  return {column(box.low[2]), std::min(first, last), column(box.high[2]), std::max(first, last)};
}

void SliceView::draw_voxels(const Screening& screening) {
  const Index3& shape = screening.volume.geometry.shape;
  const auto hu = [&](std::int64_t row, std::int64_t column) {
    return static_cast<double>(screening.volume.hu[offset(shape, plane_, index_, row, column)]);
  };
  // Where a pixel covers several voxels, as many points of it are averaged along each side.
  const int points =
      std::max(1, static_cast<int>(std::ceil(1 / std::min(pixels_per_voxel_[0], pixels_per_voxel_[1]) - 0.25)));
  for (int y = 0; y < picture_.height(); ++y)
    for (int x = 0; x < picture_.width(); ++x) {
      double sum = 0;
      for (int i = 0; i < points * points; ++i) {
        const int across = i % points, down = i / points;
        const auto [row, column] = to_index(x + (across + 0.5) / points, y + (down + 0.5) / points);
        sum += interpolate(hu, shape[row_axis_], shape[2], row, column);
      }
      const double grey = (sum / (points * points) - kWindowLow) / (kWindowHigh - kWindowLow) * 255;
      const auto level = static_cast<std::uint8_t>(std::lround(std::clamp(grey, 0.0, 255.0)));
      picture_.set(x, y, {level, level, level});
    }
}

void SliceView::draw_lungs(const Screening& screening) {
  const Index3& shape = screening.volume.geometry.shape;
  const auto lung = [&](std::int64_t row, std::int64_t column) {
    return screening.lungs[offset(shape, plane_, index_, row, column)] != 0 ? 1.0 : 0.0;
  };
  const auto inside = [&](int x, int y) {
    const auto [row, column] = to_index(x + 0.5, y + 0.5);
    return interpolate(lung, shape[row_axis_], shape[2], row, column) > 0.5;
  };
  const int width = picture_.width(), height = picture_.height();
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) mask[static_cast<std::size_t>(y) * width + x] = inside(x, y);
  const auto is_lung = [&](int x, int y) {  // the picture's border is no outline
    return x < 0 || y < 0 || x >= width || y >= height || mask[static_cast<std::size_t>(y) * width + x] != 0;
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (is_lung(x, y) && !(is_lung(x - 1, y) && is_lung(x + 1, y) && is_lung(x, y - 1) && is_lung(x, y + 1)))
        picture_.blend(x, y, kLungs, 200);
}

void SliceView::draw_box(const VoxelBox& box, Colour colour, const std::string& tag) {
  const Rectangle area = to_pixels(box);
  picture_.frame({area.left - 2, area.top - 2, area.right + 2, area.bottom + 2}, colour, 2);
  if (tag.empty()) return;
  const int height = text_height(FontSize::small);
  const int top = area.top - 2 >= height ? area.top - 2 - height : area.bottom + 2;
  const int left = std::clamp(area.left - 2, 0, std::max(0, picture_.width() - text_width(tag, FontSize::small) - 6));
  picture_.fill({left, top, left + text_width(tag, FontSize::small) + 6, top + height}, colour);
  picture_.text(left + 3, top, tag, {16, 20, 24});
}

void SliceView::draw_sides() {
  const int top = (picture_.height() - text_height(FontSize::small)) / 2;
  picture_.text(4, top, "R", kSide);
  picture_.text(picture_.width() - 4 - text_width("L", FontSize::small), top, "L", kSide);
}

}  // namespace pleura::report
