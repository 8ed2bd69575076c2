#pragma once
/// Tiny DICOM files for tests, written by DCMTK. For .cpp files alone: it brings DCMTK's headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::scan::test {

inline constexpr std::int64_t side = 16;

/// Changes what a written file says.
using Change = std::function<void(DcmDataset&)>;

/// The stored value (HU + 1024) of a phantom of air with a square of tissue; HU tells slice, row and column apart.
[[nodiscard]] std::int16_t phantom_hu(std::int64_t slice, std::int64_t row, std::int64_t column);

/// An axial CT slice of side x side pixels of 0.75 (row to row) x 0.5 mm at z mm, 16 bits allocated, 12 stored,
/// unsigned.
[[nodiscard]] DcmFileFormat make_slice(std::int64_t slice, double z, const Change& change = {});

/// Writes a file in a transfer syntax; compressed ones through DCMTK's encoders (registered on first use).
void save(DcmFileFormat& file, const std::filesystem::path& path, E_TransferSyntax syntax = EXS_LittleEndianExplicit);

/// Makes the header of a written file declare another transfer syntax; the data set stays as it lies.
void declare_syntax(const std::filesystem::path& file, const std::string& uid);

/// Writes a series of slices 2.5 mm apart from z = -100 up under names that do not tell their order; `change` may tell
/// slices apart by InstanceNumber.
struct SeriesOptions {
  std::int64_t slices = 12;
  E_TransferSyntax syntax = EXS_LittleEndianExplicit;
  std::function<void(std::int64_t slice, DcmDataset&)> change;
};
void write_series(const std::filesystem::path& folder, const SeriesOptions& options = {});

/// Text into an attribute.
void put(DcmItem& item, const DcmTagKey& tag, const std::string& value);

/// The pixels of a data set replaced: words of 16 bits.
void put_pixels(DcmItem& item, const std::vector<std::uint16_t>& words);

}  // namespace pleura::scan::test
