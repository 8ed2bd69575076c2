#pragma once
/// A screening written down: result.json, its table, pictures and masks.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pleura/error.hpp"
#include "pleura/export.h"
#include "pleura/result.hpp"
#include "pleura/volume.hpp"

namespace pleura {

/// A result with what its pictures need.
struct Screening {
  Result result;
  Volume volume;
  std::vector<std::uint8_t> lungs;  ///< per voxel of volume: 0 outside, 1 left lung, 2 right lung; empty: not wanted
};

/// What write_result writes besides result.json, and what that shows of the CT's source.
struct WriteOptions {
  bool save_masks = false;  ///< lungs.nii.gz and regions.nii.gz
  Disclosure disclosure = Disclosure::usual;
  bool pictures = true;  ///< montage.png and region_NN.png; resources in a build without them
};

/// Writes result.json, a PNG per region and a montage into a folder: under a temporary name, then renamed, so that
/// whoever sees result.json there sees all the rest. A folder of an earlier result or refusal is replaced whole; any
/// other non-empty folder is refused (usage). Returns the result as it stands in result.json: with the stages
/// "pictures" and "masks" where these are written.
PLEURA_API Result write_result(const Screening& screening, const std::filesystem::path& folder,
                               const WriteOptions& options = {});

/// Writes what stands in a result's place for a CT that gave none, refusal.json alone, into a folder: in the same way,
/// over the same earlier ones.
PLEURA_API void write_refusal(const Error& error, const std::filesystem::path& ct, const std::filesystem::path& folder,
                              Disclosure disclosure = Disclosure::usual);

/// For a program that ends without destructors, as in its std::terminate_handler: removes what its threads are writing
/// and have not put in its place. Takes no memory.
PLEURA_API void discard_unfinished_output() noexcept;

/// Throws usage where write_result would refuse a folder, resources where it could not make it: for asking before the
/// work. Leaves nothing behind.
PLEURA_API void check_result_folder(const std::filesystem::path& folder);

/// result.json as text (schema: docs/result.schema.json).
[[nodiscard]] PLEURA_API std::string to_json(const Result& result, Disclosure disclosure = Disclosure::usual,
                                             bool one_line = false);

/// What stands in its place for a CT that gave no result: its path, unless that is empty, and why (schema:
/// docs/refusal.schema.json).
[[nodiscard]] PLEURA_API std::string to_json(const Error& error, const std::filesystem::path& ct,
                                             Disclosure disclosure = Disclosure::usual, bool one_line = false);

/// The table that the command prints.
[[nodiscard]] PLEURA_API std::string to_table(const Result& result, Disclosure disclosure = Disclosure::usual);

}  // namespace pleura
