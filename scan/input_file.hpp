#pragma once
/// A file to read: on disk, or in memory where an archive or a compressed file held it. Every reader takes one.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pleura::scan {

using Bytes = std::vector<std::byte>;

/// Files in memory by the paths that they are shown by.
using FilesInMemory = std::map<std::filesystem::path, Bytes>;

class InputFile {
 public:
  InputFile() = default;

  /// On disk. A path is such a file, so that it converts.
  InputFile(std::filesystem::path path) : path_(std::move(path)) {}  // NOLINT(google-explicit-constructor)

  /// One of `memory`, which must hold the path.
  InputFile(std::filesystem::path path, std::shared_ptr<const FilesInMemory> memory)
      : path_(std::move(path)), memory_(std::move(memory)) {}

  /// As shown to the user: a member of an archive is ARCHIVE/MEMBER.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] bool on_disk() const { return memory_ == nullptr; }

  /// All of it; only where it is in memory.
  [[nodiscard]] std::span<const std::byte> bytes() const { return memory_->at(path_); }

  /// Its length. Throws input_refused where it is gone.
  [[nodiscard]] std::int64_t size() const;

  /// A stream over its bytes, which must not outlive this file. Throws input_refused where it cannot be opened.
  [[nodiscard]] std::unique_ptr<std::istream> open() const;

  /// The file that `name` means in this one's folder: of the disk, or of the same archive. Nothing where there is none.
  [[nodiscard]] std::optional<InputFile> sibling(const std::filesystem::path& name) const;

  bool operator==(const InputFile&) const = default;

 private:
  std::filesystem::path path_;
  std::shared_ptr<const FilesInMemory> memory_;  ///< absent: on disk
};

}  // namespace pleura::scan
