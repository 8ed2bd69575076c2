#include "pleura/profile.hpp"

#include <array>

#include "api/guard.hpp"
#include "api/output_file.hpp"
#include "api/profile/writers.hpp"
#include "api/segmenter_shape.hpp"
#include "files/replace.hpp"
#include "pleura/error.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;

struct ProfileFile {
  const fs::path& path;
  std::string (*text)(const api::ProfileReport& report);
};

void require_profilable(const ProfileOptions& options) {
  if (options.runs < 1 || options.runs > 10000)
    throw Error(Status::usage, "runs: found " + std::to_string(options.runs) + ", expected 1 to 10000");
  if (!options.ct.empty()) return;
  api::require_segmenter_shape(options.shape);
}

}  // namespace

Profile profile_weights(const fs::path& weights, const ProfileOptions& options, const Progress& progress) {
  return api::guarded([&] {
    const std::array files{
        ProfileFile{options.csv, api::profile_csv}, ProfileFile{options.json, api::profile_json},
        ProfileFile{options.trace,
                    [](const api::ProfileReport& report) { return api::profile_trace(report.measured); }},
        ProfileFile{options.html, api::profile_html}};
    require_profilable(options);
    for (const ProfileFile& file : files)
      if (!file.path.empty()) api::require_place(file.path);
    api::ProfileReport report{api::measure(weights, options, progress), {}};
    for (const api::ProfiledNetwork& network : report.measured.networks)
      report.figures.push_back(api::figures_of(network));
    for (const ProfileFile& file : files)
      if (!file.path.empty()) files::write_file(file.path, file.text(report));
    return Profile{api::profile_table(report), api::profile_json(report)};
  });
}

}  // namespace pleura
