#pragma once
/// From the voxels of two lungs to the label mask, each slice's figures, and the relative distance-from-edge of points
/// (paper 2.5.1), as screening/lungs.hpp.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// Bounding rectangle of both lungs in a slice, half open, (y, x); all 0 where there is no lung.
struct SliceFigures {
  int low[2] = {}, high[2] = {};
  int left = 0, right = 0;  ///< voxels of each
};

/// mask becomes 1 where `left` is one, 2 where `right` is, else 0; `slices` has one value a slice. The lungs' words are
/// as in BitVolume.
void label_lungs(const std::uint64_t* left, const std::uint64_t* right, std::uint8_t* mask, SliceFigures* slices,
                 const std::array<std::int64_t, 3>& shape, cudaStream_t stream);

/// A point in a slice of a CT: fractional indices (y, x).
struct SlicePoint {
  std::int64_t slice = 0;  ///< of the CT or not
  double y = 0, x = 0;
};

/// What the classifier is given for a distance: (distance - shift) * scale.
struct NetworkDistance {
  double shift = 0, scale = 1;
};

/// distances[i] becomes the least in-plane distance from points[i] to the edge of the lungs over the diagonal of the
/// slice's rectangle, 0 where the slice has no lung; network[i * pitch] what the network sees. `count` is above 0;
/// `spacing_mm` is (y, x).
void distances_from_edge(const std::uint8_t* mask, const SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                         const std::array<double, 2>& spacing_mm, const SlicePoint* points, std::int64_t count,
                         const NetworkDistance& how, double* distances, float* network, std::int64_t pitch,
                         cudaStream_t stream);
void distances_from_edge(const std::uint8_t* mask, const SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                         const std::array<double, 2>& spacing_mm, const SlicePoint* points, std::int64_t count,
                         const NetworkDistance& how, double* distances, __half* network, std::int64_t pitch,
                         cudaStream_t stream);

}  // namespace pleura::kernels::cuda
