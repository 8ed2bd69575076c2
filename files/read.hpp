#pragma once
/// Small files and pipes, read whole.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "pleura/error.hpp"

namespace pleura::files {

/// "PATH: cannot be read (why)", by the system's number: the machine's fault (resources) where the process may open no
/// more files or has no memory, else the file's.
[[nodiscard]] Error unreadable(const std::filesystem::path& path, int error_number, Status of_file);

/// The bytes of a file or a pipe. Throws Error(of_file), naming the file, where it cannot be read or has more than
/// `most` bytes. A signal whose handler does not restart calls ends the wait for a pipe, as a failure.
[[nodiscard]] std::string read_text(const std::filesystem::path& file, std::size_t most,
                                    Status of_file = Status::input_refused);

/// A file's bytes, whatever signals come; nothing where there is none. Throws Error(resources) where it cannot be read.
[[nodiscard]] std::optional<std::string> read_if_there(const std::filesystem::path& file);

}  // namespace pleura::files
