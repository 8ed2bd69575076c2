#include "pleura/compare.hpp"

#include <string>

#include "api/compare/writers.hpp"
#include "api/guard.hpp"
#include "api/output_file.hpp"
#include "api/sound_volume.hpp"
#include "files/replace.hpp"
#include "pleura/error.hpp"
#include "screening/networks.hpp"

namespace pleura {
namespace {

/// Progress of one side of two.
Progress half_of(const Progress& progress, const std::string& side, double before) {
  if (!progress) return {};
  return [&progress, side, before](std::string_view stage, double done) {
    progress(side + ": " + std::string(stage), before + done / 2);
  };
}

}  // namespace

Comparison compare_configurations(const std::filesystem::path& weights, const Volume& volume,
                                  const CompareOptions& options, const Progress& progress) {
  return api::guarded([&] {
    api::require_sound(volume);
    if (!options.json.empty()) api::require_place(options.json);
    api::require_device(options.b);  // before the work of a
    api::CompareReport report;
    report.weights = weights.string();
    if (volume.provenance) report.ct = volume.provenance->path.string();
    report.classifier = screening::name_of(options.a.classifier);
    report.a = api::screen_side(weights, volume, options.a, options.screen, half_of(progress, "A", 0));
    report.b = api::screen_side(weights, volume, options.b, options.screen, half_of(progress, "B", 0.5));
    report.figures = api::figures_of(report.a, report.b);
    Comparison comparison{api::compare_table(report),
                          api::compare_json(report).dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n",
                          report.figures.same_decisions()};
    if (!options.json.empty()) files::write_file(options.json, comparison.json);
    return comparison;
  });
}

}  // namespace pleura
