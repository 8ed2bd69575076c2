#include "api/compare/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "api/statistics.hpp"
#include "kernels/proposals.hpp"
#include "report/names.hpp"
#include "screening/noisy_or.hpp"
#include "screening/vote.hpp"

namespace pleura::api {
namespace {

/// Of two regions that are one.
constexpr double least_iou = 0.5;

Differences differences_of(std::vector<double> values) {
  if (values.empty()) return {};
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::sort(values.begin(), values.end());
  return {values.back(), percentile(values, 0.99), mean};
}

double box_overlap(const WorldBox& a, const WorldBox& b) {
  double both = 1, of_a = 1, of_b = 1;
  for (int k = 0; k < 3; ++k) {
    both *= std::max(std::min(a.high[k], b.high[k]) - std::max(a.low[k], b.low[k]), 0.0);
    of_a *= a.high[k] - a.low[k];
    of_b *= b.high[k] - b.low[k];
  }
  return both / (of_a + of_b - both);
}

/// Objectness, one a cell and anchor, or foreground less background, one a voxel.
std::vector<double> objectness(const Side& side) {
  const std::int64_t step = side.hyper.rpn ? 5 + side.hyper.extra_classes : 2;
  std::vector<double> logits;
  for (std::size_t i = 0; i < side.head.values.size(); i += static_cast<std::size_t>(step))
    logits.push_back(side.hyper.rpn ? double{side.head.values[i]}
                                    : double{side.head.values[i + 1]} - double{side.head.values[i]});
  return logits;
}

HeadFigures head_figures(const Side& a, const Side& b) {
  HeadFigures figures;
  const std::vector<float>&of_a = a.head.values, &of_b = b.head.values;
  figures.values = static_cast<std::int64_t>(of_a.size());
  std::vector<double> apart(of_a.size());
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    apart[i] = std::abs(double{of_a[i]} - double{of_b[i]});
    figures.largest_logit = std::max(figures.largest_logit, std::abs(double{of_a[i]}));
  }
  figures.logits = differences_of(std::move(apart));
  const std::vector<double> objects_a = objectness(a), objects_b = objectness(b);
  // What lies below the next proposal does not come into question.
  const double least_object =
      a.next_proposal && b.next_proposal ? std::min(*a.next_proposal, *b.next_proposal) : -INFINITY;
  std::vector<double> probabilities(objects_a.size());
  for (std::size_t i = 0; i < objects_a.size(); ++i) {
    probabilities[i] = std::abs(kernels::logistic(objects_a[i]) - kernels::logistic(objects_b[i]));
    if (std::max(objects_a[i], objects_b[i]) >= least_object)
      figures.objectness = std::max(figures.objectness, std::abs(objects_a[i] - objects_b[i]));
  }
  figures.probabilities = differences_of(std::move(probabilities));
  return figures;
}

/// The pairs of most overlap first.
std::vector<RegionPair> paired(const Side& a, const Side& b) {
  std::vector<RegionPair> possible, pairs;
  for (std::size_t i = 0; i < a.regions.size(); ++i)
    for (std::size_t j = 0; j < b.regions.size(); ++j)
      if (const double iou = box_overlap(a.regions[i].box_mm, b.regions[j].box_mm); iou >= least_iou)
        possible.push_back({i, j, iou});
  std::stable_sort(possible.begin(), possible.end(), [](const auto& x, const auto& y) { return x.iou > y.iou; });
  std::vector<bool> taken_a(a.regions.size()), taken_b(b.regions.size());
  for (const RegionPair& pair : possible) {
    if (taken_a[pair.a] || taken_b[pair.b]) continue;
    taken_a[pair.a] = taken_b[pair.b] = true;
    pairs.push_back(pair);
  }
  std::sort(pairs.begin(), pairs.end(), [](const auto& x, const auto& y) { return x.a < y.a; });
  return pairs;
}

/// How far each of an image's logits must move before another is the largest.
double image_distance(const ImageVote& image) {
  std::array<double, 3> falling = image.logits;
  std::sort(falling.begin(), falling.end(), std::greater<>());
  return (falling[0] - falling[1]) / 2;
}

void compare_regions(const Side& a, const Side& b, CompareFigures& figures) {
  figures.pairs = paired(a, b);
  std::vector<bool> alone_a(a.regions.size(), true), alone_b(b.regions.size(), true);
  std::vector<double> logits, scores, confidences;
  for (RegionPair& pair : figures.pairs) {
    alone_a[pair.a] = alone_b[pair.b] = false;
    const Region &one = a.regions[pair.a], &other = b.regions[pair.b];
    for (int image = 0; image < 3; ++image) {
      pair.votes_changed += one.votes[image].label != other.votes[image].label ? 1 : 0;
      for (int k = 0; k < 3; ++k) {
        logits.push_back(std::abs(one.votes[image].logits[k] - other.votes[image].logits[k]));
        pair.logits = std::max(pair.logits, logits.back());
      }
    }
    scores.push_back(std::abs(one.proposal_score - other.proposal_score));
    confidences.push_back(std::abs(one.confidence - other.confidence));
    figures.votes_changed += pair.votes_changed;
    figures.labels_changed += one.label != other.label ? 1 : 0;
    figures.identical = figures.identical && one.box_mm == other.box_mm;
  }
  for (std::size_t i = 0; i < alone_a.size(); ++i)
    if (alone_a[i]) figures.only_a.push_back(i);
  for (std::size_t i = 0; i < alone_b.size(); ++i)
    if (alone_b[i]) figures.only_b.push_back(i);
  figures.logits = differences_of(std::move(logits));
  figures.scores = differences_of(std::move(scores));
  figures.confidences = differences_of(std::move(confidences));
}

/// Of the proposals: how far a logit of objectness must move until one more or one less region is classified. Two that
/// change places at the bound on their number meet half-way.
std::optional<double> proposal_distance(const Side& side) {
  if (!side.hyper.rpn) return {};
  double distance = INFINITY;
  const double last = side.regions.empty() ? distance : kernels::logit(side.regions.back().proposal_score);
  if (!side.regions.empty()) distance = last - side.threshold;
  if (side.next_proposal)
    distance = std::min(distance, *side.next_proposal < side.threshold ? side.threshold - *side.next_proposal
                                                                       : (last - *side.next_proposal) / 2);
  if (!std::isfinite(distance)) return {};
  return distance;
}

/// Log(1 - P) of COVID-19 less that of influenza A.
double type_gap(const Side& side) {
  return screening::log_noisy_or_complement(side.regions, Label::covid19) -
         screening::log_noisy_or_complement(side.regions, Label::influenza_a);
}

/// |P - P| less that at which the type reads as decided.
double reading_gap(const CaseResult& found) {
  return std::abs(found.p_covid19 - found.p_influenza_a) - std::log(report::kDecided / (1 - report::kDecided));
}

std::vector<Margin> margins_of(const Side& a, const Side& b, const CompareFigures& figures) {
  std::vector<Margin> margins;
  const auto of_a = proposal_distance(a), of_b = proposal_distance(b);
  if (figures.head && (of_a || of_b))
    margins.push_back(
        {"proposals", std::min(of_a.value_or(INFINITY), of_b.value_or(INFINITY)), figures.head->objectness});
  Margin label{"label of a region", INFINITY, figures.logits.largest};
  for (const RegionPair& pair : figures.pairs)
    label.distance = std::min({label.distance, label_distance(a.regions[pair.a]), label_distance(b.regions[pair.b])});
  if (!figures.pairs.empty()) margins.push_back(label);
  if (report::has_both(a.case_result) && report::has_both(b.case_result)) {
    const double gap_a = type_gap(a), gap_b = type_gap(b);
    margins.push_back({"type of the case", std::min(std::abs(gap_a), std::abs(gap_b)), std::abs(gap_a - gap_b)});
    const double read_a = reading_gap(a.case_result), read_b = reading_gap(b.case_result);
    margins.push_back({"undecided or not", std::min(std::abs(read_a), std::abs(read_b)), std::abs(read_a - read_b)});
  }
  return margins;
}

}  // namespace

