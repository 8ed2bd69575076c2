#include "phantom/cohort.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "files/replace.hpp"
#include "phantom/background.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

namespace fs = std::filesystem;

void draw_acquisition(PhantomOptions& made, const Recipe& recipe) {
  Acquisition& acquisition = made.acquisition;
  Random random(made.seed, "acquisition");
  const int last = static_cast<int>(recipe.thicknesses.size()) - 1;
  const double z = recipe.thicknesses[random.integer(0, last)];
  // Never so small that the field of view cuts the lungs.
  const double needed = 310 * draw_patient(made.seed, recipe.population).size_x + 30;
  const double field = std::max(random.uniform(recipe.pixel.low, recipe.pixel.high) * 512, needed);
  const double pixel = std::round(1e3 * field / static_cast<double>(acquisition.matrix)) * 1e-3;
  acquisition.spacing = {z, pixel, pixel};
  const double kernel = random.uniform(recipe.kernel.low, recipe.kernel.high);
  if (!acquisition.kernel) acquisition.kernel = kernel;
  acquisition.noise_factor = random.uniform(recipe.noise.low, recipe.noise.high);
}

bool complete(const fs::path& folder, const Output& output) {
  return fs::exists(folder / "truth.json") &&
         fs::exists(folder / (output.format == Format::dicom ? "ct" : "ct.nii.gz"));
}

}  // namespace

std::uint64_t case_seed(const CohortOptions& options, int index) {
  return mix(Random(options.seed, options.recipe).bits() + static_cast<std::uint64_t>(index)) >> 16;
}

CaseLabel case_group(const Recipe& recipe, int index) {
  constexpr CaseLabel groups[] = {CaseLabel::no_infection_found, CaseLabel::covid19, CaseLabel::influenza_a};
  std::array<int, 3> cases{};
  int next = 0;
  for (int made = 0; made <= index; ++made) {
    // The group that lags most behind its share.
    next = 0;
    for (int group = 1; group < 3; ++group) {
      if ((cases[group] + 1) * recipe.shares[next] < (cases[next] + 1) * recipe.shares[group]) next = group;
    }
    ++cases[next];
  }
  return groups[next];
}

CohortCase cohort_case(const CohortOptions& options, int index) {
  const Recipe& recipe = find_recipe(options.recipe);
  CohortCase drawn{options.common, {}};
  PhantomOptions& made = drawn.options;
  made.seed = case_seed(options, index);
  made.recipe = options.recipe;
  made.population = recipe.population;
  made.findings = options.common.findings.value_or(case_group(recipe, index));
  draw_acquisition(made, recipe);
  if (options.spacing) made.acquisition.spacing = *options.spacing;
  Random random(made.seed, "choice of a background");
  if (!options.backgrounds.empty() && random.chance(options.background_share.value_or(recipe.background_share))) {
    drawn.background = options.backgrounds[random.integer(0, static_cast<int>(options.backgrounds.size()) - 1)];
  }
  return drawn;
}

void write_cohort(const CohortOptions& options, const Progress& progress) {
  const fs::path& folder = options.output.folder;
  std::string table = "path,case,truth\n";
  std::map<fs::path, std::shared_ptr<const Background>> read;
  for (int index = 0; index < options.count; ++index) {
    char name[32];
    std::snprintf(name, sizeof name, "case-%04d", index + 1);
    CohortCase drawn = cohort_case(options, index);
    PhantomOptions& made = drawn.options;
    Output output = options.output;
    output.folder = folder / name;
    if (!complete(output.folder, output)) {
      const std::string stage = "case " + std::to_string(index + 1) + " of " + std::to_string(options.count);
      const auto part = [&](std::string_view, double done) {
        if (progress) progress(stage, (index + done) / options.count);
      };
      if (drawn.background) {
        auto& background = read[*drawn.background];
        if (!background) background = read_background(*drawn.background);
        made.background = background;
      }
      write_phantom(make_phantom(made, part), made.seed, output);
    }
    const std::string ct = std::string(name) + (output.format == Format::dicom ? "/ct" : "/ct.nii.gz");
    table += ct + "," + to_string(*made.findings) + "," + name + "/truth.json\n";
  }
  files::write_file(folder / "cohort.csv", table);
}

}  // namespace pleura::phantom
