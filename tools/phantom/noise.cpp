#include "phantom/noise.hpp"

#include <limits>

#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

struct Lattice {
  std::int64_t x, y, z;
  Vec3 fraction;
};

// std::floor is a call of a library where the processor's baseline has no instruction for it.
std::int64_t whole(float u) {
  const auto i = static_cast<std::int64_t>(u);
  return i - (u < static_cast<float>(i) ? 1 : 0);
}

Lattice locate(Vec3 p, float size) {
  const Vec3 u = p * (1 / size);
  const std::int64_t x = whole(u.x), y = whole(u.y), z = whole(u.z);
  return {x, y, z, {u.x - static_cast<float>(x), u.y - static_cast<float>(y), u.z - static_cast<float>(z)}};
}

std::uint64_t lattice_hash(std::uint64_t seed, std::int64_t x, std::int64_t y, std::int64_t z) {
  return mix(seed ^ (static_cast<std::uint64_t>(x) * 0x8da6b343d1b54a33ULL) ^
             (static_cast<std::uint64_t>(y) * 0xd8163841fd4c5a2bULL) ^
             (static_cast<std::uint64_t>(z) * 0xcb1ab31f97e3a915ULL));
}

float fade(float t) { return t * t * (3 - 2 * t); }

}  // namespace

float value_noise(std::uint64_t seed, Vec3 p, float wavelength) {
  const Lattice cell = locate(p, wavelength);
  const auto corner = [&](int dx, int dy, int dz) {
    return static_cast<float>(lattice_hash(seed, cell.x + dx, cell.y + dy, cell.z + dz) >> 40) * 0x1.0p-23F - 1;
  };
  const float tx = fade(cell.fraction.x), ty = fade(cell.fraction.y), tz = fade(cell.fraction.z);
  const auto plane = [&](int dz) {
    return lerp(lerp(corner(0, 0, dz), corner(1, 0, dz), tx), lerp(corner(0, 1, dz), corner(1, 1, dz), tx), ty);
  };
  return lerp(plane(0), plane(1), tz);
}

Vec3 vector_noise(std::uint64_t seed, Vec3 p, float wavelength) {
  const Lattice cell = locate(p, wavelength);
  const float tx = fade(cell.fraction.x), ty = fade(cell.fraction.y), tz = fade(cell.fraction.z);
  Vec3 sum;
  for (int corner = 0; corner < 8; ++corner) {
    const int dx = corner & 1, dy = (corner >> 1) & 1, dz = corner >> 2;
    const std::uint64_t h = lattice_hash(seed, cell.x + dx, cell.y + dy, cell.z + dz);
    const float weight = (dx ? tx : 1 - tx) * (dy ? ty : 1 - ty) * (dz ? tz : 1 - tz);
    const auto piece = [&](int shift) { return static_cast<float>((h >> shift) & 0x1fffff) * 0x1.0p-20F - 1; };
    sum = sum + Vec3{piece(0), piece(21), piece(42)} * weight;
  }
  return sum;
}

float fractal_noise(std::uint64_t seed, Vec3 p, float wavelength, int octaves, float gain) {
  float sum = 0, strength = 1;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += strength * value_noise(seed + static_cast<std::uint64_t>(octave), p, wavelength);
    wavelength *= 0.5F;
    strength *= gain;
  }
  return sum;
}

namespace {

// Worley's cells: the distances, in cells, to the nearest two of their scattered centres, and the nearest one's hash.
struct Nearest {
  float first, second;
  std::uint64_t hash;
};

Nearest nearest_cells(std::uint64_t seed, Vec3 p, float size) {
  const Lattice cell = locate(p, size);
  Nearest nearest{std::numeric_limits<float>::max(), std::numeric_limits<float>::max(), 0};
  for (int dz = -1; dz <= 1; ++dz) {
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        const std::uint64_t h = lattice_hash(seed, cell.x + dx, cell.y + dy, cell.z + dz);
        const auto piece = [&](int shift) { return static_cast<float>((h >> shift) & 0xffff) * 0x1.0p-16F; };
        const Vec3 point{static_cast<float>(dx) + piece(0), static_cast<float>(dy) + piece(16),
                         static_cast<float>(dz) + piece(32)};
        const float distance = length(point - cell.fraction);
        if (distance < nearest.first) {
          nearest = {distance, nearest.first, h};
        } else {
          nearest.second = std::min(nearest.second, distance);
        }
      }
    }
  }
  return nearest;
}

}  // namespace

float cell_wall_distance(std::uint64_t seed, Vec3 p, float size) {
  const Nearest nearest = nearest_cells(seed, p, size);
  return 0.5F * (nearest.second - nearest.first) * size;
}

float cell_value(std::uint64_t seed, Vec3 p, float size) {
  return static_cast<float>(mix(nearest_cells(seed, p, size).hash) >> 40) * 0x1.0p-23F - 1;
}

float white_noise(std::uint64_t seed, std::int64_t index) {
  const std::uint64_t h = mix(seed + static_cast<std::uint64_t>(index) * 0xd1342543de82ef95ULL);
  const auto sum = static_cast<float>((h & 0xffff) + ((h >> 16) & 0xffff) + ((h >> 32) & 0xffff) + (h >> 48));
  return (sum * 0x1.0p-16F - 2) * 1.7320508F;
}

}  // namespace pleura::phantom
