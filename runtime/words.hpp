#pragma once
/// Words of messages that several rooms write.
#include <filesystem>
#include <string>
#include <string_view>

namespace pleura::runtime {

/// Text of a file made printable, without the spaces at both ends.
[[nodiscard]] std::string printable(std::string_view text);

/// An error's message without the file that it begins with.
[[nodiscard]] std::string without_file(const std::string& message, const std::filesystem::path& file);

}  // namespace pleura::runtime
