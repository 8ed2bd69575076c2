#include <algorithm>
#include <cctype>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <set>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "pleura/pleura.hpp"
#include "pleura/text.hpp"
#include "progress.hpp"
#include "refused_files.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> cts;
  std::string weights, out, classifier = "m2", json;
  bool save_masks = false, no_pictures = false, quiet = false, identify = false, anonymous = false;
  ReadArguments read;
  EngineArguments engine;
  ScreenArguments screen;

  [[nodiscard]] Disclosure disclosure() const {
    return anonymous ? Disclosure::anonymous : identify ? Disclosure::identified : Disclosure::usual;
  }
};

/// A CT as it was read, and how long that took.
struct Decoded {
  Volume volume;
  ScanReport report;
  std::chrono::system_clock::time_point started;
  double seconds = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::future<Decoded> decode(const std::string& ct, const ReadOptions& options) {
  return std::async([=] {  // without a thread to spare when it is waited for
    const auto start = std::chrono::steady_clock::now();
    Decoded decoded;
    decoded.started = std::chrono::system_clock::now();
    decoded.volume = read_ct(ct, options, &decoded.report);
    decoded.seconds = seconds_since(start);
    return decoded;
  });
}

/// A CT that was read beside the networks; where memory was too short for both it is read again, alone.
Decoded settled(std::future<Decoded> reading, const std::string& ct, const ReadOptions& options) {
  try {
    return reading.get();
  } catch (const Error& error) {
    if (error.status() != Status::resources) throw;
  }
  return decode(ct, options).get();
}

/// One folder for each CT: `out` itself for a single one, else the CT's own name under it, numbered where two are
/// alike.
std::vector<fs::path> result_folders(const std::vector<std::string>& cts, const fs::path& out) {
  if (cts.size() == 1) return {out};
  if (fs::exists(out / "result.json"))
    throw Error(Status::usage, out.string() + ": found the result of one CT, expected a folder for those of several");
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

/// The names of all files and folders at a path, the longest first. Shorter ones than three letters name nobody.
std::vector<std::string> names_at(const fs::path& path) {
  std::set<std::string> names;
  for (const fs::path& part : path) names.insert(part.string());
  try {
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied))
      names.insert({entry.path().filename().string(), entry.path().stem().string()});
  } catch (const fs::filesystem_error&) {  // a file, or a folder that cannot be listed: there are no more names
  }
  std::erase_if(names, [](const std::string& name) { return name.size() < 3; });
  std::vector<std::string> longest_first(names.begin(), names.end());
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return longest_first;
}

/// "..." for each name that stands alone in the text.
std::string without(std::string text, const std::vector<std::string>& names) {
  const auto in_word = [&](std::size_t at) {
    return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
  };
  for (const std::string& name : names)
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
      if (!(at > 0 && in_word(at - 1)) && !in_word(at + name.size())) text.replace(at, name.size(), "...");
  return text;
}

/// What reading found worth a word. What is anonymous names no file, which only a look at them all can tell.
std::vector<std::string> warnings_of(const ScanReport& report, const std::string& ct, bool anonymous) {
  std::vector<std::string> warnings = report.warnings;
  std::vector<RefusedFile> refused = report.refused_files;
  if (anonymous)
    for (RefusedFile& file : refused) file.path = "...";
  for (auto& line : lines_of(refused)) warnings.push_back(std::move(line));
  if (!anonymous || warnings.empty()) return warnings;
  const std::vector<std::string> names = names_at(ct);
  for (std::string& warning : warnings) warning = without(std::move(warning), names);
  return warnings;
}

/// The warnings of reading, ahead of those of screening; when it began, how it was asked for, its time.
void add_reading(Result& result, const Decoded& decoded, const ReadOptions& asked,
                 const std::vector<std::string>& warnings) {
  result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
  result.stages.insert(result.stages.begin(), {"read", decoded.seconds});
  result.run.seconds_total += decoded.seconds;
  result.run.started = decoded.started;
  result.options.series = asked.series_uid;
  result.options.window_low = asked.window_low;
  result.options.window_high = asked.window_high;
  result.options.spacing = asked.spacing;
}

