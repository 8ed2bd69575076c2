/// Which of several series is screened, and why.
#include "scan/choose.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scan/kernel.hpp"

namespace pleura::scan {
namespace {

using ::testing::HasSubstr;

/// A usable chest series of 300 mm in slices of 2 mm, changed.
Source series(const std::string& uid, const std::function<void(Source&)>& change = {}) {
  Source source;
  source.report.uid = uid;
  source.report.format = "DICOM";
  source.study = "study";
  source.preference = {.chest = 1, .original = true, .extent_mm = 300, .slice_mm = 2, .series_number = 5};
  if (change) change(source);
  return source;
}

Source refused(const std::string& uid) {
  return series(uid, [](Source& source) { source.report.refused = "a localizer"; });
}

/// Each rule alone decides, in both orders of the two series.
TEST(Choose, ByEachRule) {
  struct Rule {
    std::function<void(Source&)> better, worse;
    const char* words;
  };
  const Rule rules[] = {
      {[](Source& s) { s.preference.slice_mm = 5; }, [](Source& s) { s.preference.chest = 0; }, "no region"},
      {[](Source& s) { s.preference.chest = 0; }, [](Source& s) { s.preference.chest = -1; }, "another region"},
      {[](Source& s) { s.preference.slice_mm = 5; }, [](Source& s) { s.preference.original = false; }, "derived"},
      {[](Source& s) { s.preference.slice_mm = 5; }, [](Source& s) { s.preference.extent_mm = 120; }, "covers 120 mm"},
      {[](Source& s) { s.preference.slice_mm = 5, s.preference.lung_kernel = true; }, [](Source&) {},
       "no kernel for lungs"},
      {[](Source& s) { s.preference.slice_mm = 1; }, [](Source& s) { s.preference.extent_mm = 350; },
       "a slice every 2 mm"},
      {[](Source& s) { s.preference.extent_mm = 320; }, [](Source& s) { s.preference.series_number = 1; },
       "covers 300 mm"},
      {[](Source& s) { s.preference.series_number = 2; }, [](Source&) {}, "series number 5"},
      {[](Source& s) { s.report.uid = std::string{"1"}; }, [](Source&) {}, "by UID"},
  };
  for (const auto& rule : rules)
    for (const bool swapped : {false, true}) {
      std::vector<Source> sources{series("2", rule.better), series("3", rule.worse)};
      if (swapped) std::swap(sources[0], sources[1]);
      const std::size_t expected = swapped ? 1 : 0;
      ASSERT_EQ(choose(sources, ""), expected) << rule.words;
      EXPECT_TRUE(sources[expected].report.chosen);
      EXPECT_FALSE(sources[1 - expected].report.chosen);
      EXPECT_THAT(sources[1 - expected].report.why, HasSubstr(rule.words));
      EXPECT_THAT(sources[1 - expected].report.why, HasSubstr("(chosen: "));
      EXPECT_THAT(sources[expected].report.why, HasSubstr("best of the rules"));
    }
}

TEST(Choose, KernelsForLungs) {
  for (const auto* name : {"B60f", "B70s", "B80f", "Bl57d", "Bl64", "Br59f\\3", "I70f\\2", "LUNG", "BONEPLUS", "L",
                           "YC", "FC51", "FC55", "FC81"})
    EXPECT_TRUE(is_lung_kernel(name)) << name;
  for (const auto* name : {"", "B30f", "B50f", "Br40d\\3", "Hr60", "STANDARD", "SOFT", "CHST", "A", "B", "FC08", "FC13",
                           "FC", "B", "B999999999999"})
    EXPECT_FALSE(is_lung_kernel(name)) << name;
}

TEST(Choose, TheOnlyUsableOne) {
  std::vector<Source> sources{refused("1"), series("2")};
  EXPECT_EQ(choose(sources, ""), 1U);
  EXPECT_EQ(sources[1].report.why, "the only one that can be screened");
  sources = {refused("1")};
  EXPECT_EQ(choose(sources, ""), std::nullopt);
}

TEST(Choose, TheUsersWordOverrides) {
  std::vector<Source> sources{refused("2"), series("1"), series("2", [](Source& s) { s.preference.chest = -1; })};
  EXPECT_EQ(choose(sources, "2"), 2U);  // not the scout filed under the same UID
  EXPECT_EQ(sources[2].report.why, "named by --series");
  EXPECT_THAT(sources[1].report.why, HasSubstr("another was named"));
  try {
    choose(sources, "7");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_THAT(error.what(), HasSubstr("no such series"));
  }
}

/// A word that fits several is refused, and they are listed with where they lie.
TEST(Choose, TheUsersWordMustFitOne) {
  const auto at = [](const char* path, const char* study) {
    return [=](Source& s) { s.report.path = path, s.study = study; };
  };
  std::vector<Source> sources{series("1", at("p1", "a")), series("1", at("p2", "b")), series("2#1", at("p3", "c")),
                              series("2#2", at("p3", "c")), refused("1")};
  for (const auto& [word, listed] :
       {std::pair("1", "fits 3 series, expected one: 1 in p1, 1 in p2, 1"),
        std::pair("2", "fits 2 series, expected one: 2#1 in p3, 2#2 in p3"), std::pair("p3", "fits 2 series")}) {
    try {
      choose(sources, word);
      ADD_FAILURE() << word;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_THAT(error.what(), HasSubstr(listed));
    }
  }
  EXPECT_EQ(choose(sources, "p2"), 1U);
  EXPECT_EQ(choose(sources, "2#2"), 3U);
}

/// Nothing chooses between patients.
TEST(Choose, NotBetweenStudies) {
  std::vector<Source> sources{series("1"), series("2", [](Source& s) { s.study = "another"; })};
  EXPECT_EQ(choose(sources, ""), std::nullopt);
  EXPECT_THAT(sources[0].report.why, HasSubstr("several patients"));
  const auto volume = [](Source& s) { s.study.clear(), s.report.format = "NIfTI"; };
  sources = {series("a.nii", volume), series("b.nii", volume)};
  EXPECT_EQ(choose(sources, ""), std::nullopt);
  EXPECT_EQ(choose(sources, "b.nii"), 1U);
}

}  // namespace
}  // namespace pleura::scan
