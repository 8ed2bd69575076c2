#include "report/picture.hpp"

#include <algorithm>
#include <array>

#include "report/png.hpp"

namespace pleura::report {
namespace {

#include "report/font_data.inc"

struct Font {
  int width, height;
  const std::array<const char*, 95>& glyphs;
};

const Font& font(FontSize size) {
  static constexpr Font small{kSmallWidth, kSmallHeight, kSmallGlyphs};
  static constexpr Font large{kLargeWidth, kLargeHeight, kLargeGlyphs};
  return size == FontSize::small ? small : large;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80U; }
/// Whether a byte of UTF-8 goes on with the character of the byte before.
bool goes_on(char before, char c) { return !is_ascii(before) && (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string drawable(std::string_view text) {
  std::string drawn;
  char before = ' ';
  for (const char c : text) {
    if (!goes_on(before, c)) drawn += c >= ' ' && c <= '~' ? c : '?';
    before = c;
  }
  return drawn;
}

std::string cut_to(std::string_view text, int width, FontSize size) {
  constexpr std::string_view kCut = "...";
  std::string drawn = drawable(text);
  const auto room = static_cast<std::size_t>(std::max(0, width / font(size).width));
  if (drawn.size() > room)
    drawn = drawn.substr(0, room - std::min(room, kCut.size())) + std::string(kCut.substr(0, room));
  return drawn;
}

int text_width(std::string_view text, FontSize size) {
  return static_cast<int>(drawable(text).size()) * font(size).width;
}

int text_height(FontSize size) { return font(size).height; }

Picture::Picture(int width, int height, Colour background)
    : width_(width), height_(height), rgb_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) {
  fill({0, 0, width, height}, background);
}

Picture Picture::of_greys(int width, int height, const std::vector<std::uint8_t>& greys) {
  Picture picture(width, height, {});
  for (std::size_t i = 0; i < greys.size(); ++i) std::fill_n(&picture.rgb_[i * 3], 3, greys[i]);
  return picture;
}

Colour Picture::at(int x, int y) const {
  const std::uint8_t* rgb = pixel(x, y);
  return {rgb[0], rgb[1], rgb[2]};
}

void Picture::blend(int x, int y, Colour colour, int opacity) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  std::uint8_t* rgb = pixel(x, y);
  const std::array<int, 3> over{colour.red, colour.green, colour.blue};
  for (std::size_t i = 0; i < 3; ++i)
    rgb[i] = static_cast<std::uint8_t>((rgb[i] * (255 - opacity) + over[i] * opacity + 127) / 255);
}

void Picture::set(int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  std::uint8_t* rgb = pixel(x, y);
  rgb[0] = colour.red;
  rgb[1] = colour.green;
  rgb[2] = colour.blue;
}

void Picture::fill(const Rectangle& area, Colour colour, int opacity) {
  const int left = std::max(area.left, 0), right = std::min(area.right, width_);
  const int top = std::max(area.top, 0), bottom = std::min(area.bottom, height_);
  if (left >= right) return;
  for (int y = top; y < bottom; ++y)
    if (opacity == 255 && y > top)
      std::copy_n(pixel(left, top), 3 * (right - left), pixel(left, y));
    else
      for (int x = left; x < right; ++x) blend(x, y, colour, opacity);
}

void Picture::frame(const Rectangle& area, Colour colour, int thickness) {
  const int t = thickness;
  fill({area.left, area.top, area.right, area.top + t}, colour);
  fill({area.left, area.bottom - t, area.right, area.bottom}, colour);
  fill({area.left, area.top + t, area.left + t, area.bottom - t}, colour);
  fill({area.right - t, area.top + t, area.right, area.bottom - t}, colour);
}

void Picture::paste(const Picture& other, int left, int top) {
  const int first = std::max(0, -left), last = std::min(other.width_, width_ - left);
  if (first >= last) return;
  for (int y = std::max(0, -top); y < std::min(other.height_, height_ - top); ++y)
    std::copy_n(other.pixel(first, y), 3 * (last - first), pixel(left + first, top + y));
}

int Picture::text(int left, int top, std::string_view text, Colour colour, FontSize size) {
  const Font& face = font(size);
  for (const char c : drawable(text)) {
    const char* digits = face.glyphs[static_cast<std::size_t>(c - ' ')];
    for (int i = 0; digits[i] != '\0'; ++i) {
      const int grey = digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10;
      blend(left + i % face.width, top + i / face.width, colour, grey * 17);
    }
    left += face.width;
  }
  return left;
}

std::vector<std::uint8_t> Picture::png() const { return encode_png(width_, height_, rgb_); }

}  // namespace pleura::report
