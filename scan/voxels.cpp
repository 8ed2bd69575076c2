#include "scan/voxels.hpp"

#include <algorithm>
#include <cmath>

#include "pleura/error.hpp"
#include "scan/hounsfield.hpp"
#include "scan/reckoning.hpp"
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
  require_few_voxels(shape, name);
}

std::int64_t bytes_of(const Index3& shape, Element element) {
  return shape[0] * shape[1] * shape[2] * static_cast<std::int64_t>(size_of(element));
}

void warn_of_surplus(std::int64_t surplus, std::vector<std::string>& warnings) {
  if (surplus > 0)
    warnings.push_back(counted(surplus, "byte") +
                       " more than the header announces: only the announced voxels are read");
}

std::int64_t reading_bytes(const Index3& shape) {
  constexpr std::int64_t largest_element = 8;
  const std::int64_t largest_slice = shape[0] * shape[1] * shape[2] / *std::min_element(shape.begin(), shape.end());
  return largest_slice * (largest_element + static_cast<std::int64_t>(sizeof(double)));
}

std::vector<std::int16_t> read_voxels(const ReadBytes& read, const Index3& shape, const Orientation& orientation,
                                      const VoxelFormat& format, const std::string& name) {
  const auto slice_voxels = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<std::byte> bytes(slice_voxels * size_of(format.element));
  std::vector<double> values(slice_voxels);
  std::vector<std::int16_t> hu;
  const Placement place = placement_of(orientation);
  for (std::int64_t k = 0; k < shape[0]; ++k) {
    if (read(bytes) != bytes.size())
      throw Error(Status::input_refused, name + ": truncated or damaged in slice " + std::to_string(k + 1) +
                                             ", expected " + counted(shape[0], "slice"));
    to_double(format.element, bytes, format.swap, values);
    if (k == 0) hu.resize(slice_voxels * static_cast<std::size_t>(shape[0]));  // an empty file takes no memory
    const double* value = values.data();
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      std::int16_t* row = hu.data() + place.at(k, j);
      for (std::int64_t i = 0; i < shape[2]; ++i) {
        const double scaled = *value++ * format.slope + format.intercept;
        if (!std::isfinite(scaled))
          throw Error(Status::input_refused,
                      name + ": values are not HU: slice " + std::to_string(k + 1) + " holds a NaN or an infinity");
        row[i * place.step[2]] = to_hounsfield(scaled);
      }
    }
  }
  return hu;
}

}  // namespace pleura::scan
