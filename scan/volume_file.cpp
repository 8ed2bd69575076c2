#include "scan/volume_file.hpp"

#include <utility>

namespace pleura::scan {

Volume turned_volume(std::vector<std::int16_t> turned, const Orientation& orientation, const std::string& format,
                     std::int64_t files) {
  Volume volume{orientation.geometry, std::move(turned), {}};
  auto& provenance = volume.provenance.emplace();
  provenance.format = format;
  provenance.files = files;
  provenance.file_axis = orientation.axis;
  provenance.file_flip = orientation.flip;
  return volume;
}

}  // namespace pleura::scan
