#include "scan/dicom_series.hpp"

namespace pleura::scan {

std::vector<Source> dicom_sources(const std::vector<InputFile>& files, const ReadOptions& /*options*/,
                                  std::vector<RefusedFile>& refused) {
  for (const auto& file : files)
    refused.push_back({file.path(), "DICOM, but this pleura was built without DICOM (PLEURA_DICOM=OFF)"});
  return {};
}

}  // namespace pleura::scan
