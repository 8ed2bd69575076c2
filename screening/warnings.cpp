#include "screening/warnings.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace pleura::screening {
namespace {

// A chest CT is some 300 mm long in slices of at most 5 mm; less is worth a word [D].
constexpr std::int64_t kFewSlices = 30;
constexpr double kCoarseSliceMm = 5.5, kLittleCoverageMm = 180, kUnequalLungs = 4;

template <class... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 200> line{};
  std::snprintf(line.data(), line.size(), format, values...);
  return line.data();
}

}  // namespace

std::vector<std::string> doubts(const Geometry& geometry, const Lungs& lungs) {
  std::vector<std::string> found;
  const auto& [slices, rows, columns] = geometry.shape;
  const double thickness = geometry.spacing[0], coverage = static_cast<double>(slices) * thickness;
  if (slices < kFewSlices)
    found.push_back(text("only %lld slices: a chest CT has %lld or more", static_cast<long long>(slices),
                         static_cast<long long>(kFewSlices)));
  if (thickness > kCoarseSliceMm)
    found.push_back(text("slices are %.1f mm apart: findings smaller than that may be missed", thickness));
  if (coverage < kLittleCoverageMm)
    found.push_back(text("the slices cover %.0f mm from feet to head: part of the lungs may be missing", coverage));

  const auto& [low, high] = lungs.summary.box;
  if (low[0] == 0) found.push_back("the lungs are cut off at the first slice, towards the feet");
  if (high[0] == slices) found.push_back("the lungs are cut off at the last slice, towards the head");
  if (low[1] == 0 || low[2] == 0 || high[1] == rows || high[2] == columns)
    found.push_back("the lungs reach the edge of the slices: part of them lies outside the field of view");

  const auto [smaller, larger] = std::minmax(lungs.summary.left_litres, lungs.summary.right_litres);
  if (larger > kUnequalLungs * smaller)
    found.push_back(text("the lungs found are very unequal: left %.2f l, right %.2f l", lungs.summary.left_litres,
                         lungs.summary.right_litres));
  return found;
}

}  // namespace pleura::screening
