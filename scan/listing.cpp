#include "scan/listing.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "files/read.hpp"

namespace pleura::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::ptrdiff_t most_levels = 64;     ///< of folders below the one given
constexpr std::size_t most_files = 1'000'000;  ///< at a path

/// Folders that a system keeps on a disk for itself, often closed to users: no CT lies there.
bool is_of_the_system(const fs::path& folder) {
  constexpr std::array<std::string_view, 7> names{
      "lost+found", "System Volume Information", "$RECYCLE.BIN", ".Trashes", ".Spotlight-V100",
      ".fseventsd", ".DocumentRevisions-V100"};
  return std::find(names.begin(), names.end(), folder.filename().string()) != names.end();
}

const char* kind_of(fs::file_type type) {
  switch (type) {
    case fs::file_type::fifo:
      return "a FIFO, not read";
    case fs::file_type::socket:
      return "a socket, not read";
    default:
      return "a device, not read";
  }
}

class Walk {
 public:
  Listing run(const fs::path& folder) {
    root_ = folder;
    std::vector<fs::path> folders{folder};
    while (!folders.empty()) {
      const fs::path next = std::move(folders.back());
      folders.pop_back();
      list(next, folders);
    }
    std::sort(listing_.files.begin(), listing_.files.end());
    return std::move(listing_);
  }

 private:
  /// One folder; the folders in it go to `folders`.
  void list(const fs::path& folder, std::vector<fs::path>& folders) {
    try {  // libstdc++'s increment(error_code) ends the process where memory runs out
      for (const auto& entry : fs::directory_iterator(folder)) add(entry.path(), folders);
    } catch (const fs::filesystem_error& error) {
      (is_of_the_system(folder) ? listing_.skipped : listing_.unseen)
          .push_back({folder, "a folder that cannot be listed (" + error.code().message() + ")"});
    }
  }

  void add(const fs::path& path, std::vector<fs::path>& folders) {
    std::error_code error;
    const bool link = fs::is_symlink(fs::symlink_status(path, error));
    const auto type = fs::status(path, error).type();
    switch (type) {
      case fs::file_type::regular:
        if (listing_.files.size() == most_files)
          throw Error(Status::input_refused, root_.string() + ": more than " + std::to_string(most_files) +
                                                 " files, expected the folder of a CT");
        listing_.files.push_back(path);
        break;
      case fs::file_type::directory:
        if (link)
          listing_.skipped.push_back({path, "a link to a folder, not followed"});
        else if (levels(path) - levels(root_) > most_levels)
          listing_.unseen.push_back({path, "a folder more than " + std::to_string(most_levels) + " levels deep"});
        else
          folders.push_back(path);
        break;
      case fs::file_type::none:
      case fs::file_type::not_found:
      case fs::file_type::unknown:
        listing_.unseen.push_back({path, "cannot be read (" + error.message() + ")"});
        break;
      default:
        listing_.skipped.push_back({path, kind_of(type)});
    }
  }

  static std::ptrdiff_t levels(const fs::path& path) { return std::distance(path.begin(), path.end()); }

  fs::path root_;
  Listing listing_;
};

}  // namespace

Listing list_files(const fs::path& path) {
  std::error_code error;
  const auto type = fs::status(path, error).type();
  const auto refuse = [&](const std::string& why) { throw Error(Status::input_refused, path.string() + ": " + why); };
  if (type == fs::file_type::not_found) refuse("no such file or folder");
  if (error) throw files::unreadable(path, error.value(), Status::input_refused);
  Listing listing;
  if (type == fs::file_type::regular) {
    listing.files.push_back(path);
    return listing;
  }
  if (type != fs::file_type::directory) refuse(std::string(kind_of(type)) + ", expected a file or a folder");
  listing = Walk().run(path);
  if (!listing.unseen.empty() && listing.unseen.front().path == path) refuse(listing.unseen.front().why);
  return listing;
}

}  // namespace pleura::scan
