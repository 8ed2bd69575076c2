#include <sstream>

#include "pleura/report.hpp"
#include "pleura/text.hpp"
#include "report/identity.hpp"
#include "report/names.hpp"

namespace pleura {
namespace {

using report::display_name;
using report::fixed_text;
using report::probability_text;

constexpr std::size_t kWidth = 100, kIndent = 10;

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// "Name      text", wrapped between words; what cannot be broken is cut.
std::string entry(const std::string& name, const std::string& text) {
  std::string lines, line = left(name, kIndent), word;
  bool first = true;  // of its line
  std::istringstream words(text);
  while (words >> word) {
    if (word.size() > kWidth - kIndent) word = word.substr(0, kWidth - kIndent - 3) + "...";
    if (!first && line.size() + 1 + word.size() > kWidth) {
      lines += line + "\n";
      line.assign(kIndent, ' ');
      first = true;
    }
    if (!first) line += ' ';
    line += printable(word);
    first = false;
  }
  return lines + line + "\n";
}

std::string types_text(const CaseResult& found) {
  return "COVID-19 " + probability_text(found.p_covid19) + ", influenza A " + probability_text(found.p_influenza_a);
}

std::string ct_text(const Result& result) {
  const auto& [z, y, x] = result.geometry.shape;
  return std::to_string(z) + " slices of " + std::to_string(y) + " x " + std::to_string(x) + ", " +
         fixed_text(result.geometry.spacing[0], 2) + " x " + fixed_text(result.geometry.spacing[1], 2) + " x " +
         fixed_text(result.geometry.spacing[2], 2) + " mm";
}

std::string run_text(const RunInfo& run) {
  return run.device + ", " + run.precision + ", " + std::to_string(run.threads) +
         (run.threads == 1 ? " thread, " : " threads, ") + run.segmenter_architecture + " and " + run.classifier;
}

/// Widths of the columns: number, finding, confidence, slice, centre, size, distance from the edge, votes.
constexpr std::array<std::size_t, 8> kColumns{3, 13, 12, 7, 24, 16, 7, 7};

std::string row(const std::array<std::string, 8>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += i == 1 ? "  " + left(cells[i], kColumns[i] - 2) : right(cells[i], kColumns[i]);
  return line + "\n";
}

std::string region_row(std::size_t index, const Region& region) {
  std::string centre, size, votes;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double low = region.box_mm.low[axis], high = region.box_mm.high[axis];
    centre.append(axis == 0 ? "" : ", ").append(right(fixed_text((low + high) / 2, 0), 4));
    size.append(axis == 0 ? "" : " x ").append(fixed_text(high - low, 0));
  }
  for (const ImageVote& vote : region.votes)
    votes.append(votes.empty() ? "" : " ").append(1, "CI-"[static_cast<std::size_t>(vote.label)]);
  return row({std::to_string(index + 1), display_name(region.label), probability_text(region.confidence),
              std::to_string(region.votes[1].slice), centre, size, fixed_text(region.distance_from_edge, 3), votes});
}

std::string stages_text(const std::vector<StageTime>& stages, double total) {
  std::string text;
  for (const StageTime& stage : stages) {
    text += stage.name + " " + fixed_text(stage.seconds, 2);
    text += stage.name == "weights" ? " (beside read), " : ", ";
  }
  return text + "together " + fixed_text(total, 2);
}

}  // namespace

std::string to_table(const Result& result, Disclosure disclosure) {
  std::string text = "pleura " + result.run.version + "  " + report::kNotice + "\n\n";
  text += entry("Case", report::headline(result.case_result));
  if (result.case_result.p_infection > 0) text += entry("P", types_text(result.case_result));
  text += entry("Lungs", "left " + fixed_text(result.lungs.left_litres, 2) + " l, right " +
                             fixed_text(result.lungs.right_litres, 2) + " l");
  text += entry("Input", report::identity_line(result, disclosure));
  text += entry("CT", ct_text(result));
  text += entry("Weights", result.run.weights_name + ", SHA-256 " + result.run.weights_sha256.substr(0, 16));
  text += entry("Run", run_text(result.run));
  if (!result.stages.empty()) text += entry("Seconds", stages_text(result.stages, result.run.seconds_total));
  for (const std::string& warning : result.warnings)
    text +=
        entry("Warning",
              disclosure == Disclosure::anonymous ? report::anonymous_text(warning, result.input.provenance) : warning);
  text += "\n";
  if (result.regions.empty()) return text + "No region was proposed.\n";
  text += row({"#", "finding", "confidence", "slice", "centre x, y, z (mm)", "size (mm)", "edge", "votes"});
  text += std::string(kWidth, '-') + "\n";
  for (std::size_t i = 0; i < result.regions.size(); ++i) text += region_row(i, result.regions[i]);
  return text + "\nvotes of the three images, from below: C COVID-19, I influenza A, - irrelevant\n";
}

}  // namespace pleura
