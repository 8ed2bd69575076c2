#include "scan/dicom_stack.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "scan/hounsfield.hpp"
#include "scan/text.hpp"
#include "scan/vector3.hpp"

namespace pleura::scan {
namespace {

constexpr double same_orientation_degrees = 0.5;
constexpr double most_sideways_mm = 1;
constexpr double same_position_mm = 1e-3;

/// The checks of one series, each adding what it finds to the stack's faults.
class Checks {
 public:
  explicit Checks(const std::vector<DicomImage>& images) : images_(images) {
    for (std::size_t i = 0; i < images.size(); ++i)
      for (std::size_t f = 0; f < images[i].frames.size(); ++f) stack_.slices.push_back({i, f});
  }

  Stack run() {
    if (!kind() || !readable()) return std::move(stack_);
    units();
    if (attributes()) {
      const bool one_way = one_orientation();
      if (one_size() && one_way) geometry();
    }
    const auto count = static_cast<long long>(stack_.slices.size());
    if (count < fewest_slices)
      fault(counted(count, "slice") + ", expected at least " + std::to_string(fewest_slices) +
            (count == 1 ? " (give the folder that holds the whole series)" : ""));
    return std::move(stack_);
  }

 private:
  void fault(std::string what) { stack_.faults.push_back(std::move(what)); }

  [[nodiscard]] const DicomImage& image(const Slice& slice) const { return images_[slice.image]; }
  [[nodiscard]] const DicomFrame& frame(const Slice& slice) const { return images_[slice.image].frames[slice.frame]; }

  [[nodiscard]] std::string name(const Slice& slice) const {
    const std::string& file = image(slice).name;
    return image(slice).frames.size() > 1 ? file + " frame " + std::to_string(slice.frame + 1) : file;
  }

  /// What the series is at all; false where its geometry does not matter any more.
  bool kind() {
    const DicomImage& first = images_.front();
    if (first.modality != "CT")
      fault("modality " + (first.modality.empty() ? "absent" : first.modality) + ", expected CT");
    if (!first.has_pixels) {
      fault("no pixel data");
      return false;
    }
    constexpr auto secondary_capture = "1.2.840.10008.5.1.4.1.1.7";  // and its multi-frame kin
    if (first.sop_class_uid.starts_with(secondary_capture)) {
      fault("secondary capture (a picture of a screen or a report), expected CT slices");
      return false;
    }
    if (std::find(first.image_type.begin(), first.image_type.end(), "LOCALIZER") != first.image_type.end()) {
      fault("localizer (scout view), expected axial slices");
      return false;
    }
    if (first.samples_per_pixel != 1 || !first.photometric.starts_with("MONOCHROME")) {
      fault("colour pixels (" + first.photometric + "), expected grey values in HU");
      return false;
    }
    return true;
  }

  /// A slice with an element that cannot be read may be any slice of the series.
  bool readable() {
    const auto has_fault = [](const DicomImage& image) { return !image.fault.empty(); };
    const auto count = std::count_if(images_.begin(), images_.end(), has_fault);
    if (count == 0) return true;
    const auto& image = *std::find_if(images_.begin(), images_.end(), has_fault);
    fault(image.name + ": " + image.fault + (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : ""));
    return false;
  }

  void units() {
    for (const Slice& slice : stack_.slices) {
      const std::string& unit = frame(slice).rescale_type;
      if (unit.empty() || unit == "US" || names_hounsfield(unit)) continue;
      fault("values in " + unit + ", expected HU");
      return;
    }
  }

  bool attributes() {
    const auto lacking = [&](const std::string& attribute, auto&& present) {
      const auto lacks = [&](const Slice& slice) { return !present(frame(slice)); };
      const auto count = std::count_if(stack_.slices.begin(), stack_.slices.end(), lacks);
      if (count == 0) return false;
      const auto& slice = *std::find_if(stack_.slices.begin(), stack_.slices.end(), lacks);
      fault("no " + attribute + " in " + name(slice) +
            (count > 1 ? " and " + std::to_string(count - 1) + " more" : ""));
      return true;
    };
    const bool position = lacking("ImagePositionPatient", [](const DicomFrame& f) { return f.position.has_value(); });
    const bool orientation = lacking("usable ImageOrientationPatient", [](const DicomFrame& f) {
      return f.orientation && std::abs(norm((*f.orientation)[0]) - 1) < 0.01 &&
             std::abs(norm((*f.orientation)[1]) - 1) < 0.01 &&
             std::abs(dot((*f.orientation)[0], (*f.orientation)[1])) < 0.01;
    });
    const bool spacing = lacking("positive PixelSpacing", [](const DicomFrame& f) {
      return f.spacing && (*f.spacing)[0] > 0 && (*f.spacing)[1] > 0;
    });
    return !position && !orientation && !spacing;
  }

