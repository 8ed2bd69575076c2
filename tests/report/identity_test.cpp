#include "report/identity.hpp"

#include <gtest/gtest.h>

#include "report/made_up.hpp"

namespace pleura::report {
namespace {

TEST(IdentityLine, SaysAsMuchAsItMay) {
  const Result result = test::made_up_screening(false).result;
  EXPECT_EQ(identity_line(result, Disclosure::anonymous), "voxels 0123456789ab");
  EXPECT_EQ(identity_line(result, Disclosure::usual),
            "patient1/ct, study of 20200131, voxels 0123456789ab, series 1.2.3");
  EXPECT_EQ(identity_line(result, Disclosure::identified),
            "DOE^JANE, patient P-1, accession A-7, patient1/ct, study of 20200131, voxels 0123456789ab, series 1.2.3");
}

TEST(IdentityLine, LeavesOutWhatIsUnknown) {
  Result result;
  EXPECT_EQ(identity_line(result, Disclosure::identified), "");
  for (const auto& [path, shown] :
       {std::pair("ct.nii.gz", "ct.nii.gz"), {"/ct", "ct"}, {"a/b/c/", "b/c"}, {".", "."}}) {
    result.input.provenance.path = path;
    EXPECT_EQ(identity_line(result, Disclosure::usual), shown);
  }
}

TEST(IdentityLine, IsPrintable) {
  Result result;
  result.input.provenance.path = "\x1b[31m/\xff\n";
  EXPECT_EQ(identity_line(result, Disclosure::usual), "?[31m/??");
}

}  // namespace
}  // namespace pleura::report
