#include "evaluate/detection.hpp"

#include <algorithm>

namespace pleura::evaluate {
namespace {

bool is_target(Finding finding, Targets targets) {
  return finding == Finding::covid19 || finding == Finding::influenza_a ||
         (targets == Targets::all && finding == Finding::irrelevant);
}

}  // namespace

std::optional<double> Froc::sensitivity(double false_positives) const {
  if (lesions == 0) return std::nullopt;
  double best = 0;
  for (const auto& [rate, found] : curve)
    if (rate <= false_positives) best = std::max(best, found);
  return best;
}

Froc froc(const std::vector<Record>& records, const Sample& sample, Targets targets) {
  Froc result;
  std::vector<Scored> events;  // a lesion's first hit, or a proposal that hits nothing
  std::int64_t cts = 0;
  for (const std::size_t index : sample) {
    const Record& record = records[index];
    if (!record.has_lesions) continue;
    ++cts;
    std::vector<bool> found(record.lesions.size());
    for (const Finding finding : record.lesions) result.lesions += is_target(finding, targets);
    for (const Proposal& proposal : record.proposals) {  // best first
      if (proposal.hits.empty()) events.push_back({proposal.score, false});
      for (const int lesion : proposal.hits) {
        if (found[lesion] || !is_target(record.lesions[lesion], targets)) continue;
        found[lesion] = true;
        events.push_back({proposal.score, true});
      }
    }
  }
  std::sort(events.begin(), events.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  std::int64_t hits = 0, false_positives = 0;
  result.curve.push_back({0, 0});
  for (std::size_t i = 0; i < events.size(); ++i) {
    (events[i].positive ? hits : false_positives) += 1;
    if (i + 1 < events.size() && events[i + 1].score == events[i].score) continue;
    result.curve.push_back(
        {static_cast<double>(false_positives) / static_cast<double>(cts),
         static_cast<double>(hits) / static_cast<double>(std::max<std::int64_t>(result.lesions, 1))});
  }
  return result;
}

}  // namespace pleura::evaluate
