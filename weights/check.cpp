#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

#include "pleura/error.hpp"
#include "weights/attributes.hpp"
#include "weights/text.hpp"

namespace pleura::weights {
namespace {

/// Checks each attribute's range, as reading would.
class RangeChecker {
 public:
  explicit RangeChecker(std::string group) : group_(std::move(group)) {}

  void word(const char*, const char*) const {}

  template <class T>
  void choice(const char*, const T&, const Words<T>&) const {}  // an enumeration has no wrong values

  template <class T>
  void numbers(const char* name, const T& member, const Range& range) const {
    const auto all = numbers_of(member);
    const std::string where = group_ + "@" + name;
    if (all.values.empty() || all.values.size() > kMostNumbers)
      throw Finding(where, std::to_string(all.values.size()) + " values", "1 to " + std::to_string(kMostNumbers));
    check_range(where, all.values, range);
  }

 private:
  std::string group_;
};

void check_window(const std::string& where, const std::array<double, 2>& window) {
  if (!(window[0] < window[1]))
    throw Finding(where, to_text(window[0]) + " to " + to_text(window[1]), "a window that rises");
}

template <class Hyper>
void check_size(const std::string& where, const Hyper& hyper) {
  double parameters = 0;  // a hostile network's would not fit an integer
  for (const auto& [name, shape] : tensor_shapes(hyper)) {
    double product = 1;
    for (const std::int64_t extent : shape) product *= static_cast<double>(extent);
    parameters += product;
  }
  if (parameters > static_cast<double>(kMostParameters))
    throw Finding(where, "a network of " + to_text(parameters) + " parameters",
                  "at most " + std::to_string(kMostParameters));
}

template <class Network>
void check_network(const std::string& where, const Network& network) {
  visit_attributes(RangeChecker(where), network);
  check_consistency(where, network);
}

}  // namespace

std::int64_t element_count(const std::vector<std::int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::string to_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

void check_range(const std::string& where, const std::vector<double>& values, const Range& range) {
  for (const double value : values) {
    const bool ok = (value >= range.low && value <= range.high) || (range.nan_allowed && std::isnan(value));
    if (!ok) throw Finding(where, to_text(value), to_text(range.low) + " to " + to_text(range.high));
  }
}

void check_range(const std::string& where, const std::vector<std::int64_t>& values, const Range& range) {
  check_range(where, std::vector<double>(values.begin(), values.end()), range);
}

void check_consistency(const std::string& where, const Segmenter& segmenter) {
  const VNetHyper& hyper = segmenter.hyper;
  if (hyper.block == Block::inception_resnet)
    for (const std::int64_t width : {hyper.channels[1], hyper.channels[2], hyper.channels[3], hyper.channels[4]})
      if (width % 4 != 0)
        throw Finding(where + "@channels", std::to_string(width), "a multiple of 4, for inception-resnet blocks");
  const auto anchors = static_cast<std::int64_t>(segmenter.settings.anchors_mm.size());
  if (hyper.rpn && anchors != hyper.anchors)
    throw Finding(where + "@anchors_mm", std::to_string(anchors) + " values", std::to_string(hyper.anchors));
  check_window(where + "@hu_window", segmenter.settings.hu_window);
  check_size(where, hyper);
}

void check_consistency(const std::string& where, const Classifier& classifier) {
  for (const auto& window : classifier.settings.windows) check_window(where + "@windows", window);
  check_size(where, classifier.hyper);
}

void check_model(const Model& model) {
  try {
    for (const std::string* text : {&model.name, &model.licence, &model.intended_use, &model.provenance})
      if (text->size() > kMostText || !is_plain_text(*text))
        throw Finding("/", "text '" + excerpt(*text) + "'",
                      "UTF-8 without control characters, at most " + std::to_string(kMostText) + " bytes");
    if (model.segmenter) check_network("/segmenter", *model.segmenter);
    for (const auto& [name, classifier] : model.classifiers) {
      const std::string where = "/classifiers/" + name;
      if (name != "m1" && name != "m2") throw Finding(where, "a classifier of that name", "m1 or m2");
      if (classifier.hyper.uses_distance != (name == "m2"))
        throw Finding(where + "@uses_distance", classifier.hyper.uses_distance ? "1" : "0", name == "m2" ? "1" : "0");
      check_network(where, classifier);
    }
    if (!model.segmenter && model.classifiers.empty()) throw Finding("/", "no network", "at least one");
  } catch (const Finding& finding) {
    throw Error(Status::usage, finding.what());
  }
}

}  // namespace pleura::weights
