#include "api/extract_file.hpp"

#include <type_traits>

#include "files/hdf5.hpp"

namespace pleura::api {
namespace {

using hdf5::create_group;
using hdf5::ensure;
using hdf5::Handle;
using Extents = std::vector<hsize_t>;

/// How T is stored.
template <class T>
hid_t type_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_STD_U8LE;
  if constexpr (std::is_same_v<T, std::int16_t>) return H5T_STD_I16LE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_STD_I64LE;
  if constexpr (std::is_same_v<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<T, double>) return H5T_IEEE_F64LE;
}

/// Values (any number) as a dataset, deflated a slice (of the first extent) at a time.
template <class T>
void dataset(const Handle& group, const char* name, const std::vector<T>& values, const Extents& extents) {
  Handle properties = hdf5::untimed(H5P_DATASET_CREATE);
  if (!values.empty()) {
    Extents chunk = extents;
    chunk[0] = 1;
    ensure(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()));
    ensure(H5Pset_shuffle(properties.get()));
    ensure(H5Pset_deflate(properties.get(), 4));
  }
  Handle space = hdf5::create_space(extents);
  Handle set(
      ensure(H5Dcreate2(group.get(), name, type_of<T>(), space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT)));
  if (!values.empty()) ensure(H5Dwrite(set.get(), type_of<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
  hdf5::close(set, space, properties);
}

template <class T>
void attribute(const Handle& object, const char* name, const T* values, const Extents& extents) {
  hdf5::write_attribute(object, name, type_of<T>(), type_of<T>(), extents, values);
}

void write_segmenter(const Handle& root, const Extract& extract) {
  Handle group = create_group(root, "segmenter");
  const Geometry& grid = extract.grid.geometry;
  const Extents shape(grid.shape.begin(), grid.shape.end());
  dataset(group, "hu", extract.grid.hu, shape);
  dataset(group, "lungs", extract.grid.lungs, shape);
  attribute(group, "spacing_mm", grid.spacing.data(), {3});
  attribute(group, "origin_mm", grid.origin.data(), {3});
  attribute(group, "direction", grid.direction[0].data(), {3, 3});
  attribute(group, "source_shape", extract.source.shape.data(), {3});
  attribute(group, "source_spacing_mm", extract.source.spacing.data(), {3});
  attribute(group, "hu_window", extract.settings.hu_window.data(), {2});
  attribute(group, "outside_hu", &extract.settings.outside_hu, {});
  group.close();
}

void write_regions(const Handle& root, const Extract& extract) {
  std::vector<double> boxes;
  std::vector<float> scores, distances;
  std::vector<std::uint8_t> sources;
  for (const ExtractedRegion& region : extract.regions) {
    const auto& [low, high] = region.candidate.box_mm;
    boxes.insert(boxes.end(), low.begin(), low.end());
    boxes.insert(boxes.end(), high.begin(), high.end());
    scores.push_back(static_cast<float>(region.candidate.score));
    sources.push_back(static_cast<std::uint8_t>(region.source));
    for (const double distance : region.patches.distances) distances.push_back(static_cast<float>(distance));
  }
  const auto count = static_cast<hsize_t>(extract.regions.size()), pixels = static_cast<hsize_t>(extract.pixels);
  Handle proposals = create_group(root, "proposals");
  dataset(proposals, "box_mm", boxes, {count, 2, 3});
  dataset(proposals, "score", scores, {count});
  dataset(proposals, "source", sources, {count});
  Handle patches = create_group(root, "patches");
  dataset(patches, "hu", extract.patches, {count, screening::kPatchSlices, pixels, pixels});
  dataset(patches, "distance", distances, {count, screening::kImages});
  attribute(patches, "field_mm", &extract.field_mm, {});
  attribute(patches, "pixels", &extract.pixels, {});
  hdf5::close(patches, proposals);
}

void write_all(const Handle& root, const Extract& extract) {
  constexpr std::int64_t version = 1;
  hdf5::write_attribute(root, "format", "pleura-extract");
  attribute(root, "format_version", &version, {});
  hdf5::write_attribute(root, "series_uid", extract.series_uid);
  hdf5::write_attribute(root, "weights_sha256", extract.weights_sha256);
  write_segmenter(root, extract);
  write_regions(root, extract);
}

}  // namespace

void write_extract(const Extract& extract, const std::filesystem::path& file) {
  hdf5::write_file(file, [&](const Handle& root) { write_all(root, extract); });
}

}  // namespace pleura::api
