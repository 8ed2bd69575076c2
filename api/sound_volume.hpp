#pragma once
/// A Volume may come from anywhere.
#include <algorithm>
#include <string>

#include "pleura/error.hpp"
#include "pleura/volume.hpp"

namespace pleura::api {

/// Throws input_refused where voxels and geometry do not agree.
inline void require_sound(const Volume& volume) {
  const Geometry& geometry = volume.geometry;
  const bool sound = std::all_of(geometry.shape.begin(), geometry.shape.end(), [](auto n) { return n > 0; }) &&
                     std::all_of(geometry.spacing.begin(), geometry.spacing.end(), [](double mm) { return mm > 0; });
  if (!sound || static_cast<std::size_t>(geometry.voxels()) != volume.hu.size())
    throw Error(Status::input_refused, "volume: " + std::to_string(volume.hu.size()) + " voxels, expected " +
                                           std::to_string(geometry.voxels()) +
                                           " of its shape, all sizes and spacings positive");
}

}  // namespace pleura::api
