/// JPEG 2000 frames encoded by OpenJPEG here, spread over fragments with and without an offset table.
#include "scan/jpeg2000.hpp"

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openjpeg.h>

#include <cstring>
#include <fstream>

#include "pleura/error.hpp"
#include "scan/dicom_pixels.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using test::phantom_hu;
using test::side;
using ::testing::HasSubstr;

using Stream = std::vector<std::byte>;

/// One slice of the phantom, lossless.
Stream encoded(std::int64_t slice, const std::filesystem::path& scratch) {
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = component.h = side;
  component.prec = 12;
  opj_image_t* image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
  image->x1 = image->y1 = side;
  for (std::int64_t i = 0; i < side * side; ++i) image->comps[0].data[i] = phantom_hu(slice, i / side, i % side) + 1024;
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 2;
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, image));
  opj_stream_t* out = opj_stream_create_default_file_stream(scratch.c_str(), OPJ_FALSE);
  EXPECT_TRUE(opj_start_compress(codec, image, out) && opj_encode(codec, out) && opj_end_compress(codec, out));
  opj_stream_destroy(out);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  std::ifstream in(scratch, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return {begin, begin + bytes.size()};
}

class Jpeg2000 : public testing::Test {
 protected:
  [[nodiscard]] Stream slice(std::int64_t index) const { return encoded(index, folder_ / "scratch.j2k"); }

  test::TemporaryFolder folder_;
};

TEST_F(Jpeg2000, DecodesExactly) {
  const auto values = decode_jpeg2000(slice(3), side, side, "a");
  for (std::int64_t i = 0; i < side * side; ++i) ASSERT_EQ(values[i], phantom_hu(3, i / side, i % side) + 1024);
}

TEST_F(Jpeg2000, RefusesDamageAndOtherSizes) {
  const auto refusal = [](const Stream& stream, std::int64_t rows) {
    try {
      (void)decode_jpeg2000(stream, rows, side, "a");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  auto stream = slice(0);
  EXPECT_THAT(refusal(stream, side + 1), HasSubstr("1 component of 16 x 16 pixels, expected 1 of 17 x 16"));
  EXPECT_THAT(refusal({}, side), HasSubstr("damaged JPEG 2000"));
  EXPECT_THAT(refusal({stream.begin(), stream.begin() + 60}, side), HasSubstr("damaged JPEG 2000"));
  EXPECT_THAT(refusal({stream.begin(), stream.end() - 40}, side), HasSubstr("damaged JPEG 2000"));
  stream[3] = std::byte{0};
  EXPECT_THAT(refusal(stream, side), HasSubstr("damaged JPEG 2000"));
}

/// Frames cut into pieces, as scanners do, with the offset table filled or left empty.
TEST_F(Jpeg2000, FramesOfSeveralFragments) {
  constexpr int frames = 3;
  for (const bool with_table : {true, false}) {
    auto file = test::make_slice(0, 0, [&](DcmDataset& dataset) {
      test::put(dataset, DCM_NumberOfFrames, std::to_string(frames));
      auto* sequence = new DcmPixelSequence(DCM_PixelSequenceTag);
      auto* table = new DcmPixelItem(DCM_PixelItemTag);
      ASSERT_TRUE(sequence->insert(table).good());
      std::vector<Uint32> offsets;
      Uint32 position = 0;
      for (int frame = 0; frame < frames; ++frame) {
        offsets.push_back(position);
        const auto stream = slice(frame);
        for (std::size_t begin = 0; begin < stream.size(); begin += 50) {
          std::vector<Uint8> piece(50);
          const auto size = std::min<std::size_t>(50, stream.size() - begin);
          std::memcpy(piece.data(), stream.data() + begin, size);
          auto* item = new DcmPixelItem(DCM_PixelItemTag);
          ASSERT_TRUE(item->putUint8Array(piece.data(), size + size % 2).good());
          ASSERT_TRUE(sequence->insert(item).good());
          position += static_cast<Uint32>(8 + size + size % 2);
        }
      }
      if (with_table) {
        ASSERT_TRUE(table->putUint8Array(reinterpret_cast<Uint8*>(offsets.data()), 4 * offsets.size()).good());
      }
      auto* pixels = new DcmPixelData(DCM_PixelData);
      pixels->putOriginalRepresentation(EXS_JPEG2000LosslessOnly, nullptr, sequence);
      ASSERT_TRUE(dataset.insert(pixels, OFTrue).good());
    });
    const auto path = folder_ / "fragments";
    ASSERT_TRUE(file.saveFile(path.c_str(), EXS_JPEG2000LosslessOnly).good());
    DicomPixels pixels(path, frames);
    for (const int frame : {2, 0, 1}) {  // in any order
      const auto values = pixels.frame(frame);
      for (std::int64_t i = 0; i < side * side; ++i)
        ASSERT_EQ(values[i], phantom_hu(frame, i / side, i % side) + 1024) << with_table << " " << frame;
    }
    EXPECT_THROW(DicomPixels(path, 500), Error);  // more frames than fragments
  }
}

}  // namespace
}  // namespace pleura::scan
