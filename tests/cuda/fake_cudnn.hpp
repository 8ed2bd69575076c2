#pragma once
/// cuDNN and cuBLASLt for tests: on the emulator the fakes of fake_cudnn.cpp and fake_cublaslt.cpp, on a GPU those that
/// the machine has.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "layers/models.hpp"
#include "pleura/error.hpp"

namespace pleura::test {

/// While it lives, the library of a folder is found, or none where there is nothing in it.
class CudnnIn {
 public:
  explicit CudnnIn([[maybe_unused]] const std::string& cudnn, [[maybe_unused]] const std::string& cublas) {
#ifdef PLEURA_FAKE_CUDNN
    setenv("PLEURA_CUDNN", cudnn.c_str(), 1);
    setenv("PLEURA_CUBLAS", cublas.c_str(), 1);
#endif
  }
  CudnnIn(const CudnnIn&) = delete;
  CudnnIn& operator=(const CudnnIn&) = delete;
  ~CudnnIn() {
#ifdef PLEURA_FAKE_CUDNN
    unsetenv("PLEURA_CUDNN");
    unsetenv("PLEURA_CUBLAS");
#endif
  }
};

#ifdef PLEURA_FAKE_CUDNN
inline const std::string fake_folder = PLEURA_FAKE_CUDNN;

/// A counter of one of the fakes.
inline int of_fake(const char* counter, const char* file = "libcudnn.so.9") {
  void* const library = dlopen((fake_folder + "/" + file).c_str(), RTLD_NOW);
  void* const found = library ? dlsym(library, counter) : nullptr;
  return found ? *static_cast<int*>(found) : -1;
}
#else
inline const std::string fake_folder;
#endif

/// Tests on cuDNN: skipped on a GPU without one.
class OnCudnn : public testing::Test {
 protected:
  void SetUp() override {
    try {
      on("cuda").require_cudnn();
    } catch (const Error& error) {
#ifdef PLEURA_FAKE_CUDNN
      FAIL() << error.what();
#else
      GTEST_SKIP() << error.what();
#endif
    }
  }

 private:
  CudnnIn found_{fake_folder, fake_folder};
};

}  // namespace pleura::test
