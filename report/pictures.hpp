#pragma once
/// The pictures of a result, written into its folder.
#include <filesystem>

#include "pleura/report.hpp"

namespace pleura::report {

/// Throws resources where this build draws none (PLEURA_PICTURES): to be asked before the work.
void require_pictures();

/// montage.png and region_NN.png, side by side.
void write_pictures(const Screening& screening, const std::filesystem::path& folder, Disclosure disclosure);

}  // namespace pleura::report
