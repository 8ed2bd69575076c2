#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "pleura/error.hpp"
#include "scan/temporary_folder.hpp"
#include "weights/small_models.hpp"

namespace pleura::weights {
namespace {

using Bytes = std::vector<char>;

Bytes load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Reads a file: true for a model, false for Error(weights_refused) that names the file.
bool accepted(const std::filesystem::path& file) {
  try {
    (void)read_model(file);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::weights_refused) << error.what();
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
    return false;
  }
}

/// Reads bytes as a file.
bool accepted(const Bytes& bytes, const std::filesystem::path& file) {
  std::filesystem::remove(file);  // some file systems wait for the disk where a file is overwritten
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return accepted(file);
}

/// Changes up to three bytes: anywhere, or in the first 4096, where much of the structure lies.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::size_t changes = 1 + below(3);
  for (std::size_t i = 0; i < changes; ++i) {
    char& byte = bytes[below(below(2) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 4096))];
    switch (below(4)) {
      case 0:
        byte = static_cast<char>(below(256));
        break;
      case 1:
        byte = static_cast<char>(byte ^ (1 << below(8)));
        break;
      case 2:
        byte = static_cast<char>(0xff);
        break;
      default:
        byte = 0;
        break;
    }
  }
  return bytes;
}

void fuzz(const Bytes& good, int rounds) {
  const scan::test::TemporaryFolder folder;
  ASSERT_TRUE(accepted(good, folder / "good.h5"));
  std::mt19937 random(20200221);
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    if (!accepted(mutated(good, random), folder / "mutated.h5")) ++refused;
  }
  EXPECT_GT(refused, rounds / 10);
}

TEST(Fuzz, MutatedFilesAreRefusedOrRead) {
  const scan::test::TemporaryFolder folder;
  Model model = test::small_model();
  model.segmenter.reset();
  model.classifiers.erase("m2");
  write_model(model, folder / "model.h5", true);
  fuzz(load(folder / "model.h5"), 1000);
}

TEST(Fuzz, MutatedFilesOfH5pyAreRefusedOrRead) {
  fuzz(load(test::reference("h5py-earliest.h5")), 200);
  fuzz(load(test::reference("h5py-v108.h5")), 200);
}

TEST(Fuzz, TruncatedFilesAreRefused) {
  const scan::test::TemporaryFolder folder;
  for (const char* name : {"h5py-earliest.h5", "h5py-v108.h5"}) {
    const auto file = folder / name;
    std::filesystem::copy_file(test::reference(name), file);
    ASSERT_TRUE(accepted(file));
    for (auto size = std::filesystem::file_size(file); size > 0;) {
      size -= std::min<std::uintmax_t>(size, size < 100 || size % 1000 < 3 ? 1 : 331);
      std::filesystem::resize_file(file, size);
      ASSERT_FALSE(accepted(file)) << name << " cut to " << size;
    }
  }
}

}  // namespace
}  // namespace pleura::weights
