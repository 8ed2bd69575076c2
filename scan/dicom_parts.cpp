#include "scan/dicom_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

namespace pleura::scan {
namespace {

using Images = std::vector<DicomImage>;

/// Parts cover about the same range where they share this much of the shorter one.
constexpr double same_range = 0.8;

/// Images by what sets them apart.
using Groups = std::map<std::string, Images>;

std::string shown(const std::string& value) { return value.empty() ? "absent" : value; }

/// By the value of a trait.
Groups by_trait(const Images& images, std::size_t trait) {
  Groups groups;
  for (const auto& image : images) groups[shown(image.traits[trait].value)].push_back(image);
  return groups;
}

/// HHMMSS.FFFFFF in seconds.
double seconds_of(const std::string& time) {
  const double hhmmss = std::atof(time.c_str());
  const double hours = std::floor(hhmmss / 10000), minutes = std::floor(std::fmod(hhmmss, 10000) / 100);
  return hours * 3600 + minutes * 60 + std::fmod(hhmmss, 100);
}

/// By clusters of the time of acquisition: cut where the clock leaps, not where it ticks on from slice to slice.
Groups by_time(Images images) {
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) {
    return seconds_of(a.acquisition_time) < seconds_of(b.acquisition_time);
  });
  std::vector<double> gaps;
  for (std::size_t i = 1; i < images.size(); ++i)
    gaps.push_back(seconds_of(images[i].acquisition_time) - seconds_of(images[i - 1].acquisition_time));
  auto sorted = gaps;
  std::sort(sorted.begin(), sorted.end());
  constexpr double leap = 10;  // times the usual tick
  const double usual = sorted.empty() ? 0 : sorted[sorted.size() / 2];
  Groups groups;
  Images* group = nullptr;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (i == 0 || gaps[i - 1] > leap * usual) group = &groups[shown(images[i].acquisition_time)];
    group->push_back(std::move(images[i]));
  }
  return groups;
}

bool share_range(const Stack& a, const Stack& b) {
  const double low = std::max(a.slices.front().along, b.slices.front().along);
  const double high = std::min(a.slices.back().along, b.slices.back().along);
  const auto length = [](const Stack& stack) { return stack.slices.back().along - stack.slices.front().along; };
  return high - low >= same_range * std::min(length(a), length(b));
}

/// The parts that groups make, each split further where it can be; none where they are not even stacks over one range.
std::vector<Part> even_parts(Groups groups, const std::string& name);

/// The parts of a series, or none where nothing splits it.
std::vector<Part> split(const Images& images) {
  const std::size_t traits = images.front().traits.size();
  for (std::size_t trait = 0; trait < traits; ++trait)
    if (auto parts = even_parts(by_trait(images, trait), images.front().traits[trait].name); !parts.empty())
      return parts;
  return even_parts(by_time(images), "AcquisitionTime");
}

std::vector<Part> even_parts(Groups groups, const std::string& name) {
  const auto too_few = [](const auto& group) {
    std::size_t slices = 0;
    for (const auto& image : group.second) slices += image.frames.size();
    return slices < fewest_slices;
  };
  if (groups.size() < 2 || std::any_of(groups.begin(), groups.end(), too_few)) return {};
  std::vector<Part> parts;
  for (auto& [value, images] : groups) {
    auto inner = split(images);
    if (inner.empty()) {
      auto stack = stack_slices(images);
      inner.push_back({std::move(images), std::move(stack), ""});
    }
    for (auto& part : inner) {
      if (!part.stack.faults.empty() || (!parts.empty() && !share_range(parts.front().stack, part.stack))) return {};
      part.what = name + " " + value + (part.what.empty() ? "" : ", " + part.what);
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

/// Acquisitions follow one another over a patient; slices that were made in another way are worth a word.
std::string differences(const Images& images) {
  std::string text;
  for (std::size_t trait = 0; trait < images.front().traits.size(); ++trait) {
    const std::string_view name = images.front().traits[trait].name;
    std::map<std::string, int> values;
    for (const auto& image : images) ++values[shown(image.traits[trait].value)];
    if (name == "AcquisitionNumber" || values.size() < 2) continue;
    text += (text.empty() ? "" : "; ") + std::string(name) + " (";
    constexpr std::size_t most_named = 4;
    std::size_t at = 0;
    for (auto value = values.begin(); value != values.end() && at < most_named; ++value, ++at)
      text += (at > 0 ? ", " : "") + value->first;
    text += values.size() > most_named ? ", ...)" : ")";
  }
  return text;
}

}  // namespace

std::vector<Part> parts_of(Images images) {
  if (auto parts = split(images); !parts.empty()) return parts;
  auto stack = stack_slices(images);
  if (const std::string text = differences(images); !text.empty() && images.front().modality == "CT") {
    const std::string words = "its slices differ in " + text;
    if (stack.faults.empty())
      stack.warnings.push_back(words);
    else
      stack.faults.insert(stack.faults.begin() + 1, words);  // the most specific one comes first
  }
  std::vector<Part> one;
  one.push_back({std::move(images), std::move(stack), ""});
  return one;
}

}  // namespace pleura::scan