std::optional<double> Margin::ratio() const {
  if (moved == 0) return {};
  return distance / moved;
}

const Margin* CompareFigures::closest() const {
  const Margin* least = nullptr;
  for (const Margin& margin : margins)
    if (margin.ratio() && (least == nullptr || *margin.ratio() < *least->ratio())) least = &margin;
  return least;
}

double label_distance(const Region& region) {
  std::vector<double> agreeing, all;
  for (const ImageVote& image : region.votes) {
    all.push_back(image_distance(image));
    if (image.label == region.label) agreeing.push_back(all.back());
  }
  std::sort(agreeing.begin(), agreeing.end());
  if (agreeing.size() == 3) return agreeing[1];  // two must go
  if (agreeing.size() == 2) return agreeing[0];
  // Of three labels the surest image decides; each log(1 - p) moves by twice what its logits move.
  std::array<double, 3> doubts{};
  for (int i = 0; i < 3; ++i) doubts[i] = screening::log_one_minus_largest(region.votes[i].logits);
  std::sort(doubts.begin(), doubts.end());
  return std::min(*std::min_element(all.begin(), all.end()), (doubts[1] - doubts[0]) / 4);
}

CompareFigures figures_of(const Side& a, const Side& b) {
  CompareFigures figures;
  for (std::size_t i = 0; i < a.lungs.size(); ++i) {
    figures.lung_voxels += a.lungs[i] != 0 ? 1 : 0;
    figures.lung_differences += a.lungs[i] != b.lungs[i] ? 1 : 0;
  }
  if (a.head.shape == b.head.shape) figures.head = head_figures(a, b);
  compare_regions(a, b, figures);
  figures.margins = margins_of(a, b, figures);
  figures.same_case = a.case_result.result == b.case_result.result &&
                      report::is_undecided(a.case_result) == report::is_undecided(b.case_result);
  figures.identical = figures.identical && figures.same_decisions() && figures.lung_differences == 0 && figures.head &&
                      figures.head->logits.largest == 0 && figures.logits.largest == 0 && figures.scores.largest == 0;
  return figures;
}

}  // namespace pleura::api