/// Adds the stage of loading the networks, during which the first CT was read.
void add_loading(Result& result, const StageTime& weights, double reading) {
  result.stages.insert(result.stages.begin(), weights);
  result.run.seconds_total += std::max(weights.seconds - reading, 0.0);
}

/// "PATH: why" on standard error, and as JSON where that was asked for.
void tell_refusal(const Arguments& arguments, const std::string& ct, const Error& error) {
  const std::string what = error.what();
  complain((what.starts_with(printable(ct) + ": ") ? "" : ct + ": ") + what);
  if (arguments.json == "-")
    std::cout << to_json(error, ct, arguments.disclosure(), arguments.cts.size() > 1) << std::flush;
}

void screen(const Arguments& arguments) {
  EngineOptions options = arguments.engine.options();
  options.classifier = arguments.classifier == "m1" ? Classifier::m1 : Classifier::m2;
  const std::vector<fs::path> folders = result_folders(arguments.cts, arguments.out);
  watch_interrupts();  // the check below makes a folder and removes it
  for (const fs::path& folder : folders) check_result_folder(folder);
  const ReadOptions read = arguments.read.options(options);

  ProgressBar bar(!arguments.quiet);
  bar.show("read", 0);
  const bool ahead = options.memory_bytes == 0;  // under a bound one CT is in memory at a time
  std::future<Decoded> next;
  if (ahead) next = decode(arguments.cts.front(), read);  // while the networks are made ready
  const auto start = std::chrono::steady_clock::now();
  Engine engine(arguments.weights, options);
  const StageTime weights{"weights", seconds_since(start)};
  if (!engine.device_note().empty()) complain("on the CPU: " + engine.device_note());

  Status status = Status::done;
  const bool several = folders.size() > 1;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    try {
      if (!next.valid()) next = decode(arguments.cts[i], read);
      Decoded decoded = settled(std::exchange(next, {}), arguments.cts[i], read);
      if (ahead && i + 1 < folders.size()) next = decode(arguments.cts[i + 1], read);
      Screening screening = engine.screen(std::move(decoded.volume), arguments.screen.options(), bar.callback());
      if (i == 0) add_loading(screening.result, weights, ahead ? decoded.seconds : 0);
      add_reading(screening.result, decoded, read, warnings_of(decoded.report, arguments.cts[i], arguments.anonymous));
      bar.show("write", 0);
      const Result result =
          write_result(screening, folders[i], {arguments.save_masks, arguments.disclosure(), !arguments.no_pictures});
      bar.clear();
      if (arguments.json == "-") {
        std::cout << to_json(result, arguments.disclosure(), several) << std::flush;
      } else if (!arguments.quiet) {
        if (several) std::cout << printable(arguments.cts[i]) << '\n';
        std::cout << to_table(result, arguments.disclosure()) << "written to " << printable(folders[i].string())
                  << std::endl;
      }
    } catch (const Error& error) {
      bar.clear();
      stop_if_interrupted();
      tell_refusal(arguments, arguments.cts[i], error);
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
  command->add_flag("--no-pictures", arguments->no_pictures, "write no montage.png and region_NN.png");
  CLI::Option* identify = command->add_flag("--identify", arguments->identify,
                                            "the result also names the patient: name, id and accession number");
  command
      ->add_flag("--anonymous", arguments->anonymous, "the result leaves out paths, UIDs, dates and the CT's own words")
      ->excludes(identify);
  CLI::Option* quiet = command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command
      ->add_option("--json", arguments->json,
                   "-: print result.json in place of the table; of several CTs one line each, also of refused ones")
      ->check(CLI::IsMember({"-"}))
      ->type_name("-")
      ->excludes(quiet);
  arguments->screen.declare(*command);
  arguments->read.declare(*command);
  arguments->engine.declare(*command);
  command->footer(
      "A CT that is refused does not stop the others; the first refusal decides the exit code.\n\n"
      "Example: pleura screen patient1/ patient2.nii.gz --weights weights/demo/pleura-demo.h5 --out results");
  command->callback([arguments] { screen(*arguments); });
}

}  // namespace pleura::command
