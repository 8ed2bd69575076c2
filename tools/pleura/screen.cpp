#include <iostream>
#include <memory>
#include <mutex>
#include <set>

#include "batch.hpp"
#include "command.hpp"
#include "interrupts.hpp"
#include "pleura/pleura.hpp"
#include "pleura/text.hpp"
#include "progress.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

struct ScreenCommand {
  std::vector<std::string> cts;
  std::string weights, out, json;
  bool quiet = false;
  CaseArguments of_each;
};

/// Each CT with a folder: `out` itself for a single one, else the CT's own name under it, numbered where two are
/// alike.
std::vector<BatchCt> with_folders(const std::vector<std::string>& cts, const fs::path& out) {
  if (cts.size() == 1) return {{cts.front(), out}};
  if (fs::exists(out / "result.json"))
    throw Error(Status::usage, out.string() + ": found the result of one CT, expected a folder for those of several");
  std::vector<BatchCt> placed;
  std::set<std::string> taken;
  for (const std::string& ct : cts) {
    fs::path name = fs::weakly_canonical(fs::absolute(ct));
    if (name.filename().empty()) name = name.parent_path();
    std::string stem = printable(name.filename().string(), '_');
    for (const char* ending : {".gz", ".nii", ".mha", ".mhd", ".dcm"})
      if (stem.ends_with(ending) && stem.size() > std::string_view(ending).size()) stem.resize(stem.rfind('.'));
    std::string unique = stem;
    for (int n = 2; !taken.insert(unique).second; ++n) unique = stem + "-" + std::to_string(n);
    placed.push_back({ct, out / unique});
  }
  return placed;
}

/// "PATH: why" on standard error, and as JSON where that was asked for.
void tell_refusal(const ScreenCommand& arguments, const std::string& ct, const Error& error) {
  const std::string what = error.what();
  complain((what.starts_with(printable(ct) + ": ") ? "" : ct + ": ") + what);
  if (arguments.json == "-")
    std::cout << to_json(error, ct, arguments.of_each.disclosure(), arguments.cts.size() > 1) << std::flush;
}

/// On standard output, as it was asked for.
void tell_result(const ScreenCommand& arguments, const BatchCt& ct, const Result& result) {
  const bool several = arguments.cts.size() > 1;
  const Disclosure disclosure = arguments.of_each.disclosure();
  if (arguments.json == "-") {
    std::cout << to_json(result, disclosure, several) << std::flush;
  } else if (!arguments.quiet) {
    if (several) std::cout << printable(ct.path) << '\n';
    std::cout << to_table(result, disclosure) << "written to " << printable(ct.folder.string()) << std::endl;
  }
}

void screen(const ScreenCommand& arguments) {
  static_cast<void>(arguments.of_each.devices());
  const std::vector<BatchCt> cts = with_folders(arguments.cts, arguments.out);
  watch_interrupts();  // the check below makes a folder and removes it
  for (const BatchCt& ct : cts) check_result_folder(ct.folder);

  ProgressBar bar(!arguments.quiet);
  bar.show("read", 0);
  Batch batch(cts, arguments.weights, arguments.of_each);
  bar.clear();
  if (!arguments.quiet) {
    tell_device(batch.device_note());
    for (const std::string& note : batch.notes()) complain(note);
  }

  Status status = Status::done;
  std::mutex terminal;
  const auto tell = [&](std::size_t ct, const Outcome& outcome) {
    const std::lock_guard lock(terminal);
    bar.clear();
    if (!outcome.refusal) return tell_result(arguments, cts[ct], *outcome.result);
    stop_if_interrupted();
    tell_refusal(arguments, cts[ct].path, *outcome.refusal);
    if (status == Status::done) status = outcome.refusal->status();
  };
  batch.screen(tell, [&](std::string_view stage, double done) {
    const std::lock_guard lock(terminal);
    bar.show(stage, done);
  });
  if (status != Status::done) throw Exit{status};
}

}  // namespace

void add_screen(CLI::App& app) {
  auto arguments = std::make_shared<ScreenCommand>();
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
