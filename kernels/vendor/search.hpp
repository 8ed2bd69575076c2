#pragma once
/// Where NVIDIA's libraries may lie on this machine.
#include <filesystem>
#include <string>
#include <vector>

namespace pleura::kernels::vendor {

/// What a search depends on.
struct Surroundings {
  std::filesystem::path program_folder;  ///< of the running program; empty: not known
  std::string cudnn, cublas;             ///< PLEURA_CUDNN, PLEURA_CUBLAS: a file or a folder; empty: not set
  std::string python;                    ///< PLEURA_PYTHON: a Python's program; empty: the first in `path`
  std::string path;                      ///< PATH
  bool loaders_path = true;              ///< ask the loader, too
  std::string nvml;                      ///< PLEURA_NVML: a file; empty: not set

  /// Those of this process.
  [[nodiscard]] static Surroundings here();
};

/// A library by its file names: "libcudnn.so" and the number behind it that is wanted, 9.
struct FileName {
  std::string stem;
  int number = 0;

  [[nodiscard]] std::string wanted() const { return stem + "." + std::to_string(number); }
};

/// The files of that name in a folder, the wanted number first, those of other numbers behind it. Throws
/// filesystem_error where the folder cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const FileName& name);

/// What to open where no variable says which, the first to be tried first: next to the program (its folder and
/// ../lib), a bare name for the loader, then the wheels of Python: nvidia/*/lib and torch/lib in its site-packages.
/// Nothing is run; what cannot be read is passed over.
[[nodiscard]] std::vector<std::filesystem::path> usual_places(const Surroundings& around, const FileName& name);

}  // namespace pleura::kernels::vendor
