#pragma once
/// The file that training reads (docs/extract-format.md).
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "screening/candidates.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "weights/model.hpp"

namespace pleura::api {

/// Where a region of an extract comes from.
enum class Source : std::uint8_t { proposed = 0, given = 1 };

/// One region with its patches.
struct ExtractedRegion {
  screening::Candidate candidate;
  Source source = Source::proposed;
  screening::RegionPatches patches;
};

/// The segmenter's grid in the host's memory.
struct ExtractedGrid {
  Geometry geometry;
  std::vector<std::int16_t> hu;
  std::vector<std::uint8_t> lungs;
};

/// Everything that the file holds.
struct Extract {
  std::string series_uid, weights_sha256;
  Geometry source;  ///< of the CT
  ExtractedGrid grid;
  weights::SegmenterSettings settings;
  std::vector<ExtractedRegion> regions;
  std::vector<std::int16_t> patches;  ///< (regions, kPatchSlices, pixels, pixels) HU
  double field_mm = 0;
  std::int64_t pixels = 0;
};

/// Whole or not at all. Throws Error(resources) where memory or the disk is missing.
void write_extract(const Extract& extract, const std::filesystem::path& file);

/// The boxes of a JSON file, in mm: "box_mm" of each element of its "lesions", "regions" or "boxes", as {"low": [x, y,
/// z], "high": [x, y, z]} (a phantom's truth.json, a result.json). Throws Error(input_refused) where the file is
/// anything else.
[[nodiscard]] std::vector<WorldBox> read_boxes(const std::filesystem::path& file);

}  // namespace pleura::api
