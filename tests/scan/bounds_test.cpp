/// What a file may make pleura take: memory, unpacked bytes, levels of folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <functional>

#include "pleura/pleura.hpp"
#include "scan/contents.hpp"
#include "scan/picture.hpp"
#include "scan/voxels.hpp"
#include "tests/scan/files.hpp"
#include "tests/scan/temporary_folder.hpp"
#ifdef PLEURA_WITH_DICOM
#include "files/nifti.hpp"
#include "scan/dicom_file.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#include "scan/dicom_stream.hpp"
#include "scan/jpeg_stream.hpp"
#include "tests/scan/dicom_writer.hpp"
#endif

namespace pleura::scan::test {
namespace {

using ::testing::HasSubstr;

template <typename Work>
std::string refusal(Status status, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), status) << error.what();
    return error.what();
  }
  return "not refused";
}

TEST(Bounds, AVolumeIsReckonedBeforeItIsRead) {
  const TemporaryFolder folder;
  const Geometry geometry{.shape = {12, 64, 64}, .spacing = {2, 1, 1}};
  files::write_nifti(folder / "a.nii.gz", geometry, std::vector<std::int16_t>(geometry.voxels()));
  ReadOptions options;
  options.memory_bytes = 1;
  EXPECT_THAT(
      refusal(Status::resources, [&] { (void)read_ct(folder / "a.nii.gz", options); }),
      HasSubstr("a.nii.gz: 0.2 MiB of memory are needed to read 64 x 64 x 12 voxels, 0.0 MiB may be used (--memory"));
  EXPECT_THAT(refusal(Status::resources, [&] { (void)scan_ct(folder / "a.nii.gz", options); }), HasSubstr("voxels"));
}

TEST(Bounds, NoVolumeHasMoreThan2To30Voxels) {
  constexpr std::int64_t plenty = std::int64_t{1} << 50;
  require_room({1024, 1024, 1024}, Element::int16, plenty, "a");
  EXPECT_THAT(refusal(Status::input_refused,
                      [] {
                        require_room({1025, 1024, 1024}, Element::int8, plenty, "a");
                      }),
              HasSubstr("a: 1024 x 1024 x 1025 voxels, expected at most 2^30"));
}

std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

/// A chunk of a PNG.
std::string chunk(const std::string& kind, const std::string& content) {
  const std::string summed = kind + content;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(summed.data()), static_cast<uInt>(summed.size()));
  return big_endian(content.size()) + summed + big_endian(sum);
}

std::string grey_png(std::size_t unpacked) {
  const std::string raw(unpacked, '\0');
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  const std::string header("\0\0\0\x10\0\0\0\x10\x08\0\0\0\0", 13);  // 16 x 16, 8 bits, grey
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("tEXt", "a") + chunk("IDAT", packed.substr(0, 5)) +
         chunk("IDAT", packed.substr(5)) + chunk("IEND", "");
}

TEST(Bounds, APngUnpacksToWhatItsHeaderPromises) {
  const TemporaryFolder folder;
  write_bytes(folder / "good.png", grey_png(16 * 17));
  write_bytes(folder / "bomb.png", grey_png(1 << 20));
  (void)read_picture(folder / "good.png");
  EXPECT_THAT(refusal(Status::input_refused, [&] { (void)read_picture(folder / "bomb.png"); }),
              HasSubstr("bomb.png: damaged picture (more compressed pixels than it announces)"));
}

TEST(Bounds, FoldersMoreThan64LevelsDeepAreUnseen) {
  const TemporaryFolder folder;
  std::filesystem::path deep = folder.path();
  for (int level = 0; level < 64; ++level) deep /= "d";
  write_bytes(deep / "seen", "1");
  EXPECT_TRUE(contents_of(folder.path(), 0).unseen.empty());
  write_bytes(deep / "e/hidden", "1");
  const auto contents = contents_of(folder.path(), 0);
  ASSERT_EQ(contents.unseen.size(), 1U);
  EXPECT_EQ(contents.unseen.front().path, deep / "e");
  EXPECT_THAT(contents.unseen.front().why, HasSubstr("more than 64 levels deep"));
  EXPECT_EQ(contents.other.size(), 1U);
}

