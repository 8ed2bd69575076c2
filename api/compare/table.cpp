#include "api/compare/writers.hpp"
#include "api/printed.hpp"
#include "pleura/text.hpp"
#include "report/names.hpp"

namespace pleura::api {
namespace {

std::string differences_text(const char* what, const Differences& differences) {
  return printed("  %-26s max %-10.3g p99 %-10.3g mean %.3g\n", what, differences.largest, differences.p99,
                 differences.mean);
}

constexpr const char* region_line = "  %-27s %-24s %8s %8s %8s %8s %8s %9s %6s\n";

/// One region, or the two of a pair; nullptr: there is none on that side.
std::string region_text(const Region* a, const Region* b, const RegionPair& pair) {
  const Region& one = a != nullptr ? *a : *b;
  const WorldBox& box = one.box_mm;
  const std::string centre = printed("%.1f, %.1f, %.1f", (box.low[0] + box.high[0]) / 2, (box.low[1] + box.high[1]) / 2,
                                     (box.low[2] + box.high[2]) / 2);
  std::string label = report::display_name(one.label);
  if (a != nullptr && b != nullptr && a->label != b->label) label += " / " + report::display_name(b->label);
  const auto number = [](const Region* region, double Region::*figure) {
    return region != nullptr ? printed("%.4f", region->*figure) : "none";
  };
  const bool both = a != nullptr && b != nullptr;
  return printed(region_line, centre.c_str(), label.c_str(), number(a, &Region::confidence).c_str(),
                 number(b, &Region::confidence).c_str(), number(a, &Region::proposal_score).c_str(),
                 number(b, &Region::proposal_score).c_str(), both ? printed("%.4f", pair.iou).c_str() : "",
                 both ? printed("%.3g", pair.logits).c_str() : "",
                 both ? std::to_string(pair.votes_changed).c_str() : "");
}

std::string side_text(const char* whose, const Side& side) {
  std::string text = std::string(whose) + "  " + printable(side.configuration);
  if (side.configuration.substr(0, side.configuration.find(',')) != side.device) text += " on " + side.device;
  if (!side.note.empty()) text += " (" + side.note + ")";
  return text + ": " + report::headline(side.case_result) + "\n";
}

std::string regions_text(const CompareReport& report) {
  const auto& [weights, ct, classifier, a, b, figures] = report;
  std::string text =
      printed("regions: %zu in both, %zu of A alone, %zu of B alone; %zu labels and %lld votes of %zu changed\n",
              figures.pairs.size(), figures.only_a.size(), figures.only_b.size(), figures.labels_changed,
              static_cast<long long>(figures.votes_changed), 3 * figures.pairs.size());
  if (!figures.pairs.empty())
    text += differences_text("logits of images", figures.logits) + differences_text("objectness", figures.scores) +
            differences_text("confidence", figures.confidences);
  if (a.regions.empty() && b.regions.empty()) return text;
  text += '\n';
  text += printed(region_line, "centre (x, y, z), mm", "label", "confid.A", "B", "object.A", "B", "overlap",
                  "logits by", "votes");
  for (const RegionPair& pair : figures.pairs) text += region_text(&a.regions[pair.a], &b.regions[pair.b], pair);
  for (const std::size_t one : figures.only_a) text += region_text(&a.regions[one], nullptr, {});
  for (const std::size_t one : figures.only_b) text += region_text(nullptr, &b.regions[one], {});
  return text;
}

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

}  // namespace

std::string verdict(const CompareFigures& figures) {
  if (figures.identical) return "identical: all figures are the same, bit for bit";
  if (!figures.same_decisions()) {
    std::string what = figures.same_case ? "" : "the case";
    const auto add = [&](std::size_t count, const std::string& words) {
      if (count > 0) what += (what.empty() ? "" : ", ") + words;
    };
    add(figures.labels_changed, counted(figures.labels_changed, "region's label", "regions' labels"));
    add(figures.only_a.size(), counted(figures.only_a.size(), "region of A alone", "regions of A alone"));
    add(figures.only_b.size(), counted(figures.only_b.size(), "region of B alone", "regions of B alone"));
    return "different decisions: " + what;
  }
  const Margin* const closest = figures.closest();
  if (closest == nullptr) return "same decisions";
  const double ratio = *closest->ratio();
  return printed(ratio > 1 ? "same decisions; %.3g times the movement seen would be needed for another (%s)"
                           : "same decisions, but %.3g times the movement seen could do for another (%s)",
                 ratio, closest->decision.c_str());
}

std::string compare_table(const CompareReport& report) {
  const auto& [weights, ct, classifier, a, b, figures] = report;
  std::string text = printable(ct.empty() ? "the CT" : ct) + " with " + printable(weights) + ", " + classifier + "\n" +
                     side_text("A", a) + side_text("B", b) + "\n";
  text += figures.lung_differences == 0
              ? printed("lungs: equal, %lld voxels\n", static_cast<long long>(figures.lung_voxels))
              : printed("lungs: %lld voxels differ, A has %lld\n", static_cast<long long>(figures.lung_differences),
                        static_cast<long long>(figures.lung_voxels));
  if (const auto& head = figures.head)
    text += printed("segmenter: %lld logits, the largest %.4g\n", static_cast<long long>(head->values),
                    head->largest_logit) +
            differences_text("logits", head->logits) + differences_text("probabilities", head->probabilities);
  else
    text += "segmenter: it saw other grids\n";
  text += regions_text(report) + "\n";
  if (!figures.margins.empty())
    text += printed("%-22s %12s %12s %10s\n", "nearest to another", "distance", "moved", "times");
  for (const Margin& margin : figures.margins) {
    text += printed("  %-20s %12.4g %12.4g ", margin.decision.c_str(), margin.distance, margin.moved);
    text += margin.ratio() ? printed("%10.4g\n", *margin.ratio()) : printed("%10s\n", "-");
  }
  return text + "\nverdict: " + verdict(figures) + "\n";
}

}  // namespace pleura::api