  bool one_size() {
    const Slice& first = stack_.slices.front();
    for (const Slice& slice : stack_.slices) {
      if (image(slice).rows != image(first).rows || image(slice).columns != image(first).columns) {
        const auto size = [&](const Slice& s) {
          return std::to_string(image(s).rows) + " x " + std::to_string(image(s).columns);
        };
        fault(name(slice) + " has " + size(slice) + " pixels, expected " + size(first) + " as in " + name(first));
        return false;
      }
      for (int i = 0; i < 2; ++i)
        if (std::abs((*frame(slice).spacing)[i] / (*frame(first).spacing)[i] - 1) > 0.01) {
          fault(name(slice) + " has a pixel spacing of " + number((*frame(slice).spacing)[i]) + " mm, expected " +
                number((*frame(first).spacing)[i]) + " mm as in " + name(first));
          return false;
        }
    }
    return true;
  }

  bool one_orientation() {
    const Slice& first = stack_.slices.front();
    const auto& expected = *frame(first).orientation;
    for (const Slice& slice : stack_.slices) {
      const auto& found = *frame(slice).orientation;
      const double angle = std::max(angle_degrees(found[0], expected[0]), angle_degrees(found[1], expected[1]));
      if (angle > same_orientation_degrees) {
        fault("slices of several orientations: " + name(slice) + " is turned " + number(angle) + " degrees from " +
              name(first) + ", expected one orientation");
        return false;
      }
    }
    return true;
  }

  void geometry() {
    const auto& [along_row, along_column] = *frame(stack_.slices.front()).orientation;
    normal_ = cross(along_row, along_column);
    normal_ = scaled(normal_, 1 / norm(normal_));
    for (Slice& slice : stack_.slices) slice.along = dot(*frame(slice).position, normal_);
    std::stable_sort(stack_.slices.begin(), stack_.slices.end(),
                     [](const Slice& a, const Slice& b) { return a.along < b.along; });
    const Slice& first = stack_.slices.front();
    const auto& spacing = *frame(first).spacing;
    const auto count = static_cast<std::int64_t>(stack_.slices.size());
    if (distinct_positions()) {
      const double steps = static_cast<double>(count - 1);
      travel_ = minus(*frame(stack_.slices.back()).position, *frame(first).position);
      stack_.grid = {
          .shape = {count, image(first).rows, image(first).columns},
          .step = {scaled(travel_, 1 / steps), scaled(along_column, spacing[0]), scaled(along_row, spacing[1])},
          .origin = *frame(first).position};
      const bool tilted = tilt();
      axial(tilted);
      even_spacing();
      straight();
    } else {
      axial(false);
    }
  }

  /// False where no two slices lie apart.
  bool distinct_positions() {
    const auto& slices = stack_.slices;
    if (slices.size() < 2) return false;
    if (slices.back().along - slices.front().along < same_position_mm) {
      fault("not a volume: all " + counted(static_cast<long long>(slices.size()), "slice") + " lie at one position (" +
            number(slices.front().along) + " mm), expected one position each");
      return false;
    }
    std::size_t duplicates = 0, at = 0;
    for (std::size_t i = 1; i < slices.size(); ++i)
      if (slices[i].along - slices[i - 1].along < same_position_mm && duplicates++ == 0) at = i;
    if (duplicates > 0)
      fault("duplicate slices: " + name(slices[at - 1]) + " and " + name(slices[at]) + " lie at one position (" +
            number(slices[at].along) + " mm)" +
            (duplicates > 1 ? " and " + std::to_string(duplicates - 1) + " more likewise" : "") +
            ", expected one slice each");
    return true;
  }

