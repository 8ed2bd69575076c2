#pragma once
/// Facts about the pixels of a picture.
#include <algorithm>
#include <string_view>

#include "report/picture.hpp"

namespace pleura::report::test {

inline constexpr Colour kWhite{255, 255, 255}, kRed{255, 0, 0};

/// Pixels of a colour in an area, the whole picture where none is given.
inline int count(const Picture& picture, Colour colour, Rectangle area = {0, 0, 1 << 20, 1 << 20}) {
  int found = 0;
  for (int y = std::max(0, area.top); y < std::min(area.bottom, picture.height()); ++y)
    for (int x = std::max(0, area.left); x < std::min(area.right, picture.width()); ++x)
      found += picture.at(x, y) == colour ? 1 : 0;
  return found;
}

/// Whether `part` lies in `whole` with its upper left corner at a place.
inline bool lies_at(const Picture& whole, const Picture& part, int left, int top) {
  for (int y = 0; y < part.height(); ++y)
    for (int x = 0; x < part.width(); ++x)
      if (part.at(x, y) != whole.at(left + x, top + y)) return false;
  return true;
}

/// How often a text stands in a picture below a row, in a colour on a plain background.
inline int count_text(const Picture& picture, std::string_view text, Colour colour, Colour background, int below = 0) {
  Picture wanted(text_width(text, FontSize::small), text_height(FontSize::small), background);
  wanted.text(0, 0, text, colour);
  int x = 0, y = 0;  // a pixel of the text, to look at first
  while (wanted.at(x, y) != colour) {
    if (++x < wanted.width()) continue;
    x = 0;
    ++y;
  }
  int found = 0;
  for (int top = below; top + wanted.height() <= picture.height(); ++top)
    for (int left = 0; left + wanted.width() <= picture.width(); ++left)
      found += picture.at(left + x, top + y) == colour && lies_at(picture, wanted, left, top) ? 1 : 0;
  return found;
}

}  // namespace pleura::report::test
