#include "scan/voxels.hpp"

#include <algorithm>
#include <cmath>

#include "pleura/error.hpp"
#include "scan/hounsfield.hpp"
#include "scan/text.hpp"

namespace pleura::scan {

void require_room(const Index3& shape, Element element, std::int64_t bytes_there, const std::string& name) {
  const auto size = std::to_string(shape[2]) + " x " + std::to_string(shape[1]) + " x " + std::to_string(shape[0]);
  if (std::any_of(shape.begin(), shape.end(), [](auto n) { return n < 1 || n > most_voxels_a_side; }))
    throw Error(Status::input_refused, name + ": " + size + " voxels, expected 1 to " +
                                           std::to_string(most_voxels_a_side) + " along each axis");
  const std::int64_t expected = bytes_of(shape, element);
  if (expected > bytes_there)
    throw Error(Status::input_refused, name + ": truncated: it can hold " +
                                           std::to_string(std::max<std::int64_t>(bytes_there, 0)) +
                                           " bytes of voxels, expected " + std::to_string(expected) + " for " + size);
}

std::int64_t bytes_of(const Index3& shape, Element element) {
  return shape[0] * shape[1] * shape[2] * static_cast<std::int64_t>(size_of(element));
}

void warn_of_surplus(std::int64_t surplus, std::vector<std::string>& warnings) {
  if (surplus > 0)
    warnings.push_back(counted(surplus, "byte") +
                       " more than the header announces: only the announced voxels are read");
}

std::vector<std::int16_t> read_voxels(const ReadBytes& read, const Index3& shape, const VoxelFormat& format,
                                      const std::string& name) {
  const auto slice_voxels = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<std::byte> bytes(slice_voxels * size_of(format.element));
  std::vector<double> values(slice_voxels);
  std::vector<std::int16_t> hu;
  for (std::int64_t k = 0; k < shape[0]; ++k) {
    if (read(bytes) != bytes.size())
      throw Error(Status::input_refused, name + ": truncated or damaged in slice " + std::to_string(k + 1) +
                                             ", expected " + counted(shape[0], "slice"));
    to_double(format.element, bytes, format.swap, values);
    hu.resize(hu.size() + slice_voxels);
    auto* slice = hu.data() + hu.size() - slice_voxels;
    for (std::size_t i = 0; i < slice_voxels; ++i) {
      const double value = values[i] * format.slope + format.intercept;
      if (!std::isfinite(value))
        throw Error(Status::input_refused,
                    name + ": values are not HU: slice " + std::to_string(k + 1) + " holds a NaN or an infinity");
      slice[i] = to_hounsfield(value);
    }
  }
  return hu;
}

}  // namespace pleura::scan
