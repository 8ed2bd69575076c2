/// DICOM: property x value -> read as, or refused with.
#include <cstring>
#include <map>

#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/table.hpp"

namespace pleura::scan::test::dicom_table {
namespace {

namespace fs = std::filesystem;
using Changes = std::function<void(std::int64_t slice, DcmDataset&)>;
using Words = std::vector<std::string>;

/// An element under any VR, its bytes as given.
void put_as(DcmItem& item, const DcmTagKey& tag, DcmEVR vr, const std::string& bytes) {
  auto* element = new DcmOtherByteOtherWord(DcmTag(tag, DcmVR(vr)));
  std::vector<Uint16> words((bytes.size() + 1) / 2);
  if (!bytes.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
  const bool put = vr == EVR_OW
                       ? element->putUint16Array(words.data(), words.size()).good()
                       : element->putUint8Array(reinterpret_cast<const Uint8*>(bytes.data()), bytes.size()).good();
  ASSERT_TRUE(put);
  ASSERT_TRUE(item.insert(element, OFTrue).good());
}

/// What an element holds, as it would lie in a little-endian file.
std::string bytes_of(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  EXPECT_TRUE(item.findAndGetElement(tag, element).good());
  std::string bytes(element->getLength(), '\0');
  EXPECT_TRUE(
      element->getPartialValue(bytes.data(), 0, static_cast<Uint32>(bytes.size()), nullptr, EBO_LittleEndian).good());
  return bytes;
}

/// Slices of which every element matters: signed words of 12 bits under junk, HU = 0.5 x stored + 10.
void make_demanding(std::int64_t slice, DcmDataset& dataset) {
  dataset.putAndInsertUint16(DCM_PixelRepresentation, 1);
  put(dataset, DCM_RescaleSlope, "0.5");
  put(dataset, DCM_RescaleIntercept, "10");
  put(dataset, DCM_RescaleType, "HU");
  std::vector<std::uint16_t> words;
  for (std::int64_t i = 0; i < side * side; ++i)
    words.push_back(static_cast<std::uint16_t>(((2 * (phantom_hu(slice, i / side, i % side) - 10)) & 0xFFF) |
                                               (i % 2 ? 0xA000 : 0)));
  put_pixels(dataset, words);
}

void expect_phantom(const Read& read) {
  ASSERT_EQ(read.volume.geometry.shape, (Index3{12, side, side}));
  EXPECT_EQ(read.volume.geometry.spacing, (std::array{2.5, 0.75, 0.5}));
  EXPECT_EQ(read.volume.geometry.origin, (Point3{-10, -20, -100}));
  for (std::int64_t z = 0; z < 12; ++z)
    for (std::int64_t i = 0; i < side * side; ++i)
      ASSERT_EQ(read.volume.hu[z * side * side + i], phantom_hu(z, i / side, i % side)) << z << " " << i;
}

std::function<void(const fs::path&)> series(const Changes& change, E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  return [=](const fs::path& folder) {
    write_series(folder, {.syntax = syntax, .change = [=](std::int64_t slice, DcmDataset& dataset) {
                            make_demanding(slice, dataset);
                            if (change) change(slice, dataset);
                          }});
  };
}

Row reads(const std::string& property, const std::string& value, const Changes& change, const Words& warnings = {}) {
  return {.property = property,
          .value = value,
          .write = series(change),
          .read_as = expect_phantom,
          .warned_with = warnings};
}

Row refuses(const std::string& property, const std::string& value, const Changes& change, const Words& words) {
  return {.property = property, .value = value, .write = series(change), .refused_with = words};
}

std::string name_of(const DcmTagKey& tag) { return DcmTag(tag).getTagName(); }

const std::vector<DcmTagKey> decimal_tags{DCM_RescaleIntercept, DCM_RescaleSlope, DCM_ImagePositionPatient,
                                          DCM_ImageOrientationPatient, DCM_PixelSpacing};
const std::vector<DcmTagKey> binary_tags{DCM_Rows, DCM_Columns, DCM_BitsStored, DCM_PixelRepresentation};

std::vector<DcmTagKey> text_tags() {
  auto tags = decimal_tags;
  for (const auto& tag : {DCM_RescaleType, DCM_Modality}) tags.push_back(tag);
  return tags;
}

void add_representations(std::vector<Row>& rows) {
  const auto relabel = [&](const DcmTagKey& tag, DcmEVR vr) {
    rows.push_back(reads(name_of(tag), std::string("as VR ") + DcmVR(vr).getVRName(),
                         [=](auto, DcmDataset& d) { put_as(d, tag, vr, bytes_of(d, tag)); }));
  };
  for (const auto& tag : text_tags())
    for (const auto vr : {EVR_UN, EVR_LO, EVR_LT, EVR_OB}) relabel(tag, vr);
  for (const auto& tag : binary_tags)
    for (const auto vr : {EVR_UN, EVR_OW, EVR_OB, EVR_SS}) relabel(tag, vr);
}

void add_pixels(std::vector<Row>& rows) {
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
    Row row = reads("PixelData", std::string("as VR UN, ") + DcmXfer(syntax).getXferName(), {});
    row.write =
        series([](auto, DcmDataset& d) { put_as(d, DCM_PixelData, EVR_UN, bytes_of(d, DCM_PixelData)); }, syntax);
    rows.push_back(row);
  }
}

void add_paddings(std::vector<Row>& rows) {
  for (const auto& tag : text_tags())
    for (const auto& [before, after] :
         {std::pair<std::string, std::string>{"", std::string(2, '\0')}, {"", "    "}, {"  ", std::string(" \0", 2)}})
      rows.push_back(reads(name_of(tag), "padded by " + testing::PrintToString(before + after),
                           [=, left = before, right = after](auto, DcmDataset& d) {
                             put_as(d, tag, DcmTag(tag).getEVR(), left + bytes_of(d, tag) + right);
                           }));
}

void add_grammar(std::vector<Row>& rows) {
  for (const auto* text : {"nan", "inf", "-INF", "1e999", "-1,024", "12abc", "1 2", "0x10", "--1", "+-5", "1e", ".",
                           "1\\1", "1\\", "\\1", "ten", "1e-999", "1d3"})
    rows.push_back(
        refuses("RescaleIntercept", text, [=](auto, DcmDataset& d) { put_as(d, DCM_RescaleIntercept, EVR_DS, text); },
                {"RescaleIntercept (0028,1052) of VR DS is '" + std::string(text), "expected a decimal number"}));
  for (const auto* text : {"+10", "10.", "1.0E1", "1e1", "1000e-2", "010", "10.000000000000000000"})
    rows.push_back(
        reads("RescaleIntercept", text, [=](auto, DcmDataset& d) { put_as(d, DCM_RescaleIntercept, EVR_DS, text); }));
  for (const auto& tag : decimal_tags)
    rows.push_back(refuses(name_of(tag), "12abc in one slice alone, as UN",
                           [=](auto slice, DcmDataset& d) {
                             if (slice == 11) put_as(d, tag, EVR_UN, "12abc ");
                           },
                           {name_of(tag), "of VR UN is '12abc'", "IM77"}));
  const auto is = [&](const DcmTagKey& tag, DcmEVR vr, const std::string& bytes, const Words& words) {
    rows.push_back(refuses(
        name_of(tag), testing::PrintToString(bytes), [=](auto, DcmDataset& d) { put_as(d, tag, vr, bytes); }, words));
  };
  is(DCM_ImagePositionPatient, EVR_DS, "1\\2 ", {"ImagePositionPatient (0020,0032)", "3 decimal numbers"});
  is(DCM_ImagePositionPatient, EVR_DS, "1\\2\\3\\4 ", {"3 decimal numbers"});
  is(DCM_ImagePositionPatient, EVR_DS, "1\\\\3", {"3 decimal numbers"});
  is(DCM_PixelSpacing, EVR_DS, "0.75,0.5", {"PixelSpacing (0028,0030)", "2 decimal numbers"});
  is(DCM_PixelSpacing, EVR_DS, "0.75", {"2 decimal numbers"});
  is(DCM_ImageOrientationPatient, EVR_DS, "1\\0\\0", {"6 decimal numbers"});
  is(DCM_NumberOfFrames, EVR_IS, "1.0 ", {"NumberOfFrames (0028,0008)", "whole number"});
  is(DCM_NumberOfFrames, EVR_IS, "99999999999 ", {"NumberOfFrames", "whole number"});
  is(DCM_NumberOfFrames, EVR_IS, "one ", {"NumberOfFrames", "whole number"});
  is(DCM_Rows, EVR_US, std::string("\x10\0\x10\0", 4), {"Rows (0028,0010)", "one word of 16 bits"});
  is(DCM_Rows, EVR_UL, std::string("\x10\0\0\0", 4), {"Rows", "of VR UL"});
  is(DCM_BitsStored, EVR_UN, "\x0c\x0b\x0a\x09", {"BitsStored", "one word of 16 bits"});
  is(DCM_RescaleSlope, EVR_DS, "0 ", {"RescaleSlope (0028,1053) is 0"});
  is(DCM_RescaleSlope, EVR_UN, "-0.0", {"RescaleSlope (0028,1053) is 0"});
}

void add_units(std::vector<Row>& rows) {
  for (const auto* unit :
       {"HU", "hu", "Hounsfield", "Hounsfield Units", "HOUNSFIELD UNIT", "Houndsfield Unit", "US", ""})
    rows.push_back(reads("RescaleType", unit, [=](auto, DcmDataset& d) { put_as(d, DCM_RescaleType, EVR_LO, unit); }));
  for (const auto* unit : {"Z_EFF", "MGML", "OD", "HU_MOD", "PCT", "ED", "hum"})
    rows.push_back(refuses("RescaleType", unit, [=](auto, DcmDataset& d) { put_as(d, DCM_RescaleType, EVR_LO, unit); },
                           {std::string("values in ") + unit, "expected HU"}));
  rows.push_back(refuses("RescaleType", "Z_EFF in one slice alone",
                         [](auto slice, DcmDataset& d) {
                           if (slice == 5) put(d, DCM_RescaleType, "Z_EFF");
                         },
                         {"values in Z_EFF"}));
}

/// Hints are taken as absent where they are unreadable, and said.
void add_hints(std::vector<Row>& rows) {
  for (const auto& [tag, text] :
       {std::pair{DCM_SeriesNumber, "two"}, {DCM_InstanceNumber, "1.5"}, {DCM_GantryDetectorTilt, "none"}})
    rows.push_back(reads(name_of(tag), text, [=, t = tag, v = text](auto, DcmDataset& d) { put_as(d, t, EVR_UN, v); },
                         {name_of(tag), std::string("is '") + text + "'", "taken as absent", "and 11 more"}));
  rows.push_back(refuses("GantryDetectorTilt", "12.5 as UN",
                         [](auto, DcmDataset& d) { put_as(d, DCM_GantryDetectorTilt, EVR_UN, "12.5"); },
                         {"GantryDetectorTilt is 12.5"}));
}

std::function<void(const fs::path&)> declared(const std::string& uid, E_TransferSyntax syntax) {
  return [=](const fs::path& folder) {
    series({}, syntax)(folder);
    for (const auto& entry : fs::directory_iterator(folder)) declare_syntax(entry.path(), uid);
  };
}

void add_syntaxes(std::vector<Row>& rows) {
  const std::string root = "1.2.840.10008.1.2";
  for (const auto& [lies, uid] : {std::pair{EXS_LittleEndianImplicit, root + ".1"},
                                  {EXS_LittleEndianExplicit, root},
                                  {EXS_BigEndianExplicit, root + ".1"},
                                  {EXS_BigEndianExplicit, root},
                                  {EXS_LittleEndianExplicit, root + ".2"},
                                  {EXS_LittleEndianImplicit, root + ".2"}})
    rows.push_back({.property = std::string("data set in ") + DcmXfer(lies).getXferName(),
                    .value = "declared as " + uid,
                    .write = declared(uid, lies),
                    .read_as = expect_phantom,
                    .warned_with = {"the header declares", DcmXfer(lies).getXferName(), "and 11 more"}});
  for (const auto* uid : {"1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"})
    rows.push_back({.property = "pixels uncompressed",
                    .value = std::string("declared as ") + uid,
                    .write = declared(uid, EXS_LittleEndianExplicit),
                    .refused_with = {"compressed Transfer Syntax uses explicit length"}});
  for (const auto& [uid, name] :
       std::map<std::string, std::string>{{root + ".4.94", "JPIP Referenced"},
                                          {root + ".4.100", "MPEG2"},
                                          {root + ".4.102", "MPEG-4"},
                                          {root + ".4.107", "HEVC"},
                                          {root + ".4.110", "JPEG XL Lossless"},
                                          {root + ".4.204", "JPIP HTJ2K Referenced"},
                                          {root + ".7.1", "SMPTE ST 2110-20"},
                                          {root + ".8.1", "Deflated Image Frame Compression"},
                                          {root + ".1.98", "Encapsulated Uncompressed"},
                                          {"1.2.3.4.5", "transfer syntax 1.2.3.4.5 is not read"}})
    rows.push_back({.property = "transfer syntax",
                    .value = uid,
                    .write = declared(uid, EXS_LittleEndianExplicit),
                    .refused_with = {name, uid, "is not read"}});
}

/// A table of 4096 entries from -2048 up: HU of the stored values of make_demanding.
DcmItem* put_lut(DcmDataset& dataset, const std::string& type, Uint16 bits, std::size_t entries) {
  dataset.findAndDeleteElement(DCM_RescaleSlope);
  dataset.findAndDeleteElement(DCM_RescaleIntercept);
  dataset.findAndDeleteElement(DCM_RescaleType);
  DcmItem* item = nullptr;
  EXPECT_TRUE(dataset.findOrCreateSequenceItem(DCM_ModalityLUTSequence, item, 0).good());
  const std::vector<std::uint16_t> descriptor{4096, static_cast<std::uint16_t>(-2048), bits};
  put_as(*item, DCM_LUTDescriptor, EVR_US,
         {reinterpret_cast<const char*>(descriptor.data()), descriptor.size() * sizeof(std::uint16_t)});
  put(*item, DCM_ModalityLUTType, type);
  std::vector<std::int16_t> hu;
  for (std::size_t i = 0; i < entries; ++i)
    hu.push_back(static_cast<std::int16_t>((static_cast<int>(i) - 2048) / 2 + 10));
  put_as(*item, DCM_LUTData, EVR_OW, {reinterpret_cast<const char*>(hu.data()), hu.size() * sizeof(std::int16_t)});
  return item;
}

void add_luts(std::vector<Row>& rows) {
  rows.push_back(reads("ModalityLUTSequence", "HU", [](auto, DcmDataset& d) { put_lut(d, "HU", 16, 4096); },
                       {"HU come from the ModalityLUTSequence"}));
  rows.push_back(refuses("ModalityLUTSequence", "OD", [](auto, DcmDataset& d) { put_lut(d, "OD", 16, 4096); },
                         {"ModalityLUTSequence gives values in OD"}));
  rows.push_back(refuses("ModalityLUTSequence", "12 bits", [](auto, DcmDataset& d) { put_lut(d, "HU", 12, 4096); },
                         {"ModalityLUTSequence has entries of 12 bits"}));
  rows.push_back(refuses("ModalityLUTSequence", "short", [](auto, DcmDataset& d) { put_lut(d, "HU", 16, 100); },
                         {"ModalityLUTSequence holds 100 entries", "4096"}));
  rows.push_back(refuses("ModalityLUTSequence", "beside a slope",
                         [](auto, DcmDataset& d) {
                           put_lut(d, "HU", 16, 4096);
                           put(d, DCM_RescaleSlope, "1");
                         },
                         {"ModalityLUTSequence stands beside RescaleSlope"}));
}

/// Functional groups as UN: implicit VR by the standard, explicit where only the label was changed.
void add_sequences(std::vector<Row>& rows) {
  for (const bool is_explicit : {false, true})
    rows.push_back(
        reads("SharedFunctionalGroupsSequence", is_explicit ? "as UN, explicit VR" : "as UN, implicit VR",
              [=](auto, DcmDataset& d) {
                d.findAndDeleteElement(DCM_RescaleSlope);
                const auto element = [&](const DcmTagKey& tag, const std::string& vr, const std::string& value) {
                  const auto number = [](std::size_t figure, std::size_t bytes) {
                    std::string text;
                    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(figure >> (8 * i) & 0xFF);
                    return text;
                  };
                  const std::string head = number(tag.getGroup(), 2) + number(tag.getElement(), 2);
                  if (vr.empty() || !is_explicit) return head + number(value.size(), 4) + value;
                  if (vr == "SQ") return head + vr + number(0, 2) + number(value.size(), 4) + value;
                  return head + vr + number(value.size(), 2) + value;
                };
                const auto item = [&](const std::string& value) { return element(DCM_Item, "", value); };
                const auto inner =
                    element(DCM_PixelValueTransformationSequence, "SQ", item(element(DCM_RescaleSlope, "DS", "0.5 ")));
                put_as(d, DCM_SharedFunctionalGroupsSequence, EVR_UN, item(inner));
              }));
}

/// Names in other alphabets come as UTF-8, control characters replaced.
void add_character_sets(std::vector<Row>& rows) {
  const auto names = [&](const std::string& set, const std::string& bytes, const std::string& expected) {
    Row row = reads("SpecificCharacterSet", set, [=](auto, DcmDataset& d) {
      if (!set.empty()) put(d, DCM_SpecificCharacterSet, set);
      put_as(d, DCM_PatientName, EVR_PN, bytes);
    });
    row.read_as = [=](const Read& read) { EXPECT_EQ(read.volume.provenance.value().patient_name, expected); };
    rows.push_back(row);
  };
  names("ISO_IR 100", "B\xe9r\xe9nice", "B\xc3\xa9r\xc3\xa9nice");
  names("ISO_IR 192", "B\xc3\xa9r", "B\xc3\xa9r");
  names("ISO_IR 144", "\xb8\xd2\xd0\xdd", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd");
  names("", "B\xe9r", "B?r");
  names("ISO_IR 100", "A\x07^B", "A?^B");
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto add : {add_representations, add_pixels, add_paddings, add_grammar, add_units, add_hints, add_syntaxes,
                         add_luts, add_sequences, add_character_sets})
    add(rows);
  return rows;
}

class TableDicom : public testing::TestWithParam<Row> {};

TEST_P(TableDicom, Row) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, TableDicom, testing::ValuesIn(all_rows()));

}  // namespace
}  // namespace pleura::scan::test::dicom_table
