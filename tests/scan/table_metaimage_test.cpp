/// MetaImage: what each key, or two that contradict each other, must give.
#include "tests/scan/text_volume.hpp"

namespace pleura::scan::test::metaimage_table {
namespace {

std::vector<Row> rows() {
  const TextVolume good{.lines =
                            "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
                            "CompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = -5 -6 -70\n"
                            "ElementSpacing = 0.5 0.75 2.5\nDimSize = 10 11 12\nElementType = MET_SHORT\n",
                        .end = "ElementDataFile = LOCAL\n"};
  TextTable table("MetaImage", good);
  table.read("as ITK writes it", "", [](auto&) {});

  table.read("ElementSize", "as the spacing", extra("ElementSize = 0.5 0.75 2.5"));
  table.read("ElementSize", "alone", line("ElementSpacing", "ElementSize = 0.5 0.75 2.5"));
  table.read("ElementSize", "thicker slices", extra("ElementSize = 0.5 0.75 3"), {},
             {"ElementSpacing says 0.5 x 0.75 x 2.5 mm, ElementSize 0.5 x 0.75 x 3 mm"});
  table.refused("ElementSize", "ones", extra("ElementSize = 1 1 1"),
                {"ElementSpacing says 0.5 x 0.75 x 2.5 mm, ElementSize 1 x 1 x 1 mm, and nothing"});
  table.refused("ElementSpacing", "absent", line("ElementSpacing", ""), {"ElementSpacing = '', expected 3 numbers"});
  for (const std::string bad : {"0,5 0.75 2.5", "0.5 12abc 2.5", "0.5 1e999 2.5", "0.5 nan 2.5", "0.5 inf 2.5",
                                "0.5 0x1 2.5", "0.5 0.75", "0.5 0.75 2.5 1", "half 0.75 2.5"})
    table.refused("ElementSpacing", bad, line("ElementSpacing", "ElementSpacing = " + bad),
                  {"ElementSpacing = '" + bad + "', expected 3 numbers"});
  table.refused("ElementSpacing", "0", line("ElementSpacing", "ElementSpacing = 0.5 0 2.5"), {"spacing of 0 mm"});
  table.refused("ElementSpacing", "negative", line("ElementSpacing", "ElementSpacing = -0.5 0.75 2.5"),
                {"ElementSpacing = '-0.5 0.75 2.5', expected positive"});
  table.read("ElementSpacing", "+5e-1", line("ElementSpacing", "ElementSpacing =  +5e-1\t0.75 2.50 "));

  table.read("Offset", "absent", line("Offset", ""), {.origin = {0, 0, 0}});
  table.read("Offset", "as Position", extra("Position = -5.0 -6 -70"));
  table.refused("Offset", "against Position", extra("Position = 1 2 3"),
                {"Offset = '-5 -6 -70' and Position = '1 2 3' contradict"});
  table.refused("Offset", "against Origin", extra("Origin = -5 -6 70"), {"Origin = '-5 -6 70' contradict each other"});
  table.refused("Offset", "1,5", line("Offset", "Offset = 1,5 0 0"), {"Offset = '1,5 0 0', expected 3 numbers"});
  table.refused("DimSize", "given twice", extra("DimSize = 11 10 12"),
                {"DimSize = '10 11 12' and DimSize = '11 10 12'"});
  table.read("CenterOfRotation", "elsewhere", extra("CenterOfRotation = 9 9 9"));

  // The first slice lies highest; columns run to the patient's right from -5 mm on: 9 x 0.5 mm.
  table.read("TransformMatrix", "-1 0 0 0 1 0 0 0 -1", line("TransformMatrix", "TransformMatrix = -1 0 0 0 1 0 0 0 -1"),
             {.code = "RPI", .origin = {-9.5, -6, -97.5}});
  table.read("TransformMatrix", "columns up, rows left, slices back",
             line("TransformMatrix", "TransformMatrix = 0 0 1 1 0 0 0 1 0"), {.code = "SLP"});
  table.read("TransformMatrix", "as Rotation", extra("Rotation = 1 0 0 0 1 0 0 0 1"));
  table.refused("TransformMatrix", "against Orientation", extra("Orientation = -1 0 0 0 1 0 0 0 1"),
                {"TransformMatrix = ", "Orientation = '-1 0 0 0 1 0 0 0 1' contradict"});
  table.refused("TransformMatrix", "times the spacing",
                line("TransformMatrix", "TransformMatrix = 0.5 0 0 0 0.75 0 0 0 2.5"), {"expected rows of length 1"});
  table.refused("TransformMatrix", "8 numbers", line("TransformMatrix", "TransformMatrix = 1 0 0 0 1 0 0 0"),
                {"expected 9 numbers"});
  table.refused("TransformMatrix", "zeros", line("TransformMatrix", "TransformMatrix = 0 0 0 0 0 0 0 0 0"),
                {"spacing of 0 mm"});
  for (const std::string code : {"RAI", "rai", "???"})
    table.read("AnatomicalOrientation", code, extra("AnatomicalOrientation = " + code));
  table.read("AnatomicalOrientation", "LPS: where they run to", extra("AnatomicalOrientation = LPS"), {},
             {"AnatomicalOrientation = 'LPS'", "come from RAI and run to LPS", "taken as where they run to"});
  for (const std::string code : {"LAI", "LPI", "IRA", "RAX"})
    table.refused("AnatomicalOrientation", code, extra("AnatomicalOrientation = " + code),
                  {"AnatomicalOrientation = '" + code + "'", "come from RAI", "nothing says which is right"});

  table.read("BinaryDataByteOrderMSB", "as ElementByteOrderMSB", extra("ElementByteOrderMSB = False"));
  table.refused("BinaryDataByteOrderMSB", "against ElementByteOrderMSB", extra("ElementByteOrderMSB = True"),
                {"BinaryDataByteOrderMSB = 'False' and ElementByteOrderMSB = 'True'"});
  table.read("BinaryDataByteOrderMSB", "True", [](TextVolume& v) {
    v.set("BinaryDataByteOrderMSB", "BinaryDataByteOrderMSB = True");
    v.voxels = table_bytes<std::int16_t>(true);
  });
  table.refused("BinaryDataByteOrderMSB", "perhaps", line("BinaryDataByteOrderMSB", "BinaryDataByteOrderMSB = perhaps"),
                {"BinaryDataByteOrderMSB = 'perhaps', expected True or False"});
  table.refused("BinaryData", "False", line("BinaryData ", "BinaryData = False"), {"expected binary voxels"});
  table.refused("DistanceUnits", "cm", extra("DistanceUnits = cm"), {"DistanceUnits = 'cm', expected mm"});
  table.refused("ElementToIntensityFunctionSlope", "2", extra("ElementToIntensityFunctionSlope = 2"),
                {"ElementToIntensityFunctionSlope = '2'"});
  table.read("ElementToIntensityFunctionOffset", "0", extra("ElementToIntensityFunctionOffset = 0"));
  table.refused("DimSize", "12abc", line("DimSize", "DimSize = 10 11 12abc"), {"DimSize = '10 11 12abc', expected 3"});
  table.refused("DimSize", "4 numbers", line("DimSize", "DimSize = 10 11 12 1"),
                {"DimSize = '10 11 12 1', expected 3"});
  table.refused("DimSize", "one slice more", line("DimSize", "DimSize = 10 11 13"),
                {"truncated: it can hold 2640 bytes"});
  table.refused("NDims", "4", line("NDims", "NDims = 4"), {"NDims = '4', expected 3"});
  table.read("data", "three bytes long", [](TextVolume& v) { v.voxels += "\n\n\n"; }, {},
             {"3 bytes more than the header announces"});

  table.read("HeaderSize", "-1 behind junk",
             [](TextVolume& v) { v.add("HeaderSize = -1"), v.voxels = "junk" + v.voxels; });
  table.refused("HeaderSize", "inside the header", extra("HeaderSize = 5"),
                {"HeaderSize = '5', expected a byte behind"});
  table.refused("HeaderSize", "-2", extra("HeaderSize = -2"), {"HeaderSize = '-2', expected a whole number from -1"});
  table.refused("HeaderSize", "1.5", extra("HeaderSize = 1.5"), {"HeaderSize = '1.5', expected a whole number"});
  table.read("ElementDataFile", "letters outside ASCII, spaces", [](TextVolume& v) {
    detach(v, "ElementDataFile = R\xC3\xB6ntgen no 1.raw\r\n", "R\xC3\xB6ntgen no 1.raw");
  });
  table.read("ElementDataFile", "Latin-1",
             [](TextVolume& v) { detach(v, "ElementDataFile = Andr\xE9.raw\n", "Andr\xE9.raw"); });
  table.refused("ElementDataFile", "not there", [](TextVolume& v) { v.end = "ElementDataFile = n\xC3\xB6.raw\n"; },
                {"its voxels' file", "n\xC3\xB6.raw is not there"});
  table.refused("ElementDataFile", "pattern", [](TextVolume& v) { v.end = "ElementDataFile = s%d.raw 1 2 1\n"; },
                {"a pattern of names"});
  table.read("ElementDataFile", "LIST", [](TextVolume& v) { list(v, "ElementDataFile = LIST\n"); }, {.files = 12});
  table.read("ElementDataFile", "LIST, HeaderSize -1",
             [](TextVolume& v) {
               v.add("HeaderSize = -1");
               list(v, "ElementDataFile = LIST\n");
               for (auto& [name, bytes] : v.files) bytes.insert(0, name);
             },
             {.files = 12});
  table.refused("ElementDataFile", "LIST of too few",
                [](TextVolume& v) { v.end = "ElementDataFile = LIST\nct\n", v.voxels.clear(); },
                {"a list of 1 file, expected one for each of 12 slices"});
  const auto compress = [](TextVolume& v) {
    v.set("CompressedData", "CompressedData = True");
    v.voxels = deflated(v.voxels, false);
  };
  table.read("CompressedData", "zlib", compress);
  table.read("CompressedDataSize", "right", [=](TextVolume& v) {
    compress(v);
    v.add("CompressedDataSize = " + std::to_string(v.voxels.size()));
  });
  table.read("CompressedDataSize", "9", [=](TextVolume& v) { compress(v), v.add("CompressedDataSize = 9"); }, {},
             {"CompressedDataSize says 9 bytes"});
  table.refused("CompressedDataSize", "many", [=](TextVolume& v) { compress(v), v.add("CompressedDataSize = many"); },
                {"CompressedDataSize = 'many', expected 1 number"});
  table.refused("HeaderSize", "-1 of compressed voxels", [=](TextVolume& v) { compress(v), v.add("HeaderSize = -1"); },
                {"HeaderSize = '-1'", "compressed"});
  return std::move(table.rows);
}

class MetaImageTable : public testing::TestWithParam<Row> {};
TEST_P(MetaImageTable, IsReadOrRefused) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Keys, MetaImageTable, testing::ValuesIn(rows()));

}  // namespace
}  // namespace pleura::scan::test::metaimage_table
