// NVIDIA's libraries as they may lie on a machine: absent, broken in every way, and sound.
#include "kernels/vendor/library.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace pleura::test {
namespace {

namespace fs = std::filesystem;
using kernels::vendor::Library;
using kernels::vendor::open_cublaslt;
using kernels::vendor::open_cudnn;
using kernels::vendor::Surroundings;
using testing::HasSubstr;

const fs::path stubs = PLEURA_VENDOR_STUBS;

class VendorLibrary : public testing::Test {
 protected:
  VendorLibrary() {
    std::string name = (fs::temp_directory_path() / "pleura-vendor-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    folder = name;
    nothing.loaders_path = false;
  }
  ~VendorLibrary() override { fs::remove_all(folder); }

  [[nodiscard]] Surroundings cudnn_at(const fs::path& path) const {
    Surroundings around = nothing;
    around.cudnn = path.string();
    return around;
  }
  [[nodiscard]] Surroundings cublas_at(const fs::path& path) const {
    Surroundings around = nothing;
    around.cublas = path.string();
    return around;
  }

  /// A file below the test's folder with those bytes.
  [[nodiscard]] fs::path write(const fs::path& name, const std::string& bytes) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }

  /// A stub's copy below the test's folder: its place.
  fs::path put(const fs::path& stub, const fs::path& to) const {
    fs::create_directories(folder / to);
    fs::copy_file(stubs / stub, folder / to / stub.filename());
    return folder / to / stub.filename();
  }

