#include "weights/dataset.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "runtime/float16.hpp"
#include "weights/attributes.hpp"
#include "weights/chunk.hpp"

namespace pleura::weights {
namespace {

using h5read::Bytes;
using h5read::LayoutKind;

/// Throws Finding that names the first value which is not finite.
void require_finite(const std::string& where, const std::vector<float>& values) {
  // Without a branch first: compilers make vectors of it.
  constexpr std::uint32_t exponent = 0x7f800000U;
  std::uint32_t bad = 0;
  for (const float value : values) bad |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  if (bad == 0) return;
  const auto first = std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  throw Finding(where, (std::isnan(*first) ? "NaN at " : "infinity at ") + std::to_string(first - values.begin()),
                "finite values");
}

std::vector<std::int64_t> as_shape(const std::vector<std::uint64_t>& extents) {
  return {extents.begin(), extents.end()};
}

}  // namespace

StoredTensor::StoredTensor(h5read::File& file, std::string where, std::uint64_t address,
                           std::vector<std::int64_t> shape)
    : file_(file), where_(std::move(where)), shape_(std::move(shape)) {
  const std::string expected = "a dataset of float32 or float16 inside the file";
  try {
    h5read::Object object = file.object(address);
    if (!object.dataset) throw Finding(where_, "something else", expected);
    dataset_ = std::move(*object.dataset);
    check_type();
    check_shape();
    check_filters();
    check_storage();
  } catch (const h5read::Damaged& damaged) {
    throw Finding(where_, damaged.what(), expected);
  }
}

void StoredTensor::check_type() {
  if (dataset_.type.kind == h5read::Kind::float16)
    value_bytes_ = 2;
  else if (dataset_.type.kind != h5read::Kind::float32)
    throw Finding(where_, "another type of " + std::to_string(dataset_.type.bytes) + " bytes",
                  "little-endian float32 or float16");
}

void StoredTensor::check_shape() const {
  const std::vector<std::uint64_t>& extents = dataset_.space.extents;
  if (as_shape(extents) != shape_) throw Finding(where_, shape_text(as_shape(extents)), shape_text(shape_));
  if (dataset_.layout.kind != LayoutKind::chunked) return;
  const std::vector<std::uint64_t>& chunk = dataset_.layout.chunk;
  bool fits = chunk.size() == extents.size();
  for (std::size_t axis = 0; fits && axis < extents.size(); ++axis)
    fits = chunk[axis] > 0 && chunk[axis] <= extents[axis];
  if (!fits)
    throw Finding(where_, "chunks of " + shape_text(as_shape(chunk)),
                  "at most the dataset's own " + shape_text(shape_));
}

void StoredTensor::check_filters() {
  constexpr std::uint16_t deflate = 1, shuffle = 2;
  for (std::size_t i = 0; i < dataset_.filters.size(); ++i) {
    const std::uint16_t filter = dataset_.filters[i];
    if (!(filter == shuffle && i == 0) && !(filter == deflate && !deflate_))
      throw Finding(where_, "filter " + std::to_string(filter) + " at place " + std::to_string(i + 1),
                    "no filters but shuffle (2), then deflate (1)");
    (filter == shuffle ? shuffle_ : deflate_) = true;
  }
  if (!dataset_.filters.empty() && dataset_.layout.kind != LayoutKind::chunked)
    throw Finding(where_, "filters without chunks", "chunks");
}

std::uint64_t StoredTensor::plain_chunk_bytes() const {
  std::uint64_t bytes = value_bytes_;
  for (const std::uint64_t extent : dataset_.layout.chunk) bytes *= extent;
  return bytes;
}

void StoredTensor::check_storage() {
  const h5read::Layout& layout = dataset_.layout;
  const std::uint64_t needed = static_cast<std::uint64_t>(element_count(shape_)) * value_bytes_;
  std::uint64_t stored = layout.kind == LayoutKind::compact ? layout.data.size() : layout.bytes;
  std::uint64_t least = needed;
  if (layout.kind == LayoutKind::chunked) {
    std::uint64_t count = 1;  // no more than the values, whose number is bounded
    for (std::size_t axis = 0; axis < shape_.size(); ++axis)
      count *= (static_cast<std::uint64_t>(shape_[axis]) + layout.chunk[axis] - 1) / layout.chunk[axis];
    if (layout.address != h5read::kNowhere)
      chunks_ = h5read::list_chunks(file_.bytes(), layout.address, shape_.size(), count);
    if (chunks_.size() != count)
      throw Finding(where_, std::to_string(chunks_.size()) + " chunks", std::to_string(count));
    stored = 0;
    for (const h5read::Chunk& chunk : chunks_) stored += chunk.bytes;
    constexpr std::uint64_t best_deflate = 1032;  // zlib's largest ratio
    if (deflate_) least = needed / best_deflate;
  } else if (layout.address == h5read::kNowhere && layout.kind == LayoutKind::contiguous) {
    stored = 0;
  }
  if (stored < std::max<std::uint64_t>(least, 1) || stored > file_.bytes().size())
    throw Finding(where_, std::to_string(stored) + " stored bytes",
                  "at least " + std::to_string(least) + ", in a file of " + std::to_string(file_.bytes().size()));
}

std::vector<float> StoredTensor::read() const {
  const auto count = static_cast<std::size_t>(element_count(shape_));
  std::vector<float> values(count);
  std::vector<std::uint16_t> halves(value_bytes_ == 2 ? count : 0);
  auto* target = value_bytes_ == 2 ? reinterpret_cast<std::uint8_t*>(halves.data())
                                   : reinterpret_cast<std::uint8_t*>(values.data());
  try {
    if (dataset_.layout.kind == LayoutKind::chunked)
      read_chunks(target);
    else if (dataset_.layout.kind == LayoutKind::compact)
      std::memcpy(target, dataset_.layout.data.data(), count * value_bytes_);
    else
      file_.bytes().read_data(dataset_.layout.address, {target, count * value_bytes_});
  } catch (const h5read::Damaged& damaged) {
    throw Finding(where_, damaged.what(), "data inside the file");
  }
  for (std::size_t i = 0; i < halves.size(); ++i) values[i] = runtime::fp16_to_float(halves[i]);
  require_finite(where_, values);
  return values;
}

Bytes StoredTensor::read_chunk(const h5read::Chunk& chunk) const {
  const std::uint64_t plain_bytes = plain_chunk_bytes();
  if (chunk.bytes > file_.bytes().size()) throw h5read::Damaged("a chunk larger than the file");
  Bytes bytes(chunk.bytes);
  file_.bytes().read_data(chunk.address, bytes);
  const auto applied = [&](bool used, int place) { return used && (chunk.skipped_filters >> place & 1U) == 0; };
  if (applied(deflate_, shuffle_ ? 1 : 0)) {
    Bytes plain(plain_bytes);
    if (!inflate_exactly(bytes, plain))
      throw h5read::Damaged("a chunk whose deflate data does not give " + std::to_string(plain_bytes) + " bytes");
    bytes = std::move(plain);
  }
  if (bytes.size() != plain_bytes) throw h5read::Damaged("a chunk of " + std::to_string(bytes.size()) + " bytes");
  return applied(shuffle_, 0) ? unshuffle(bytes, value_bytes_) : bytes;
}

void StoredTensor::read_chunks(std::uint8_t* target) const {
  std::set<std::vector<std::uint64_t>> seen;
  for (const h5read::Chunk& chunk : chunks_) {
    for (std::size_t axis = 0; axis < shape_.size(); ++axis)
      if (chunk.offset[axis] >= dataset_.space.extents[axis] || chunk.offset[axis] % dataset_.layout.chunk[axis] != 0)
        throw h5read::Damaged("a chunk that lies elsewhere");
    if (!seen.insert(chunk.offset).second) throw h5read::Damaged("a chunk twice");
    const Bytes values = read_chunk(chunk);
    place_chunk({dataset_.space.extents, dataset_.layout.chunk, chunk.offset}, value_bytes_, values.data(), target);
  }
}

}  // namespace pleura::weights
