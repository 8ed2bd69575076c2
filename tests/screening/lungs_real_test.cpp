// The lungs of real CTs and of phantoms.
#include <gtest/gtest.h>

#include "phantom/phantom.hpp"
#include "pleura/pleura.hpp"
#include "scan/nifti.hpp"
#include "screening/lungs.hpp"
#include "shared_data.hpp"
#include "synthetic_chest.hpp"

namespace pleura::screening {
namespace {

/// A voxel (z, y, x) and what it shows.
struct Seen {
  Index3 at{};
  std::string what;
};

std::uint8_t label_at(const Volume& volume, const MaskedLungs& lungs, const Index3& at) {
  return lungs.mask[(at[0] * volume.geometry.shape[1] + at[1]) * volume.geometry.shape[2] + at[2]];
}

TEST(LungsOfRealCts, AreThoseOfTheGivenMasks) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  for (const std::string name : {"id001", "id002"}) {
    const auto folder = test::shared_data("lung-masks");
    const Volume volume = read_ct(folder / (name + "-128x128x64.nii.gz"));
    const Volume given = scan::read_nifti(folder / (name + "-128x128x64-msk.nii.gz"));
    std::vector<std::uint8_t> truth;
    for (const std::int16_t value : given.hu) truth.push_back(value > 127 ? 1 : 0);
    EXPECT_GE(test::dice(find_lungs(volume, 2).mask, truth, 0), 0.97) << name;
  }
}

#ifdef PLEURA_WITH_DICOM
TEST(LungsOfRealCts, KeepGroundGlassAndLeaveTheRest) {
  PLEURA_NEED_SHARED_DATA("covid-ct-md");
  const Volume volume = read_ct(test::shared_data("covid-ct-md/P001"));
  const MaskedLungs lungs = find_lungs(volume, 2);
  // Read off the slices by eye.
  for (const Seen& seen : {Seen{{22, 343, 120}, "right, by the diaphragm"}, Seen{{36, 330, 122}, "right base"},
                           Seen{{51, 357, 150}, "right, at the back"}, Seen{{51, 237, 362}, "left, by the heart"},
                           Seen{{62, 354, 152}, "right, at the back"}, Seen{{65, 352, 155}, "right, at the back"},
                           Seen{{94, 320, 362}, "left, at the back"}, Seen{{94, 135, 288}, "left, in front"},
                           Seen{{101, 324, 362}, "left, at the back"}, Seen{{120, 183, 305}, "left apex, in front"}})
    EXPECT_NE(label_at(volume, lungs, seen.at), 0) << seen.what;
  for (const Seen& seen :
       {Seen{{120, 236, 237}, "trachea"}, Seen{{101, 247, 231}, "trachea"}, Seen{{94, 249, 236}, "main bronchus"},
        Seen{{22, 125, 295}, "stomach gas"}, Seen{{29, 150, 403}, "bowel gas"}, Seen{{62, 172, 253}, "heart"},
        Seen{{36, 240, 115}, "liver"}, Seen{{62, 327, 253}, "spine"}, Seen{{62, 440, 256}, "table"},
        Seen{{62, 20, 256}, "air"}})
    EXPECT_EQ(label_at(volume, lungs, seen.at), 0) << seen.what;
  EXPECT_NEAR(lungs.summary.left_litres, 3.0, 0.2);
  EXPECT_NEAR(lungs.summary.right_litres, 3.1, 0.2);
}
#endif

TEST(LongLungsOfPhantoms, AreTheirTruth) {
  double kept = 0;  // mean share of the lesions' voxels in the mask: solid ones at the pleura are partly left out
  constexpr int phantoms = 6;
  for (std::uint64_t seed = 101; seed < 101 + phantoms; ++seed) {
    phantom::PhantomOptions options;
    options.seed = seed;
    options.acquisition.spacing = {5, 1.5, 1.5};
    options.acquisition.matrix = 256;
    options.findings = seed % 2 == 1 ? CaseLabel::influenza_a : CaseLabel::covid19;
    const phantom::Phantom made = phantom::make_phantom(options);
    const MaskedLungs lungs = find_lungs(made.volume, 2);
    EXPECT_GE(test::dice(lungs.mask, made.lungs, 1), 0.98) << seed;
    EXPECT_GE(test::dice(lungs.mask, made.lungs, 2), 0.98) << seed;
    const double share = test::share(made.lesions, [&](std::size_t i) { return lungs.mask[i] != 0; });
    EXPECT_GE(share, 0.9) << seed;
    kept += share / phantoms;
  }
  EXPECT_GE(kept, 0.93);
}

}  // namespace
}  // namespace pleura::screening
