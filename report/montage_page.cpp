#include <algorithm>

#include "report/names.hpp"
#include "report/page.hpp"
#include "report/pages.hpp"
#include "report/tiles.hpp"

namespace pleura::report {
namespace {

constexpr int kAxialWidth = 300, kAxialHeight = 260, kAxialColumns = 3, kFewestAxialRows = 2, kMostAxialRows = 4;
constexpr int kCoronalColumns = 2, kMostCoronals = 4;
constexpr int kNarrowestOverview = 400, kWidestOverview = 540, kOverviewHeight = 440;
constexpr int kHeading = 26, kGap = 10;

int count_findings(const std::vector<Region>& regions) {
  return static_cast<int>(std::count_if(regions.begin(), regions.end(), is_finding));
}

std::vector<BoxMark> marks_of(const std::vector<Region>& regions) {
  std::vector<BoxMark> marks;
  for (std::size_t i = 0; i < regions.size(); ++i) marks.push_back(mark_of(i, regions[i]));
  return marks;
}

/// The whole lungs with the findings.
SliceView overview_of(const Screening& screening, const VoxelBox& crop) {
  std::vector<VoxelBox> insets;
  std::vector<BoxMark> marks;
  const std::vector<Region>& regions = screening.result.regions;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (!is_finding(regions[i])) continue;
    insets.push_back(regions[i].box_voxels);
    marks.push_back(mark_of(i, regions[i]));
  }
  SliceView view = SliceView::projection(
      screening, lungs_box(screening), insets, crop,
      scale_to_fit(screening.volume.geometry, Plane::coronal, crop, kWidestOverview, kOverviewHeight));
  view.annotate();
  view.draw_boxes(marks);
  return view;
}

/// Tiles of one plane in columns; each has a line for its regions, one for its slice, and the picture.
struct TileGrid {
  Plane plane;
  int columns, width, height;  ///< of a picture at most
  VoxelBox crop;
  double scale;
  std::vector<Tile> tiles;

