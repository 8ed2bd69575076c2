#include "phantom/cohort.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "phantom/patient.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

namespace fs = std::filesystem;

std::array<double, 3> draw_spacing(std::uint64_t seed, std::int64_t matrix) {
  Random random(seed, "spacing");
  constexpr double thicknesses[] = {1, 1.25, 1.5, 2, 2, 2.5, 3, 4, 5, 5, 5, 6, 8};
  const double z = thicknesses[random.integer(0, static_cast<int>(std::size(thicknesses)) - 1)];
  // Pixels of 0.6 to 0.9 mm at 512 x 512, and never so small that the field of view cuts the lungs.
  const double needed = 310 * draw_patient(seed).size_x + 30;
  const double field = std::max(random.uniform(0.6, 0.9) * 512, needed);
  const double pixel = std::round(1e3 * field / static_cast<double>(matrix)) * 1e-3;
  return {z, pixel, pixel};
}

bool complete(const fs::path& folder, const Output& output) {
  return fs::exists(folder / "truth.json") &&
         fs::exists(folder / (output.format == Format::dicom ? "ct" : "ct.nii.gz"));
}

}  // namespace

std::uint64_t case_seed(std::uint64_t cohort_seed, int index) {
  return mix(mix(cohort_seed) + static_cast<std::uint64_t>(index)) >> 16;
}

PhantomOptions cohort_case(const CohortOptions& options, int index) {
  PhantomOptions made = options.common;
  made.seed = case_seed(options.seed, index);
  constexpr CaseLabel cases[] = {CaseLabel::no_infection_found, CaseLabel::covid19, CaseLabel::influenza_a};
  made.findings = options.common.findings.value_or(cases[index % 3]);
  if (options.draw_spacing) made.acquisition.spacing = draw_spacing(made.seed, made.acquisition.matrix);
  return made;
}

void write_cohort(const CohortOptions& options, const Progress& progress) {
  const fs::path& folder = options.output.folder;
  std::string table = "path,case,truth\n";
  for (int index = 0; index < options.count; ++index) {
    char name[32];
    std::snprintf(name, sizeof name, "case-%04d", index + 1);
    const PhantomOptions made = cohort_case(options, index);
    Output output = options.output;
    output.folder = folder / name;
    if (!complete(output.folder, output)) {
      const std::string stage = "case " + std::to_string(index + 1) + " of " + std::to_string(options.count);
      const auto part = [&](std::string_view, double done) {
        if (progress) progress(stage, (index + done) / options.count);
      };
      write_phantom(make_phantom(made, part), made.seed, output);
    }
    const std::string ct = std::string(name) + (output.format == Format::dicom ? "/ct" : "/ct.nii.gz");
    table += ct + "," + to_string(*made.findings) + "," + name + "/truth.json\n";
  }
  write_text(folder / "cohort.csv", table);
}

}  // namespace pleura::phantom
