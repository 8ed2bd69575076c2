#include "scan/orientation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pleura/error.hpp"
#include "scan/text.hpp"
#include "scan/vector3.hpp"

namespace pleura::scan {
namespace {

constexpr std::array<const char*, 3> file_axis_names{"slices", "rows", "columns"};

/// Which file axis lies along each of the world's x, y, z: the assignment with the largest sum of cosines.
std::array<int, 3> nearest_axes(const Grid& grid) {
  std::array<int, 3> axes{0, 1, 2}, best = axes;
  double best_sum = -1;
  do {
    double sum = 0;
    for (int world = 0; world < 3; ++world)
      sum += std::abs(grid.step[axes[world]][world]) / norm(grid.step[axes[world]]);
    if (sum > best_sum) {
      best_sum = sum;
      best = axes;
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
  return best;
}

/// Exactly perpendicular unit vectors nearest to nearly perpendicular ones: z as it is, then y, then x.
void orthonormalise(std::array<Point3, 3>& direction) {
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < a; ++b)
      direction[a] = minus(direction[a], scaled(direction[b], dot(direction[a], direction[b])));
    direction[a] = plus(scaled(direction[a], 1 / norm(direction[a])), Point3{});  // no negative zeros
  }
}

}  // namespace

std::string fault_of(const Grid& grid) {
  for (int a = 0; a < 3; ++a) {
    const double length = norm(grid.step[a]);
    if (!std::isfinite(length) || length <= 0 || grid.shape[a] <= 0)
      return std::to_string(grid.shape[a]) + " " + file_axis_names[a] + " with a spacing of " + number(length) +
             " mm, expected positive figures";
  }
  for (int a = 0; a < 3; ++a) {
    const int b = (a + 1) % 3;
    const double angle = angle_degrees(grid.step[a], grid.step[b]);
    if (std::abs(angle - 90) > max_shear_degrees)
      return std::string(file_axis_names[a]) + " and " + file_axis_names[b] + " meet at " + number(angle) +
             " degrees (gantry tilt), expected 90";
  }
  return "";
}

std::string axis_code(const Grid& grid) {
  constexpr std::array rising{'L', 'P', 'S'}, falling{'R', 'A', 'I'};
  const auto along_world = nearest_axes(grid);
  std::string code(3, ' ');
  for (int world = 0; world < 3; ++world) {
    const int file = along_world[world];
    code[2 - file] = grid.step[file][world] < 0 ? falling[world] : rising[world];
  }
  return code;
}

std::array<double, 3> spacing_of(const Grid& grid) {
  return {norm(grid.step[2]), norm(grid.step[1]), norm(grid.step[0])};
}

bool same_length(double a, double b) {
  return std::abs(a - b) <= max_spacing_difference * std::max(std::abs(a), std::abs(b));
}

bool same_spacing(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), same_length);
}

double angle_degrees(const Point3& a, const Point3& b) {
  return std::atan2(norm(cross(a, b)), dot(a, b)) * 180 / std::numbers::pi;
}

Orientation orient(const Grid& grid, const std::string& name) {
  if (const auto fault = fault_of(grid); !fault.empty()) throw Error(Status::input_refused, name + ": " + fault);
  const auto along_world = nearest_axes(grid);
  Orientation result;
  result.geometry.origin = grid.origin;
  for (int a = 0; a < 3; ++a) {
    const int world = 2 - a;  // z, y, x
    const int file = along_world[world];
    Point3 step = grid.step[file];
    result.axis[a] = file;
    result.flip[a] = step[world] < 0;
    result.geometry.shape[a] = grid.shape[file];
    if (result.flip[a]) {
      result.geometry.origin = plus(result.geometry.origin, scaled(step, static_cast<double>(grid.shape[file] - 1)));
      step = scaled(step, -1);
    }
    result.geometry.spacing[a] = norm(step);
    result.geometry.direction[a] = scaled(step, 1 / norm(step));
    Point3 axis{};
    axis[world] = 1;
    const double angle = angle_degrees(step, axis);
    if (angle > max_oblique_degrees)
      throw Error(Status::input_refused, name + ": oblique, its " + file_axis_names[file] + " lie " + number(angle) +
                                             " degrees off the patient's axis, expected at most " +
                                             number(max_oblique_degrees));
  }
  orthonormalise(result.geometry.direction);
  return result;
}

Placement placement_of(const Orientation& orientation) {
  const auto& [axis, flip, geometry] = orientation;
  const Index3 stride{geometry.shape[1] * geometry.shape[2], geometry.shape[2], 1};
  Placement place;
  for (int a = 0; a < 3; ++a) {
    place.step[axis[a]] = flip[a] ? -stride[a] : stride[a];
    if (flip[a]) place.start += (geometry.shape[a] - 1) * stride[a];
  }
  return place;
}

}  // namespace pleura::scan
