#pragma once
/// What all pages have: paper, header, footer, and how a slice is called.
#include "pleura/report.hpp"
#include "report/picture.hpp"
#include "report/slice_view.hpp"

namespace pleura::report {

inline constexpr Colour kPaper{18, 22, 27}, kInk{228, 232, 236}, kFaint{160, 170, 180};
inline constexpr int kMargin = 16, kHeader = 96, kFooter = 52, kLine = 20;

struct Header {
  std::string title;
  Colour colour;  ///< of the title
  std::string subtitle, identity;
};

/// Three lines from the top, each cut to the page, with the notice at the right.
void draw_header(Picture& page, const Header& header);

struct Footer {
  std::string note, text;
};

/// Two lines at the bottom, cut to the page: the key to the colours there are and a note, then a text, with the version
/// at the right.
void draw_footer(Picture& page, const Result& result, const Footer& footer);

/// The lungs' box; the whole volume where a result has no lungs.
[[nodiscard]] VoxelBox lungs_box(const Screening& screening);

/// What the pictures show: the lungs with a margin.
[[nodiscard]] VoxelBox lungs_crop(const Screening& screening);

/// "slice 61 of 148, image 88": the index as in result.json, and the DICOM instance number where the CT has them.
[[nodiscard]] std::string axial_text(const Volume& volume, std::int64_t slice);

/// "coronal, y 341 of 512".
[[nodiscard]] std::string coronal_text(const Volume& volume, std::int64_t row);

/// "-1350 to 150 HU".
[[nodiscard]] std::string window_text(const Window& window);

/// "3 COVID-19 0.978".
[[nodiscard]] std::string region_text(std::size_t index, const Region& region);

/// A region's box in its colour with its number.
[[nodiscard]] BoxMark mark_of(std::size_t index, const Region& region);

}  // namespace pleura::report
