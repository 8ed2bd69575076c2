#pragma once
/// cuDNN and cuBLASLt, opened while the program runs: nothing is linked to them, and where one is absent, broken or
/// none of ours there is one line that says why.
#include <filesystem>
#include <string>

#include "kernels/vendor/search.hpp"

namespace pleura::kernels::vendor {

/// One of NVIDIA's libraries as it was found.
struct Library {
  std::string name;            ///< "cuDNN"
  std::filesystem::path path;  ///< of the file; empty where none was found
  std::string version;         ///< "9.10.2 for CUDA 12.9"; empty where it could not be asked
  std::string why;             ///< it is not used, in one line; empty where it can be
  void* handle = nullptr;      ///< dlopen's, where it can be used. Never closed: such libraries may not survive it.
};

/// cuDNN 9 for that CUDA (12 or 13). Where PLEURA_CUDNN is set, that file, or the one in that folder; else the first of
/// the usual places that can be used. Throws bad_alloc alone.
[[nodiscard]] Library open_cudnn(const Surroundings& around, int cuda);

/// cuBLASLt of that CUDA, likewise by PLEURA_CUBLAS.
[[nodiscard]] Library open_cublaslt(const Surroundings& around, int cuda);

/// A function of a library that can be used, by its whole name. Throws Error(resources) naming both where it has none.
[[nodiscard]] void* function_of(const Library& library, const char* name);
template <class Function>
void load(Function*& function, const Library& library, const char* name) {
  function = reinterpret_cast<Function*>(function_of(library, name));
}

/// Makes a handle of a library that can be used, on the CUDA device that the calling thread is bound to, and gives it
/// back: cuDNN answers questions about GPUs that it has no code for, but makes no handle there. Empty where that
/// works, else why not.
[[nodiscard]] std::string why_not_here(const Library& library);

}  // namespace pleura::kernels::vendor
