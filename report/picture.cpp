#include "report/picture.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "pleura/error.hpp"

namespace pleura::report {
namespace {

/// 13 times as fast as stb's level of 8 on our pictures, and 8 % larger.
constexpr int deflate_level = 3;

/// zlib packs better and faster than the compressor in stb.
unsigned char* deflate_png(unsigned char* data, int bytes, int* packed_bytes, int /*quality*/) {
  uLongf packed = compressBound(static_cast<uLong>(bytes));
  auto* out = static_cast<unsigned char*>(std::malloc(packed));  // stb frees it
  if (out != nullptr && compress2(out, &packed, data, static_cast<uLong>(bytes), deflate_level) != Z_OK) {
    std::free(out);
    out = nullptr;
  }
  *packed_bytes = static_cast<int>(packed);
  return out;
}

}  // namespace
}  // namespace pleura::report

#define STBIW_ZLIB_COMPRESS pleura::report::deflate_png
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

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

}  // namespace

int text_width(std::string_view text, FontSize size) { return static_cast<int>(text.size()) * font(size).width; }

int text_height(FontSize size) { return font(size).height; }

Picture::Picture(int width, int height, Colour background)
    : width_(width), height_(height), rgb_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) {
  fill({0, 0, width, height}, background);
}

Colour Picture::at(int x, int y) const {
  const std::uint8_t* pixel = &rgb_[(static_cast<std::size_t>(y) * width_ + x) * 3];
  return {pixel[0], pixel[1], pixel[2]};
}

void Picture::blend(int x, int y, Colour colour, int opacity) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  std::uint8_t* pixel = &rgb_[(static_cast<std::size_t>(y) * width_ + x) * 3];
  const std::array<int, 3> over{colour.red, colour.green, colour.blue};
  for (std::size_t i = 0; i < 3; ++i)
    pixel[i] = static_cast<std::uint8_t>((pixel[i] * (255 - opacity) + over[i] * opacity + 127) / 255);
}

void Picture::fill(const Rectangle& area, Colour colour, int opacity) {
  for (int y = std::max(area.top, 0); y < std::min(area.bottom, height_); ++y)
    for (int x = std::max(area.left, 0); x < std::min(area.right, width_); ++x) blend(x, y, colour, opacity);
}

void Picture::frame(const Rectangle& area, Colour colour, int thickness) {
  const int t = thickness;
  fill({area.left, area.top, area.right, area.top + t}, colour);
  fill({area.left, area.bottom - t, area.right, area.bottom}, colour);
  fill({area.left, area.top + t, area.left + t, area.bottom - t}, colour);
  fill({area.right - t, area.top + t, area.right, area.bottom - t}, colour);
}

void Picture::paste(const Picture& other, int left, int top) {
  for (int y = 0; y < other.height_; ++y)
    for (int x = 0; x < other.width_; ++x) set(left + x, top + y, other.at(x, y));
}

int Picture::text(int left, int top, std::string_view text, Colour colour, FontSize size) {
  const Font& face = font(size);
  for (const char c : text) {
    const char* digits = face.glyphs[c >= ' ' && c <= '~' ? static_cast<std::size_t>(c - ' ') : '?' - ' '];
    for (int i = 0; digits[i] != '\0'; ++i) {
      const int grey = digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10;
      blend(left + i % face.width, top + i / face.width, colour, grey * 17);
    }
    left += face.width;
  }
  return left;
}

std::vector<std::uint8_t> Picture::png() const {
  std::vector<std::uint8_t> bytes;
  const auto take = [](void* context, void* data, int size) {
    const auto* start = static_cast<const std::uint8_t*>(data);
    static_cast<std::vector<std::uint8_t>*>(context)->insert(static_cast<std::vector<std::uint8_t>*>(context)->end(),
                                                             start, start + size);
  };
  if (stbi_write_png_to_func(take, &bytes, width_, height_, 3, rgb_.data(), width_ * 3) == 0)
    throw Error(Status::resources, "out of memory for a picture of " + std::to_string(rgb_.size()) + " bytes");
  return bytes;
}

}  // namespace pleura::report
