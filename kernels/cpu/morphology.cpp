#include "kernels/morphology.hpp"

#include <algorithm>

namespace pleura::kernels {
namespace {

using Row = std::vector<std::uint64_t>;

/// row |= row moved by `shift` voxels to either side.
void spread(Row& row, std::int64_t shift, Row& scratch) {
  const auto words = static_cast<std::int64_t>(row.size());
  const std::int64_t whole = shift / 64, bits = shift % 64;
  const auto word = [&](std::int64_t i) { return i >= 0 && i < words ? row[i] : 0; };
  for (std::int64_t i = 0; i < words; ++i) {
    std::uint64_t up = word(i - whole) << bits, down = word(i + whole) >> bits;
    if (bits != 0) {
      up |= word(i - whole - 1) >> (64 - bits);
      down |= word(i + whole + 1) << (64 - bits);
    }
    scratch[i] = row[i] | up | down;
  }
  row.swap(scratch);
}

/// row dilated by `reach` voxels to either side, in steps that double: no longer, or what falls off a row's end would
/// leave gaps.
void spread_to(Row& row, std::int64_t reach, Row& scratch) {
  for (std::int64_t reached = 0; reached < reach;) {
    const std::int64_t shift = std::min(reached + 1, reach - reached);
    spread(row, shift, scratch);
    reached += shift;
  }
}

/// Zeros the bits past the end of each row.
void trim(std::uint64_t* bits, std::int64_t height, std::int64_t width) {
  if (width % 64 == 0) return;
  const std::int64_t row_words = (width + 63) / 64;
  for (std::int64_t y = 0; y < height; ++y) bits[(y + 1) * row_words - 1] &= ~std::uint64_t{0} >> (64 - width % 64);
}

}  // namespace

void invert_slice(std::uint64_t* bits, std::int64_t height, std::int64_t width) {
  for (std::int64_t i = 0; i < height * ((width + 63) / 64); ++i) bits[i] = ~bits[i];
  trim(bits, height, width);
}

void dilate_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                  std::uint64_t* out) {
  const std::int64_t row_words = (width + 63) / 64;
  std::fill_n(out, height * row_words, 0);
  Row row(row_words), scratch(row_words);
  for (std::int64_t y = 0; y < height; ++y) {
    std::copy_n(in + y * row_words, row_words, row.begin());
    if (std::all_of(row.begin(), row.end(), [](std::uint64_t word) { return word == 0; })) continue;
    // From the disc's narrow end to its middle, the row growing with the disc's width.
    std::int64_t reached = 0;
    for (auto dy = static_cast<std::int64_t>(disc.half_widths.size()) - 1; dy >= 0; --dy) {
      spread_to(row, disc.half_widths[dy] - reached, scratch);
      reached = disc.half_widths[dy];
      for (const std::int64_t target : {y - dy, y + dy})
        if (target >= 0 && target < height)
          for (std::int64_t i = 0; i < row_words; ++i) out[target * row_words + i] |= row[i];
    }
  }
  trim(out, height, width);
}

void erode_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out) {
  std::vector<std::uint64_t> zeros(in, in + height * ((width + 63) / 64));
  invert_slice(zeros.data(), height, width);
  dilate_slice(zeros.data(), height, width, disc, out);
  invert_slice(out, height, width);
}

void close_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out) {
  // A frame of zeros, wide enough for the disc and made of whole words.
  const auto frame_rows = static_cast<std::int64_t>(disc.half_widths.size());
  const std::int64_t frame_words = disc.half_widths[0] / 64 + 1, row_words = (width + 63) / 64;
  const std::int64_t framed_words = row_words + 2 * frame_words, framed_height = height + 2 * frame_rows;
  std::vector<std::uint64_t> framed(framed_words * framed_height), dilated(framed.size());
  const auto row = [&](std::vector<std::uint64_t>& slice, std::int64_t y) {
    return slice.begin() + (y + frame_rows) * framed_words + frame_words;
  };
  for (std::int64_t y = 0; y < height; ++y) std::copy_n(in + y * row_words, row_words, row(framed, y));
  dilate_slice(framed.data(), framed_height, framed_words * 64, disc, dilated.data());
  erode_slice(dilated.data(), framed_height, framed_words * 64, disc, framed.data());
  for (std::int64_t y = 0; y < height; ++y) std::copy_n(row(framed, y), row_words, out + y * row_words);
  trim(out, height, width);
}

}  // namespace pleura::kernels