  bool tilt() {
    const double angle = angle_degrees(travel_, normal_);
    if (angle > max_shear_degrees) {
      fault("gantry tilt: the slices are tilted by " + number(angle) +
            " degrees against the line they lie on, expected 0");
      return true;
    }
    // Original slices of a tilted gantry cannot be square; derived ones may have been straightened afterwards.
    const DicomImage& first = images_.front();
    const double announced = std::abs(first.gantry_tilt.value_or(0));
    if (announced <= max_shear_degrees) return false;
    if (!first.image_type.empty() && first.image_type[0] == "DERIVED") {
      stack_.warnings.push_back("GantryDetectorTilt is " + number(announced) +
                                " degrees, but the slices are derived and square: taken as straightened");
      return false;
    }
    fault("gantry tilt: GantryDetectorTilt is " + number(announced) + " degrees in " + first.name + ", expected 0");
    return true;
  }

  void axial(bool tilted) {
    const double angle = std::min(angle_degrees(normal_, {0, 0, 1}), angle_degrees(normal_, {0, 0, -1}));
    if (angle <= max_oblique_degrees) {
      const auto& along_row = (*frame(stack_.slices.front()).orientation)[0];
      double turn = std::fmod(angle_degrees(along_row, {1, 0, 0}), 90);  // lying on a side is a turn by a quarter
      turn = std::min(turn, 90 - turn);
      if (turn > max_oblique_degrees)
        fault("not straight: the patient is turned by " + number(turn) +
              " degrees in the slices' plane, expected at most " + number(max_oblique_degrees));
      return;
    }
    if (tilted) return;
    const std::array<double, 3> lean{std::abs(normal_[0]), std::abs(normal_[1]), std::abs(normal_[2])};
    const auto largest = std::max_element(lean.begin(), lean.end()) - lean.begin();
    fault(std::string("not axial: ") +
          (largest == 0   ? "sagittal"
           : largest == 1 ? "coronal"
                          : "oblique") +
          " slices, " + number(angle) + " degrees off, expected at most " + number(max_oblique_degrees));
  }

  void even_spacing() {
    std::vector<std::pair<double, std::size_t>> gaps;  // from slice i to i + 1; duplicates are reported already
    for (std::size_t i = 0; i + 1 < stack_.slices.size(); ++i)
      if (const double gap = stack_.slices[i + 1].along - stack_.slices[i].along; gap >= same_position_mm)
        gaps.emplace_back(gap, i);
    auto sorted = gaps;
    std::sort(sorted.begin(), sorted.end());
    const double usual = sorted[(sorted.size() - 1) / 2].first;
    const auto off = [&](const auto& gap) { return std::abs(gap.first / usual - 1); };
    const auto worst =
        *std::max_element(gaps.begin(), gaps.end(), [&](const auto& a, const auto& b) { return off(a) < off(b); });
    if (off(worst) <= most_uneven) return;
    const auto& [gap, i] = worst;
    const std::string where =
        name(stack_.slices[i + 1]) + " lies " + number(gap) + " mm from " + name(stack_.slices[i]);
    const double missing = std::round(gap / usual) - 1;
    if (missing >= 1 && std::abs(gap / usual - missing - 1) <= most_uneven * (missing + 1)) {
      fault("missing slices: " + where + ", expected " + number(usual) +
            " mm: " + counted(static_cast<long long>(missing), "slice") + " missing there");
    } else {
      fault("uneven spacing: " + where + ", expected " + number(usual) + " mm within " + number(100 * most_uneven) +
            " %");
    }
  }

  /// Slices must not wander sideways from the straight line through the first and the last.
  void straight() {
    const double length = norm(travel_);
    double worst = 0;
    const Slice* where = nullptr;
    for (const Slice& slice : stack_.slices) {
      const Point3 from_first = minus(*frame(slice).position, *frame(stack_.slices.front()).position);
      const double sideways = norm(cross(from_first, travel_)) / length;
      if (sideways > worst) worst = sideways, where = &slice;
    }
    if (worst > most_sideways_mm)
      fault(name(*where) + " lies " + number(worst) + " mm beside the line of the other slices, expected at most " +
            number(most_sideways_mm) + " mm");
  }

  const std::vector<DicomImage>& images_;
  Stack stack_;
  Point3 normal_{}, travel_{};
};

}  // namespace

Stack stack_slices(const std::vector<DicomImage>& images) { return Checks(images).run(); }

}  // namespace pleura::scan
