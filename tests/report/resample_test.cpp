#include "report/resample.hpp"

#include <gtest/gtest.h>

namespace pleura::report {
namespace {

/// value(row, column) on a grid.
template <class Value>
Grid grid_of(std::int64_t rows, std::int64_t columns, const Value& value) {
  Grid grid{rows, columns, {}};
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t column = 0; column < columns; ++column)
      grid.values.push_back(static_cast<float>(value(static_cast<double>(row), static_cast<double>(column))));
  return grid;
}

float at(const Grid& grid, std::int64_t row, std::int64_t column) {
  return grid.values[static_cast<std::size_t>(row * grid.columns + column)];
}

double slope(double row, double column) { return 10 * row + 3 * column; }

TEST(Resample, KeepsAGridAtItsOwnScale) {
  const Grid grid = grid_of(3, 4, slope);
  const Grid same = resample(grid, {0, 1, 3}, {0, 1, 4});
  EXPECT_EQ(same.rows, 3);
  EXPECT_EQ(same.columns, 4);
  EXPECT_EQ(same.values, grid.values);
}

TEST(Resample, IsLinearBetweenPointsAndRepeatsTheBorder) {
  const Grid fine = resample(grid_of(3, 4, slope), {0.25, 0.5, 4}, {-0.75, 0.5, 10});
  for (std::int64_t y = 0; y < fine.rows; ++y)
    for (std::int64_t x = 0; x < fine.columns; ++x) {
      const double column = std::clamp(-0.75 + 0.5 * static_cast<double>(x), 0.0, 3.0);
      EXPECT_NEAR(at(fine, y, x), slope(0.25 + 0.5 * static_cast<double>(y), column), 1e-4) << y << ' ' << x;
    }
}

TEST(Resample, TurnsAnAxisRound) {
  const Grid turned = resample(grid_of(3, 2, slope), {2, -1, 3}, {0, 1, 2});
  EXPECT_EQ(turned.values, (std::vector<float>{20, 23, 10, 13, 0, 3}));
}

TEST(Resample, AveragesWhatAPixelCovers) {
  const Grid grid = grid_of(1, 16, [](double, double column) { return column == 8 ? 16.0 : 0.0; });
  // Four points a pixel: weights of 1/4 at a pixel's middle, falling to 0 four points away.
  const Grid coarse = resample(grid, {0, 1, 1}, {0, 4, 4});
  EXPECT_EQ(coarse.values, (std::vector<float>{0, 0, 4, 0}));
  const Grid between = resample(grid, {0, 1, 1}, {2, 4, 3});
  EXPECT_EQ(between.values, (std::vector<float>{0, 2, 2}));
}

TEST(Resample, TakesAnyPlaceAndScale) {
  const Grid one = resample({1, 1, {7}}, {-50, 9, 3}, {1000, 0.01, 2});
  EXPECT_EQ(one.values, std::vector<float>(6, 7));
  EXPECT_EQ(resample(grid_of(2, 3, slope), {5, 1, 1}, {-40, 1, 1}).values, std::vector<float>{10})
      << "beyond the border";
  EXPECT_EQ(resample(grid_of(2, 3, slope), {-5, 1, 1}, {60, 1, 1}).values, std::vector<float>{6});
}

}  // namespace
}  // namespace pleura::report
