#pragma once
/// Whether two devices, precisions or kernels come to the same on a CT (docs/compare.md).
#include <filesystem>
#include <string>
#include <string_view>

#include "pleura/engine_options.hpp"
#include "pleura/export.h"
#include "pleura/volume.hpp"

namespace pleura {

/// What networks run on, in words with commas between, in any order: a device ("cpu", "cuda", "cuda:1", "auto",
/// "reference"), a precision ("fp32", "bf16", "fp16"), kernels ("native", "cudnn", "any"), "threads=N" (0 to 4096). A
/// word that is not there leaves what `defaults` has. Throws usage naming a word that is none of these, or a second of
/// one kind.
[[nodiscard]] PLEURA_API EngineOptions parse_configuration(std::string_view words, const EngineOptions& defaults = {});

/// The words that parse_configuration makes it of: "cpu,fp32", "cuda:1,fp16,cudnn,threads=2".
[[nodiscard]] PLEURA_API std::string configuration_words(const EngineOptions& options);

struct CompareOptions {
  EngineOptions a, b;
  ScreenOptions screen;
  std::filesystem::path json;  ///< file to write, whole or not at all; empty: none
};

struct Comparison {
  std::string table, json;  ///< as readable text; docs/compare.schema.json
  /// The case's result, and each region and its label; where not, the table says which.
  bool same_decisions = true;
};

/// Screens a CT with one configuration, then with the other, one in memory at a time. Throws as Engine does, naming the
/// configuration, and as write_result where the file cannot be written.
[[nodiscard]] PLEURA_API Comparison compare_configurations(const std::filesystem::path& weights, const Volume& volume,
                                                           const CompareOptions& options,
                                                           const Progress& progress = {});

}  // namespace pleura
