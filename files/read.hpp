#pragma once
/// Small files and pipes, read whole.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "pleura/error.hpp"

namespace pleura::files {

/// Whose fault it is that a file cannot be read: the machine's, where the process may open no more files or has no
/// memory (resources), else the file's.
[[nodiscard]] Status fault_of(int error_number, Status of_file);

/// The bytes of a file or a pipe. Throws Error(unreadable), naming the file, where it cannot be read or has more than
/// `most` bytes. A signal whose handler does not restart calls ends the wait for a pipe, as a failure.
[[nodiscard]] std::string read_text(const std::filesystem::path& file, std::size_t most,
                                    Status unreadable = Status::input_refused);

/// A file's bytes, whatever signals come; nothing where there is none. Throws Error(resources) where it cannot be read.
[[nodiscard]] std::optional<std::string> read_if_there(const std::filesystem::path& file);

}  // namespace pleura::files
