/// NRRD: what each field, or two that contradict each other, must give.
#include "tests/scan/text_volume.hpp"

namespace pleura::scan::test::nrrd_table {
namespace {

TextVolume good() {
  return {.lines =
              "NRRD0004\n# a comment: with a colon\ntype: short\ndimension: 3\nspace: left-posterior-superior\n"
              "sizes: 10 11 12\nspace directions: (0.5,0,0) (0,0.75,0) (0,0,2.5)\nkinds: domain domain domain\n"
              "endian: little\nencoding: raw\nspace origin: (-5,-6,-70)\n",
          .end = "\n"};
}

void geometry(TextTable& table) {
  table.read("as ITK writes it", "", [](auto&) {});
  for (const std::string version : {"NRRD0001", "NRRD0002", "NRRD0003", "NRRD0005", "NRRD0005\r"})
    table.read("magic", version, line("NRRD0004", version));
  for (const std::string version : {"NRRD0006", "NRRD0000", "NRRD00041"})
    table.refused("magic", version, line("NRRD0004", version), {"begins with '" + version + "', expected NRRD0001"});

  // x runs from +5 (RAS, LAS: -5) on, y from +6, by the letters of the space; both in LPS after the signs are turned.
  const auto space = [](const std::string& name) { return line("space: ", "space: " + name); };
  for (const std::string name : {"LPS", "lps", "Left-Posterior-Superior"}) table.read("space", name, space(name));
  for (const std::string name : {"RAS", "right-anterior-superior"})
    table.read("space", name, space(name), {.code = "RAS", .origin = {5 - 9 * 0.5, 6 - 10 * 0.75, -70}});
  for (const std::string name : {"LAS", "left-anterior-superior"})
    table.read("space", name, space(name), {.code = "LAS", .origin = {-5, 6 - 10 * 0.75, -70}});
  for (const std::string name :
       {"scanner-xyz", "3D-right-handed", "3D-left-handed", "RASM", "right-anterior-superior-time", "LPS and more"})
    table.refused("space", name, space(name), {"space: '" + name + "', expected left-posterior-superior"});
  table.refused("space", "absent", line("space: ", ""), {"space: '', expected left-posterior-superior"});
  table.refused("space", "absent, spacings",
                [](TextVolume& v) {
                  v.set("space: ", ""), v.set("space directions", "spacings: 0.5 0.75 2.5"), v.set("space origin", "");
                },
                {"space: '', expected left-posterior-superior"});
  table.refused("space dimension", "3 in place of space", line("space: ", "space dimension: 3"), {"space: ''"});
  table.read("space dimension", "3 beside space", extra("space dimension: 3"));
  table.refused("space dimension", "2 beside space", extra("space dimension: 2"), {"space dimension: '2', expected"});

  const auto directions = [](const std::string& text) { return line("space directions", "space directions: " + text); };
  table.read("space directions", "with blanks", directions("( 0.5, 0,0 )  (0 ,0.75,0)(0,0,2.5)"));
  // Slices lie from the head down: the last one 11 x 2.5 mm lower.
  table.read("space directions", "slices down", directions("(0.5,0,0) (0,0.75,0) (0,0,-2.5)"),
             {.code = "LPI", .origin = {-5, -6, -97.5}});
  table.read("space directions", "coronal slices", directions("(0.5,0,0) (0,0,-0.75) (0,2.5,0)"),
             {.code = "LIP", .origin = {-5, -6, -77.5}});
  for (const std::string bad :
       {"(0.5,0,0) (0,0.75,0)", "(0.5,0,0) (0,0.75,0) none", "(0.5,0,0) (0,0.75,0) (0,0,nan)",
        "(0.5,0,0) (0,0.75,0) (0,0,2.5mm)", "(0.5,0) (0,0.75) (0,2.5)", "0.5 0.75 2.5",
        "(0.5,0,0) (0,0.75,0) (0,0,1e999)", "(0.5,0,0) (0,0.75,0) (0,0,2,5)", "(0.5,0,0) (0,0.75,0) (0,0,2.5) (0,0,1)"})
    table.refused("space directions", bad, directions(bad),
                  {"space directions: '" + bad + "', expected 3 vectors of 3 numbers"});
  table.refused("space directions", "absent", line("space directions", ""),
                {"space directions: '', expected 3 vectors"});
  table.refused("space directions", "sheared", directions("(0.5,0,0) (0,0.75,0) (0,0.5,2.5)"), {"gantry tilt"});
  table.refused("space directions", "oblique", directions("(0.49,0.1,0) (-0.15,0.735,0) (0,0,2.5)"), {"oblique"});
  table.read("space origin", "absent", line("space origin", ""), {.origin = {0, 0, 0}}, {"no space origin"});
  table.refused("space origin", "1,5", line("space origin", "space origin: (1,5,0,0)"), {"expected 1 vector of 3"});
  table.refused("space origin", "given twice", extra("space origin: (0,0,0)"),
                {"space origin: '(-5,-6,-70)' and space origin: '(0,0,0)' contradict"});
  table.read("spacings", "as the directions", extra("spacings: 0.5 0.75 2.5"));
  table.read("spacings", "nan says nothing", extra("spacings: nan NaN 2.5"));
  table.refused("spacings", "ones", extra("spacings: 1 1 1"),
                {"spacings say '1 1 1', space directions 0.5 x 0.75 x 2.5", "nothing says which is right"});
  table.refused("spacings", "12abc", extra("spacings: 0.5 0.75 12abc"), {"spacings: '0.5 0.75 12abc', expected 3"});
  table.read("space units", "mm", extra("space units: \"mm\" \"mm\" \"mm\""));
  table.read("space units", "cm", extra("space units: \"cm\" \"cm\" \"cm\""),
             {.mm = {5, 7.5, 25}, .origin = {-50, -60, -700}});
  table.refused("space units", "inch", extra("space units: \"inch\" \"inch\" \"inch\""), {"space units: '\"inch\""});
  table.refused("space units", "two", extra("space units: \"mm\" \"mm\""), {"space units: '\"mm\" \"mm\"', expected"});
  table.read("measurement frame", "any", extra("measurement frame: (0,1,0) (1,0,0) (0,0,1)"));
  for (const std::string kinds : {"space space space", "Domain ??? none"})
    table.read("kinds", kinds, line("kinds", "kinds: " + kinds));
  for (const std::string kinds : {"list domain domain", "domain domain time", "domain domain", "vector domain domain"})
    table.refused("kinds", kinds, line("kinds", "kinds: " + kinds), {"kinds: '" + kinds + "', expected domain"});
  for (const std::string centering : {"cell", "node"})
    table.read("centerings", centering, extra("centerings: " + centering + " " + centering + " " + centering));
}

void voxels(TextTable& table) {
  for (const std::string name : {"short", "short int", "signed short", "signed short int", "int16", "int16_t", "INT16"})
    table.read("type", name, line("type", "type: " + name));
  const auto type = [&](const std::string& name, const auto zero) {
    table.read("type", name, [=](TextVolume& v) {
      v.set("type", "type: " + name);
      v.voxels = table_bytes<std::decay_t<decltype(zero)>>();
    });
  };
  for (const auto* name : {"int", "signed int", "int32", "int32_t"}) type(name, std::int32_t{});
  for (const auto* name : {"longlong", "long long", "signed long long int", "int64_t"}) type(name, std::int64_t{});
  type("float", float{});
  type("double", double{});
  for (const std::string name : {"block", "char", "half", "complex"})
    table.refused("type", name, line("type", "type: " + name), {"type: '" + name + "', expected one number per voxel"});
  table.refused("type", "int of short bytes", line("type", "type: int"), {"truncated: it can hold 2640 bytes"});
  table.refused("type", "given twice", extra("type: ushort"), {"type: 'short' and type: 'ushort' contradict"});
  table.read("type", "given twice alike", extra("type: short"));

  table.refused("dimension", "4", line("dimension", "dimension: 4"), {"dimension: '4', expected 3"});
  table.refused("dimension", "3x", line("dimension", "dimension: 3x"), {"dimension: '3x', expected 1 number"});
  table.refused("dimension", "absent", line("dimension", ""), {"dimension: '', expected 3"});
  for (const std::string sizes : {"10 11 12abc", "10 11", "10 11 12 1", "10 11 1e999", "10 11 12,0"})
    table.refused("sizes", sizes, line("sizes", "sizes: " + sizes), {"sizes: '" + sizes + "', expected 3 numbers"});
  for (const std::string sizes : {"10 11 0", "10 11 -12", "10 11 12.5", "10 11 99999"})
    table.refused("sizes", sizes, line("sizes", "sizes: " + sizes), {"sizes: '" + sizes + "', expected 1 to 32768"});
  table.refused("sizes", "one slice more", line("sizes", "sizes: 10 11 13"), {"truncated: it can hold 2640 bytes"});
  table.read("data", "one byte long", [](TextVolume& v) { v.voxels += '\n'; }, {}, {"1 byte more than the header"});
  table.refused("data", "none", [](TextVolume& v) { v.end.clear(), v.voxels.clear(); }, {"header without voxels"});

  const auto big = [](TextVolume& v) { v.set("endian", "endian: Big"), v.voxels = table_bytes<std::int16_t>(true); };
  table.read("endian", "big", big);
  for (const std::string endian : {"", "endian: middle"})
    table.refused("endian", endian, line("endian", endian), {"endian: '", "', expected little or big"});
  const auto gzip = [](TextVolume& v) {
    v.set("encoding", "encoding: gzip");
    v.voxels = deflated(v.voxels, true);
  };
  table.read("encoding", "gzip", gzip);
  table.read("encoding", "gz, big endian", [=](TextVolume& v) { big(v), gzip(v), v.set("encoding", "encoding: gz"); });
  table.refused("encoding", "gzip cut off", [=](TextVolume& v) { gzip(v), v.voxels.resize(v.voxels.size() / 2); },
                {"truncated or damaged in slice"});
  for (const std::string encoding : {"ascii", "text", "txt", "hex", "bzip2", "bz2", "zlib"})
    table.refused("encoding", encoding, line("encoding", "encoding: " + encoding),
                  {"encoding: '" + encoding + "', expected raw or gzip"});
  table.refused("encoding", "absent", line("encoding", ""), {"encoding: '', expected raw or gzip"});

  table.read("byte skip", "5", [](TextVolume& v) { v.add("byte skip: 5"), v.voxels.insert(0, "12345"); });
  table.read("byteskip", "-1", [](TextVolume& v) { v.add("byteskip: -1"), v.voxels.insert(0, "any number"); });
  table.read("byte skip", "5 inside gzip",
             [=](TextVolume& v) { v.add("byte skip: 5"), v.voxels.insert(0, "12345"), gzip(v); });
  table.refused("byte skip", "-1 of gzip", [=](TextVolume& v) { gzip(v), v.add("byte skip: -1"); },
                {"byte skip: '-1'"});
  for (const std::string skip : {"-2", "1.5", "1e99", "all"})
    table.refused("byte skip", skip, extra("byte skip: " + skip), {"byte skip: '" + skip + "', expected"});
  table.read("line skip", "2", [](TextVolume& v) { v.add("line skip: 2"), v.voxels.insert(0, "P5\n10 11\n"); });
  table.read("line skip", "1, byte skip 3",
             [](TextVolume& v) { v.add("lineskip: 1"), v.add("byte skip: 3"), v.voxels.insert(0, "P5\nabc"); });
  table.refused("line skip", "more than there are",
                [](TextVolume& v) {
                  v.add("line skip: 999");
                  v.voxels.assign(v.voxels.size(), 'x');
                },
                {"line skip: '999', expected as many lines"});

  for (const std::string field : {"data file", "datafile", "Data File"})
    table.read(field, "a file", [=](TextVolume& v) { detach(v, field + ": voxels 1.raw", "voxels 1.raw"); });
  table.read("data file", "letters outside ASCII, gzip", [=](TextVolume& v) {
    gzip(v);
    detach(v, "data file: R\xC3\xB6ntgen.raw.gz\n", "R\xC3\xB6ntgen.raw.gz");
  });
  table.read("data file", "LIST", [](TextVolume& v) { list(v, "data file: LIST\n"); }, {.files = 12});
  table.read("data file", "LIST 2", [](TextVolume& v) { list(v, "data file: LIST 2\n"); }, {.files = 12});
  table.refused("data file", "LIST 3", [](TextVolume& v) { list(v, "data file: LIST 3\n"); },
                {"data file: 'LIST 3', expected LIST, a file for each slice"});
  table.refused("data file", "LIST of too few",
                [](TextVolume& v) { v.end = "data file: LIST\nct\n", v.voxels.clear(); },
                {"a list of 1 file, expected one for each of 12 slices"});
  table.refused("data file", "pattern", [](TextVolume& v) { v.end = "data file: s%03d.raw 1 12 1\n"; },
                {"data file: 's%03d.raw 1 12 1', expected a file or LIST, not a pattern"});
  table.refused("data file", "not there", [](TextVolume& v) { v.end = "data file: none.raw\n"; },
                {"none.raw is not there"});

  table.read("key and value", "any", extra("space origin:=(0,0,0)"));
  table.read("old min and old max", "of a packed range",
             [](TextVolume& v) { v.add("old min: -1000"), v.add("oldmax: 9"); });
  table.read("field", "unknown", extra("spaceorigin: (0,0,0)"), {},
             {"1 line of no field that NRRD has", "the first: 'spaceorigin'"});
}

std::vector<Row> rows(void (*fill)(TextTable&)) {
  TextTable table("NRRD", good());
  fill(table);
  return std::move(table.rows);
}

class NrrdTable : public testing::TestWithParam<Row> {};
TEST_P(NrrdTable, IsReadOrRefused) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Geometry, NrrdTable, testing::ValuesIn(rows(geometry)));
INSTANTIATE_TEST_SUITE_P(Voxels, NrrdTable, testing::ValuesIn(rows(voxels)));

}  // namespace
}  // namespace pleura::scan::test::nrrd_table
