/// JPEG 2000 frames encoded by OpenJPEG here, spread over fragments with and without an offset table.
#include "scan/jpeg2000.hpp"

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "pleura/error.hpp"
#include "scan/dicom_pixels.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/jpeg2000_writer.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using test::phantom_hu;
using test::side;
using ::testing::HasSubstr;

using Stream = std::vector<std::byte>;

class Jpeg2000 : public testing::Test {
 protected:
  [[nodiscard]] Stream slice(std::int64_t index) const {
    const std::string bytes = test::encode_jpeg2000(index, 12, folder_ / "scratch.j2k");
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    return {begin, begin + bytes.size()};
  }

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
