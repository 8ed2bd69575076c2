#pragma once
/// Open files and folders whose every failure is told. All throw std::system_error with the system's error number.
#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pleura::files {

[[noreturn]] void throw_errno();

/// An open file or folder, closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

  /// Another descriptor of the same open file: a lock lasts until both are closed.
  [[nodiscard]] Descriptor duplicate() const;

  /// All of the bytes, however few the system takes at a time.
  void write(std::span<const std::byte> bytes) const;

  /// At most as many bytes as there is room for. 0: the file's end.
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes) const;

  /// Returns once it lies on the disk. What the file system cannot sync (folders, on some) is left to it.
  void sync() const;

  /// Hands the number on to another owner.
  int release() { return std::exchange(number_, -1); }

  /// Closing may be what writes on a network's disk: here a failure is told.
  void close();

 private:
  int number_ = -1;
};

/// As openat, tried again where a signal interrupts it. Not open where it fails: errno says why.
[[nodiscard]] Descriptor try_open(const Descriptor& folder, const std::string& name, int flags, mode_t mode = 0);

/// A folder to work in; where it may not be listed, one that can be neither listed nor synced.
[[nodiscard]] Descriptor open_folder(const std::filesystem::path& folder);

/// The names in a folder, without "." and "..", in no order.
[[nodiscard]] std::vector<std::string> names_in(const Descriptor& folder);

/// Removes what `name` is in a folder, with all that a folder holds; follows no link. What is gone already is well.
void remove_tree(const Descriptor& folder, const std::string& name);

/// Brings everything in a folder to the disk.
void sync_tree(const Descriptor& folder);

}  // namespace pleura::files
