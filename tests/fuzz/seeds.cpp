/// Writes the small files that fuzzing starts from, a folder a target: seeds FOLDER.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>

#include <cstring>
#include <fstream>
#include <memory>

#include "evaluate/record.hpp"
#include "files/nifti.hpp"
#include "tests/fuzz/dicom_frame.hpp"
#include "tests/fuzz/seed_files.hpp"
#include "tests/fuzz/thorax.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/jpeg2000_writer.hpp"
#include "tests/scan/packed.hpp"

namespace pleura::fuzz {
namespace {

using scan::test::phantom_hu;
using scan::test::side;

/// A frame of 8 or 12 bits.
DcmFileFormat slice(bool word) {
  return scan::test::make_slice(3, 0, [&](DcmDataset& dataset) {
    if (word) return;
    dataset.putAndInsertUint16(DCM_BitsAllocated, 8);
    dataset.putAndInsertUint16(DCM_BitsStored, 8);
    dataset.putAndInsertUint16(DCM_HighBit, 7);
    std::vector<Uint8> bytes;
    for (std::int64_t i = 0; i < side * side; ++i)
      bytes.push_back(static_cast<Uint8>(phantom_hu(3, i / side, i % side)));
    dataset.putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  });
}

std::unique_ptr<DcmRepresentationParameter> parameter_of(E_TransferSyntax syntax) {
  if (syntax == EXS_RLELossless) return std::make_unique<DcmRLERepresentationParameter>();
  if (syntax == EXS_JPEGLSLossless) return std::make_unique<DJLSRepresentationParameter>(0, OFTrue);
  if (syntax == EXS_JPEGLSLossy) return std::make_unique<DJLSRepresentationParameter>(2, OFFalse);
  if (syntax == EXS_JPEGProcess14SV1) return std::make_unique<DJ_RPLossless>();
  return std::make_unique<DJ_RPLossy>(80);
}

/// The first frame of a data set that lies compressed.
std::string frame_of(DcmDataset& dataset, E_TransferSyntax syntax, const DcmRepresentationParameter& parameter) {
  DcmElement* element = nullptr;
  DcmPixelSequence* sequence = nullptr;
  DcmPixelItem* item = nullptr;
  Uint8* bytes = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() ||
      dynamic_cast<DcmPixelData&>(*element).getEncapsulatedRepresentation(syntax, &parameter, sequence).bad() ||
      sequence->getItem(item, 1).bad() || item->getUint8Array(bytes).bad())
    return {};
  return {reinterpret_cast<const char*>(bytes), item->getLength()};
}

std::string jpeg2000(int precision) {
  const auto scratch = std::filesystem::temp_directory_path() / ("pleura-seed-" + std::to_string(getpid()) + ".j2k");
  std::string bytes = scan::test::encode_jpeg2000(3, precision, scratch);
  std::filesystem::remove(scratch);
  return bytes;
}

/// dicom_frame by syntax and format, the codecs' own targets, and JPEG as pictures.
void write_frames(const Seeds& seeds) {
  for (std::size_t i = 0; i < frame_syntaxes.size(); ++i)
    for (const bool word : {false, true}) {
      const auto syntax = frame_syntaxes[i];
      const std::string name = std::to_string(i) + (word ? "-12" : "-8");
      std::string frame;
      if (syntax == EXS_JPEG2000LosslessOnly) {
        frame = jpeg2000(word ? 12 : 8);
        seeds.write("jpeg2000", name, std::string(1, '\0') + frame);
      } else {
        auto file = slice(word);
        const auto parameter = parameter_of(syntax);
        if (file.getDataset()->chooseRepresentation(syntax, parameter.get()).bad()) continue;
        seeds.write("dicom_file", name, text_of(written(file, syntax)));
        frame = frame_of(*file.getDataset(), syntax, *parameter);
      }
      seeds.write("dicom_frame", name, std::string{static_cast<char>(i), static_cast<char>(word)} + frame);
      if (syntax == EXS_RLELossless) seeds.write("rle", name, std::string{static_cast<char>(word), '\xFF'} + frame);
      if (!word && frame.starts_with("\xFF\xD8") && syntax != EXS_JPEGLSLossless && syntax != EXS_JPEGLSLossy)
        seeds.write("picture", name + ".jpg", frame);
    }
}

void write_dicom(const Seeds& seeds) {
  for (const auto syntax :
       {EXS_LittleEndianImplicit, EXS_LittleEndianExplicit, EXS_BigEndianExplicit, EXS_DeflatedLittleEndianExplicit}) {
    auto file = slice(true);
    const auto bytes = text_of(written(file, syntax));
    seeds.write("dicom_file", "plain-" + std::to_string(syntax), bytes);
    seeds.write("any_file", "plain-" + std::to_string(syntax), bytes);
  }
  seeds.write("dicom_series", "sound", "");
  seeds.write("dicom_series", "spacing", std::string("\x05\x02\x03") + "0.5\\0.5");
}

void write_volumes(const Seeds& seeds) {
  const Geometry geometry{.shape = {12, 8, 8}, .spacing = {2, 1, 1}};
  std::vector<std::int16_t> hu(static_cast<std::size_t>(geometry.voxels()), -900);
  std::fill_n(hu.begin(), 200, std::int16_t{40});
  const std::string voxels(reinterpret_cast<const char*>(hu.data()), 2 * hu.size());
  for (const char* name : {"a.nii", "a.nii.gz"}) {
    const auto file = seeds.folder("nifti") / name;
    files::write_nifti(file, geometry, hu);
    seeds.write("any_file", name, slurp(file));
  }
  const std::string meta =
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 "
      "1\nOffset = 0 0 0\n"
      "ElementSpacing = 1 1 2\nDimSize = 8 8 12\nElementType = MET_SHORT\nElementDataFile = ";
  seeds.write("metaimage", "a.mha", meta + "LOCAL\n" + voxels);
  seeds.write("metaimage", "a.mhd", meta + "a.raw\n");
  seeds.write("any_file", "a.mha", meta + "LOCAL\n" + voxels);
  const std::string nrrd =
      "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 8 8 12\nspace directions: (1,0,0) "
      "(0,1,0) (0,0,2)\n"
      "endian: little\nspace origin: (0,0,0)\n";
  seeds.write("nrrd", "a.nrrd", nrrd + "encoding: raw\n\n" + voxels);
  seeds.write("nrrd", "gzip.nrrd", nrrd + "encoding: gzip\n\n" + slurp(seeds.folder("nifti") / "a.nii.gz"));
  seeds.write("nrrd", "a.nhdr", nrrd + "encoding: raw\ndata file: a.raw\n");
  seeds.write("any_file", "a.nrrd", nrrd + "encoding: raw\n\n" + voxels);
}

void write_archives(const Seeds& seeds) {
  const scan::test::Members members{
      {"ct/1.dcm", slurp(seeds.folder("dicom_file") / "plain-0")}, {"ct/empty", ""}, {"a\xC3\xA9.txt", "words"}};
  const auto pack = [&](const std::string& name, const scan::test::Packing& packing) {
    scan::test::pack(seeds.folder("archive") / name, members, packing);
  };
  pack("a.zip", {});
  pack("stored.zip", {.options = "zip:compression=store"});
  pack("a.tar", {.format = ARCHIVE_FORMAT_TAR_USTAR});
  pack("pax.tar", {.format = ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE});
  pack("gnu.tar", {.format = ARCHIVE_FORMAT_TAR_GNUTAR});
  pack("a.tar.gz", {.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = ARCHIVE_FILTER_GZIP});
  pack("a.tar.xz", {.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = ARCHIVE_FILTER_XZ});
  pack("a.tar.bz2", {.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = ARCHIVE_FILTER_BZIP2});
  seeds.write("any_file", "a.zip", slurp(seeds.folder("archive") / "a.zip"));
}

void write_tables(const Seeds& seeds) {
  const std::string box = R"("box_mm": {"low": [1, 2, 3], "high": [4.5, 5e0, 6]})";
  seeds.write("tables", "boxes", std::string(1, '\0') + R"({"regions": [{)" + box + "}]}");
  seeds.write(
      "tables", "truth",
      std::string(1, '\1') + R"({"boxes": [{"label": "covid19", )" + box + R"(}, {"label": "ignore", )" + box + "}]}");
  evaluate::Record record;
  record.name = "a";
  record.proposals.push_back({.score = 0.5, .box = {{1, 2, 3}, {4, 5, 6}}, .hits = {0}});
  record.lesions.push_back(evaluate::Finding::covid19);
  record.region_truth.emplace_back(Label::covid19);
  record.answers["m1"].regions.emplace_back();
  const auto file = seeds.folder("tables") / "record";
  evaluate::write_record(record, file);
  seeds.write("tables", "record", std::string(1, '\2') + slurp(file));
  seeds.write("tables", "cohort",
              std::string(1, '\3') + "path,case,truth\na,covid19,a.json\n\"b,\"\"c\",influenza_a,\n");
}

/// The oldest format of HDF5, whose structure has no checksums, and that of our own files.
void write_weights(const Seeds& seeds) {
  seeds.write("weights", "earliest.h5", slurp(weights::test::reference("h5py-earliest.h5")));
  auto model = weights::test::small_model();
  model.segmenter.reset();
  model.classifiers.erase("m2");
  weights::write_model(model, seeds.folder("weights") / "classifier.h5", true);
}

/// Calls by their first bytes are hard to write by hand: some runs of numbers, from which the fuzzer goes on.
void write_calls(const Seeds& seeds) {
  for (int first = 0; first < 10; ++first) {
    std::string calls;
    for (int i = 0; i < 64; ++i) calls += static_cast<char>((first + i * 7) % 10);
    seeds.write("c_interface", std::to_string(first), calls);
  }
  seeds.write("c_interface", "nifti", slurp(seeds.folder("nifti") / "a.nii"));
}

}  // namespace
}  // namespace pleura::fuzz

int main(int count, char** arguments) {
  using namespace pleura::fuzz;
  if (count != 2) return 1;
  DJEncoderRegistration::registerCodecs();
  DJLSEncoderRegistration::registerCodecs();
  DcmRLEEncoderRegistration::registerCodecs();
  const Seeds seeds(arguments[1]);
  write_frames(seeds);
  write_dicom(seeds);
  write_volumes(seeds);
  write_pictures(seeds);
  write_archives(seeds);
  write_tables(seeds);
  write_weights(seeds);
  write_calls(seeds);
  DcmRLEEncoderRegistration::cleanup();
  DJLSEncoderRegistration::cleanup();
  DJEncoderRegistration::cleanup();
}
