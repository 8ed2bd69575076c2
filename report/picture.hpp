#pragma once
/// A small RGB canvas: rectangles, pictures in pictures, text, PNG. Pixels count from the top left; drawing outside is
/// clipped.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pleura::report {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Colour&) const = default;
};

/// Left and top are inside, right and bottom outside.
struct Rectangle {
  int left = 0, top = 0, right = 0, bottom = 0;
};

enum class FontSize { small, large };  ///< 9 x 18 and 14 x 29 pixels a character

/// The text with every character of UTF-8 that is not printable ASCII as one '?': what is drawn of it.
[[nodiscard]] std::string drawable(std::string_view text);
/// What is drawn of a text that may be `width` pixels wide: cut off with "..." where it is wider.
[[nodiscard]] std::string cut_to(std::string_view text, int width, FontSize size = FontSize::small);
/// Pixels that a text takes; all characters are equally wide.
[[nodiscard]] int text_width(std::string_view text, FontSize size);
[[nodiscard]] int text_height(FontSize size);

class Picture {
 public:
  Picture(int width, int height, Colour background);
  /// A picture of greys, by rows.
  [[nodiscard]] static Picture of_greys(int width, int height, const std::vector<std::uint8_t>& greys);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] Colour at(int x, int y) const;

  void set(int x, int y, Colour colour);
  /// Mixes a colour over a pixel, opacity 0..255.
  void blend(int x, int y, Colour colour, int opacity);
  void fill(const Rectangle& area, Colour colour, int opacity = 255);
  /// A frame just inside the rectangle.
  void frame(const Rectangle& area, Colour colour, int thickness);
  void paste(const Picture& other, int left, int top);
  /// What is drawable of the text. Returns the x after the last character.
  int text(int left, int top, std::string_view text, Colour colour, FontSize size = FontSize::small);

  /// The bytes of a PNG file.
  [[nodiscard]] std::vector<std::uint8_t> png() const;

 private:
  [[nodiscard]] std::uint8_t* pixel(int x, int y) { return &rgb_[offset(x, y)]; }
  [[nodiscard]] const std::uint8_t* pixel(int x, int y) const { return &rgb_[offset(x, y)]; }
  [[nodiscard]] std::size_t offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * 3;
  }

  int width_, height_;
  std::vector<std::uint8_t> rgb_;
};

}  // namespace pleura::report
