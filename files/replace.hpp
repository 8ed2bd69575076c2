#pragma once
/// Files and folders that appear under their name whole or not at all: written beside it, brought to the disk, renamed.
/// Until then the earlier one stands there; where several write to one name, each succeeds and the last one's stays.
/// Whatever fails leaves nothing behind. What killed processes left there is removed by the next writer.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "pleura/error.hpp"

namespace pleura::files {

/// Error(resources): PATH: cannot be written: and the system's words.
class WriteFailed : public Error {
 public:
  WriteFailed(const std::filesystem::path& path, std::error_code why);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::error_code why() const { return why_; }

 private:
  std::filesystem::path path_;
  std::error_code why_;
};

/// Does the work of writing to a path: what the system refuses, as std::system_error, becomes WriteFailed.
template <class Work>
auto writing(const std::filesystem::path& path, const Work& work) try {
  return work();
} catch (const std::system_error& error) {
  throw WriteFailed(path, error.code());
}

/// Takes the bytes of a file in order.
using Sink = std::function<void(std::span<const std::byte>)>;

/// Writes a file of what `fill` gives; a link under its name is replaced, not followed. Throws WriteFailed;
/// Error(usage) where neither a file nor nothing is there; what `fill` throws.
void replace_file(const std::filesystem::path& file, const std::function<void(const Sink&)>& fill);

void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& file, std::string_view text);

/// The folder that a path means: absolute, its links followed, no slash at its end. Throws WriteFailed.
[[nodiscard]] std::filesystem::path folder_meant(const std::filesystem::path& path);

/// Writes a folder, and those above it, of what `fill` puts into the one whose path it is given. All that stood there
/// before is removed: whether it may be is for the caller to say. Throws WriteFailed, which names what is written by
/// its place in `folder`, also where that is a link; what `fill` throws.
void replace_folder(const std::filesystem::path& folder,
                    const std::function<void(const std::filesystem::path& draft)>& fill);

/// A new file of a folder that is being written, which brings it to the disk. Throws WriteFailed, also where there is
/// one.
void create_file(const std::filesystem::path& file, std::span<const std::byte> bytes);
void create_file(const std::filesystem::path& file, std::string_view text);

/// Throws WriteFailed where a folder could not be made there: tried in the nearest folder above it that exists.
void require_writable(const std::filesystem::path& folder);

}  // namespace pleura::files
