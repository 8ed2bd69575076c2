#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <set>

#include "command.hpp"
#include "interrupts.hpp"
#include "one_ct.hpp"
#include "pleura/pleura.hpp"
#include "pleura/text.hpp"
#include "progress.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> cts;
  std::string weights, out, json;
  bool quiet = false;
  CaseArguments of_each;
};

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

/// Adds the stage of loading the networks, during which the first CT was read.
void add_loading(Result& result, const StageTime& weights, double reading) {
  result.stages.insert(result.stages.begin() + 1, weights);
  result.run.seconds_total += std::max(weights.seconds - reading, 0.0);
}

/// "PATH: why" on standard error, and as JSON where that was asked for.
void tell_refusal(const Arguments& arguments, const std::string& ct, const Error& error) {
  const std::string what = error.what();
  complain((what.starts_with(printable(ct) + ": ") ? "" : ct + ": ") + what);
  if (arguments.json == "-")
    std::cout << to_json(error, ct, arguments.of_each.disclosure(), arguments.cts.size() > 1) << std::flush;
}

void screen(const Arguments& arguments) {
  const std::vector<fs::path> folders = result_folders(arguments.cts, arguments.out);
  watch_interrupts();  // the check below makes a folder and removes it
  for (const fs::path& folder : folders) check_result_folder(folder);
  const ReadOptions read = arguments.of_each.read();

  ProgressBar bar(!arguments.quiet);
  bar.show("read", 0);
  const bool ahead = read.memory_bytes == 0;  // under a bound one CT is in memory at a time
  std::future<Decoded> next;
  if (ahead) next = decode(arguments.cts.front(), read);  // while the networks are made ready
  const auto start = std::chrono::steady_clock::now();
  Engine engine(arguments.weights, arguments.of_each.engine());
  const StageTime weights{"weights", seconds_since(start)};
  bar.clear();
  if (!arguments.quiet) tell_device(engine);

  Status status = Status::done;
  const bool several = folders.size() > 1;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    try {
      if (!next.valid()) next = decode(arguments.cts[i], read);
      Decoded decoded = settled(std::exchange(next, {}), arguments.cts[i], read);
      if (ahead && i + 1 < folders.size()) next = decode(arguments.cts[i + 1], read);
      const double reading = decoded.seconds;
      Screening screening =
          screen_decoded(engine, std::move(decoded), arguments.cts[i], arguments.of_each, bar.callback());
      if (i == 0) add_loading(screening.result, weights, ahead ? reading : 0);
      bar.show("write", 0);
      const Result result = write_result(screening, folders[i], arguments.of_each.write());
      bar.clear();
      if (arguments.json == "-") {
        std::cout << to_json(result, arguments.of_each.disclosure(), several) << std::flush;
      } else if (!arguments.quiet) {
        if (several) std::cout << printable(arguments.cts[i]) << '\n';
        std::cout << to_table(result, arguments.of_each.disclosure()) << "written to " << printable(folders[i].string())
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
  arguments->of_each.declare(*command);
  CLI::Option* quiet = command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command
      ->add_option("--json", arguments->json,
                   "-: print result.json in place of the table; of several CTs one line each, also of refused ones")
      ->check(CLI::IsMember({"-"}))
      ->type_name("-")
      ->excludes(quiet);
  command->footer(
      "A CT that is refused does not stop the others; the first refusal decides the exit code.\n\n"
      "Example: pleura screen patient1/ patient2.nii.gz --weights weights/demo/pleura-demo.h5 --out results");
  command->callback([arguments] { screen(*arguments); });
}

}  // namespace pleura::command
