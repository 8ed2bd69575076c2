#pragma once
/// Whose a result is, as far as it may be said.
#include <string>

#include "pleura/result.hpp"

namespace pleura::report {

/// One line of printable ASCII for tables and pictures, what matters most first: patient, path, study date, voxels,
/// series. Parts that are unknown or not to be shown are left out; the voxels' hash is in every line.
[[nodiscard]] std::string identity_line(const Result& result, Disclosure disclosure);

/// A message with "..." for all that could name a CT's source: what `source` and `path` hold, what stands in quotes,
/// and words that look like a file, a path, a UID or a date.
[[nodiscard]] std::string anonymous_text(std::string text, const Provenance& source);

}  // namespace pleura::report
