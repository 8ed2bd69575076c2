#include "report/marks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

namespace pleura::report {
namespace {

constexpr Colour kPlate{0, 0, 0}, kWhite{255, 255, 255};
constexpr int kPlateOpacity = 170, kBorder = 4;

void draw_plate(Picture& picture, const Rectangle& area, std::vector<Rectangle>& taken) {
  picture.fill(area, kPlate, kPlateOpacity);
  taken.push_back(area);
}

int overlap(const Rectangle& a, const Rectangle& b) {
  const int width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const int height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

int overlap(const Rectangle& a, const std::vector<Rectangle>& others) {
  int sum = 0;
  for (const Rectangle& other : others) sum += overlap(a, other);
  return sum;
}

}  // namespace

void draw_sides(Picture& picture, const Sides& sides, std::vector<Rectangle>& taken) {
  const int width = text_width("R", FontSize::small) + 4, height = text_height(FontSize::small);
  const int middle = (picture.width() - width) / 2, centre = (picture.height() - height) / 2;
  const auto draw = [&](std::string_view letter, int left, int top) {
    draw_plate(picture, {left, top, left + width, top + height}, taken);
    picture.text(left + 2, top, letter, kWhite);
  };
  draw(sides.left, kBorder, centre);
  draw(sides.right, picture.width() - kBorder - width, centre);
  draw(sides.top, middle, kBorder);
  draw(sides.bottom, middle, picture.height() - kBorder - height);
}

int scale_bar_mm(int width, double pixels_per_mm) {
  for (const int mm : {100, 50, 20, 10, 5, 2, 1})
    if (mm * pixels_per_mm <= width / 5.0) return mm;
  return 0;
}

Rectangle draw_scale_bar(Picture& picture, double pixels_per_mm, std::vector<Rectangle>& taken) {
  constexpr int kThick = 2, kTick = 4, kEnd = 7, kInset = 4;
  const int mm = scale_bar_mm(picture.width(), pixels_per_mm);
  if (mm == 0) return {};
  const std::string text = std::to_string(mm) + " mm";
  const int left = kBorder + kInset, height = text_height(FontSize::small);
  const auto x_of = [&](int part, int parts) {
    return left + static_cast<int>(std::lround(mm * pixels_per_mm * part / parts));
  };
  const int base = kBorder + height + kEnd + kThick;
  const Rectangle bar{left, base - kThick, x_of(1, 1), base};
  const int right = std::max(bar.right, left + text_width(text, FontSize::small));
  draw_plate(picture, {kBorder, kBorder, right + kInset, base + kInset}, taken);
  picture.text(left, kBorder, text, kWhite);
  picture.fill(bar, kWhite);
  const int parts = mm % 10 == 0 ? mm / 10 : mm;  // a tick each cm, or each mm
  for (int part = 0; part <= parts; ++part) {
    const int x = part == parts ? bar.right - 1 : x_of(part, parts);
    picture.fill({x, base - (part == 0 || part == parts ? kEnd : kTick), x + 1, base}, kWhite);
  }
  return bar;
}

Rectangle place_tag(const Picture& picture, const Rectangle& box, int width, int height,
                    const std::vector<Rectangle>& boxes, const std::vector<Rectangle>& taken) {
  constexpr int kStep = 3;
  const int right = std::max(0, picture.width() - width), bottom = std::max(0, picture.height() - height);
  const int wished_x = std::clamp(box.left, 0, right), wished_y = std::clamp(box.top - height, 0, bottom);
  const auto cost = [&](const Rectangle& tag) {
    const int beside = std::max({0, box.left - tag.right, tag.left - box.right});
    const int apart = std::max({0, box.top - tag.bottom, tag.top - box.bottom});
    return beside + apart + 0.1 * overlap(tag, boxes) +
           0.01 * (std::abs(tag.left - wished_x) + std::abs(tag.top - wished_y));
  };
  // Wider and wider around the box, until there is room.
  for (int reach = 4 * height; reach < 4 * (picture.width() + picture.height()) + 8 * height; reach *= 2) {
    std::optional<Rectangle> best;
    for (int y = wished_y - reach / kStep * kStep; y <= std::min(bottom, wished_y + reach); y += kStep)
      for (int x = wished_x - reach / kStep * kStep; x <= std::min(right, wished_x + reach); x += kStep) {
        const Rectangle tag{x, y, x + width, y + height};
        if (x < 0 || y < 0 || overlap(tag, taken) > 0 || (best && cost(tag) >= cost(*best))) continue;
        best = tag;
      }
    if (best) return *best;
  }
  return {wished_x, wished_y, wished_x + width, wished_y + height};
}

}  // namespace pleura::report
