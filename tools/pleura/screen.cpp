#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <set>

#include "command.hpp"
#include "options.hpp"
#include "pleura/pleura.hpp"
#include "progress.hpp"
#include "refused_files.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> cts;
  std::string weights, out, classifier = "m2", json;
  bool save_masks = false;
  ReadArguments read;
  EngineArguments engine;
  ScreenArguments screen;
};

/// A CT as it was read, and how long that took.
struct Decoded {
  Volume volume;
  ScanReport report;
  double seconds = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::future<Decoded> decode(const std::string& ct, const ReadOptions& options) {
  return std::async(std::launch::async, [=] {
    const auto start = std::chrono::steady_clock::now();
    Decoded decoded;
    decoded.volume = read_ct(ct, options, &decoded.report);
    decoded.seconds = seconds_since(start);
    return decoded;
  });
}

/// One folder for each CT: `out` itself for a single one, else the CT's own name under it, numbered where two are
/// alike.
std::vector<fs::path> result_folders(const std::vector<std::string>& cts, const fs::path& out) {
  if (cts.size() == 1) return {out};
  std::vector<fs::path> folders;
  std::set<std::string> taken;
  for (const std::string& ct : cts) {
    fs::path name = fs::weakly_canonical(fs::absolute(ct));
    if (name.filename().empty()) name = name.parent_path();
    std::string stem = printable(name.filename().string(), '_');
    for (const char* ending : {".gz", ".nii", ".mha", ".mhd", ".dcm"})
      if (stem.ends_with(ending) && stem.size() > std::string_view(ending).size()) stem.resize(stem.rfind('.'));
    std::string unique = stem;
    for (int n = 2; !taken.insert(unique).second; ++n) unique = stem + "-" + std::to_string(n);
    folders.push_back(out / unique);
  }
  return folders;
}

/// What reading found worth a word, ahead of what screening found.
void add_reading(Result& result, const Decoded& decoded) {
  std::vector<std::string> warnings = decoded.report.warnings;
  for (auto& line : lines_of(decoded.report.refused_files)) warnings.push_back(std::move(line));
  result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
  result.stages.insert(result.stages.begin(), {"read", decoded.seconds});
}

void screen(const Arguments& arguments) {
  EngineOptions options = arguments.engine.options();
  options.classifier = arguments.classifier == "m1" ? Classifier::m1 : Classifier::m2;
  const std::vector<fs::path> folders = result_folders(arguments.cts, arguments.out);
  for (const fs::path& folder : folders) check_result_folder(folder);
  const ReadOptions read = arguments.read.options(options.threads);

  watch_interrupts();
  ProgressBar bar;
  bar.show("read", 0);
  std::future<Decoded> next = decode(arguments.cts.front(), read);  // while the networks are made ready
  const auto start = std::chrono::steady_clock::now();
  Engine engine(arguments.weights, options);
  const StageTime weights{"weights", seconds_since(start)};

  Status status = Status::done;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    try {
      std::future<Decoded> reading = std::exchange(next, {});
      reading.wait();
      if (i + 1 < folders.size()) next = decode(arguments.cts[i + 1], read);
      Decoded decoded = reading.get();
      Screening screening = engine.screen(std::move(decoded.volume), arguments.screen.options(), bar.callback());
      if (i == 0) screening.result.stages.insert(screening.result.stages.begin(), weights);
      add_reading(screening.result, decoded);
      bar.show("write", 0);
      write_result(screening, folders[i], {arguments.save_masks});
      bar.clear();
      if (arguments.json == "-") {
        std::cout << to_json(screening.result) << std::flush;
      } else {
        if (folders.size() > 1) std::cout << printable(arguments.cts[i]) << '\n';
        std::cout << to_table(screening.result) << "written to " << printable(folders[i].string()) << std::endl;
      }
    } catch (const Error& error) {
      if (folders.size() == 1) throw;
      bar.clear();
      complain(arguments.cts[i] + ": " + error.what());
      if (status == Status::done) status = error.status();
    }
  }
  if (status != Status::done) throw Exit{status};
}

}  // namespace

void add_screen(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("screen", "Screen CTs for pneumonia");
  command->add_option("ct", arguments->cts, "CTs: folders of DICOM files, NIfTI, MetaImage, NRRD or image stacks")
      ->type_name("CT...")
      ->required();
  command->add_option("--weights", arguments->weights, "the networks (docs/weights-format.md)")
      ->type_name("FILE.h5")
      ->required();
  command->add_option("--out", arguments->out, "folder of the result; of several CTs, one folder each in it")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--classifier", arguments->classifier,
                   "m1: by image alone; m2: also by the distance from the lung's edge")
      ->check(CLI::IsMember({"m1", "m2"}))
      ->type_name("NAME")
      ->capture_default_str();
  command->add_flag("--save-masks", arguments->save_masks, "also write lungs.nii.gz and regions.nii.gz");
  command->add_option("--json", arguments->json, "-: print result.json, one after the other, in place of the table")
      ->check(CLI::IsMember({"-"}))
      ->type_name("-");
  arguments->screen.declare(*command);
  arguments->read.declare(*command);
  arguments->engine.declare(*command);
  command->footer(
      "A CT that is refused does not stop the others; the first refusal decides the exit code.\n\n"
      "Example: pleura screen patient1/ patient2.nii.gz --weights weights/demo/pleura-demo.h5 --out results");
  command->callback([arguments] { screen(*arguments); });
}

}  // namespace pleura::command
