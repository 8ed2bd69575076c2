#include "scan/choose.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scan/text.hpp"

namespace pleura::scan {
namespace {

constexpr double whole_chest_mm = 200;

std::string chest_words(int chest) {
  return chest > 0   ? "its words name the chest"
         : chest < 0 ? "its words name another region"
                     : "its words name no region";
}

std::string kernel_words(const Source& source) {
  const std::string& kernel = source.report.kernel;
  return (source.preference.lung_kernel ? "a kernel for lungs" : "no kernel for lungs") +
         (kernel.empty() ? "" : " (" + kernel + ")");
}

/// The first rule by which a is better than b, said of a and of b; empty where b is better or nothing tells them apart.
struct Verdict {
  bool better = false;
  std::string of_better, of_worse;
};

/// Rules in order; each says whether it prefers one of the two and in which words.
Verdict compare(const Source& a, const Source& b) {
  const Preference &p = a.preference, &q = b.preference;
  if (p.chest != q.chest) return {p.chest > q.chest, chest_words(p.chest), chest_words(q.chest)};
  if (p.original != q.original) return {p.original, "original images", "images derived from others"};
  const bool whole = p.extent_mm >= whole_chest_mm, other_whole = q.extent_mm >= whole_chest_mm;
  const auto extent = [](double mm) { return "covers " + number(std::round(mm)) + " mm from top to bottom"; };
  if (whole != other_whole) return {whole, extent(p.extent_mm), extent(q.extent_mm)};
  if (p.lung_kernel != q.lung_kernel) return {p.lung_kernel, kernel_words(a), kernel_words(b)};
  const auto slices = [](double mm) { return "a slice every " + number(mm) + " mm"; };
  if (std::abs(p.slice_mm - q.slice_mm) > 0.01)
    return {p.slice_mm < q.slice_mm, slices(p.slice_mm), slices(q.slice_mm)};
  if (std::abs(p.extent_mm - q.extent_mm) > 1)
    return {p.extent_mm > q.extent_mm, extent(p.extent_mm), extent(q.extent_mm)};
  const auto numbered = [](long series) { return "series number " + std::to_string(series); };
  if (p.series_number != q.series_number)
    return {p.series_number < q.series_number, numbered(p.series_number), numbered(q.series_number)};
  return {a.report.uid < b.report.uid, "first of equals by UID", "later of equals by UID"};
}

bool usable(const Source& source) { return source.report.refused.empty(); }

void mark(std::vector<Source>& sources, std::size_t chosen, std::string why) {
  sources[chosen].report.chosen = true;
  sources[chosen].report.why = std::move(why);
}

std::string listed(const std::vector<Source>& sources, const std::vector<std::size_t>& which) {
  std::string text;
  for (const std::size_t i : which) {
    const auto& report = sources[i].report;
    text += (text.empty() ? "" : ", ") + report.uid;
    if (report.path != report.uid) text += " in " + report.path.string();
  }
  return text;
}

/// The sources that the user may mean: by id, else by path, else by a file's bare name, else as a part of a series.
std::vector<std::size_t> meant(const std::vector<Source>& sources, const std::string& series) {
  const auto all_of = [&](auto&& fits) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (fits(sources[i].report)) found.push_back(i);
    return found;
  };
  auto found = all_of([&](const SeriesReport& report) { return report.uid == series; });
  if (found.empty()) found = all_of([&](const SeriesReport& report) { return report.path == series; });
  if (found.empty())
    found = all_of(
        [&](const SeriesReport& report) { return report.uid == report.path && report.path.filename() == series; });
  if (found.empty()) found = all_of([&](const SeriesReport& report) { return report.uid.starts_with(series + '#'); });
  return found;
}

/// By the user's word. Scouts filed under the same UID come second.
std::size_t named(std::vector<Source>& sources, const std::string& series) {
  auto found = meant(sources, series);
  if (found.empty()) {
    std::vector<std::size_t> all(sources.size());
    std::iota(all.begin(), all.end(), 0);
    throw Error(Status::usage,
                "--series " + printable(series) + ": no such series, there are: " + listed(sources, all));
  }
  const bool one_study = std::all_of(found.begin(), found.end(), [&](std::size_t i) {
    return !sources[i].study.empty() && sources[i].study == sources[found.front()].study;
  });
  if (one_study)
    if (const auto scouts =
            std::partition(found.begin(), found.end(), [&](std::size_t i) { return usable(sources[i]); });
        scouts != found.begin())
      found.erase(scouts, found.end());
  if (found.size() > 1)
    throw Error(Status::usage, "--series " + printable(series) + ": fits " + std::to_string(found.size()) +
                                   " series, expected one: " + listed(sources, found));
  for (auto& source : sources) source.report.why = "another was named by --series";
  mark(sources, found.front(), "named by --series");
  return found.front();
}

}  // namespace

std::optional<std::size_t> choose(std::vector<Source>& sources, const std::string& series) {
  if (!series.empty()) return named(sources, series);
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (usable(sources[i])) candidates.push_back(i);
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() == 1) {
    mark(sources, candidates[0], sources.size() == 1 ? "the only series" : "the only one that can be screened");
    return candidates[0];
  }
  const auto unlike_first = [&](std::size_t i) {
    return sources[i].study.empty() || sources[i].study != sources[candidates[0]].study;
  };
  if (std::any_of(candidates.begin(), candidates.end(), unlike_first)) {
    for (const std::size_t i : candidates)
      sources[i].report.why =
          "one CT of several patients or visits, between which no rule chooses: give its path or --series";
    return std::nullopt;
  }
  std::size_t best = candidates[0];
  for (const std::size_t i : candidates)
    if (compare(sources[i], sources[best]).better) best = i;
  std::string why;
  for (const std::size_t i : candidates) {
    if (i == best) continue;
    const auto verdict = compare(sources[best], sources[i]);
    sources[i].report.why = verdict.of_worse + " (chosen: " + verdict.of_better + ")";
    if (why.find(verdict.of_better) == std::string::npos)
      why += (why.empty() ? "best of the rules: " : "; ") + verdict.of_better;
  }
  mark(sources, best, why);
  return best;
}

}  // namespace pleura::scan
