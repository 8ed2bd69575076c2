/// MetaImage: every place where voxels may lie, every byte order and turn, and what is refused.
#include "scan/metaimage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <numeric>

#include "pleura/error.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using ::testing::HasSubstr;

constexpr const char* header =
    "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
    "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = -5 -6 -70\nElementSpacing = 0.5 0.75 2.5\nDimSize = 4 3 2\n"
    "ElementType = MET_SHORT\n";

std::vector<std::int16_t> ramp() {
  std::vector<std::int16_t> values(24);
  std::iota(values.begin(), values.end(), std::int16_t{-1000});
  return values;
}

template <typename Value>
std::string bytes_of(const std::vector<Value>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

std::string compressed(const std::string& bytes) {
  std::string packed(compressBound(bytes.size()), '\0');
  uLongf size = packed.size();
  EXPECT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                     bytes.size()),
            Z_OK);
  return packed.substr(0, size);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

class MetaImageFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  std::string refusal(const std::string& name, const std::string& content) {
    try {
      (void)read_metaimage(write(name, content));
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::input_refused);
      return error.what();
    }
    return "not refused";
  }

  test::TemporaryFolder folder_;
  Geometry geometry_{.shape = {2, 3, 4}, .spacing = {2.5, 0.75, 0.5}, .origin = {-5, -6, -70}};
};

TEST_F(MetaImageFile, VoxelsInTheFileItself) {
  const auto file = write("a.mha", header + std::string("ElementDataFile = LOCAL\n") + bytes_of(ramp()));
  const Volume volume = read_metaimage(file);
  EXPECT_EQ(volume.geometry, geometry_);
  EXPECT_EQ(volume.hu, ramp());
  EXPECT_EQ(read_metaimage_header(file).geometry, geometry_);
  EXPECT_THAT(read_metaimage_header(file).data_files, testing::ElementsAre(file));
}

TEST_F(MetaImageFile, VoxelsBesideIt) {
  write("a.raw", bytes_of(ramp()));
  EXPECT_EQ(read_metaimage(write("a.mhd", header + std::string("ElementDataFile = a.raw\r\n"))).hu, ramp());
  write("b.raw", "123456" + bytes_of(ramp()));
  EXPECT_EQ(read_metaimage(write("b.mhd", header + std::string("HeaderSize = 6\nElementDataFile = b.raw"))).hu, ramp());
  EXPECT_EQ(read_metaimage(write("c.mhd", header + std::string("HeaderSize = -1\nElementDataFile = b.raw"))).hu,
            ramp());
}

TEST_F(MetaImageFile, OneFilePerSlice) {
  write("1.raw", bytes_of(ramp()).substr(0, 24));
  write("2.raw", bytes_of(ramp()).substr(24));
  const auto file = write("a.mhd", header + std::string("ElementDataFile = LIST\n1.raw\n2.raw\n"));
  EXPECT_EQ(read_metaimage(file).hu, ramp());
  EXPECT_EQ(read_metaimage_header(file).data_files.size(), 2U);
}

TEST_F(MetaImageFile, Compressed) {
  const auto text = replaced(header, "CompressedData = False", "CompressedData = True");
  EXPECT_EQ(read_metaimage(write("a.mha", text + "ElementDataFile = LOCAL\n" + compressed(bytes_of(ramp())))).hu,
            ramp());
  write("a.zraw", compressed(bytes_of(ramp())));
  EXPECT_EQ(read_metaimage(write("a.mhd", text + "CompressedDataSize = 9\nElementDataFile = a.zraw\n")).hu, ramp());
  EXPECT_THAT(refusal("cut.mha", text + "ElementDataFile = LOCAL\n" + compressed(bytes_of(ramp())).substr(0, 20)),
              HasSubstr("truncated or damaged in slice 1"));
}

