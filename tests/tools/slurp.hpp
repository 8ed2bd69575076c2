#pragma once
/// What a file holds.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pleura::test {

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace pleura::test
