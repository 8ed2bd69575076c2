#pragma once
/// Where seeds go, and those that need no library.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "scan/input_file.hpp"

namespace pleura::fuzz {

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string text_of(const scan::Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Seeds {
 public:
  explicit Seeds(std::filesystem::path root) : root_(std::move(root)) {}

  /// The folder of a target, made where it is missing.
  [[nodiscard]] std::filesystem::path folder(const std::string& target) const {
    std::filesystem::create_directories(root_ / target);
    return root_ / target;
  }

  void write(const std::string& target, const std::string& name, const std::string& bytes) const {
    std::ofstream(folder(target) / name, std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path root_;
};

/// PNG in every colour type and depth, interlaced too, and BMP.
void write_pictures(const Seeds& seeds);

}  // namespace pleura::fuzz
