#include "weights/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/float16.hpp"
#include "weights/attributes.hpp"

namespace pleura::weights {
namespace {

constexpr const char* kPlain = "one hard link to a dataset of float32 or float16";

/// The bytes that deflate data holds, if they are exactly `bytes`; memory is bounded by that, whatever the data says.
bool inflate_exactly(const std::vector<std::uint8_t>& packed, std::vector<std::uint8_t>& plain) {
  uLongf length = static_cast<uLongf>(plain.size());
  return uncompress(plain.data(), &length, packed.data(), static_cast<uLong>(packed.size())) == Z_OK &&
         length == plain.size();
}

/// Undoes HDF5's shuffle: first bytes of all values, then second bytes, ...
std::vector<std::uint8_t> unshuffle(const std::vector<std::uint8_t>& shuffled, std::size_t value_bytes) {
  std::vector<std::uint8_t> plain(shuffled.size());
  const std::size_t count = shuffled.size() / value_bytes;
  for (std::size_t byte = 0; byte < value_bytes; ++byte)
    for (std::size_t i = 0; i < count; ++i) plain[i * value_bytes + byte] = shuffled[byte * count + i];
  return plain;
}

/// Moves a counter over `extents` in steps, the last axis fastest; false when it has been everywhere.
bool advance(std::vector<hsize_t>& at, const std::vector<hsize_t>& extents, const std::vector<hsize_t>& steps) {
  for (std::size_t axis = at.size(); axis-- > 0;) {
    at[axis] += steps[axis];
    if (at[axis] < extents[axis]) return true;
    at[axis] = 0;
  }
  return false;
}

}  // namespace

StoredTensor::StoredTensor(const hdf5::Handle& group, std::string where, const std::string& name,
                           std::vector<std::int64_t> shape, std::uint64_t file_bytes)
    : where_(std::move(where)),
      shape_(std::move(shape)),
      dataset_(H5Dopen2(group.get(), name.c_str(), H5P_DEFAULT)),
      file_bytes_(file_bytes) {
  if (!dataset_) throw Finding(where_, "something else or a damaged dataset", kPlain);
  check_layout();
  check_type();
  check_shape();
  check_storage();
}

void StoredTensor::check_layout() {
  const hdf5::Handle creation(H5Dget_create_plist(dataset_.get()));
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
    throw Finding(where_, "a virtual layout", "data in this file");
  if (H5Pget_external_count(creation.get()) != 0) throw Finding(where_, "external storage", "data in this file");
  const int filters = H5Pget_nfilters(creation.get());
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, nullptr);
    const bool shuffle = filter == H5Z_FILTER_SHUFFLE && i == 0;
    const bool deflate = filter == H5Z_FILTER_DEFLATE && !filters_.deflate;
    if (!shuffle && !deflate)
      throw Finding(where_, "filter " + std::to_string(filter) + " at place " + std::to_string(i),
                    "no filters but shuffle (2), then deflate (1)");
    (shuffle ? filters_.shuffle : filters_.deflate) = true;
  }
  if (layout != H5D_CHUNKED) return;
  chunk_.resize(H5S_MAX_RANK);
  const int rank = H5Pget_chunk(creation.get(), H5S_MAX_RANK, chunk_.data());
  chunk_.resize(static_cast<std::size_t>(std::max(rank, 0)));
}

void StoredTensor::check_type() {
  const hdf5::Handle type(H5Dget_type(dataset_.get()));
  const hdf5::Handle half = hdf5::half_type();
  if (H5Tequal(type.get(), half.get()) > 0)
    value_bytes_ = 2;
  else if (H5Tequal(type.get(), H5T_IEEE_F32LE) <= 0)
    throw Finding(where_, "another type of " + std::to_string(H5Tget_size(type.get())) + " bytes",
                  "little-endian float32 or float16");
}

void StoredTensor::check_shape() const {
  const hdf5::Handle space(H5Dget_space(dataset_.get()));
  std::vector<hsize_t> extents(H5S_MAX_RANK);
  const int rank = H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  extents.resize(static_cast<std::size_t>(std::max(rank, 0)));
  const std::vector<std::int64_t> found(extents.begin(), extents.end());
  if (found != shape_) throw Finding(where_, shape_text(found), shape_text(shape_));
  if (chunk_.empty()) return;
  bool fits = chunk_.size() == extents.size();
  for (std::size_t axis = 0; fits && axis < extents.size(); ++axis)
    fits = chunk_[axis] > 0 && chunk_[axis] <= extents[axis];
  if (!fits)
    throw Finding(where_, "chunks of " + shape_text({chunk_.begin(), chunk_.end()}),
                  "at most the dataset's own " + shape_text(shape_));
}

