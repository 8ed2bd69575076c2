/// NIfTI: what each property of its header, or two that contradict each other, must give.
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/scan/volume_table.hpp"

namespace pleura::scan::test::nifti_table {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

/// A header's figures as a row of the table changes them. As they stand, both forms, code 1, and pixdim say LPS.
struct Nifti {
  std::array<double, 8> dim{3, 10, 11, 12, 1, 1, 1, 1}, pixdim{1, 0.5, 0.75, 2.5, 0, 0, 0, 0};
  int datatype = 4, bitpix = 16, qform_code = 1, sform_code = 1, units = 2;
  double voxels_at = 0, slope = 1, inter = 0;       // 0: right behind the header
  std::array<double, 6> qform{0, 0, 1, 5, 6, -70};  // half a turn about z; offset in RAS
  std::array<std::array<double, 4>, 3> srow{{{-0.5, 0, 0, 5}, {0, -0.75, 0, 6}, {0, 0, 2.5, -70}}};
  std::string voxels = table_bytes<std::int16_t>();
  bool second = false, swap = false;

  [[nodiscard]] std::string bytes() const {
    return second ? header<std::int64_t, double>() : header<std::int16_t, float>();
  }

 private:
  /// Both versions hold the same figures, wider and at other places in the second.
  template <typename Whole, typename Real>
  [[nodiscard]] std::string header() const {
    const std::size_t size = second ? 544 : 352;
    std::string raw(size, '\0');
    const auto put = [&](std::size_t at, auto value) {
      auto* begin = reinterpret_cast<char*>(&value);
      if (swap) std::reverse(begin, begin + sizeof(value));
      std::memcpy(raw.data() + at, begin, sizeof(value));
    };
    const auto reals = [&](std::size_t at, const auto& values) {
      for (const double value : values) put(at, static_cast<Real>(value)), at += sizeof(Real);
    };
    using Code = std::conditional_t<sizeof(Real) == 8, std::int32_t, std::int16_t>;
    put(0, std::int32_t{second ? 540 : 348});
    std::memcpy(raw.data() + (second ? 4 : 344), second ? "n+2\0\r\n\032\n" : "n+1", second ? 8 : 4);
    for (std::size_t i = 0; i < 8; ++i) put((second ? 16 : 40) + i * sizeof(Whole), static_cast<Whole>(dim[i]));
    put(second ? 12 : 70, static_cast<std::int16_t>(datatype));
    put(second ? 14 : 72, static_cast<std::int16_t>(bitpix));
    reals(second ? 104 : 76, pixdim);
    const double at = voxels_at == 0 ? static_cast<double>(size) : voxels_at;
    if (second)
      put(168, static_cast<std::int64_t>(at));
    else
      put(108, static_cast<float>(at));
    reals(second ? 176 : 112, std::array{slope, inter});
    if (second)
      put(500, std::int32_t{units});
    else
      put(123, static_cast<std::uint8_t>(units));
    put(second ? 344 : 252, static_cast<Code>(qform_code));
    put(second ? 348 : 254, static_cast<Code>(sform_code));
    reals(second ? 352 : 256, qform);
    for (std::size_t i = 0; i < 3; ++i) reals((second ? 400 : 280) + i * 4 * sizeof(Real), srow[i]);
    return raw + voxels;
  }
};

using Change = std::function<void(Nifti&)>;

Row row(std::string property, std::string value, const Change& change) {
  const auto write = [change](const std::filesystem::path& folder) {
    Nifti nifti;
    change(nifti);
    save(folder / "ct.nii", nifti.bytes());
  };
  return {.property = std::move(property), .value = std::move(value), .write = write, .path = "ct.nii"};
}

Row read(std::string property, std::string value, const Change& change, TableCt expected = {},
         std::vector<std::string> warned = {}) {
  Row result = row(std::move(property), std::move(value), change);
  expected.format = "NIfTI";
  result.read_as = reads(expected);
  result.warned_with = std::move(warned);
  return result;
}

Row refused(std::string property, std::string value, const Change& change, std::vector<std::string> parts) {
  Row result = row(std::move(property), std::move(value), change);
  result.refused_with = std::move(parts);
  return result;
}

void scale_sform(Nifti& n, double x, double y, double z) { n.srow[0][0] = -x, n.srow[1][1] = -y, n.srow[2][2] = z; }

/// The sform turned about z: its columns and rows keep their lengths.
void turn_sform(Nifti& n, double degrees) {
  const double c = std::cos(degrees * M_PI / 180), s = std::sin(degrees * M_PI / 180);
  n.srow[0] = {-0.5 * c, 0.75 * s, 0, 5};
  n.srow[1] = {-0.5 * s, -0.75 * c, 0, 6};
}

const std::string qform_taken = "the qform is taken", sform_taken = "the sform is taken";

std::vector<Row> forms() {
  const auto lone_sform = [](Nifti& n) { n.qform_code = 0; };
  const auto lone_qform = [](Nifti& n) { n.sform_code = 0; };
  const auto with = [](const Change& first, const Change& then) { return [=](Nifti& n) { first(n), then(n); }; };
  const auto zero = [](Nifti& n) { n.srow = {}; };
  const auto singular = [](Nifti& n) { n.srow[0] = {-0.5, -0.75, 0, 5}, n.srow[1] = {0, 0, 0, 6}; };
  const auto sheared = [](Nifti& n) { n.srow[1][2] = 0.5; };  // slices lean by atan(0.5 / 2.5) = 11.31 degrees
  const auto broken = [](double value) { return [=](Nifti& n) { n.srow[0][0] = value; }; };
  const auto long_quaternion = [](Nifti& n) { n.qform[0] = n.qform[1] = 0.9; };  // squares: 0.81 + 0.81 + 1
  const auto ras = [](Nifti& n) { n.srow[0][0] = 0.5, n.srow[1][1] = 0.75; };
  // x runs from -5 to the right for 9 x 0.5 mm, y from -6 to the front for 10 x 0.75 mm.
  const TableCt turned{.code = "RAS", .origin = {-9.5, -13.5, -70}};
  return {
      read("forms", "all agree", [](Nifti&) {}),
      read("forms", "sform alone", lone_sform),
      read("forms", "qform alone", lone_qform),
      refused("forms", "neither code set", with(lone_sform, lone_qform), {"ct.nii: neither sform nor qform is set"}),
      read("sform alone", "RAS", with(lone_sform, ras), turned),
      read("qform alone", "RAS, no turn", with(lone_qform, [](Nifti& n) { n.qform[2] = 0; }), turned),
      read("sform", "ones, qform and pixdim agree", [](Nifti& n) { scale_sform(n, 1, 1, 1); }, {},
           {"sform says 1 x 1 x 1 mm, qform and pixdim 0.5 x 0.75 x 2.5 mm", qform_taken}),
      read("sform", "in metres, the rest in mm", [](Nifti& n) { scale_sform(n, 5e-4, 7.5e-4, 2.5e-3); }, {},
           {"sform says 0.0005 x 0.00075 x 0.0025 mm", qform_taken}),
      read("sform", "slices 2 % apart", [](Nifti& n) { n.srow[2][2] = 2.55; }, {}, {"0.5 x 0.75 x 2.55", qform_taken}),
      read("sform", "slices 0.8 % apart, as rounded", [](Nifti& n) { n.srow[2][2] = 2.52; }, {.mm = {0.5, 0.75, 2.52}}),
      refused("sform alone", "ones against pixdim", with(lone_sform, [](Nifti& n) { scale_sform(n, 1, 1, 1); }),
              {"sform says 1 x 1 x 1 mm, pixdim 0.5 x 0.75 x 2.5 mm, and no qform says which"}),
      refused("sform", "ones, qform broken", with(long_quaternion, [](Nifti& n) { scale_sform(n, 1, 1, 1); }),
              {"sform says 1 x 1 x 1 mm, pixdim 0.5"}),
      read("sform", "zeros", zero, {}, {"the sform cannot be used", "spacing of 0 mm", qform_taken}),
      read("sform", "singular", singular, {}, {"the sform cannot be used", "meet at 0 degrees", qform_taken}),
      read("sform", "nan", broken(nan), {}, {"the sform cannot be used", "spacing of nan mm", qform_taken}),
      read("sform", "inf", broken(inf), {}, {"the sform cannot be used", "spacing of inf mm", qform_taken}),
      read("sform", "sheared", sheared, {}, {"the sform cannot be used", "gantry tilt", qform_taken}),
      read("sform", "offset nan", [](Nifti& n) { n.srow[2][3] = nan; }, {},
           {"an offset that is not finite", qform_taken}),
      refused("sform alone", "zeros", with(lone_sform, zero), {"ct.nii: sform: ", "spacing of 0 mm"}),
      refused("sform alone", "singular", with(lone_sform, singular), {"sform: ", "meet at 0 degrees"}),
      refused("sform alone", "nan", with(lone_sform, broken(nan)), {"sform: ", "spacing of nan mm"}),
      refused("sform alone", "inf", with(lone_sform, broken(inf)), {"sform: ", "spacing of inf mm"}),
      refused("sform alone", "sheared", with(lone_sform, sheared), {"sform: ", "gantry tilt"}),
      refused("sform alone", "offset inf", with(lone_sform, [](Nifti& n) { n.srow[0][3] = inf; }),
              {"sform: an offset"}),
      refused("sform and qform", "zeros and b, c, d too long", with(zero, long_quaternion),
              {"sform: ", "spacing of 0 mm", "qform: ", "squares that add up to 2.62"}),
      read("qform", "b, c, d too long", long_quaternion, {},
           {"the qform cannot be used", "add up to 2.62", sform_taken}),
      read("qform", "b, c, d rounded past 1", with(lone_qform, [](Nifti& n) { n.qform[2] = 1.00001; })),
      read("qform", "offset inf", [](Nifti& n) { n.qform[3] = inf; }, {}, {"the qform cannot be used", sform_taken}),
      refused("qform alone", "b, c, d too long", with(lone_qform, long_quaternion), {"qform: its quaternion", "2.62"}),
      refused("qform alone", "quaternion nan", with(lone_qform, [](Nifti& n) { n.qform[0] = nan; }),
              {"qform: its quat"}),
      refused("qform alone", "offset nan", with(lone_qform, [](Nifti& n) { n.qform[5] = nan; }), {"qform: an offset"}),
      refused("handedness", "pixdim[0] -1 against the sform", [](Nifti& n) { n.pixdim[0] = -1; },
              {"contradict each other", "LPS (0.5 x 0.75 x 2.5 mm) by the sform",
               "LPI (0.5 x 0.75 x 2.5 mm) by the qform"}),
      refused("handedness", "sform mirrored left-right", [](Nifti& n) { n.srow[0][0] = 0.5; },
              {"contradict each other", "RPS (", "LPS ("}),
      refused("handedness", "sform mirrored and of other sizes", [](Nifti& n) { n.srow[0][0] = 1; },
              {"contradict each"}),
      refused("axes", "columns and rows swapped in the sform",
              [](Nifti& n) {
                n.srow[0] = {0, -0.75, 0, 5}, n.srow[1] = {-0.5, 0, 0, 6};
              },
              {"PLS (", "LPS ("}),
      read("pixdim[0]", "-1, sform alone", with(lone_sform, [](Nifti& n) { n.pixdim[0] = -1; })),
      read("pixdim[0]", "0 means 1", with(lone_qform, [](Nifti& n) { n.pixdim[0] = 0; })),
      // The last slice lies at -70 - 11 x 2.5 mm.
      read("pixdim[0]", "-1, qform alone", with(lone_qform, [](Nifti& n) { n.pixdim[0] = -1; }),
           {.code = "LPI", .origin = {-5, -6, -97.5}}),
      read("pixdim[0]", "nan", [](Nifti& n) { n.pixdim[0] = nan; }, {},
           {"the qform cannot be used (pixdim[0]", sform_taken}),
      refused("pixdim[0]", "nan, qform alone", with(lone_qform, [](Nifti& n) { n.pixdim[0] = nan; }),
              {"qform: pixdim[0]"}),
      refused("pixdim", "nan", [](Nifti& n) { n.pixdim[2] = nan; }, {"pixdim says a spacing of 0.5 x nan x 2.5 mm"}),
      refused("pixdim", "inf", [](Nifti& n) { n.pixdim[3] = inf; }, {"pixdim says a spacing of 0.5 x 0.75 x inf mm"}),
      read("pixdim", "zeros, sform alone", with(lone_sform, [](Nifti& n) { n.pixdim = {}; })),
      read("pixdim", "zeros", [](Nifti& n) { n.pixdim = {}; }, {},
           {"the qform cannot be used (pixdim says", sform_taken}),
      refused("pixdim", "zeros, qform alone", with(lone_qform, [](Nifti& n) { n.pixdim = {}; }),
              {"qform: pixdim says"}),
      read("pixdim", "negative, sform alone", with(lone_sform, [](Nifti& n) { n.pixdim[1] = -0.5; })),
      refused("pixdim", "negative, qform alone", with(lone_qform, [](Nifti& n) { n.pixdim[1] = -0.5; }),
              {"-0.5 x 0.75"}),
      read("sform against qform", "0.3 degrees", [](Nifti& n) { turn_sform(n, 0.3); }, {.within = 0.01}),
      read("sform against qform", "3 degrees", [](Nifti& n) { turn_sform(n, 3); }, {.within = 0.01},
           {"differ by 3 degrees and 0 mm", sform_taken}),
      read("sform against qform", "0.5 mm apart", [](Nifti& n) { n.qform[3] = 5.5; }),
      read("sform against qform", "20 mm apart", [](Nifti& n) { n.qform[5] = -50; }, {},
           {"differ by 0 degrees and 20 mm", sform_taken}),
      refused("oblique", "12 degrees, both forms",
              [](Nifti& n) { turn_sform(n, 12), n.qform[2] = std::cos(M_PI / 30), n.qform_code = 0; }, {"oblique"}),
  };
}

std::vector<Row> rest() {
  return {
      read("units", "metres", [](Nifti& n) { n.units = 1; },
           {.mm = {500, 750, 2500}, .origin = {-5000, -6000, -70000}, .within = 0.01}),
      read("units", "micrometres", [](Nifti& n) { n.units = 3; },
           {.mm = {5e-4, 7.5e-4, 2.5e-3}, .origin = {-5e-3, -6e-3, -0.07}, .within = 1e-7}),
      read("units", "none, mm and seconds", [](Nifti& n) { n.units = 8; }),
      read("units", "5 is none", [](Nifti& n) { n.units = 5; }, {}, {"xyzt_units holds no unit of length (5)"}),
      read("bitpix", "8 of int16", [](Nifti& n) { n.bitpix = 8; }, {}, {"bitpix says 8 bits", "data type 4 has 16"}),
      read("bitpix", "0 says nothing", [](Nifti& n) { n.bitpix = 0; }),
      read("data type", "float", [](Nifti& n) { n.datatype = 16, n.bitpix = 32, n.voxels = table_bytes<float>(); }),
      refused("data type", "complex", [](Nifti& n) { n.datatype = 32; }, {"data type 32"}),
      refused("data type", "RGB", [](Nifti& n) { n.datatype = 128; }, {"data type 128"}),
      refused("data type", "float of int16 bytes", [](Nifti& n) { n.datatype = 16; },
              {"truncated: it can hold 2640 bytes"}),
      refused("vox_offset", "100", [](Nifti& n) { n.voxels_at = 100; }, {"byte 100 (vox_offset)", "348"}),
      refused("vox_offset", "-1", [](Nifti& n) { n.voxels_at = -1; }, {"byte -1 (vox_offset)"}),
      refused("vox_offset", "nan", [](Nifti& n) { n.voxels_at = nan; }, {"byte nan (vox_offset)"}),
      refused("vox_offset", "352.5", [](Nifti& n) { n.voxels_at = 352.5; }, {"byte 352.5 (vox_offset)"}),
      refused("vox_offset", "behind the file", [](Nifti& n) { n.voxels_at = 1e6; }, {"truncated: it can hold 0 bytes"}),
      read("vox_offset", "behind an extension",
           [](Nifti& n) { n.voxels_at = 368, n.voxels = std::string(16, 'x') + n.voxels; }),
      refused("vox_offset", "400 of NIfTI-2", [](Nifti& n) { n.second = true, n.voxels_at = 400; },
              {"byte 400", "540"}),
      read("dim", "4 dimensions, one volume", [](Nifti& n) { n.dim[0] = 4; }),
      refused("dim", "4 dimensions, two volumes", [](Nifti& n) { n.dim[0] = 4, n.dim[4] = 2; },
              {"4 dimensions, expected"}),
      read("dim", "3 dimensions, dim[4] 2", [](Nifti& n) { n.dim[4] = 2; }, {}, {"dim[0] says 3", "dim[4] is 2"}),
      read("dim", "dim[5] 0 says nothing", [](Nifti& n) { n.dim[5] = 0; }),
      refused("dim", "2 dimensions", [](Nifti& n) { n.dim[0] = 2; }, {"2 dimensions, expected one volume of 3"}),
      refused("dim", "9 dimensions", [](Nifti& n) { n.dim[0] = 9; }, {"9 dimensions"}),
      refused("dim", "-10 columns", [](Nifti& n) { n.dim[1] = -10; }, {"-10 x 11 x 12 voxels"}),
      refused("dim", "9 slices", [](Nifti& n) { n.dim[3] = 9; }, {"9 slices, expected at least 10"}),
      read("scl", "slope 2, inter 100",
           [](Nifti& n) { n.slope = 0.5, n.inter = 100, n.voxels = table_bytes<std::int16_t>(false, 0.5, 100); }),
      read("scl", "slope nan means none", [](Nifti& n) { n.slope = nan; }),
      read("scl", "slope inf means none", [](Nifti& n) { n.slope = inf; }),
      read("scl", "slope 0 means none", [](Nifti& n) { n.slope = 0; }),
      read("scl", "slope 0, inter -24", [](Nifti& n) { n.slope = 0, n.inter = -24; }, {},
           {"scl_slope of 0", "scl_inter -24 is not added"}),
      refused("scl", "slope 1, inter nan", [](Nifti& n) { n.inter = nan; }, {"scl_inter nan beside scl_slope 1"}),
      refused("file", "one byte short", [](Nifti& n) { n.voxels.pop_back(); }, {"truncated: it can hold 2639 bytes"}),
      read("file", "one byte long", [](Nifti& n) { n.voxels += 'x'; }, {}, {"1 byte more than the header announces"}),
      read("byte order", "NIfTI-1, big", [](Nifti& n) { n.swap = true, n.voxels = table_bytes<std::int16_t>(true); }),
      read("byte order", "NIfTI-2, little", [](Nifti& n) { n.second = true; }),
      read("byte order", "NIfTI-2, big",
           [](Nifti& n) { n.second = n.swap = true, n.voxels = table_bytes<std::int16_t>(true); }),
  };
}

class NiftiTable : public testing::TestWithParam<Row> {};
TEST_P(NiftiTable, IsReadOrRefused) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Forms, NiftiTable, testing::ValuesIn(forms()));
INSTANTIATE_TEST_SUITE_P(Rest, NiftiTable, testing::ValuesIn(rest()));

}  // namespace
}  // namespace pleura::scan::test::nifti_table
