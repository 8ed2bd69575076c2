#include "report/pages.hpp"

#include <algorithm>
#include <cmath>

#include "report/names.hpp"
#include "report/slice_view.hpp"

namespace pleura::report {
namespace {

constexpr Colour kPaper{18, 22, 27}, kInk{228, 232, 236}, kFaint{140, 150, 160}, kNoticeInk{250, 176, 92};
constexpr int kMargin = 16, kHeader = 76, kFooter = 34, kCaption = 24;
constexpr double kCropMargin = 15;  // mm around the lungs

/// The lungs with a margin; the whole volume where a result has no lungs.
VoxelBox lungs_crop(const Screening& screening) {
  const VoxelBox& box = screening.result.lungs.box;
  const Geometry& geometry = screening.volume.geometry;
  bool empty = false;
  for (std::size_t axis = 0; axis < 3; ++axis) empty = empty || box.low[axis] >= box.high[axis];
  return empty ? VoxelBox{{}, geometry.shape} : with_margin(geometry, box, kCropMargin);
}

/// Pixels per mm so that a plane of the crop fits into width x height.
double scale_to_fit(const Geometry& geometry, Plane plane, const VoxelBox& crop, int width, int height) {
  const auto millimetres = [&](std::size_t axis) {
    return static_cast<double>(crop.high[axis] - crop.low[axis]) * geometry.spacing[axis];
  };
  return std::min(width / millimetres(2), height / millimetres(plane == Plane::axial ? 1 : 0));
}

void draw_header(Picture& page, const std::string& title, Colour colour, const std::string& subtitle) {
  page.text(kMargin, 12, title, colour, FontSize::large);
  page.text(kMargin, 46, subtitle, kFaint);
  page.text(page.width() - kMargin - text_width(kNotice, FontSize::small), 18, kNotice, kNoticeInk);
}

void draw_footer(Picture& page, const Result& result, const std::string& text) {
  const int top = page.height() - kFooter + 6;
  const std::string version = "pleura " + result.run.version;
  page.text(kMargin, top, text, kFaint);
  page.text(page.width() - kMargin - text_width(version, FontSize::small), top, version, kFaint);
}

std::string centre_text(const WorldBox& box) {
  const auto middle = [&](std::size_t axis) { return fixed_text((box.low[axis] + box.high[axis]) / 2, 0); };
  return "x " + middle(0) + ", y " + middle(1) + ", z " + middle(2) + " mm";
}

std::string size_text(const WorldBox& box) {
  const auto side = [&](std::size_t axis) { return fixed_text(box.high[axis] - box.low[axis], 0); };
  return side(0) + " x " + side(1) + " x " + side(2) + " mm";
}

/// A square of one slice around the middle of a region's box.
Picture image_of(const Screening& screening, const Region& region, const ImageVote& vote, int pixels) {
  const Geometry& geometry = screening.volume.geometry;
  double half = 30;  // mm; more where the box is larger
  for (const std::size_t axis : {1U, 2U})
    half = std::max(half, static_cast<double>(region.box_voxels.high[axis] - region.box_voxels.low[axis]) *
                              geometry.spacing[axis] * 0.65);
  VoxelBox crop = region.box_voxels;
  for (const std::size_t axis : {1U, 2U}) {
    const double middle = static_cast<double>(crop.low[axis] + crop.high[axis]) / 2;
    crop.low[axis] = std::lround(middle - half / geometry.spacing[axis]);
    crop.high[axis] = std::lround(middle + half / geometry.spacing[axis]);
  }
  SliceView view(screening, Plane::axial, vote.slice, crop, scale_to_fit(geometry, Plane::axial, crop, pixels, pixels));
  view.draw_box(region.box_voxels, colour_of(vote.label), "");
  return view.picture();
}

/// One axial picture of the montage.
struct Tile {
  std::int64_t slice = 0;
  std::string caption;
  Colour colour = kFaint;
};

constexpr std::size_t kFewestTiles = 6, kMostTiles = 12, kColumns = 3;

std::vector<Tile> montage_tiles(const Screening& screening, const VoxelBox& crop) {
  std::vector<Tile> tiles;
  const std::vector<Region>& regions = screening.result.regions;
  for (std::size_t i = 0; i < std::min(regions.size(), kMostTiles); ++i)
    tiles.push_back(
        {regions[i].votes[1].slice,
         std::to_string(i + 1) + "  " + display_name(regions[i].label) + "  " + probability_text(regions[i].confidence),
         colour_of(regions[i].label)});
  const std::size_t spread = tiles.size() < kFewestTiles ? kFewestTiles - tiles.size() : 0;
  const auto slices = static_cast<double>(crop.high[0] - crop.low[0]);
  for (std::size_t i = 0; i < spread; ++i) {
    const double part = (static_cast<double>(i) + 1) / (static_cast<double>(spread) + 1);
    const std::int64_t slice = crop.low[0] + static_cast<std::int64_t>(slices * part);
    tiles.push_back({slice, "slice " + std::to_string(slice), kFaint});
  }
  return tiles;
}

/// Draws every box that the plane at `index` along `axis` cuts, the first region's last and so on top.
void draw_boxes(SliceView& view, const std::vector<Region>& regions, std::size_t axis, std::int64_t index, bool all) {
  for (std::size_t i = regions.size(); i-- > 0;) {
    const VoxelBox& box = regions[i].box_voxels;
    if (all || (box.low[axis] <= index && index < box.high[axis]))
      view.draw_box(box, colour_of(regions[i].label), std::to_string(i + 1));
  }
}

std::string case_subtitle(const Result& result) {
  std::string text = "P: COVID-19 " + probability_text(result.case_result.p_covid19) + ", influenza A " +
                     probability_text(result.case_result.p_influenza_a) + "   lungs: left " +
                     fixed_text(result.lungs.left_litres, 2) + " l, right " + fixed_text(result.lungs.right_litres, 2) +
                     " l   regions: " + std::to_string(result.regions.size());
  if (result.regions.size() > kMostTiles) text += ", the first " + std::to_string(kMostTiles) + " shown";
  return text;
}

}  // namespace

Picture region_page(const Screening& screening, std::size_t index) {
  constexpr int kMainWidth = 720, kMainHeight = 624, kImage = 184;
  const Region& region = screening.result.regions.at(index);
  const Geometry& geometry = screening.volume.geometry;
  const VoxelBox crop = lungs_crop(screening);
  SliceView main(screening, Plane::axial, region.votes[1].slice, crop,
                 scale_to_fit(geometry, Plane::axial, crop, kMainWidth, kMainHeight));
  const Colour colour = colour_of(region.label);
  main.draw_box(region.box_voxels, colour, std::to_string(index + 1));
  main.draw_sides();

  constexpr int kSideWidth = 232, kRow = kImage + kCaption;
  const int body = std::max(main.picture().height(), 3 * kRow);
  Picture page(kMargin + main.picture().width() + kMargin + kSideWidth + kMargin, kHeader + body + kFooter, kPaper);
  draw_header(page,
              "Region " + std::to_string(index + 1) + ": " + display_name(region.label) + " " +
                  probability_text(region.confidence),
              colour,
              "slice " + std::to_string(region.votes[1].slice) + " of " + std::to_string(geometry.shape[0]) + ", " +
                  size_text(region.box_mm) + " at " + centre_text(region.box_mm));
  page.paste(main.picture(), kMargin, kHeader + (body - main.picture().height()) / 2);
  const int left = kMargin + main.picture().width() + kMargin;
  for (std::size_t k = 0; k < region.votes.size(); ++k) {
    const ImageVote& vote = region.votes[region.votes.size() - 1 - k];  // the highest slice on top
    const int top = kHeader + static_cast<int>(k) * kRow;
    page.paste(image_of(screening, region, vote, kImage), left, top);
    const int end = page.text(left, top + kImage + 3, std::to_string(vote.slice) + " ", kFaint);
    page.text(end, top + kImage + 3, display_name(vote.label) + " " + probability_text(vote.confidence),
              colour_of(vote.label));
  }
  draw_footer(page, screening.result,
              "proposal " + probability_text(region.proposal_score) + ", distance from the lungs' edge " +
                  fixed_text(region.distance_from_edge, 3) + " of the lungs' diagonal");
  return page;
}

Picture montage_page(const Screening& screening) {
  constexpr int kTileWidth = 300, kTileHeight = 260, kCoronalWidth = 540;
  const Result& result = screening.result;
  const Geometry& geometry = screening.volume.geometry;
  const VoxelBox crop = lungs_crop(screening);
  const double tile_scale = scale_to_fit(geometry, Plane::axial, crop, kTileWidth, kTileHeight);
  const auto [tile_width, tile_height] = picture_size(geometry, Plane::axial, crop, tile_scale);
  const std::vector<Tile> tiles = montage_tiles(screening, crop);
  const int rows = static_cast<int>((tiles.size() + kColumns - 1) / kColumns);
  const int row_height = kCaption + tile_height + 8;
  const int body = std::max(rows * row_height, 2 * (kCaption + 200));

  // The coronal slice goes through the first region, or the middle of the lungs.
  const VoxelBox& seen = result.regions.empty() ? crop : result.regions.front().box_voxels;
  const std::int64_t coronal_index = (seen.low[1] + seen.high[1]) / 2;
  SliceView coronal(screening, Plane::coronal, coronal_index, crop,
                    scale_to_fit(geometry, Plane::coronal, crop, kCoronalWidth, std::min(body, 640) - kCaption));
  draw_boxes(coronal, result.regions, 1, coronal_index, true);
  coronal.draw_sides();

  const int tiles_left = kMargin + coronal.picture().width() + kMargin;
  Picture page(tiles_left + static_cast<int>(kColumns) * (tile_width + kMargin), kHeader + body + kFooter, kPaper);
  const CaseResult& found = result.case_result;
  std::string title = display_name(found.result);
  if (found.result != CaseLabel::no_infection_found) title += "  " + probability_text(found.confidence);
  draw_header(page, title, colour_of(found.result), case_subtitle(result));
  page.text(kMargin, kHeader, result.regions.empty() ? "coronal" : "coronal, all regions", kFaint);
  page.paste(coronal.picture(), kMargin, kHeader + kCaption);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const int left = tiles_left + static_cast<int>(i % kColumns) * (tile_width + kMargin);
    const int top = kHeader + static_cast<int>(i / kColumns) * row_height;
    SliceView tile(screening, Plane::axial, tiles[i].slice, crop, tile_scale);
    draw_boxes(tile, result.regions, 0, tiles[i].slice, false);
    page.text(left, top, tiles[i].caption, tiles[i].colour);
    page.paste(tile.picture(), left, top + kCaption);
  }
  draw_footer(page, result, "lung window -1350 to 150 HU; the lungs' outline in blue; R, L: the patient's right, left");
  return page;
}

}  // namespace pleura::report
