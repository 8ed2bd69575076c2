/// The environment's dictionary must not change what a file's elements mean.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "scan/dicom_dictionary.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/temporary_folder.hpp"
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
  EXPECT_EQ(read("DCMDICTPATH=/dev/null", "none"), expected);
}

TEST(Dictionary, SaysWhatDcmtksOwnSays) {
  DcmDataDictionary own(OFFalse, OFFalse);
  add_elements(own);
  EXPECT_GT(own.numberOfNormalTagEntries(), 50);
  int checked = 0;
  std::istringstream files(DCM_DICT_DEFAULT_PATH);
  DcmDataDictionary full(OFFalse, OFFalse);
  for (std::string file; std::getline(files, file, ':');) full.loadDictionary(file.c_str(), OFFalse);
  for (auto entry = own.normalBegin(); entry != own.normalEnd(); ++entry) {
    const DcmDictEntry* theirs = full.findEntry(DcmTagKey(**entry), nullptr);
    ASSERT_NE(theirs, nullptr) << (*entry)->getTagName();
    EXPECT_STREQ((*entry)->getTagName(), theirs->getTagName());
    EXPECT_EQ((*entry)->getEVR(), theirs->getEVR()) << theirs->getTagName();
    ++checked;
  }
  EXPECT_GT(checked, 50);
}

}  // namespace
}  // namespace pleura::scan::test