TEST_F(MetaImageFile, OtherNumbersAndByteOrder) {
  auto swapped = bytes_of(ramp());
  for (std::size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  EXPECT_EQ(read_metaimage(
                write("a.mha", replaced(header, "MSB = False", "MSB = True") + "ElementDataFile = LOCAL\n" + swapped))
                .hu,
            ramp());
  std::vector<float> floats(24);
  std::iota(floats.begin(), floats.end(), -1000.25F);
  EXPECT_EQ(read_metaimage(write("b.mha", replaced(header, "MET_SHORT", "MET_FLOAT") + "ElementDataFile = LOCAL\n" +
                                              bytes_of(floats)))
                .hu,
            ramp());
  floats[20] = NAN;
  EXPECT_THAT(
      refusal("c.mha", replaced(header, "MET_SHORT", "MET_FLOAT") + "ElementDataFile = LOCAL\n" + bytes_of(floats)),
      HasSubstr("values are not HU: slice 2 holds a NaN"));
}

/// The world of MetaImage is LPS; a row of the matrix is the direction of one index, x first.
TEST_F(MetaImageFile, IsTurned) {
  const auto text = replaced(header, "1 0 0 0 1 0 0 0 1", "0 0 -1 1 0 0 0 1 0");  // x index to the feet, y left, z back
  const Volume volume = read_metaimage(write("a.mha", text + "ElementDataFile = LOCAL\n" + bytes_of(ramp())));
  EXPECT_EQ(volume.geometry.shape, (Index3{4, 2, 3}));
  EXPECT_EQ(volume.geometry.spacing, (std::array{0.5, 2.5, 0.75}));
  EXPECT_EQ(volume.geometry.origin, (Point3{-5, -6, -71.5}));
  for (int z = 0; z < 4; ++z)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 3; ++x) EXPECT_EQ(volume.hu[(z * 2 + y) * 3 + x], -1000 + (y * 3 + x) * 4 + (3 - z));
}

TEST_F(MetaImageFile, RefusesWhatItCannotRead) {
  const std::string end = "ElementDataFile = LOCAL\n" + bytes_of(ramp());
  const auto with = [&](const std::string& what, const std::string& by) {
    return refusal("a.mha", replaced(header, what, by) + end);
  };
  EXPECT_THAT(with("NDims = 3", "NDims = 4"), HasSubstr("NDims = '4', expected 3"));
  EXPECT_THAT(with("= Image", "= Mesh"), HasSubstr("ObjectType = Mesh"));
  EXPECT_THAT(with("BinaryData = True", "BinaryData = False"), HasSubstr("expected binary voxels"));
  EXPECT_THAT(with("MET_SHORT", "MET_SHORT_ARRAY"), HasSubstr("ElementType"));
  EXPECT_THAT(with("NDims", "ElementNumberOfChannels = 3\nNDims"), HasSubstr("ElementNumberOfChannels = 3"));
  EXPECT_THAT(with("4 3 2", "4 3"), HasSubstr("DimSize = '4 3', expected 3 numbers"));
  EXPECT_THAT(with("4 3 2", "4 3 99999999"), HasSubstr("expected 1 to 32768"));
  EXPECT_THAT(with("4 3 2", "30000 30000 30000"), HasSubstr("truncated: it can hold 48 bytes"));
  EXPECT_THAT(with("4 3 2", "4 3 2.5"), HasSubstr("DimSize"));
  EXPECT_THAT(with("0.5 0.75 2.5", "0.5 0 2.5"), HasSubstr("spacing of 0 mm"));
  EXPECT_THAT(with("0.5 0.75 2.5", "0.5 nan 2.5"), HasSubstr("ElementSpacing"));
  EXPECT_THAT(with("0 1 0 0 0 1", "0 1 0 0 0.2 1"), HasSubstr("gantry tilt"));
  EXPECT_THAT(with("0 1 0 0 0 1", "0 0.9 0.4359 0 -0.4359 0.9"), HasSubstr("oblique"));
  EXPECT_THAT(refusal("b.mhd", header), HasSubstr("without ElementDataFile"));
  EXPECT_THAT(refusal("b.mhd", header + std::string("ElementDataFile = none.raw\n")), HasSubstr("is not there"));
  EXPECT_THAT(refusal("b.mhd", header + std::string("ElementDataFile = s%03d.raw 1 2 1\n")), HasSubstr("pattern"));
  EXPECT_THAT(refusal("b.mhd", header + std::string("ElementDataFile = LIST\nb.mhd\n")), HasSubstr("a list of 1 file"));
  EXPECT_THAT(refusal("b.mhd", header + std::string("HeaderSize = -1\nElementDataFile = b.mhd2\n")),
              HasSubstr("not there"));
}

}  // namespace
}  // namespace pleura::scan
