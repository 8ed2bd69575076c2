#include "kernels/vendor/search.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace pleura::kernels::vendor {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value ? value : "";
}

/// Folders of a folder, in the order of their names; of one that cannot be read none.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (std::error_code ignored; fs::is_directory(entry->path(), ignored)) found.push_back(entry->path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The Python to look at, as it was named: a virtual environment's is a link that leads away from its wheels.
fs::path find_python(const Surroundings& around) {
  if (!around.python.empty()) return around.python;
  for (std::string_view rest = around.path; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.starts_with('/')) continue;  // nothing is loaded from where the user happens to be
    for (const char* const name : {"python3", "python"}) {
      std::error_code ignored;
      const fs::path program = fs::path(folder) / name;
      if (fs::is_regular_file(program, ignored)) return program;
    }
  }
  return {};
}

/// Folders of libraries in the wheels of a Python.
std::vector<fs::path> wheel_folders(const fs::path& python) {
  std::vector<fs::path> found;
  if (python.empty()) return found;
  for (const fs::path& of_version : folders_in(python.parent_path().parent_path() / "lib")) {
    if (!of_version.filename().string().starts_with("python3")) continue;
    for (const char* const packages : {"site-packages", "dist-packages"}) {
      for (const fs::path& wheel : folders_in(of_version / packages / "nvidia")) found.push_back(wheel / "lib");
      found.push_back(of_version / packages / "torch" / "lib");
    }
  }
  return found;
}

}  // namespace

Surroundings Surroundings::here() {
  std::error_code unknown;
  return {fs::read_symlink("/proc/self/exe", unknown).parent_path(),
          variable("PLEURA_CUDNN"),
          variable("PLEURA_CUBLAS"),
          variable("PLEURA_PYTHON"),
          variable("PATH"),
          true,
          variable("PLEURA_NVML")};
}

std::vector<fs::path> files_in(const fs::path& folder, const FileName& name) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    const std::string stem = name.stem + ".";
    if (file.starts_with(stem) && file.size() > stem.size() &&
        std::all_of(file.begin() + static_cast<std::ptrdiff_t>(stem.size()), file.end(),
                    [](unsigned char c) { return std::isdigit(c) != 0; }))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [&](const fs::path& a, const fs::path& b) {
    const bool first = a.filename() == name.wanted(), second = b.filename() == name.wanted();
    return first != second ? first : a < b;
  });
  return found;
}

std::vector<fs::path> usual_places(const Surroundings& around, const FileName& name) {
  std::vector<fs::path> places;
  const auto look_in = [&](const fs::path& folder) {
    try {
      const std::vector<fs::path> files = files_in(folder, name);
      places.insert(places.end(), files.begin(), files.end());
    } catch (const fs::filesystem_error&) {  // most of them are not there
    }
  };
  if (!around.program_folder.empty()) {
    look_in(around.program_folder);
    look_in(around.program_folder.parent_path() / "lib");
  }
  if (around.loaders_path) places.emplace_back(name.wanted());
  for (const fs::path& folder : wheel_folders(find_python(around))) look_in(folder);
  return places;
}

}  // namespace pleura::kernels::vendor
