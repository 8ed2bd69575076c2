#include <algorithm>
#include <cmath>

#include "evaluate/report.hpp"
#include "report/names.hpp"

namespace pleura::evaluate {
namespace {

using report::Colour;
using report::Picture;

constexpr Colour kWhite{255, 255, 255}, kBlack{0, 0, 0}, kGrey{210, 210, 210};
constexpr Colour kColours[] = {{200, 40, 40}, {30, 90, 180}, {40, 130, 60}};

/// Axes from 0: x to some end, y to 1, with a grid, curves and a legend.
class Plot {
 public:
  Plot(const char* title, const char* x, const char* y, double x_end)
      : picture_(kWidth, kHeight, kWhite), x_end_(x_end) {
    for (int k = 0; k <= 4; ++k) {
      line({x_end * k / 4, 0}, {x_end * k / 4, 1}, kGrey);
      line({0, k / 4.0}, {x_end, k / 4.0}, kGrey);
      const std::string at_x = report::fixed_text(x_end * k / 4, x_end > 4 ? 0 : 2),
                        at_y = report::fixed_text(k / 4.0, 2);
      picture_.text(column(x_end * k / 4) - width(at_x) / 2, kHeight - kBelow + 6, at_x, kBlack);
      picture_.text(kLeft - width(at_y) - 6, row(k / 4.0) - 9, at_y, kBlack);
    }
    picture_.text(kLeft, 8, title, kBlack);
    picture_.text(kWidth - kRight - width(x), kHeight - 24, x, kBlack);
    picture_.text(8, kAbove - 22, y, kBlack);
  }

  void curve(const std::vector<CurvePoint>& points, Colour colour, const std::string& name) {
    for (std::size_t i = 1; i < points.size(); ++i) line(points[i - 1], points[i], colour, 2);
    picture_.text(column(x_end_ / 2), kHeight - kBelow - 24 * ++curves_, name, colour);
  }

  void line(CurvePoint from, CurvePoint to, Colour colour, int thickness = 1) {
    if (from.x > x_end_) return;
    if (to.x > x_end_) to = {x_end_, from.y + (to.y - from.y) * (x_end_ - from.x) / (to.x - from.x)};
    const int x0 = column(from.x), y0 = row(from.y), dx = column(to.x) - x0, dy = row(to.y) - y0;
    const int steps = std::max({std::abs(dx), std::abs(dy), 1});
    for (int i = 0; i <= steps; ++i) dot(x0 + dx * i / steps, y0 + dy * i / steps, colour, thickness);
  }

  void dot(CurvePoint at, Colour colour, int size) { dot(column(at.x), row(at.y), colour, size); }

  [[nodiscard]] Picture picture() && { return std::move(picture_); }

 private:
  static constexpr int kWidth = 560, kHeight = 460, kLeft = 64, kRight = 24, kAbove = 58, kBelow = 54;

  static int width(std::string_view text) { return report::text_width(text, report::FontSize::small); }
  [[nodiscard]] int column(double x) const {
    return kLeft + static_cast<int>(std::lround(x / x_end_ * (kWidth - kLeft - kRight)));
  }
  [[nodiscard]] static int row(double y) {
    return kHeight - kBelow - static_cast<int>(std::lround(y * (kHeight - kAbove - kBelow)));
  }
  void dot(int x, int y, Colour colour, int size) {
    picture_.fill({x - size / 2, y - size / 2, x + (size + 1) / 2, y + (size + 1) / 2}, colour);
  }

  Picture picture_;
  double x_end_;
  int curves_ = 0;
};

}  // namespace

report::Picture draw_froc(const Figures& figures) {
  Plot plot("Detection", "false positives a CT", "sensitivity", 16);
  plot.curve(figures.froc.at(Targets::all).curve, kColours[1], "all lesions");
  plot.curve(figures.froc.at(Targets::infected).curve, kColours[0], "infected lesions");
  return std::move(plot).picture();
}

report::Picture draw_roc(const Figures& figures) {
  Plot plot("Cases, M2: each class against the others", "false positive rate", "true positive rate", 1);
  for (std::size_t k = 0; k < 3; ++k) {
    const char* name = classes_of(Level::case_)[k];
    plot.curve(figures.case_roc.at(name), kColours[k], name);
  }
  return std::move(plot).picture();
}

report::Picture draw_calibration(const Figures& figures) {
  Plot plot("Exported score, cases with infection found", "mean score of a tenth", "share right", 1);
  plot.line({0, 0}, {1, 1}, kBlack);
  for (const Bin& bin : figures.calibration.bins) {
    if (bin.count == 0) continue;
    const int size = 5 + static_cast<int>(std::lround(20 * std::sqrt(static_cast<double>(bin.count) /
                                                                     static_cast<double>(figures.calibration.count))));
    plot.dot({bin.mean_score, bin.share_right}, kColours[0], size);
  }
  return std::move(plot).picture();
}

}  // namespace pleura::evaluate
