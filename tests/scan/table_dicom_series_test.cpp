/// DICOM series that hold several stacks, copies or other things than slices: property x value -> read as, or refused
/// with.
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/table.hpp"

namespace pleura::scan::test::dicom_series_table {
namespace {

namespace fs = std::filesystem;
using Changes = std::function<void(std::int64_t slice, DcmDataset&)>;

constexpr std::int64_t slices = 12;

/// One stack of 12 slices 2.5 mm apart from `bottom` up, of the one series that all stacks share.
void write_stack(const fs::path& folder, const std::string& name, double bottom, const Changes& change) {
  fs::create_directories(folder);
  for (std::int64_t slice = 0; slice < slices; ++slice) {
    auto file = make_slice(slice, bottom + 2.5 * static_cast<double>(slice), [&](DcmDataset& dataset) {
      put(dataset, DCM_SOPInstanceUID, "1.2.3.9." + std::to_string(slice + 100 * (name.front() - 'a' + 1)));
      if (change) change(slice, dataset);
    });
    save(file, folder / (name + std::to_string(slice)));
  }
}

/// The same value in all slices of a stack.
Changes always(const DcmTagKey& tag, const std::string& value) {
  return [=](std::int64_t, DcmDataset& dataset) {
    if (!value.empty()) put(dataset, tag, value);
  };
}

/// Two stacks, `apart` mm from one another, that differ in an attribute: two series of which one is chosen.
Row parts(const DcmTagKey& tag, const std::string& first, const std::string& second, double apart,
          std::size_t chosen = 0) {
  const std::string name = DcmTag(tag).getTagName();
  return {.property = name,
          .value = first + " and " + second + ", " + std::to_string(apart) + " mm apart",
          .write =
              [=](const fs::path& folder) {
                write_stack(folder, "a", -100, always(tag, first));
                write_stack(folder, "b", -100 + apart, always(tag, second));
              },
          .read_as =
              [=](const Read& read) {
                ASSERT_EQ(read.report.series.size(), 2U);
                EXPECT_EQ(read.report.series[0].uid, "1.2.3.1#1");
                EXPECT_EQ(read.report.series[1].uid, "1.2.3.1#2");
                EXPECT_TRUE(read.report.series[chosen].chosen);
                EXPECT_EQ(read.report.series[chosen].files, slices);
                EXPECT_EQ(read.volume.geometry.spacing[0], 2.5);
                EXPECT_EQ(read.volume.geometry.shape[0], slices);
                EXPECT_EQ(read.volume.provenance.value().series_uid, "1.2.3.1");
              },
          .warned_with = {"its series holds 2 stacks", name}};
}

/// One stack although an attribute varies.
Row one_stack(const std::string& property, const std::string& value, const Changes& change,
              const std::vector<std::string>& warnings = {}) {
  return {.property = property,
          .value = value,
          .write = [=](const fs::path& folder) { write_stack(folder, "a", -100, change); },
          .read_as =
              [](const Read& read) {
                ASSERT_EQ(read.report.series.size(), 1U);
                EXPECT_EQ(read.report.series[0].uid, "1.2.3.1");
                EXPECT_EQ(read.volume.geometry.shape[0], slices);
              },
          .warned_with = warnings};
}

Changes by_slice(const DcmTagKey& tag, const std::function<std::string(std::int64_t)>& value) {
  return [=](std::int64_t slice, DcmDataset& dataset) { put(dataset, tag, value(slice)); };
}

void add_parts(std::vector<Row>& rows) {
  for (const double apart : {0.0, 1.0, 1.25}) {
    rows.push_back(parts(DCM_ConvolutionKernel, "B30f", "B70f", apart, 1));
    rows.push_back(parts(DCM_KVP, "100", "120", apart));
    rows.push_back(parts(DCM_AcquisitionNumber, "1", "2", apart));
    rows.push_back(parts(DCM_AcquisitionTime, "100000", "100200", apart));
    rows.push_back(parts(DCM_ContrastBolusAgent, "", "Iomeron", apart));
    rows.push_back(parts(DCM_ImageType, "DERIVED\\PRIMARY\\AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", apart, 1));
    rows.push_back(parts(DCM_EchoTime, "1", "2", apart));
  }
  rows.push_back(parts(DCM_ConvolutionKernel, "LUNG", "STANDARD", 1.25, 0));
  Row named = parts(DCM_ConvolutionKernel, "B30f", "B70f", 1.25, 0);
  named.property = "--series";
  named.options.series_uid = "1.2.3.1#1";
  rows.push_back(named);
  named.property = "--series, of the whole series";
  named.options.series_uid = "1.2.3.1";
  named.read_as = {};
  named.refused_with = {"fits 2 series", "1.2.3.1#1", "1.2.3.1#2"};
  rows.push_back(named);
  for (const double apart : {0.0, 1.25}) {
    Row rising = parts(DCM_AcquisitionTime, "", "", apart);
    rising.property = "AcquisitionTime rising in two breaths";
    rising.write = [=](const fs::path& folder) {
      const auto from = [](int start) {
        return by_slice(DCM_AcquisitionTime, [=](auto slice) { return std::to_string(start + slice); });
      };
      write_stack(folder, "a", -100, from(100000));
      write_stack(folder, "b", -100 + apart, from(100230));
    };
    rows.push_back(rising);
  }
}

void add_one_stack(std::vector<Row>& rows) {
  const auto count = [](std::int64_t slice) { return std::to_string(slice + 1); };
  rows.push_back(one_stack("AcquisitionNumber", "of each slice", by_slice(DCM_AcquisitionNumber, count)));
  rows.push_back(one_stack("XRayTubeCurrent", "of each slice", by_slice(DCM_XRayTubeCurrent, count)));
  rows.push_back(one_stack("AcquisitionTime", "rising",
                           by_slice(DCM_AcquisitionTime, [](auto slice) { return std::to_string(100000 + slice); })));
  rows.push_back(one_stack("ImageType", "padded in some", by_slice(DCM_ImageType, [](auto slice) {
                             return slice % 2 ? "ORIGINAL\\PRIMARY\\AXIAL" : "ORIGINAL \\PRIMARY\\AXIAL";
                           })));
  rows.push_back(one_stack("AcquisitionNumber", "of two halves",
                           by_slice(DCM_AcquisitionNumber, [](auto slice) { return slice < 6 ? "1" : "2"; })));
  rows.push_back(one_stack("KVP", "of two halves",
                           by_slice(DCM_KVP, [](auto slice) { return slice < 6 ? "100" : "120"; }),
                           {"its slices differ in KVP (100, 120)"}));
  rows.push_back(one_stack("ConvolutionKernel", "alternating over too few slices",
                           by_slice(DCM_ConvolutionKernel, [](auto slice) { return slice % 2 ? "B30f" : "B70f"; }),
                           {"its slices differ in ConvolutionKernel (B30f, B70f)"}));
}

void add_copies(std::vector<Row>& rows) {
  const auto twice = [](const Changes& second) {
    return [=](const fs::path& folder) {
      write_stack(folder / "export", "a", -100, {});
      write_stack(folder / "backup", "a", -100, second);
    };
  };
  Row row = one_stack("copies", "of every slice", {}, {"12 files are copies of others", "export/a0 of backup/a0"});
  row.write = twice({});
  rows.push_back(row);
  row = one_stack("copies", "of one slice", {}, {"1 file is a copy of another"});
  row.write = [](const fs::path& folder) {
    write_stack(folder, "a", -100, {});
    fs::copy(folder / "a5", folder / "a5 (1)");
  };
  rows.push_back(row);
  rows.push_back({.property = "copies",
                  .value = "of other pixels",
                  .write = twice([](auto, DcmDataset& dataset) {
                    put_pixels(dataset, std::vector<std::uint16_t>(side * side, 9));
                  }),
                  .refused_with = {"duplicate slices: backup/a0 and export/a0", "11 more"}});
  rows.push_back({.property = "copies",
                  .value = "of other SOPInstanceUIDs",
                  .write =
                      [](const fs::path& folder) {
                        write_stack(folder, "a", -100, {});
                        write_stack(folder, "b", -100, {});
                      },
                  .refused_with = {"duplicate slices: a0 and b0"}});
  rows.push_back(one_stack("SOPInstanceUID", "one for all", always(DCM_SOPInstanceUID, "1.2.3.4"),
                           {"11 files have the SOPInstanceUID of another"}));
}

/// A CT with one more file under its UID, which is set aside.
void add_set_aside(std::vector<Row>& rows) {
  const auto beside = [&](const std::string& what, const std::string& why, const Change& change) {
    rows.push_back({.property = "beside the slices",
                    .value = what,
                    .write =
                        [=](const fs::path& folder) {
                          write_stack(folder, "a", -100, {});
                          auto file = make_slice(40, 3, change);
                          save(file, folder / "other");
                        },
                    .read_as =
                        [=](const Read& read) {
                          EXPECT_EQ(read.volume.geometry.shape[0], slices);
                          ASSERT_EQ(read.report.series.size(), 2U);
                          const auto& other = read.report.series[read.report.series[0].chosen ? 1 : 0];
                          EXPECT_THAT(other.refused, testing::HasSubstr(why));
                        }});
  };
  beside("a secondary capture", "secondary capture",
         [](DcmDataset& d) { put(d, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage); });
  beside("a localizer", "localizer", [](DcmDataset& d) { put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\LOCALIZER"); });
  beside("another modality", "modality SR", [](DcmDataset& d) { put(d, DCM_Modality, "SR"); });
  beside("a colour picture", "colour pixels", [](DcmDataset& d) { put(d, DCM_PhotometricInterpretation, "RGB"); });
}

/// The lowest slice of the phantom, encoded losslessly by OpenJPH 0.26.
constexpr std::string_view ht_stream =
    "ff4fff5100294000000000100000001000000000000000000000001000000010000000000000000000010f0101ff50000800"
    "020000000aff52000c00020001000504044001ff5c00132088909090909090909090909090888888ff64001700014f70656e"
    "4a50482056657220302e32362e332eff90000a0000000001470001ff93c00026a9fd0507740000c00013400012c00013001a"
    "fd02877400f2020774007cf903077400c000153000054c00015220887e90f60106b40065d8e245ef0142b40092978de6ee01"
    "06b400c00016ec00016dc00016d80089640340362008e6bc20ac923001011320184d84fe07ca48301197000045b4fa327bd0"
    "9328639dd08ec6d14730d7f202905888406a9800008cdc3890a3806640c7383979c04404f960f40393948840433800c0002e"
    "8200017a5c0002dbbd3f92126cd2c21cb611c4380b8b087f68811ff8c4e00fc00593847f021bd2010000f400000e80000010"
    "008001000c03e80300000000000000000012d69b81861ade0124020000000000000000000000000000000000008000068850"
    "19fb28801e8984d086060871139301fd100000000000002f00c08c00008333102b1fa21481de0c07df00ffd9";

/// Files whose frame is a code stream of high-throughput JPEG 2000.
void write_high_throughput(const fs::path& folder, const std::string& uid, std::size_t left_out) {
  std::vector<Uint8> bytes;
  for (std::size_t i = 0; i + 1 < ht_stream.size(); i += 2)
    bytes.push_back(static_cast<Uint8>(std::stoi(std::string(ht_stream.substr(i, 2)), nullptr, 16)));
  bytes.resize(bytes.size() - left_out);
  for (int slice = 0; slice < slices; ++slice) {
    auto file = make_slice(slice, -100 + 2.5 * slice, [&](DcmDataset& dataset) {
      auto* sequence = new DcmPixelSequence(DCM_PixelSequenceTag);
      auto* item = new DcmPixelItem(DCM_PixelItemTag);
      ASSERT_TRUE(sequence->insert(new DcmPixelItem(DCM_PixelItemTag)).good());
      ASSERT_TRUE(item->putUint8Array(bytes.data(), bytes.size()).good());
      ASSERT_TRUE(sequence->insert(item).good());
      auto* pixels = new DcmPixelData(DCM_PixelData);
      pixels->putOriginalRepresentation(EXS_JPEG2000, nullptr, sequence);
      ASSERT_TRUE(dataset.insert(pixels, OFTrue).good());
    });
    const auto path = folder / std::to_string(slice);
    ASSERT_TRUE(file.saveFile(path.c_str(), EXS_JPEG2000).good());
    declare_syntax(path, uid);
  }
}

void add_high_throughput(std::vector<Row>& rows) {
  for (const auto* last : {"201", "202", "203"})
    rows.push_back({.property = "transfer syntax",
                    .value = std::string("HTJ2K .") + last,
                    .write =
                        [=](const fs::path& folder) {
                          write_high_throughput(folder, std::string("1.2.840.10008.1.2.4.") + last, 0);
                        },
                    .read_as =
                        [](const Read& read) {
                          for (std::int64_t z = 0; z < slices; ++z)
                            for (std::int64_t i = 0; i < side * side; ++i)
                              ASSERT_EQ(read.volume.hu[z * side * side + i], phantom_hu(0, i / side, i % side)) << z;
                        }});
  rows.push_back(
      {.property = "transfer syntax",
       .value = "HTJ2K cut off",
       .write = [](const fs::path& folder) { write_high_throughput(folder, "1.2.840.10008.1.2.4.201", 340); },
       .refused_with = {"High-Throughput JPEG 2000 (Lossless Only)", "damaged JPEG 2000 stream"}});
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto add : {add_parts, add_one_stack, add_copies, add_set_aside, add_high_throughput}) add(rows);
  return rows;
}

class TableDicomSeries : public testing::TestWithParam<Row> {};

TEST_P(TableDicomSeries, Row) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, TableDicomSeries, testing::ValuesIn(all_rows()));

}  // namespace
}  // namespace pleura::scan::test::dicom_series_table
