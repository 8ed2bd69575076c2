/// The environment's dictionary must not change what a file's elements mean.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "scan/dicom_writer.hpp"
#include "scan/temporary_folder.hpp"
#include "tools/slurp.hpp"

namespace pleura::scan::test {
namespace {

TEST(Dictionary, IsDcmtksOwnWhateverTheEnvironmentSays) {
  const TemporaryFolder folder;
  write_series(folder / "ct", {.syntax = EXS_LittleEndianImplicit, .change = {}});  // its elements name no VR
  std::ofstream(folder / "other.dic") << "(0028,0010)\tLO\tRows\t1\tDICOM\n(0028,0030)\tUS\tPixelSpacing\t2\tDICOM\n";
  const auto read = [&](const std::string& words, const std::string& out) {
    const std::string call = words + " " PLEURA_DUMP_VOLUME " volume " + (folder / "ct").string() + " ";
    EXPECT_EQ(std::system((call + (folder / out).string() + " 2>/dev/null").c_str()), 0) << words;
    return pleura::test::slurp(folder / (out + ".json"));
  };
  const std::string expected = read("", "plain");
  EXPECT_NE(expected.find("[12,16,16]"), std::string::npos) << expected;
  EXPECT_EQ(read("DCMDICTPATH=" + (folder / "other.dic").string(), "odd"), expected);
}

}  // namespace
}  // namespace pleura::scan::test
