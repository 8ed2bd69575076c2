#pragma once
/// Files that a caller names, refused before the work where they could not be written.
#include <filesystem>

namespace pleura::api {

/// Throws usage where something else than a file stands there, resources where none could be made.
void require_place(const std::filesystem::path& file);

}  // namespace pleura::api
