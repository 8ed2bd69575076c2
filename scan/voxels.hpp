#pragma once
/// The voxels of a volume file, whatever reads its bytes.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "scan/bytes.hpp"
#include "scan/orientation.hpp"

namespace pleura::scan {

/// Fills a buffer with the next bytes of a file; returns fewer where the file ends or is damaged.
using ReadBytes = std::function<std::size_t(std::span<std::byte>)>;

/// How voxels are stored.
struct VoxelFormat {
  Element element = Element::int16;
  bool swap = false;  ///< not this machine's byte order
  double slope = 1, intercept = 0;
};

inline constexpr std::int64_t most_voxels_a_side = 1 << 15;

/// Throws input_refused, the message starting with `name`, unless each side has 1 to most_voxels_a_side voxels and
/// `bytes_there` bytes can hold them all, and most_voxels: what a header says costs no memory before.
void require_room(const Index3& shape, Element element, std::int64_t bytes_there, const std::string& name);

/// Warns where plain files hold `surplus` bytes behind their voxels.
void warn_of_surplus(std::int64_t surplus, std::vector<std::string>& warnings);

/// The bytes that voxels take.
[[nodiscard]] std::int64_t bytes_of(const Index3& shape, Element element);

/// What read_voxels takes beside the volume: a slice, along whichever axis, as it lies in the file and as numbers.
[[nodiscard]] std::int64_t reading_bytes(const Index3& shape);

/// All voxels of a file of that shape as HU, turned as they are read, slice by slice. Throws input_refused where bytes
/// are missing or a value is no number.
[[nodiscard]] std::vector<std::int16_t> read_voxels(const ReadBytes& read, const Index3& shape,
                                                    const Orientation& orientation, const VoxelFormat& format,
                                                    const std::string& name);

}  // namespace pleura::scan
