#pragma once
/// The shape that a caller gives the segmenter's input.
#include <string>

#include "pleura/error.hpp"
#include "pleura/volume.hpp"

namespace pleura::api {

/// Throws usage where a size (z, y, x) is no multiple of 16.
inline void require_segmenter_shape(const Index3& shape) {
  for (const std::int64_t size : shape)
    if (size <= 0 || size % 16 != 0)
      throw Error(Status::usage, "shape: found " + std::to_string(size) + ", expected multiples of 16");
}

}  // namespace pleura::api