  [[nodiscard]] int rows() const { return (static_cast<int>(tiles.size()) + columns - 1) / columns; }
  [[nodiscard]] int row_height(const Geometry& geometry) const {
    return 2 * kLine + picture_size(geometry, plane, crop, scale)[1] + kGap;
  }
};

/// The findings' coronal planes, side by side over `width` pixels.
TileGrid coronal_grid(const Screening& screening, const VoxelBox& crop, int width) {
  const Geometry& geometry = screening.volume.geometry;
  const VoxelBox lungs = lungs_box(screening);
  TileGrid grid{Plane::coronal, kCoronalColumns, (width - kMargin) / kCoronalColumns, kOverviewHeight, crop, 0, {}};
  grid.scale = scale_to_fit(geometry, grid.plane, crop, grid.width, grid.height);
  add_tiles(grid.tiles, screening.result.regions, true, 1, geometry.shape[1]);
  if (grid.tiles.size() > kMostCoronals) grid.tiles.resize(kMostCoronals);
  fill_gaps(grid.tiles, lungs.low[1], lungs.high[1], static_cast<std::size_t>(std::max(1, grid.rows()) * grid.columns));
  return grid;
}

/// The findings' slices, then as many more as fill rows of `beside` pixels: the irrelevant regions', others between.
TileGrid axial_grid(const Screening& screening, const VoxelBox& crop, int beside) {
  const Geometry& geometry = screening.volume.geometry;
  const VoxelBox lungs = lungs_box(screening);
  TileGrid grid{Plane::axial, kAxialColumns, kAxialWidth, kAxialHeight, crop, 0, {}};
  grid.scale = scale_to_fit(geometry, grid.plane, crop, grid.width, grid.height);
  add_tiles(grid.tiles, screening.result.regions, true, 0, geometry.shape[0]);
  const int height = grid.row_height(geometry);
  const int filling = std::max(kFewestAxialRows, (beside + height * 3 / 5) / height);
  const auto wanted = static_cast<std::size_t>(std::min(kMostAxialRows, std::max(filling, grid.rows())) * grid.columns);
  add_tiles(grid.tiles, screening.result.regions, false, 0, geometry.shape[0]);
  if (grid.tiles.size() > wanted) grid.tiles.resize(wanted);
  fill_gaps(grid.tiles, lungs.low[0], lungs.high[0], wanted);
  return grid;
}

/// The regions of a tile in their colours: with their names where there is room, else by number alone.
void draw_caption(Picture& page, const std::vector<Region>& regions, const Tile& tile, int left, int top, int width) {
  constexpr const char* kBetween = "  ";
  std::string all;
  for (const std::size_t i : tile.regions) all += (all.empty() ? "" : kBetween) + region_text(i, regions[i]);
  const bool named = text_width(all, FontSize::small) <= width;
  const int right = left + width;
  for (const std::size_t i : tile.regions) {
    const std::string text =
        named ? region_text(i, regions[i]) : std::to_string(i + 1) + " " + probability_text(regions[i].confidence);
    if (left + text_width(text, FontSize::small) > right) return;
    left = page.text(left, top, text + kBetween, colour_of(regions[i].label));
  }
}

void draw_grid(Picture& page, const Screening& screening, const TileGrid& grid, int left, int top) {
  const Volume& volume = screening.volume;
  const std::vector<Region>& regions = screening.result.regions;
  const std::vector<BoxMark> marks = marks_of(regions);
  for (std::size_t i = 0; i < grid.tiles.size(); ++i) {
    const Tile& tile = grid.tiles[i];
    const int x = left + static_cast<int>(i) % grid.columns * (grid.width + kMargin);
    const int y = top + static_cast<int>(i) / grid.columns * grid.row_height(volume.geometry);
    SliceView view(screening, grid.plane, tile.index, grid.crop, grid.scale);
    view.annotate();
    view.draw_boxes(marks);
    draw_caption(page, regions, tile, x, y, grid.width);
    page.text(x, y + kLine,
              grid.plane == Plane::axial ? axial_text(volume, tile.index) : coronal_text(volume, tile.index), kFaint);
    page.paste(view.picture(), x, y + 2 * kLine);
  }
}

std::string case_text(const Result& result) {
  const int findings = count_findings(result.regions);
  return "P: COVID-19 " + probability_text(result.case_result.p_covid19) + ", influenza A " +
         probability_text(result.case_result.p_influenza_a) + "   lungs: left " +
         fixed_text(result.lungs.left_litres, 2) + " l, right " + fixed_text(result.lungs.right_litres, 2) +
         " l   findings: " + std::to_string(findings) +
         ", irrelevant proposals: " + std::to_string(static_cast<int>(result.regions.size()) - findings);
}

std::string axial_heading(const Result& result, const TileGrid& grid) {
  const std::string text = "axial, lung window " + window_text(kLungWindow);
  const int findings = count_findings(result.regions);
  if (findings == 0) return text;
  int shown = 0;
  for (const Tile& tile : grid.tiles)
    for (const std::size_t i : tile.regions) shown += is_finding(result.regions[i]) ? 1 : 0;
  return text + "; findings shown: " + std::to_string(shown) + " of " + std::to_string(findings) +
         "; each has a page of its own";
}

}  // namespace

Picture montage_page(const Screening& screening, const std::string& identity) {
  const Result& result = screening.result;
  const Geometry& geometry = screening.volume.geometry;
  const VoxelBox crop = lungs_crop(screening);
  const SliceView overview = overview_of(screening, crop);
  const int left_width = std::max(kNarrowestOverview, overview.picture().width());
  const TileGrid coronals = coronal_grid(screening, crop, left_width);
  const int coronals_top = overview.picture().height() + kGap;
  const int left_height = coronals_top + coronals.rows() * coronals.row_height(geometry);
  const TileGrid axials = axial_grid(screening, crop, left_height);
  const int body = std::max(left_height, axials.rows() * axials.row_height(geometry));

  const int axials_left = kMargin + left_width + kMargin, top = kHeader + kHeading;
  Picture page(axials_left + kAxialColumns * (kAxialWidth + kMargin), top + body + kFooter, kPaper);
  draw_header(page, {headline(result.case_result), headline_colour(result.case_result), case_text(result), identity});
  page.text(kMargin, kHeader, "coronal projection, window " + window_text(kProjectionWindow), kInk);
  page.paste(overview.picture(), kMargin, top);
  draw_grid(page, screening, coronals, kMargin, top + coronals_top);
  page.text(axials_left, kHeader, axial_heading(result, axials), kInk);
  draw_grid(page, screening, axials, axials_left, top);
  draw_footer(page, result,
              {"projection: mean through the whole lungs; within a box, through the depth of that box",
               "R, L, A, P, H, F: the patient's right, left, front, back, head, feet; image: DICOM instance number"});
  return page;
}

}  // namespace pleura::report
