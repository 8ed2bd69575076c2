#include <algorithm>
#include <cmath>

#include "pleura/error.hpp"
#include "scan/nifti_header.hpp"
#include "scan/text.hpp"
#include "scan/vector3.hpp"

namespace pleura::scan {
namespace {

/// sform and qform that turn voxels alike may differ by this before they are said to differ.
constexpr double same_direction_degrees = 0.5, same_origin_mm = 1;
/// b^2 + c^2 + d^2 of a unit quaternion is at most 1; rounding carries a half turn a little past it.
constexpr double most_squares = 1.0001;

/// One of the two affine forms.
struct Form {
  const char* name;
  bool set = false;   ///< its code says that it holds something
  std::string fault;  ///< why it cannot be used; empty where it can
  Grid grid;

  [[nodiscard]] bool usable() const { return set && fault.empty(); }
};

double millimetres(int units) {
  switch (units & 7) {
    case 1:
      return 1000;
    case 3:
      return 1e-3;
    default:
      return 1;
  }
}

/// From NIfTI's RAS and unit of length to LPS and mm.
void to_lps(Grid& grid, double unit) {
  const auto turned = [&](const Point3& point) { return Point3{-point[0] * unit, -point[1] * unit, point[2] * unit}; };
  grid.origin = turned(grid.origin);
  for (auto& step : grid.step) step = turned(step);
}

bool all_finite(const Point3& point) {
  return std::all_of(point.begin(), point.end(), [](double value) { return std::isfinite(value); });
}

std::array<double, 3> pixdim_mm(const NiftiHeader& header) {
  const double unit = millimetres(header.units);
  return {header.pixdim[1] * unit, header.pixdim[2] * unit, header.pixdim[3] * unit};
}

Form sform_of(const NiftiHeader& header, const Index3& shape) {
  Form form{.name = "sform", .set = header.sform_code > 0, .fault = "", .grid = {.shape = shape}};
  for (int i = 0; i < 3; ++i) {
    for (int world = 0; world < 3; ++world) form.grid.step[2 - i][world] = header.srow[world][i];
    form.grid.origin[i] = header.srow[i][3];
  }
  to_lps(form.grid, millimetres(header.units));
  form.fault = all_finite(form.grid.origin) ? fault_of(form.grid) : "an offset that is not finite";
  return form;
}

/// Columns of the rotation of a unit quaternion (NIfTI's method 2).
std::array<Point3, 3> rotation_of(const std::array<double, 3>& quaternion) {
  auto [b, c, d] = quaternion;
  const double squares = b * b + c * c + d * d;
  double a = 0;
  if (squares < 1) {
    a = std::sqrt(1 - squares);
  } else {  // rounded past a half turn
    const double length = std::sqrt(squares);
    b /= length, c /= length, d /= length;
  }
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)},
           {2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)},
           {2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c}}};
}

std::string fault_of_qform(const NiftiHeader& header) {
  const auto& pixdim = header.pixdim;
  if (!std::isfinite(pixdim[0])) return "pixdim[0], its handedness, is not finite";
  if (!std::all_of(pixdim.begin() + 1, pixdim.begin() + 4, [](double size) { return size > 0; }))
    return "pixdim says a spacing of " + product(pixdim_mm(header)) + " mm, expected positive figures";
  const double squares = dot(header.quaternion, header.quaternion);
  if (!(squares <= most_squares))
    return "its quaternion's b, c, d have squares that add up to " + number(squares) + ", expected at most 1";
  return all_finite(header.qoffset) ? "" : "an offset that is not finite";
}

Form qform_of(const NiftiHeader& header, const Index3& shape) {
  Form form{.name = "qform", .set = header.qform_code > 0, .fault = fault_of_qform(header), .grid = {.shape = shape}};
  if (!form.usable()) return form;
  const auto rotation = rotation_of(header.quaternion);
  const double handedness = header.pixdim[0] < 0 ? -1 : 1;
  for (int i = 0; i < 3; ++i)
    form.grid.step[2 - i] = scaled(rotation[i], header.pixdim[i + 1] * (i == 2 ? handedness : 1));
  form.grid.origin = header.qoffset;
  to_lps(form.grid, millimetres(header.units));
  return form;
}

