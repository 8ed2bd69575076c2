#include <algorithm>
#include <cmath>

#include "report/names.hpp"
#include "report/page.hpp"
#include "report/pages.hpp"

namespace pleura::report {
namespace {

constexpr int kMainWidth = 600, kMainHeight = 408, kDetailHeight = 196, kImage = 176, kSpace = 8;
constexpr int kDetailWidth = (kMainWidth - kMargin) / 2, kSideWidth = 232;
constexpr int kBody = kLine + kMainHeight + kSpace + kLine + kDetailHeight;

std::string centre_text(const WorldBox& box) {
  const auto middle = [&](std::size_t axis) { return fixed_text((box.low[axis] + box.high[axis]) / 2, 0); };
  return "x " + middle(0) + ", y " + middle(1) + ", z " + middle(2) + " mm";
}

std::string size_text(const WorldBox& box) {
  const auto side = [&](std::size_t axis) { return fixed_text(box.high[axis] - box.low[axis], 0); };
  return side(0) + " x " + side(1) + " x " + side(2) + " mm";
}

/// A square of one slice around the middle of a region's box.
Picture image_of(const Screening& screening, const Region& region, const ImageVote& vote) {
  const Geometry& geometry = screening.volume.geometry;
  double half = 30;  // mm; more where the box is larger
  for (const std::size_t axis : {1U, 2U})
    half = std::max(half, static_cast<double>(region.box_voxels.high[axis] - region.box_voxels.low[axis]) *
                              geometry.spacing[axis] * 0.65);
  VoxelBox crop = region.box_voxels;
  for (const std::size_t axis : {1U, 2U}) {
    const double middle = static_cast<double>(crop.low[axis] + crop.high[axis]) / 2;
    crop.low[axis] = std::lround(middle - half / geometry.spacing[axis]);
    crop.high[axis] = std::max<std::int64_t>(crop.low[axis] + 1, std::lround(middle + half / geometry.spacing[axis]));
  }
  SliceView view(screening, Plane::axial, vote.slice, crop, scale_to_fit(geometry, Plane::axial, crop, kImage, kImage));
  view.annotate();
  view.draw_boxes({{region.box_voxels, colour_of(vote.label), ""}});
  return view.picture();
}

}  // namespace

Picture region_page(const Screening& screening, std::size_t index, const std::string& identity) {
  const Region& region = screening.result.regions.at(index);
  const Volume& volume = screening.volume;
  const VoxelBox crop = lungs_crop(screening);
  const std::int64_t slice = region.votes[1].slice;
  const std::int64_t row = std::clamp<std::int64_t>((region.box_voxels.low[1] + region.box_voxels.high[1]) / 2, 0,
                                                    volume.geometry.shape[1] - 1);

  Picture page(kMargin + kMainWidth + kMargin + kSideWidth + kMargin, kHeader + kBody + kFooter, kPaper);
  draw_header(page, {"Region " + std::to_string(index + 1) + ": " + display_name(region.label) + " " +
                         probability_text(region.confidence),
                     colour_of(region.label),
                     axial_text(volume, slice) + "; " + size_text(region.box_mm) + " at " + centre_text(region.box_mm),
                     identity});
  const auto draw = [&](Plane plane, std::int64_t at, const Window& window, const Rectangle& area,
                        const std::string& title) {
    const int width = area.right - area.left, height = area.bottom - area.top - kLine;
    SliceView view(screening, plane, at, crop, scale_to_fit(volume.geometry, plane, crop, width, height), window);
    view.annotate();
    view.draw_boxes({mark_of(index, region)});
    page.text(area.left, area.top, cut_to(title, width), kInk);
    page.paste(view.picture(), area.left, area.top + kLine);
  };
  const int small_top = kHeader + kLine + kMainHeight + kSpace, small_left = kMargin + kDetailWidth + kMargin;
  draw(Plane::axial, slice, kLungWindow, {kMargin, kHeader, kMargin + kMainWidth, kHeader + kLine + kMainHeight},
       axial_text(volume, slice) + ": lung window " + window_text(kLungWindow));
  draw(Plane::coronal, row, kLungWindow, {kMargin, small_top, kMargin + kDetailWidth, kHeader + kBody},
       coronal_text(volume, row));
  draw(Plane::axial, slice, kMediastinalWindow, {small_left, small_top, small_left + kDetailWidth, kHeader + kBody},
       "mediastinal " + window_text(kMediastinalWindow));

  const int left = kMargin + kMainWidth + kMargin;
  for (std::size_t k = 0; k < region.votes.size(); ++k) {
    const ImageVote& vote = region.votes[region.votes.size() - 1 - k];  // the highest slice on top
    const int top = kHeader + static_cast<int>(k) * kBody / 3;
    page.text(left, top, axial_text(volume, vote.slice), kInk);
    page.text(left, top + kLine, display_name(vote.label) + " " + probability_text(vote.confidence),
              colour_of(vote.label));
    page.paste(image_of(screening, region, vote), left, top + 2 * kLine);
  }
  draw_footer(page, screening.result,
              {"", "proposal " + probability_text(region.proposal_score) + ", distance from the lungs' edge " +
                       fixed_text(region.distance_from_edge, 3) + " of the lungs' diagonal"});
  return page;
}

}  // namespace pleura::report
