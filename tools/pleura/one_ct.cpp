#include "one_ct.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <vector>

#include "command.hpp"
#include "refused_files.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

void CaseArguments::declare(CLI::App& command) {
  declare_classifier(command, classifier_, "m1: by image alone; m2: also by the distance from the lung's edge")
      ->capture_default_str();
  command.add_flag("--save-masks", save_masks_, "also write lungs.nii.gz and regions.nii.gz");
  command.add_flag("--no-pictures", no_pictures_, "write no montage.png and region_NN.png");
  CLI::Option* identify =
      command.add_flag("--identify", identify_, "the result also names the patient: name, id and accession number");
  command.add_flag("--anonymous", anonymous_, "the result leaves out paths, UIDs, dates and the CT's own words")
      ->excludes(identify);
  screen_.declare(command);
  read_.declare(command);
  engine_.declare(command);
}

EngineOptions CaseArguments::engine() const {
  EngineOptions options = engine_.options();
  options.classifier = classifier_of(classifier_);
  return options;
}

ScreenOptions CaseArguments::screen() const {
  ScreenOptions options = screen_.options();
  options.lungs = save_masks_ || !no_pictures_;
  return options;
}

void tell_device(const std::string& note) {
  if (!note.empty()) complain("on the CPU: " + note);
}

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

Decoded settled(std::future<Decoded> reading, const std::string& ct, const ReadOptions& options) {
  try {
    return reading.get();
  } catch (const Error& error) {
    if (error.status() != Status::resources) throw;
  }
  return decode(ct, options).get();
}

Screening screen_decoded(Engine& engine, Decoded decoded, const std::string& ct, const CaseArguments& arguments,
                         const Progress& progress) {
  Screening screening = engine.screen(std::move(decoded.volume), arguments.screen(), progress);
  const bool anonymous = arguments.disclosure() == Disclosure::anonymous;
  add_reading(screening.result, decoded, arguments.read(), warnings_of(decoded.report, ct, anonymous));
  return screening;
}

}  // namespace pleura::command
