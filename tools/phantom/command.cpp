#include "phantom/command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "phantom/background.hpp"
#include "phantom/cohort.hpp"

namespace pleura::phantom {

namespace {

struct Request {
  PhantomOptions options;
  Output output;
  std::string findings, format = "dicom", distribution = "diffuse";
  std::vector<double> spacing;
  std::string recipe = "train-3";
  std::vector<std::string> backgrounds;
  std::optional<double> background_share;
  int cohort = 0;
};

void settle(Request& request) {
  Acquisition& acquisition = request.options.acquisition;
  if (!request.spacing.empty()) std::copy_n(request.spacing.begin(), 3, acquisition.spacing.begin());
  request.output.format = request.format == "nifti" ? Format::nifti : Format::dicom;
  if (request.findings == "covid19") request.options.findings = CaseLabel::covid19;
  if (request.findings == "influenza_a") request.options.findings = CaseLabel::influenza_a;
  for (const auto one : {EmphysemaDistribution::upper, EmphysemaDistribution::lower, EmphysemaDistribution::bullous})
    if (request.distribution == to_string(one)) request.options.emphysema.distribution = one;
  if (request.findings == "none") request.options.findings = CaseLabel::no_infection_found;
}

void make(const Request& request, const Progress& progress) {
  const PhantomOptions& options = request.options;
  if (options.emphysema.severity > 0 && !request.backgrounds.empty())
    throw Error(Status::usage, "--emphysema: found a --background, whose lungs are its own; expected none");
  if (request.cohort > 0) {
    CohortOptions cohort;
    cohort.count = request.cohort;
    cohort.seed = options.seed;
    cohort.recipe = request.recipe;
    cohort.common = options;
    if (!request.spacing.empty()) cohort.spacing = options.acquisition.spacing;
    cohort.backgrounds.assign(request.backgrounds.begin(), request.backgrounds.end());
    cohort.background_share = request.background_share;
    cohort.output = request.output;
    write_cohort(cohort, progress);
    return;
  }
  if (request.backgrounds.size() > 1)
    throw Error(Status::usage, "--background: found several, expected one without --cohort");
  check_folder(request.output.folder);
  PhantomOptions one = options;
  if (!request.backgrounds.empty()) {
    one.background = read_background(request.backgrounds.front());
    if (request.spacing.empty()) one.acquisition.spacing = one.background->volume.geometry.spacing;
  }
  write_phantom(make_phantom(one, progress), one.seed, request.output);
}

}  // namespace

void add_phantom_command(CLI::App& app, const std::function<Progress()>& start_progress) {
  auto request = std::make_shared<Request>();
  Acquisition& acquisition = request->options.acquisition;
  CLI::App* command = app.add_subcommand("phantom", "Make a synthetic chest CT with its ground truth");
  command->footer(
      "Writes DIR/ct (DICOM) or DIR/ct.nii.gz, and DIR/truth.json. The same seed gives the same bytes.\n\n"
      "Example: pleura phantom --seed 7 --findings covid19 --out sample\n"
      "         pleura screen sample/ct --weights weights/demo/pleura-demo.h5 --out result\n"
      "         pleura phantom --seed 7 --findings influenza_a --background healthy/ct --out grown\n"
      "         pleura phantom --cohort 120 --seed 1 --recipe train-3 --matrix 384 --format nifti --out cohort\n"
      "         pleura phantom --cohort 90 --seed 1 --recipe held-out-3 --background ct1 --background ct2 --out test");
  command->add_option("--seed", request->options.seed, "What everything is drawn from")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--out", request->output.folder, "Folder to write")->required();
  command->add_option("--format", request->format, "dicom (default) or nifti")
      ->check(CLI::IsMember({"dicom", "nifti"}));
  command->add_option("--findings", request->findings, "covid19, influenza_a or none; drawn from the seed if not given")
      ->check(CLI::IsMember({"covid19", "influenza_a", "none"}));
  command
      ->add_option("--emphysema", request->options.emphysema.severity,
                   "How much of the lungs is lost, 0 (none, the default) to 1; not with --background")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--emphysema-distribution", request->distribution, "diffuse (default), upper, lower or bullous")
      ->check(CLI::IsMember({"diffuse", "upper", "lower", "bullous"}));
  command->add_option("--cohort", request->cohort, "Make this many, DIR/case-0001 and so on, with DIR/cohort.csv")
      ->check(CLI::Range(1, 9999));
  command->add_option("--recipe", request->recipe, "What a cohort is drawn from: train-3 (default) or held-out-3");
  command
      ->add_option("--background", request->backgrounds,
                   "Grow the findings in this CT's own lungs; for a cohort, in some of its cases, and it may be given "
                   "several times. Boxes of a truth.json beside it are kept, and nothing grows there")
      ->expected(1)
      ->take_all();
  command->add_option("--background-share", request->background_share, "Share of a cohort's cases with a background")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--slices", acquisition.slices, "Number of slices; as many as hold the lungs if not given")
      ->check(CLI::Range(1, 2000));
  command->add_option("--spacing", request->spacing, "Millimetres Z,Y,X; 5,0.75,0.75 if not given, drawn for a cohort")
      ->delimiter(',')
      ->expected(3)
      ->check(CLI::Range(0.3, 20.0));
  command->add_option("--matrix", acquisition.matrix, "Rows and columns of a slice (512)")->check(CLI::Range(32, 2048));
  command->add_option("--kernel", acquisition.kernel, "Sharpness, 0 (soft tissue) to 1 (lung)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--noise", acquisition.noise, "Standard deviation in HU")->check(CLI::Range(0.0, 200.0));
  command->add_flag("--masks", request->output.masks, "Also write lungs.nii.gz and lesions.nii.gz");
  command->add_option("--threads", request->options.threads, "0: one per core")->check(CLI::Range(0, 1024));
  command->callback([request, start_progress] {
    settle(*request);
    make(*request, start_progress ? start_progress() : Progress{});
  });
}

}  // namespace pleura::phantom
