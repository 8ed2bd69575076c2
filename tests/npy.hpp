#pragma once
/// NumPy's .npy files of little-endian floats in C order: just enough for reference files.
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace pleura::test {

struct Npy {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

inline Npy read_npy(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string head(10, '\0');
  in.read(head.data(), 10);
  if (!in || head.substr(1, 5) != "NUMPY" || head[6] != 1)
    throw std::runtime_error(file.string() + ": not .npy version 1");
  std::string header(static_cast<unsigned char>(head[8]) + 256u * static_cast<unsigned char>(head[9]), '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  const bool wide = header.find("'<f8'") != std::string::npos;
  if (!wide && header.find("'<f4'") == std::string::npos)
    throw std::runtime_error(file.string() + ": expected <f4 or <f8");
  if (header.find("'fortran_order': False") == std::string::npos)
    throw std::runtime_error(file.string() + ": expected C order");
  Npy array;
  std::int64_t count = 1;
  for (std::size_t at = header.find('(') + 1; header[at] != ')';) {
    if (header[at] < '0' || header[at] > '9') {
      ++at;
      continue;
    }
    std::size_t digits = 0;
    array.shape.push_back(std::stoll(header.substr(at), &digits));
    count *= array.shape.back();
    at += digits;
  }
  std::vector<char> bytes(static_cast<std::size_t>(count) * (wide ? 8 : 4));
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) throw std::runtime_error(file.string() + ": truncated");
  array.values.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    float narrow = 0;
    if (wide)
      std::memcpy(&array.values[i], &bytes[i * 8], 8);
    else
      std::memcpy(&narrow, &bytes[i * 4], 4);
    if (!wide) array.values[i] = narrow;
  }
  return array;
}

inline void write_npy(const std::filesystem::path& file, const std::vector<std::int64_t>& shape,
                      const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::int64_t size : shape) header += std::to_string(size) + ", ";
  header += "), }";
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::ofstream out(file, std::ios::binary);
  out << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 255) << static_cast<char>(header.size() >> 8)
      << header;
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!out) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace pleura::test
