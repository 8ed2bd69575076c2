#include "api/output_file.hpp"

#include "files/replace.hpp"
#include "pleura/error.hpp"

namespace pleura::api {

void require_place(const std::filesystem::path& file) {
  files::writing(file, [&] {
    if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file))
      throw Error(Status::usage, file.string() + ": found something else, expected a file or none");
    std::filesystem::path folder = file.parent_path();
    if (folder.empty()) folder = ".";
    if (!std::filesystem::is_directory(folder))
      throw Error(Status::resources, file.string() + ": cannot be written: there is no folder " + folder.string());
    files::require_writable(folder);
  });
}

}  // namespace pleura::api