std::string sizes(const Form& form) { return product(spacing_of(form.grid)); }

/// Both forms can be used. The qform's spacing is pixdim's, so that a sform of another spacing stands alone. Nothing
/// stands by either where they turn the voxels differently: left and right would be a guess.
const Form& settled(const Form& sform, const Form& qform, const std::string& name, std::vector<std::string>& warnings) {
  const auto sform_code = axis_code(sform.grid), qform_code = axis_code(qform.grid);
  if (sform_code != qform_code)
    throw Error(Status::input_refused, name +
                                           ": sform and qform contradict each other: columns, rows and slices run to " +
                                           sform_code + " (" + sizes(sform) + " mm) by the sform, to " + qform_code +
                                           " (" + sizes(qform) + " mm) by the qform, and nothing says which is right");
  if (!same_spacing(spacing_of(sform.grid), spacing_of(qform.grid))) {
    warnings.push_back("sform says " + sizes(sform) + " mm, qform and pixdim " + sizes(qform) +
                       " mm: the qform is taken");
    return qform;
  }
  double degrees = 0;
  for (int a = 0; a < 3; ++a) degrees = std::max(degrees, angle_degrees(sform.grid.step[a], qform.grid.step[a]));
  const double apart = norm(minus(sform.grid.origin, qform.grid.origin));
  if (degrees > same_direction_degrees || apart > same_origin_mm)
    warnings.push_back("sform and qform differ by " + number(degrees) + " degrees and " + number(apart) +
                       " mm: the sform is taken");
  return sform;
}

/// A sform without a qform beside it against pixdim; sizes of 0 there say nothing.
void require_pixdim(const Form& sform, const NiftiHeader& header, const std::string& name) {
  auto pixdim = pixdim_mm(header);
  if (std::any_of(pixdim.begin(), pixdim.end(), [](double size) { return size == 0; })) return;
  for (auto& size : pixdim) size = std::abs(size);  // a flip, as files older than the forms wrote it
  if (!same_spacing(spacing_of(sform.grid), pixdim))
    throw Error(Status::input_refused, name + ": sform says " + sizes(sform) + " mm, pixdim " + product(pixdim) +
                                           " mm, and no qform says which is right");
}

}  // namespace

Grid nifti_grid(const NiftiHeader& header, const std::string& name, std::vector<std::string>& warnings) {
  const auto refuse = [&](const std::string& why) { throw Error(Status::input_refused, name + ": " + why); };
  const Index3 shape{header.dim[3], header.dim[2], header.dim[1]};
  if ((header.units & 7) > 3)
    warnings.push_back("xyzt_units holds no unit of length (" + std::to_string(header.units & 7) + "): mm are taken");
  if (!all_finite(pixdim_mm(header)))
    refuse("pixdim says a spacing of " + product(pixdim_mm(header)) + " mm, expected finite figures");

  const Form sform = sform_of(header, shape), qform = qform_of(header, shape);
  if (!sform.set && !qform.set) refuse("neither sform nor qform is set, expected one that says how the patient lies");
  if (sform.usable() && qform.usable()) return settled(sform, qform, name, warnings).grid;
  const auto& [taken, other] = sform.usable() ? std::tie(sform, qform) : std::tie(qform, sform);
  if (!taken.usable()) {
    std::string faults;
    for (const auto* form : {&sform, &qform})
      if (form->set) faults += std::string(faults.empty() ? "" : "; ") + form->name + ": " + form->fault;
    refuse(faults);
  }
  if (sform.usable()) require_pixdim(sform, header, name);
  if (other.set)
    warnings.push_back(std::string("the ") + other.name + " cannot be used (" + other.fault + "): the " + taken.name +
                       " is taken");
  return taken.grid;
}

}  // namespace pleura::scan
