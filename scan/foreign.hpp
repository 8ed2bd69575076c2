#pragma once
/// Files that pleura does not read, named for what they are.
#include <string>

#include "scan/input_file.hpp"

namespace pleura::scan {

/// Why a file that is none of the formats read (sniff.hpp) is not, in words for the user. Throws as InputFile::open.
[[nodiscard]] std::string why_foreign(const InputFile& file);

}  // namespace pleura::scan
