#pragma once
/// Bytes of a file, read within bounds: the ground that the rest of h5read/ stands on.
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pleura::h5read {

/// What makes a file unreadable, in a few words: "a damaged object header", "a soft link".
class Damaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An address that stands for "nowhere".
inline constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

using Bytes = std::vector<std::uint8_t>;

/// Takes little-endian numbers and texts from the front of some bytes. Throws Damaged at their end.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t number(std::size_t bytes);
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] std::uint64_t u64() { return number(8); }
  [[nodiscard]] std::span<const std::uint8_t> take(std::size_t bytes);
  [[nodiscard]] std::string text(std::size_t bytes);
  void skip(std::size_t bytes) { (void)take(bytes); }
  /// Skips what fills up the last `bytes` to a multiple of 8.
  void skip_padding(std::size_t bytes) { skip((8 - bytes % 8) % 8); }
  /// Throws unless the next bytes are these.
  void expect(std::string_view signature);

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// A file from which pieces are read; what the system refuses is thrown as std::system_error. All pieces together may
/// not be much larger than the file: what points in circles ends.
class FileBytes {
 public:
  explicit FileBytes(const std::filesystem::path& file);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Throws Damaged where the piece does not lie in the file.
  [[nodiscard]] Bytes read(std::uint64_t address, std::uint64_t bytes);
  /// The same for tensors: into memory of the caller, and free of the bound on structure.
  void read_data(std::uint64_t address, std::span<std::uint8_t> target) const;

 private:
  /// A file descriptor, closed when it goes.
  struct Descriptor {
    explicit Descriptor(const std::filesystem::path& file);
    ~Descriptor();
    /// Of the open file.
    [[nodiscard]] std::uint64_t bytes() const;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number;
  };

  Descriptor file_;
  std::uint64_t size_, budget_;
};

/// Throws Damaged unless the last four bytes are the checksum (Jenkins' lookup3, as HDF5 uses it) of those before.
void require_checksum(std::span<const std::uint8_t> bytes);

}  // namespace pleura::h5read
