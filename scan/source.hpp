#pragma once
/// One thing at a path that may be a CT: a DICOM series, a volume file or a folder of image slices.
#include <functional>
#include <string>
#include <vector>

#include "pleura/scan.hpp"

namespace pleura::scan {

/// What the rules of choice look at (docs/file-formats.md), all of it known from headers.
struct Preference {
  int chest = 0;             ///< 1: its words name the chest; 0: they name nothing; -1: they name another region
  bool original = true;      ///< not derived from other images
  bool lung_kernel = false;  ///< reconstructed sharply, as for lungs
  double extent_mm = 0;      ///< along z
  double slice_mm = 0;       ///< from slice to slice
  long series_number = 0;
};

struct Source {
  SeriesReport report;  ///< geometry or the reason of a refusal, from headers
  std::string study;    ///< one visit of one patient; empty where the format knows none
  Preference preference;
  std::vector<std::string> warnings;  ///< for the user who screens this source
  /// Decodes it. Throws input_refused; only to be called where report.refused is empty.
  std::function<Volume(const ReadOptions&)> read;
};

}  // namespace pleura::scan
