// What counts as Hounsfield units, of whichever part of a body, and what does not.
#include "scan/hounsfield.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "pleura/error.hpp"
#include "screening/lungs.hpp"
#include "tests/counter_random.hpp"

namespace pleura::scan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// HU at a point in mm from the middle of the slice, x to the left, y to the back, z up; no noise yet.
using Body = std::function<double(double x, double y, double z)>;

bool in_ellipse(double x, double y, double half_x, double half_y) { return std::hypot(x / half_x, y / half_y) < 1; }

double chest(double x, double y, double z) {
  if (in_ellipse(x, y - 70, 20, 20)) return 400;
  if (in_ellipse(std::abs(x) - 78, y, 60, 85) && std::abs(z) < 110) return -850;
  return in_ellipse(x, y, 165, 115) ? 40 : in_ellipse(x, y, 180, 130) ? -100 : -1000;
}

double infant(double x, double y, double z) { return chest(2.5 * x, 2.5 * y, 2.5 * z); }

double head(double x, double y, double z) {
  if (in_ellipse(x, y + 70, 20, 12) && z < -60) return -1000;  // a sinus
  return in_ellipse(x, y, 68, 88) ? 35 : in_ellipse(x, y, 75, 95) ? 1000 : in_ellipse(x, y, 80, 100) ? 20 : -1000;
}

double abdomen(double x, double y, double z) {
  if (in_ellipse(x, y - 70, 22, 22)) return 400;
  if (std::hypot(x - 40, y + 60, z) < 20) return -1000;  // bowel gas
  return in_ellipse(x, y, 150, 105) ? 50 : in_ellipse(x, y, 175, 130) ? -100 : -1000;
}

double legs(double x, double y, double) {
  const double side = std::abs(x) - 90;
  return in_ellipse(side, y, 15, 15)   ? 1200
         : in_ellipse(side, y, 60, 60) ? 60
         : in_ellipse(side, y, 75, 75) ? -100
                                       : -1000;
}

/// 30 slices of 8 mm, 128 x 128 pixels over a field of view, with noise.
Volume make_volume(const Body& body, double field_mm, double noise = 30) {
  constexpr std::int64_t slices = 30, size = 128;
  Volume volume;
  const double spacing = field_mm / size;
  volume.geometry.shape = {slices, size, size};
  volume.geometry.spacing = {8, spacing, spacing};
  const auto random = pleura::test::uniform("hounsfield", 1, slices * size * size);
  for (std::int64_t z = 0; z < slices; ++z)
    for (std::int64_t y = 0; y < size; ++y)
      for (std::int64_t x = 0; x < size; ++x) {
        const double hu = body((static_cast<double>(x) - 63.5) * spacing, (static_cast<double>(y) - 63.5) * spacing,
                               (static_cast<double>(z) - 14.5) * 8);
        volume.hu.push_back(to_hounsfield(hu + 1.7 * noise * static_cast<double>(random[volume.hu.size()])));
      }
  return volume;
}

/// The refusal's line, or nothing.
std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    return error.what();
  }
  return "";
}

TEST(ToHounsfield, RoundsToTheNearestWholeHu) {
  for (double hu = -1100; hu <= 1100; hu += 0.125)
    ASSERT_EQ(to_hounsfield(hu), std::max(-1024L, std::lrint(hu))) << hu << ", a tie to the even one";
  for (const double hu : {32766.5, 32767.0, 40000.0, 1e300})
    EXPECT_EQ(to_hounsfield(hu), std::lrint(std::min(hu, 32767.0)));
  EXPECT_EQ(to_hounsfield(-1e300), -1024);
}

TEST(Hounsfield, AreThoseOfAnyPartOfABodyInAnyFieldOfView) {
  struct Part {
    const char* name;
    Body body;
    double least_field_mm;
  };
  for (const Part& part : {Part{"chest", chest, 340}, Part{"infant", infant, 150}, Part{"head", head, 220},
                           Part{"abdomen", abdomen, 340}, Part{"legs", legs, 340}})
    for (const double field_mm : {part.least_field_mm, 500.0, 700.0})
      for (const double noise : {5.0, 30.0, 60.0}) {
        const Volume volume = make_volume(part.body, field_mm, noise);
        EXPECT_EQ(refusal([&] { require_hounsfield(volume, "a"); }), "") << part.name << " in " << field_mm << " mm";
      }
}

TEST(Hounsfield, OfAnotherPartOfTheBodyAreRefusedForWantOfLungs) {
  for (const Body& body : {Body{head}, Body{abdomen}, Body{legs}})
    EXPECT_THAT(refusal([&] { (void)screening::find_lungs(make_volume(body, 400), 2); }), HasSubstr("no lungs found"));
  EXPECT_EQ(refusal([&] { (void)screening::find_lungs(make_volume(infant, 500, 10), 2); }), "");
}

TEST(Hounsfield, AreNotWhatIsShiftedScaledWindowedOrOfAnotherKind) {
  struct Other {
    const char* name;
    std::function<double(double hu)> value;
  };
  for (const Other& other :
       {Other{"shifted by 1024", [](double hu) { return hu + 1024; }},
        Other{"shifted by 1000", [](double hu) { return hu + 1000; }},
        Other{"scaled by a tenth", [](double hu) { return hu / 10; }},
        Other{"windowed", [](double hu) { return std::clamp((hu + 1350) * 255 / 1500, 0.0, 255.0); }},
        Other{"a mask", [](double hu) { return hu < -500 && hu > -900 ? 1 : 0; }},
        Other{"as of magnetic resonance", [](double hu) { return hu < -500 ? 15 : 600 - hu; }},
        Other{"one value", [](double) { return 0; }}, Other{"all air", [](double) { return -1000; }}})
    for (const Body& body : {Body{chest}, Body{infant}, Body{head}}) {
      Volume volume = make_volume(body, 500, 10);
      for (std::int16_t& hu : volume.hu) hu = to_hounsfield(other.value(hu));
      EXPECT_THAT(refusal([&] { require_hounsfield(volume, "a"); }),
                  AllOf(testing::StartsWith("a: values are not HU: "), HasSubstr(" % air and lung (up to -400"),
                        HasSubstr("expected at least 5 % of what is not air around the body")))
          << other.name;
    }
}

TEST(Hounsfield, AreNotNoiseOverTheWholeRange) {
  Volume volume = make_volume(chest, 400);
  const auto random = pleura::test::uniform("noise", 1, volume.geometry.voxels());
  for (std::size_t i = 0; i < volume.hu.size(); ++i)
    volume.hu[i] = to_hounsfield(32767.0 * static_cast<double>(random[i]));
  EXPECT_THAT(refusal([&] { require_hounsfield(volume, "a"); }), HasSubstr("values are not HU: -1024 to 327"));
}

TEST(Hounsfield, SharesAreThoseOfTheMessage) {
  Volume volume;
  volume.geometry.shape = {1, 2, 8};
  volume.hu = {-1000, -1000, 500,   -1000, 500,   500,   -1000, -1000,  // four around the body, one in it
               -1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000};
  EXPECT_EQ(
      refusal([&] { require_hounsfield(volume, "a"); }),
      "a: values are not HU: -1000 to 500 with 81.25 % air and lung (up to -400, expected at least 1 %) and 0 % soft "
      "tissue (-200 to 300, expected at least 5 % of what is not air around the body)");
  volume.hu[2] = 20;  // a quarter of what is not around
  EXPECT_EQ(refusal([&] { require_hounsfield(volume, "a"); }), "");
}

}  // namespace
}  // namespace pleura::scan