#ifdef PLEURA_WITH_DICOM
TEST(Bounds, AGzippedFileUnpacksIntoTheMemoryThatIsLeft) {
  const TemporaryFolder folder;
  write_series(folder / "ct", {.slices = 1, .change = {}});
  write_gzip(folder / "a.dcm.gz", read_bytes(folder / "ct/IM0"));
  EXPECT_EQ(contents_of(folder / "a.dcm.gz", 0).dicom.size(), 1U);
  EXPECT_THAT(refusal(Status::resources, [&] { (void)contents_of(folder / "a.dcm.gz", 1); }),
              HasSubstr("a.dcm.gz: more than the 0 MiB that may be used once unpacked"));
}

TEST(Bounds, ADeflatedDataSetIsCountedBeforeItIsHeld) {
  const TemporaryFolder folder;
  write_series(folder / "ct", {.slices = 1, .syntax = EXS_DeflatedLittleEndianExplicit, .change = {}});
  EXPECT_TRUE(read_dicom_header(folder / "ct/IM0").has_value());
  EXPECT_THAT(refusal(Status::resources, [&] { (void)read_dicom_header(folder / "ct/IM0", 100); }),
              HasSubstr("IM0: a deflated data set of more than"));
  constexpr std::size_t too_many_words = (65 << 20) / 2;
  write_series(folder / "bomb",
               {.slices = 1, .syntax = EXS_DeflatedLittleEndianExplicit, .change = [](auto, DcmDataset& dataset) {
                  put_pixels(dataset, std::vector<std::uint16_t>(too_many_words));
                }});
  EXPECT_THAT(refusal(Status::input_refused, [&] { (void)read_dicom_header(folder / "bomb/IM0"); }),
              HasSubstr("IM0: a deflated data set of more than 64 MiB"));
}

/// Why a slice is refused whose JPEG stream, from its start in the file's bytes, was changed.
std::string refusal_of_jpeg(const std::function<void(std::string&, std::size_t start)>& change) {
  const TemporaryFolder folder;
  write_series(folder / "ct", {.slices = 1, .syntax = EXS_JPEGProcess14SV1, .change = {}});
  std::string bytes = read_bytes(folder / "ct/IM0");
  change(bytes, bytes.find("\xFF\xD8\xFF"));
  write_bytes(folder / "a.dcm", bytes);
  DicomPixels pixels(folder / "a.dcm", 1);
  return refusal(Status::input_refused, [&] { (void)pixels.frame(0); });
}

TEST(Bounds, AMarkerThatDcmtkNeverGetsPast) {
  const auto put_tem = [](std::string& bytes, std::size_t start) { bytes[start + 3] = '\1'; };
  EXPECT_THAT(refusal_of_jpeg(put_tem), HasSubstr("a.dcm: its JPEG stream has no"));
}

/// A length in a header is then held against what is there before memory is taken for it.
TEST(Bounds, LongValuesOfFilesInMemoryAreReadWhenNeeded) {
  const TemporaryFolder folder;
  write_series(folder / "ct", {.slices = 1, .change = [](auto, DcmDataset& dataset) {
                                 put_pixels(dataset, std::vector<std::uint16_t>(4096, 7));
                               }});
  const std::string text = read_bytes(folder / "ct/IM0");
  const auto bytes = std::as_bytes(std::span(text));
  const auto memory = std::make_shared<const FilesInMemory>(FilesInMemory{{"a.dcm", {bytes.begin(), bytes.end()}}});
  const auto format = open_dicom(InputFile("a.dcm", memory));
  DcmElement* pixels = nullptr;
  ASSERT_TRUE(format->getDataset()->findAndGetElement(DCM_PixelData, pixels).good());
  EXPECT_FALSE(pixels->valueLoaded());
  Uint16* words = nullptr;
  ASSERT_TRUE(pixels->getUint16Array(words).good());
  EXPECT_EQ(words[4095], 7);
}