void StoredTensor::check_storage() const {
  const std::uint64_t needed = static_cast<std::uint64_t>(element_count(shape_)) * value_bytes_;
  const std::uint64_t stored = H5Dget_storage_size(dataset_.get());
  constexpr std::uint64_t best_deflate = 1032;  // zlib's largest ratio
  const std::uint64_t least = filters_.deflate ? needed / best_deflate : needed;
  if (stored < std::max<std::uint64_t>(least, 1) || stored > file_bytes_)
    throw Finding(where_, std::to_string(stored) + " stored bytes",
                  "at least " + std::to_string(least) + ", in a file of " + std::to_string(file_bytes_));
}

std::vector<float> StoredTensor::read() const {
  const auto count = static_cast<std::size_t>(element_count(shape_));
  std::vector<float> values(count);
  std::vector<std::uint16_t> halves(value_bytes_ == 2 ? count : 0);
  void* target = value_bytes_ == 2 ? static_cast<void*>(halves.data()) : values.data();
  if (!chunk_.empty()) {
    read_chunks(static_cast<std::uint8_t*>(target));
  } else {
    const hdf5::Handle type(H5Dget_type(dataset_.get()));
    if (H5Dread(dataset_.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, target) < 0)
      throw Finding(where_, "data that cannot be read", "data inside the file");
  }
  for (std::size_t i = 0; i < halves.size(); ++i) values[i] = runtime::fp16_to_float(halves[i]);
  const auto bad = std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  if (bad != values.end())
    throw Finding(where_, (std::isnan(*bad) ? "NaN at " : "infinity at ") + std::to_string(bad - values.begin()),
                  "finite values");
  return values;
}

std::vector<std::uint8_t> StoredTensor::read_chunk(const std::vector<hsize_t>& offset) const {
  std::size_t plain_bytes = value_bytes_;
  for (const hsize_t extent : chunk_) plain_bytes *= extent;
  hsize_t packed_bytes = 0;
  if (H5Dget_chunk_storage_size(dataset_.get(), offset.data(), &packed_bytes) < 0 || packed_bytes == 0 ||
      packed_bytes > file_bytes_ || (!filters_.deflate && packed_bytes != plain_bytes))
    throw Finding(where_, "a chunk of " + std::to_string(packed_bytes) + " bytes",
                  std::to_string(plain_bytes) + " bytes, or fewer if deflated");
  std::vector<std::uint8_t> packed(packed_bytes);
  std::uint32_t skipped = 0;
  if (H5Dread_chunk(dataset_.get(), H5P_DEFAULT, offset.data(), &skipped, packed.data()) < 0)
    throw Finding(where_, "a chunk that cannot be read", "data inside the file");
  const auto applied = [&](bool used, int place) { return used && (skipped >> place & 1U) == 0; };
  const bool shuffled = applied(filters_.shuffle, 0);
  if (applied(filters_.deflate, filters_.shuffle ? 1 : 0)) {
    std::vector<std::uint8_t> plain(plain_bytes);
    if (!inflate_exactly(packed, plain))
      throw Finding(where_, "damaged deflate data", std::to_string(plain_bytes) + " bytes in a chunk");
    packed = std::move(plain);
  }
  if (packed.size() != plain_bytes)
    throw Finding(where_, "a chunk of " + std::to_string(packed.size()) + " bytes", std::to_string(plain_bytes));
  return shuffled ? unshuffle(packed, value_bytes_) : packed;
}

void StoredTensor::read_chunks(std::uint8_t* target) const {
  const std::vector<hsize_t> extents(shape_.begin(), shape_.end());
  const std::size_t last = extents.size() - 1;
  std::vector<hsize_t> row_steps(extents.size(), 1);
  std::vector<hsize_t> offset(extents.size(), 0);
  do {
    const std::vector<std::uint8_t> chunk = read_chunk(offset);
    row_steps[last] = chunk_[last];  // a whole row of the chunk at once
    const std::size_t row = std::min(chunk_[last], extents[last] - offset[last]) * value_bytes_;
    std::vector<hsize_t> inside(extents.size(), 0);
    std::size_t source = 0;
    do {
      std::size_t index = 0;
      bool in_dataset = true;
      for (std::size_t axis = 0; axis <= last; ++axis) {
        index = index * extents[axis] + offset[axis] + inside[axis];
        in_dataset = in_dataset && offset[axis] + inside[axis] < extents[axis];
      }
      if (in_dataset) std::memcpy(target + index * value_bytes_, chunk.data() + source, row);
      source += chunk_[last] * value_bytes_;
    } while (advance(inside, chunk_, row_steps));
  } while (advance(offset, extents, chunk_));
}

}  // namespace pleura::weights