  fs::path folder;
  Surroundings nothing;
};

/// One line, and no library.
void expect_refused(const Library& library, const std::string& why) {
  EXPECT_EQ(library.handle, nullptr);
  EXPECT_THAT(library.why, HasSubstr(why));
  EXPECT_EQ(library.why.find('\n'), std::string::npos);
}

TEST_F(VendorLibrary, IsOpenedAsAFileAndInAFolder) {
  for (const fs::path& given : {stubs / "cudnn", stubs / "cudnn" / "libcudnn.so.9"}) {
    const Library library = open_cudnn(cudnn_at(given), 12);
    EXPECT_EQ(library.why, "");
    EXPECT_NE(library.handle, nullptr);
    EXPECT_EQ(library.name, "cuDNN");
    EXPECT_EQ(library.version, "9.10.2 for CUDA 12.9");
    EXPECT_EQ(library.path, stubs / "cudnn" / "libcudnn.so.9");
    EXPECT_EQ(why_not_here(library), "");
    // What was made was given back.
    EXPECT_EQ(*static_cast<int*>(dlsym(library.handle, "pleura_vendor_stub")), 0);
  }
  const Library cublas = open_cublaslt(cublas_at(stubs / "cublaslt"), 12);
  EXPECT_EQ(cublas.version, "12.9.1 for CUDA 12.9");
  EXPECT_EQ(why_not_here(cublas), "");
  EXPECT_EQ(open_cudnn(cudnn_at(stubs / "cudnn_cuda13"), 13).version, "9.28.1 for CUDA 13.1");
  EXPECT_NE(open_cublaslt(cublas_at(stubs / "cublaslt13"), 13).handle, nullptr);
}

TEST_F(VendorLibrary, IsAbsentWhereNoneLies) {
  expect_refused(open_cudnn(nothing, 12), "there is no libcudnn.so.9 next to the program, in the loader's path or in");
  expect_refused(open_cublaslt(nothing, 12), "there is no libcublasLt.so.12 next to the program");
  expect_refused(open_cublaslt(nothing, 13), "PLEURA_CUBLAS may name one");
}

TEST_F(VendorLibrary, IsRefusedWhereTheVariableNamesNone) {
  expect_refused(open_cudnn(cudnn_at(folder / "none"), 12), "PLEURA_CUDNN=" + (folder / "none").string() + ": No such");
  expect_refused(open_cudnn(cudnn_at("a\nb"), 12), "PLEURA_CUDNN=a?b: No such");
  expect_refused(open_cudnn(cudnn_at(folder), 12), "there is no libcudnn.so.9 in it");
  (void)write("libcudnn.so.9.old", "x");
  expect_refused(open_cudnn(cudnn_at(folder), 12), "there is no libcudnn.so.9 in it");
  fs::create_symlink("circle", folder / "circle");
  expect_refused(open_cudnn(cudnn_at(folder / "circle"), 12), "PLEURA_CUDNN=" + (folder / "circle").string() + ": ");
  // Nor is another taken in its place.
  Surroundings around = cudnn_at(folder / "none");
  around.program_folder = stubs / "cudnn";
  expect_refused(open_cudnn(around, 12), "No such");
}

TEST_F(VendorLibrary, IsRefusedWhereAFolderCannotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads every folder";
  fs::create_directory(folder / "closed");
  fs::permissions(folder / "closed", fs::perms::none);
  expect_refused(open_cudnn(cudnn_at(folder / "closed"), 12), "Permission denied");
}

TEST_F(VendorLibrary, IsRefusedWhereItIsNoLibrary) {
  expect_refused(open_cudnn(cudnn_at(write("text/libcudnn.so.9", std::string(100, 'x'))), 12), "invalid ELF header");
  expect_refused(open_cudnn(cudnn_at(write("empty/libcudnn.so.9", "")), 12), "file too short");
  const fs::path cut = put("cudnn/libcudnn.so.9", "cut");
  fs::resize_file(cut, 70);
  expect_refused(open_cudnn(cudnn_at(cut), 12), "");
  const fs::path narrow = put("cudnn/libcudnn.so.9", "narrow");
  std::fstream(narrow, std::ios::in | std::ios::out | std::ios::binary).seekp(4).put(1);
  expect_refused(open_cudnn(cudnn_at(narrow), 12), "wrong ELF class");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_refused(open_cudnn(cudnn_at(folder / "pipe"), 12), "it is no file");
  fs::create_directories(folder / "inner" / "libcudnn.so.9");
  expect_refused(open_cudnn(cudnn_at(folder / "inner"), 12), "it is no file");
}

TEST_F(VendorLibrary, IsRefusedWhereAFunctionIsMissing) {
  expect_refused(open_cudnn(cudnn_at(stubs / "other"), 12), "it has no cudnnGetVersion");
  expect_refused(open_cudnn(cudnn_at(stubs / "cudnn_lacking"), 12), "it has no cudnnBackendExecute");
  expect_refused(open_cublaslt(cublas_at(stubs / "cublaslt_lacking"), 12), "it has no cublasLtMatmulAlgoGetHeuristic");
  expect_refused(open_cudnn(cudnn_at(stubs / "cudnn_unresolved"), 12), "undefined symbol: pleura_function_of_nobody");
  expect_refused(open_cudnn(cudnn_at(stubs / "cublaslt" / "libcublasLt.so.12"), 12), "it has no cudnnGetVersion");
}

TEST_F(VendorLibrary, IsRefusedByItsVersion) {
  expect_refused(open_cudnn(cudnn_at(stubs / "cudnn8"), 12), "it is version 8.9.7, expected 9");
  expect_refused(open_cudnn(cudnn_at(stubs / "cudnn10"), 12), "it is version 10.0.0, expected 9");
  const Library other = open_cudnn(cudnn_at(stubs / "cudnn_cuda13"), 12);
  expect_refused(other, "it is for CUDA 13.1, expected CUDA 12");
  EXPECT_EQ(other.version, "9.28.1 for CUDA 13.1");
  expect_refused(open_cudnn(cudnn_at(stubs / "cudnn"), 13), "it is for CUDA 12.9, expected CUDA 13");
  expect_refused(open_cublaslt(cublas_at(stubs / "cublaslt13"), 12), "it is for CUDA 13.1, expected CUDA 12");
}

TEST_F(VendorLibrary, SaysWhereItMakesNoHandle) {
  const Library cudnn = open_cudnn(cudnn_at(stubs / "cudnn_no_handle"), 12);
  ASSERT_EQ(cudnn.why, "");
  EXPECT_EQ(why_not_here(cudnn), "cudnnCreate: the stub makes none, as where it has no code for this GPU");
  const Library cublas = open_cublaslt(cublas_at(stubs / "cublaslt_no_handle"), 12);
  ASSERT_EQ(cublas.why, "");
  EXPECT_THAT(why_not_here(cublas), HasSubstr("cublasLtCreate: the stub makes none"));
}

TEST_F(VendorLibrary, IsFoundNextToTheProgram) {
  nothing.program_folder = folder / "bin";
  const fs::path in_lib = put("cudnn/libcudnn.so.9", "lib");
  EXPECT_EQ(open_cudnn(nothing, 12).path, in_lib);
  const fs::path beside = put("cudnn/libcudnn.so.9", "bin");
  EXPECT_EQ(open_cudnn(nothing, 12).path, beside);
}

TEST_F(VendorLibrary, IsFoundInPythonsWheels) {
  const fs::path wheels = "python/lib/python3.11/site-packages/nvidia";
  const fs::path cudnn = put("cudnn/libcudnn.so.9", wheels / "cudnn/lib");
  const fs::path cublas = put("cublaslt/libcublasLt.so.12", wheels / "cublas/lib");
  const fs::path python = write("python/bin/python3", "");
  nothing.path = "relative:" + (folder / "none").string() + ":" + python.parent_path().string();
  EXPECT_EQ(open_cudnn(nothing, 12).path, cudnn);
  EXPECT_EQ(open_cublaslt(nothing, 12).path, cublas);
  nothing.path.clear();
  EXPECT_EQ(open_cudnn(nothing, 12).handle, nullptr);
  nothing.python = python.string();
  EXPECT_EQ(open_cudnn(nothing, 12).path, cudnn);
}

TEST_F(VendorLibrary, IsTheFirstThatCanBeUsed) {
  nothing.program_folder = folder / "bin";
  (void)put("cudnn8/libcudnn.so.8", "bin");
  (void)put("cudnn_cuda13/libcudnn.so.9", "bin");
  expect_refused(open_cudnn(nothing, 12), "it is for CUDA 13.1, expected CUDA 12");
  const fs::path sound = put("cudnn/libcudnn.so.9", "lib");
  EXPECT_EQ(open_cudnn(nothing, 12).path, sound);
}

}  // namespace
}  // namespace pleura::test
