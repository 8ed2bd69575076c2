#include "scan/voxel_files.hpp"

#include <optional>

#include "pleura/error.hpp"
#include "scan/gzip.hpp"
#include "scan/inflate.hpp"
#include "scan/text.hpp"

namespace pleura::scan {

InputFile named_file(const InputFile& header, const std::string& name) {
  auto file = header.sibling(name);
  if (!file)
    throw Error(Status::input_refused, header.path().string() + ": its voxels' file " +
                                           printable((header.path().parent_path() / name.substr(0, 255)).string()) +
                                           " is not there");
  return *std::move(file);
}

void require_voxel_files(const InputFile& header, DetachedVolume& volume) {
  auto& [grid, format, voxels, warnings] = volume;
  const auto files = static_cast<std::int64_t>(voxels.parts.size());
  if (voxels.one_a_slice && files != grid.shape[0])
    throw Error(Status::input_refused, header.path().string() + ": a list of " + counted(files, "file") +
                                           ", expected one for each of " + counted(grid.shape[0], "slice"));
  const Index3 share{voxels.one_a_slice ? 1 : grid.shape[0], grid.shape[1], grid.shape[2]};
  const std::int64_t expected = bytes_of(share, format.element);
  std::int64_t surplus = 0;
  for (auto& [file, at] : voxels.parts) {
    const auto size = file.size();
    if (at == VoxelFiles::at_end) at = std::max<std::int64_t>(size - expected, 0);
    const auto name = file == header ? "" : ": " + printable(file.path().filename().string());
    require_room(share, format.element, (size - at) * (voxels.compressed ? most_inflated : 1),
                 header.path().string() + name);
    surplus += size - at - expected;
  }
  if (!voxels.compressed) warn_of_surplus(surplus, warnings);
}

VolumeHeader header_of(const InputFile& header, const DetachedVolume& volume) {
  VolumeHeader result{orient(volume.grid, header.path().string()).geometry, {}, volume.warnings};
  for (const auto& part : volume.voxels.parts) result.data_files.push_back(part.file);
  return result;
}

Volume read_voxel_files(const InputFile& header, const DetachedVolume& volume, const std::string& format) {
  const auto& voxels = volume.voxels;
  const Orientation orientation = orient(volume.grid, header.path().string());
  std::size_t next = 0;
  std::optional<StreamReader> stream;
  const auto read = [&](std::span<std::byte> bytes) {
    if (!stream || voxels.one_a_slice) {
      const auto& [file, at] = voxels.parts[next++];
      stream.emplace(file, at, voxels.compressed);
      if (!stream->skip(voxels.pass_over)) return std::size_t{0};
    }
    return stream->read(bytes);
  };
  auto hu = read_voxels(read, volume.grid.shape, orientation, volume.format, header.path().string());
  return turned_volume(std::move(hu), orientation, format, static_cast<std::int64_t>(voxels.parts.size()));
}

}  // namespace pleura::scan