TEST(Bounds, AJpegSaysItsSizeInItsFrameHeader) {
  const auto size_of_text = [](const std::string& text) { return jpeg_size(std::as_bytes(std::span(text))); };
  const std::string start("\xFF\xD8\xFF\xE0\x00\x04hi\xFF\xC4\x00\x03t", 13);
  const auto size = size_of_text(start + std::string("\xFF\xFF\xC2\x00\x0B\x0C\x02\x00\x01\x80\x01", 11));
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(size->rows, 512);
  EXPECT_EQ(size->columns, 384);
  EXPECT_TRUE(
      size_of_text("\xFF\xD8\xFF\xFF" + std::string("\xFF\xC2\x00\x0B\x0C\x02\x00\x01\x80\x01", 10)).has_value());
  EXPECT_FALSE(size_of_text(start).has_value());
  const std::string header("\xFF\xC2\x00\x0B\x0C\x02\x00\x01\x80\x01", 10);
  EXPECT_FALSE(size_of_text(start + std::string("\xFF\x01\x00\x02", 4) + header).has_value());
  EXPECT_FALSE(size_of_text("\xFF\x01" + header).has_value());
  EXPECT_FALSE(size_of_text(start + "\xFF\xC2").has_value());
}

/// A DHT segment with `codes` codes of two bits, all for one symbol.
std::string huffman_table(int number, int codes, int symbol) {
  std::string segment(1, static_cast<char>(number));
  segment += std::string(1, '\0') + static_cast<char>(codes) + std::string(14, '\0');
  segment += std::string(static_cast<std::size_t>(codes), static_cast<char>(symbol));
  return std::string("\xFF\xC4\0", 3) + static_cast<char>(2 + segment.size()) + segment;
}

TEST(Bounds, HuffmanTablesOfAJpegAreLookedAt) {
  const auto possible = [](const std::string& text) {
    return has_possible_huffman_tables(std::as_bytes(std::span(text)));
  };
  const std::string start("\xFF\xD8");
  const std::string progressive("\xFF\xC2\x00\x0B\x0C\x02\x00\x01\x80\x01\x01\x11\x00", 13);
  const std::string lossless("\xFF\xC3\x00\x0B\x0C\x02\x00\x01\x80\x01\x01\x11\x00", 13);
  const std::string scan("\xFF\xDA\x00\x02 \xFF\x00 \xFF\xD0 ", 11);
  EXPECT_TRUE(possible(start + huffman_table(3, 4, 15) + progressive + scan + huffman_table(0x13, 3, 255) + scan));
  EXPECT_FALSE(possible(start + huffman_table(4, 3, 0) + progressive));
  EXPECT_FALSE(possible(start + huffman_table(0x20, 3, 0) + progressive));
  EXPECT_FALSE(possible(start + huffman_table(0, 5, 0) + progressive));  // two bits have four codes
  EXPECT_FALSE(possible(start + progressive + huffman_table(0, 1, 16)));
  EXPECT_TRUE(possible(start + lossless + huffman_table(0, 1, 16)));
  EXPECT_FALSE(possible(start + huffman_table(0, 1, 17) + lossless));
  EXPECT_FALSE(possible(start + progressive + scan + huffman_table(0, 1, 16)));  // between scans
  std::string cut = start + huffman_table(0, 3, 0);
  cut.pop_back();
  EXPECT_FALSE(possible(cut));
}

TEST(Bounds, AnImpossibleHuffmanTableIsRefused) {
  const auto number_it_5 = [](std::string& bytes, std::size_t start) { bytes[bytes.find("\xFF\xC4", start) + 4] = 5; };
  EXPECT_THAT(refusal_of_jpeg(number_it_5), HasSubstr("a.dcm: its JPEG stream has an impossible Huffman table"));
}

/// DCMTK's own stream is asked for ever where a file cannot be read on.
TEST(Bounds, AFileThatCannotBeReadOnEndsItsStream) {
  const TemporaryFolder folder;
  write_bytes(folder / "a.dcm", std::string(1000, 'a'));
  DicomStream stream(folder / "a.dcm");
  std::string bytes(600, '\0');
  EXPECT_EQ(stream.read(bytes.data(), 600), 600);
  stream.mark();
  EXPECT_EQ(stream.skip(100), 100);
  EXPECT_EQ(stream.avail(), 300);
  stream.putback();
  EXPECT_EQ(stream.tell(), 600);
  EXPECT_EQ(stream.avail(), 400);
  std::filesystem::resize_file(folder / "a.dcm", 700);
  EXPECT_EQ(stream.read(bytes.data(), 400), 100);
  EXPECT_FALSE(stream.good());
  EXPECT_TRUE(stream.eos());
  EXPECT_STREQ(stream.status().text(), "Input/output error");
}
#endif

}  // namespace
}  // namespace pleura::scan::test
