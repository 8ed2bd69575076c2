#pragma once
/// The little vector algebra that geometry needs.
#include <cmath>

#include "pleura/volume.hpp"

namespace pleura::scan {

inline double dot(const Point3& a, const Point3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

inline Point3 cross(const Point3& a, const Point3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline double norm(const Point3& a) { return std::sqrt(dot(a, a)); }

inline Point3 scaled(const Point3& a, double factor) { return {a[0] * factor, a[1] * factor, a[2] * factor}; }

inline Point3 plus(const Point3& a, const Point3& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }

inline Point3 minus(const Point3& a, const Point3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

}  // namespace pleura::scan
