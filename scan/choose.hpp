#pragma once
/// Which of several sources is screened (docs/file-formats.md, "Which series is screened").
#include <optional>
#include <string>
#include <vector>

#include "scan/source.hpp"

namespace pleura::scan {

/// Marks the chosen source's report and writes into every report why. Returns the chosen one's index; nothing where
/// none can be screened, or where several belong to different studies (every file that is not DICOM counts as one) and
/// none was named. `series` overrides the rules: a uid, else a path, else a file's bare name, of SeriesReport (throws
/// usage where it fits none or several).
std::optional<std::size_t> choose(std::vector<Source>& sources, const std::string& series);

}  // namespace pleura::scan
