#pragma once
/// What the fuzz targets share: the bytes that libFuzzer gives as a file, and what a reader may do with them. Each
/// target is one LLVMFuzzerTestOneInput; an exception that leaves it, or an abort, is a fault.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "pleura/error.hpp"
#include "scan/input_file.hpp"

namespace pleura::fuzz {

using Data = std::span<const std::uint8_t>;

[[noreturn]] inline void fault(const std::string& what) {
  std::fprintf(stderr, "fault: %s\n", what.c_str());
  std::abort();
}

/// Reads: into something, or into an Error of one printable line, which is no defect.
template <typename Read>
void expect_read_or_refused(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    const std::string_view line = error.what();
    if (error.status() == Status::internal) fault("a defect: " + std::string(line));
    if (line.empty()) fault("an error without words");
    for (const char c : line)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) fault("not one printable line: " + std::string(line));
  }
}

inline scan::Bytes bytes_of(Data data) {
  const auto bytes = std::as_bytes(data);
  return {bytes.begin(), bytes.end()};
}

/// A file in memory, as archives hold them.
inline scan::InputFile in_memory(const std::string& name, scan::Bytes bytes) {
  return {name, std::make_shared<const scan::FilesInMemory>(scan::FilesInMemory{{name, std::move(bytes)}})};
}

/// A folder of this process in memory, for what reads paths alone; gone with the process.
class Folder {
 public:
  Folder() : path_("/dev/shm/pleura-fuzz-" + std::to_string(getpid())) { std::filesystem::create_directories(path_); }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file anew.
  std::filesystem::path write(const std::string& name, Data data) const {
    auto file = path_ / name;
    std::ofstream(file, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// The first byte of the data, taken off; 0 where there is none.
inline std::uint8_t take_byte(Data& data) {
  if (data.empty()) return 0;
  const std::uint8_t byte = data.front();
  data = data.subspan(1);
  return byte;
}

}  // namespace pleura::fuzz

/// The body of a target: void fuzz_one(Data data).
#define PLEURA_FUZZ_TARGET                                                             \
  static void fuzz_one(pleura::fuzz::Data data);                                       \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);  \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { \
    pleura::fuzz::expect_read_or_refused([&] { fuzz_one({bytes, size}); });            \
    return 0;                                                                          \
  }                                                                                    \
  static void fuzz_one(pleura::fuzz::Data data)
