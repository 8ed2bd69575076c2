/// Damaged and hostile files: whatever the bytes, reading ends in a volume or in an Error, soon and in little memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <random>

#include "pleura/pleura.hpp"
#include "scan/metaimage.hpp"
#include "scan/nifti.hpp"
#include "scan/nrrd.hpp"
#include "scan/picture.hpp"
#include "tests/scan/temporary_folder.hpp"
#ifdef PLEURA_WITH_DICOM
#include "files/nifti.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#include "tests/scan/dicom_writer.hpp"
#endif

namespace pleura::scan {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One to four changes: a byte set, a byte made extreme, a run removed or doubled, the end cut off.
std::string mutated(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t count) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(count, 1));
  };
  for (std::size_t change = 0, changes = 1 + below(4); change < changes && !bytes.empty(); ++change) {
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
      case 1:
        bytes[at] = static_cast<char>(random());
        break;
      case 2:
        bytes[at] = static_cast<char>(below(2) == 0 ? 0xFF : 0x7F);
        break;
      case 3:
        bytes.erase(at, below(40));
        break;
      case 4:
        bytes.insert(at, bytes.substr(at, below(40)));
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Reads `rounds` mutations of a file.
void fuzz(const std::filesystem::path& seed, int rounds,
          const std::function<void(const std::filesystem::path&)>& read) {
  ASSERT_NO_THROW(read(seed));
  const auto original = bytes_of(seed);
  std::mt19937 random(20200209);
  const auto victim = std::filesystem::path(seed).replace_filename("victim" + seed.extension().string());
  const long before = peak_kilobytes();
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    std::ofstream(victim, std::ios::binary) << mutated(original, random);
    try {
      read(victim);
    } catch (const Error& error) {
      EXPECT_NE(error.status(), Status::internal) << "round " << round << ": " << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(peak_kilobytes() - before, 400000);
}

TEST(Fuzz, VolumeFiles) {
  const test::TemporaryFolder folder;
  const Geometry geometry{.shape = {12, 8, 8}, .spacing = {2, 1, 1}};
  std::vector<std::int16_t> hu(static_cast<std::size_t>(geometry.voxels()), -900);
  std::fill_n(hu.begin(), 200, std::int16_t{40});
  for (const char* name : {"a.nii", "a.nii.gz"}) {
    files::write_nifti(folder / name, geometry, hu);
    fuzz(folder / name, 400, [](const auto& file) { (void)read_nifti(file); });
  }
  std::ofstream mha(folder / "a.mha", std::ios::binary);
  mha << "ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = False\nElementSpacing = 1 1 2\nDimSize = "
         "8 8 12\n"
         "ElementType = MET_SHORT\nElementDataFile = LOCAL\n";
  mha.write(reinterpret_cast<const char*>(hu.data()), static_cast<std::streamsize>(2 * hu.size()));
  mha.close();
  fuzz(folder / "a.mha", 400, [](const auto& file) { (void)read_metaimage(file); });
  std::ofstream nrrd(folder / "a.nrrd", std::ios::binary);
  nrrd << "NRRD0004\ntype: short\ndimension: 3\nspace: RAS\nsizes: 8 8 12\nspace directions: (1,0,0) (0,1,0) (0,0,2)\n"
          "endian: little\nencoding: raw\nspace origin: (0,0,0)\n\n";
  nrrd.write(reinterpret_cast<const char*>(hu.data()), static_cast<std::streamsize>(2 * hu.size()));
  nrrd.close();
  fuzz(folder / "a.nrrd", 400, [](const auto& file) { (void)read_nrrd(file); });
}

#ifdef PLEURA_WITH_DICOM
TEST(Fuzz, DicomInEverySyntax) {
  const test::TemporaryFolder folder;
  for (const auto syntax :
       {EXS_LittleEndianImplicit, EXS_LittleEndianExplicit, EXS_BigEndianExplicit, EXS_DeflatedLittleEndianExplicit,
        EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless}) {
    auto slice = test::make_slice(0, 0);
    test::save(slice, folder / "a.dcm", syntax);
    fuzz(folder / "a.dcm", 300, [](const auto& file) {
      const auto image = read_dicom_header(file);
      if (!image || !image->has_pixels) return;
      DicomPixels pixels(file, static_cast<std::int64_t>(image->frames.size()));
      (void)pixels.frame(0);
    });
  }
}
#endif

}  // namespace
}  // namespace pleura::scan
