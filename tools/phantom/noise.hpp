#pragma once
/// Smooth noise in space, from hashes of lattice points: the same everywhere for the same seed.
#include <cstdint>

#include "phantom/shapes.hpp"

namespace pleura::phantom {

/// Value noise in [-1, 1], smooth over `wavelength` mm.
[[nodiscard]] float value_noise(std::uint64_t seed, Vec3 p, float wavelength);

/// Three independent value noises at once: a smooth displacement.
[[nodiscard]] Vec3 vector_noise(std::uint64_t seed, Vec3 p, float wavelength);

/// Octaves of value noise, each at half the wavelength and `gain` of the last's strength; about [-1, 1].
[[nodiscard]] float fractal_noise(std::uint64_t seed, Vec3 p, float wavelength, int octaves, float gain = 0.5F);

/// Distance, mm, to the nearest wall between cells about `size` mm wide (Worley noise): the septa of a network.
[[nodiscard]] float cell_wall_distance(std::uint64_t seed, Vec3 p, float size);

/// The number in [-1, 1] of the cell about `size` mm wide that holds the point: secondary lobules, each filled its own
/// way.
[[nodiscard]] float cell_value(std::uint64_t seed, Vec3 p, float size);

/// One number per pixel of a plane, mean 0, deviation 1, near Gaussian: the sum of the four 16-bit pieces of one hash.
[[nodiscard]] float white_noise(std::uint64_t seed, std::int64_t index);

}  // namespace pleura::phantom
