#pragma once
/// JSON that others wrote, read within bounds.
#include <filesystem>
#include <nlohmann/json.hpp>

namespace pleura::files {

/// A file's JSON; discarded (is_discarded) where it is none. Values more than 32 levels deep are left out. Throws
/// input_refused where the file cannot be read or has more than 16 MiB.
[[nodiscard]] nlohmann::json read_json(const std::filesystem::path& file);

}  // namespace pleura::files
