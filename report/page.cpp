#include "report/page.hpp"

#include <algorithm>

#include "report/names.hpp"
#include "report/tiles.hpp"

namespace pleura::report {
namespace {

constexpr Colour kNoticeInk{250, 176, 92};
constexpr double kCropMargin = 15;  // mm around the lungs

/// The text cut to the page from `left` to `right`.
int draw_line(Picture& page, int left, int right, int top, const std::string& text, Colour colour,
              FontSize size = FontSize::small) {
  return page.text(left, top, cut_to(text, right - left, size), colour, size);
}

}  // namespace

void draw_header(Picture& page, const Header& header) {
  const int right = page.width() - kMargin, notice = right - text_width(kNotice, FontSize::small);
  page.text(notice, 18, kNotice, kNoticeInk);
  draw_line(page, kMargin, notice - kMargin, 12, header.title, header.colour, FontSize::large);
  draw_line(page, kMargin, right, 46, header.subtitle, kInk);
  draw_line(page, kMargin, right, 46 + kLine, header.identity, kFaint);
}

void draw_footer(Picture& page, const Result& result, const Footer& footer) {
  constexpr int kSwatch = 12;
  const int top = page.height() - kFooter + 8;
  int left = kMargin;
  for (const Label label : {Label::covid19, Label::influenza_a, Label::irrelevant}) {
    const std::vector<Region>& regions = result.regions;
    if (std::none_of(regions.begin(), regions.end(), [&](const Region& region) { return region.label == label; }))
      continue;
    page.frame({left, top + 3, left + kSwatch, top + 3 + kSwatch}, colour_of(label), 2);
    left = page.text(left + kSwatch + 6, top, display_name(label), kInk) + 24;
  }
  page.fill({left, top + 8, left + kSwatch, top + 10}, kOutline);
  left = page.text(left + kSwatch + 6, top, "lungs' outline", kInk) + 24;
  draw_line(page, left, page.width() - kMargin, top, footer.note, kInk);
  const std::string version = "pleura " + result.run.version;
  const int right = page.width() - kMargin - text_width(version, FontSize::small);
  page.text(right, top + kLine, version, kFaint);
  draw_line(page, kMargin, right - kMargin, top + kLine, footer.text, kFaint);
}

VoxelBox lungs_box(const Screening& screening) {
  const VoxelBox& box = screening.result.lungs.box;
  const Geometry& geometry = screening.volume.geometry;
  bool empty = false;
  for (std::size_t axis = 0; axis < 3; ++axis) empty = empty || box.low[axis] >= box.high[axis];
  return empty ? VoxelBox{{}, geometry.shape} : with_margin(geometry, box, 0);
}

VoxelBox lungs_crop(const Screening& screening) {
  return with_margin(screening.volume.geometry, lungs_box(screening), kCropMargin);
}

std::string axial_text(const Volume& volume, std::int64_t slice) {
  std::string text = "slice " + std::to_string(slice) + " of " + std::to_string(volume.geometry.shape[0]);
  if (!volume.provenance || slice < 0 || static_cast<std::size_t>(slice) >= volume.provenance->slices.size())
    return text;
  const std::int64_t number = volume.provenance->slices[static_cast<std::size_t>(slice)].instance_number;
  return number == 0 ? text : text + ", image " + std::to_string(number);
}

std::string coronal_text(const Volume& volume, std::int64_t row) {
  return "coronal, y " + std::to_string(row) + " of " + std::to_string(volume.geometry.shape[1]);
}

std::string window_text(const Window& window) {
  return std::to_string(window.low) + " to " + std::to_string(window.high) + " HU";
}

std::string region_text(std::size_t index, const Region& region) {
  return std::to_string(index + 1) + " " + display_name(region.label) + " " + probability_text(region.confidence);
}

BoxMark mark_of(std::size_t index, const Region& region) {
  return {region.box_voxels, colour_of(region.label), std::to_string(index + 1)};
}

}  // namespace pleura::report
