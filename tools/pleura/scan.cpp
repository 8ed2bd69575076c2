#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "options.hpp"
#include "pleura/pleura.hpp"
#include "refused_files.hpp"

namespace pleura::command {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ScanReport& report) {
  Json series = Json::array(), refused = Json::array();
  for (const SeriesReport& s : report.series) {
    Json one{
        {"uid", s.uid},         {"path", s.path.string()}, {"description", s.description}, {"modality", s.modality},
        {"format", s.format},   {"files", s.files},        {"chosen", s.chosen},           {"why", s.why},
        {"refused", s.refused}, {"kernel", s.kernel}};
    one["geometry"] = nullptr;
    if (s.geometry)
      one["geometry"] = {{"shape", s.geometry->shape},
                         {"spacing_mm", s.geometry->spacing},
                         {"origin_mm", s.geometry->origin},
                         {"direction", s.geometry->direction}};
    series.push_back(std::move(one));
  }
  for (const RefusedFile& file : report.refused_files)
    refused.push_back({{"path", file.path.string()}, {"why", file.why}});
  return {{"series", series}, {"refused_files", refused}, {"warnings", report.warnings}};
}

void print(const SeriesReport& series) {
  std::cout << (series.chosen ? "* " : "  ") << series.format << ", " << series.files
            << (series.files == 1 ? " file" : " files");
  if (!series.modality.empty()) std::cout << ", " << printable(series.modality);
  if (!series.description.empty()) std::cout << ", \"" << printable(series.description) << '"';
  std::cout << '\n';
  if (!series.uid.empty()) std::cout << "    series   " << printable(series.uid) << '\n';
  std::cout << "    path     " << printable(series.path.string()) << '\n';
  if (series.geometry) {
    const auto& [shape, spacing, origin, direction] = *series.geometry;
    std::printf("    voxels   %lld x %lld x %lld (slices, rows, columns)\n", static_cast<long long>(shape[0]),
                static_cast<long long>(shape[1]), static_cast<long long>(shape[2]));
    std::printf("    spacing  %.3f x %.3f x %.3f mm\n", spacing[0], spacing[1], spacing[2]);
    std::printf("    origin   %.1f, %.1f, %.1f mm (x, y, z of LPS)\n", origin[0], origin[1], origin[2]);
  }
  if (!series.kernel.empty()) std::cout << "    kernel   " << printable(series.kernel) << '\n';
  if (!series.refused.empty()) std::cout << "    refused  " << printable(series.refused) << '\n';
  if (!series.why.empty())
    std::cout << "    " << (series.chosen ? "chosen   " : "passed   ") << printable(series.why) << '\n';
}

void print(const ScanReport& report) {
  constexpr std::size_t most_series = 50;
  for (std::size_t i = 0; i < report.series.size(); ++i)
    if (i < most_series || report.series[i].chosen) print(report.series[i]);
  if (report.series.size() > most_series)
    std::cout << "of " << report.series.size() << " series the first " << most_series
              << " and the chosen one are shown; --json lists them all\n";
  for (const std::string& warning : report.warnings) std::cout << "warning: " << printable(warning) << '\n';
  if (const auto count = report.refused_files.size(); count > 0)
    std::cout << count << (count == 1 ? " file" : " files") << " could not be used:\n";
  for (const std::string& line : lines_of(report.refused_files)) std::cout << "  " << printable(line) << '\n';
}

}  // namespace

void add_scan(CLI::App& app) {
  struct Arguments {
    std::string ct;
    bool json = false;
    EngineOptions engine;
    ReadArguments read;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("scan", "Tell which CTs lie at a path, and why files are refused");
  command->add_option("ct", arguments->ct, "a folder or a file")->type_name("CT")->required();
  command->add_flag("--json", arguments->json, "print JSON");
  arguments->read.declare(*command);
  declare_memory(*command, arguments->engine.memory_bytes);
  command->footer(
      "Exit code 2 where no series can be screened.\n\n"
      "Example: pleura scan patient/");
  command->callback([arguments] {
    const ScanReport report = scan_ct(arguments->ct, arguments->read.options(arguments->engine));
    if (arguments->json)
      std::cout << to_json(report).dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
    else
      print(report);
    if (std::none_of(report.series.begin(), report.series.end(),
                     [](const SeriesReport& s) { return s.chosen && s.refused.empty(); }))
      throw Exit{Status::input_refused};
  });
}

}  // namespace pleura::command
