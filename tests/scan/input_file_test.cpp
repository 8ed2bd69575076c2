/// Files on disk and in memory must read alike, whatever reads them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "pleura/error.hpp"
#include "scan/gzip.hpp"
#include "scan/metaimage.hpp"
#include "scan/nifti.hpp"
#include "scan/nrrd.hpp"
#include "scan/picture.hpp"
#include "scan/sniff.hpp"
#include "tests/scan/temporary_folder.hpp"
#ifdef PLEURA_WITH_DICOM
#include "files/nifti.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#include "tests/scan/dicom_writer.hpp"
#endif

namespace pleura::scan {
namespace {

using namespace std::string_literals;

Bytes content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

std::string text_of(StreamReader reader) {
  std::string text(1000, '\0');
  text.resize(reader.read(std::as_writable_bytes(std::span(text))));
  return text;
}

class InMemory : public testing::Test {
 protected:
  /// A file of the folder, as a member of an archive that holds all its files.
  InputFile member(const std::string& name) {
    auto members = std::make_shared<FilesInMemory>();
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      (*members)["a.zip" / entry.path().filename()] = content_of(entry.path());
    return {std::filesystem::path("a.zip") / name, members};
  }

  std::filesystem::path write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  std::filesystem::path write_gzip(const std::string& name, std::initializer_list<std::string> parts) {
    for (const auto& part : parts) {  // each a gzip file of its own, one after the other
      gzFile file = gzopen((folder_ / name).c_str(), "ab");
      gzwrite(file, part.data(), static_cast<unsigned>(part.size()));
      gzclose(file);
    }
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
  const Geometry geometry_{.shape = {10, 4, 5}, .spacing = {2, 1, 1}};
  const std::vector<std::int16_t> hu_ = [this] {
    std::vector<std::int16_t> hu(static_cast<std::size_t>(geometry_.voxels()));
    for (std::size_t i = 0; i < hu.size(); ++i) hu[i] = static_cast<std::int16_t>(i);
    return hu;
  }();
};

TEST_F(InMemory, StreamsSeekAndEnd) {
  write("f", "0123456789");
  for (const InputFile& file : {InputFile(folder_ / "f"), member("f")}) {
    EXPECT_EQ(file.size(), 10);
    const auto in = file.open();
    EXPECT_TRUE(in->seekg(4));
    EXPECT_EQ(in->get(), '4');
    EXPECT_TRUE(in->seekg(-1, std::ios::end));
    EXPECT_EQ(in->get(), '9');
    EXPECT_EQ(in->tellg(), 10);
    EXPECT_EQ(in->get(), std::istream::traits_type::eof());
    EXPECT_EQ(text_of({file, 7, false}), "789");
  }
}

TEST_F(InMemory, WhatCannotBeOpenedIsRefusedWithTheReason) {
  std::filesystem::create_symlink("loop", folder_ / "loop");
  for (const auto& [name, reason] : {std::pair("absent", "No such file"), std::pair("loop", "symbolic links")}) {
    try {
      (void)InputFile(folder_ / name).open();
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::input_refused);
      EXPECT_THAT(error.what(), testing::HasSubstr(reason));
    }
  }
}

TEST_F(InMemory, SiblingsLieInTheSameFolderOrArchive) {
  write("f", "1");
  write("g", "22");
  for (const InputFile& file : {InputFile(folder_ / "f"), member("f")}) {
    ASSERT_TRUE(file.sibling("g"));
    EXPECT_EQ(file.sibling("g")->size(), 2);
    EXPECT_EQ(file.sibling("./g")->size(), 2);
    EXPECT_FALSE(file.sibling("h"));
    EXPECT_FALSE(file.sibling("."));
  }
  EXPECT_FALSE(member("f").sibling(folder_ / "g"));  // nothing outside of an archive
  EXPECT_FALSE(member("f").sibling("../g"));
}

TEST_F(InMemory, GzipOfSeveralParts) {
  write_gzip("f", {"one ", "two"});
  std::ofstream(folder_ / "f", std::ios::app) << "junk";
  for (const InputFile& file : {InputFile(folder_ / "f"), member("f")}) {
    EXPECT_TRUE(is_gzip(file));
    EXPECT_EQ(text_of(open_gzip(file)), "one two");
    auto reader = open_gzip(file);
    EXPECT_TRUE(reader.skip(6));
    EXPECT_EQ(text_of(std::move(reader)), "o");
    EXPECT_FALSE(open_gzip(file).skip(8));
  }
}

TEST_F(InMemory, Nifti) {
  for (const std::string name : {"a.nii", "a.nii.gz"}) {
    files::write_nifti(folder_ / name, geometry_, hu_);
    EXPECT_EQ(sniff(member(name)), Content::nifti);
    EXPECT_EQ(read_nifti_header(member(name)).geometry, geometry_);
    EXPECT_EQ(read_nifti(member(name)).hu, hu_);
  }
}

TEST_F(InMemory, MetaImageWithItsVoxelsBesideIt) {
  write("a.raw", {reinterpret_cast<const char*>(hu_.data()), 2 * hu_.size()});
  write("a.mhd",
        "ObjectType = Image\nNDims = 3\nElementSpacing = 1 1 2\nDimSize = 5 4 10\nElementType = MET_SHORT\n"
        "ElementDataFile = a.raw\n");
  EXPECT_EQ(sniff(member("a.mhd")), Content::metaimage);
  EXPECT_EQ(read_metaimage(member("a.mhd")).hu, hu_);
  std::filesystem::remove(folder_ / "a.raw");
  try {
    (void)read_metaimage(member("a.mhd"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a.zip/a.raw is not there"));
  }
}

TEST_F(InMemory, NrrdWithItsVoxelsBesideIt) {
  write_gzip("a.raw.gz", {"junk\n" + std::string(reinterpret_cast<const char*>(hu_.data()), 2 * hu_.size())});
  write("a.nhdr",
        "NRRD0004\ntype: short\ndimension: 3\nspace: LPS\nsizes: 5 4 10\nspace directions: (1,0,0) (0,1,0) (0,0,2)\n"
        "space origin: (0,0,0)\nendian: little\nencoding: gzip\nbyte skip: 5\ndata file: a.raw.gz\n");
  EXPECT_EQ(sniff(member("a.nhdr")), Content::nrrd);
  EXPECT_EQ(read_nrrd(member("a.nhdr")).hu, hu_);
  EXPECT_EQ(read_nrrd_header(member("a.nhdr")).geometry, geometry_);
}

TEST_F(InMemory, Picture) {
  const std::string head =
      "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0\0\0\0\0\x10\0\0\0"s;
  const std::string rows = "\0\0\0\xFF\xFF\xFF\0\0\x33\x33\x33\0\0\0\0\0"s;  // the lowest comes first
  write("a.bmp", head + std::string(16, '\0') + rows);
  for (const InputFile& file : {InputFile(folder_ / "a.bmp"), member("a.bmp")}) {
    EXPECT_EQ(sniff(file), Content::picture);
    EXPECT_EQ(read_picture_size(file).columns, 2);
    EXPECT_EQ(read_picture(file), (std::vector<float>{0.2F, 0, 0, 1}));
  }
}

#ifdef PLEURA_WITH_DICOM
TEST_F(InMemory, DicomInEverySyntax) {
  for (const auto syntax :
       {EXS_LittleEndianImplicit, EXS_LittleEndianExplicit, EXS_BigEndianExplicit, EXS_DeflatedLittleEndianExplicit,
        EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless}) {
    auto slice = test::make_slice(3, 0);
    test::save(slice, folder_ / "a.dcm", syntax);
    const InputFile file = member("a.dcm");
    EXPECT_EQ(sniff(file), Content::dicom);
    const auto image = read_dicom_header(file);
    ASSERT_TRUE(image && image->has_pixels);
    EXPECT_EQ(image->file.path(), "a.zip/a.dcm");
    EXPECT_EQ(DicomPixels(file, 1).frame(0), DicomPixels(folder_ / "a.dcm", 1).frame(0))
        << DcmXfer(syntax).getXferName();
  }
}

TEST_F(InMemory, ATruncatedDicomIsRefused) {
  auto slice = test::make_slice(3, 0);
  test::save(slice, folder_ / "a.dcm");
  std::filesystem::resize_file(folder_ / "a.dcm", std::filesystem::file_size(folder_ / "a.dcm") - 20);
  EXPECT_THROW((void)read_dicom_header(folder_ / "a.dcm"), Error);
  EXPECT_THROW((void)read_dicom_header(member("a.dcm")), Error);
}
#endif

}  // namespace
}  // namespace pleura::scan
