#pragma once
/// The attributes of docs/weights-format.md, named once: reading, writing, checking and printing all visit this list.
#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weights/model.hpp"

namespace pleura::weights {

/// What is wrong with a model, without the file's name: "/segmenter@block: found 'x', expected ...".
class Finding : public std::runtime_error {
 public:
  Finding(const std::string& where, const std::string& found, const std::string& expected)
      : std::runtime_error(where + ": found " + found + ", expected " + expected) {}
};

/// What a number, or each number of a list, may be.
struct Range {
  double low = 0, high = 0;
  bool nan_allowed = false;
};

/// A word that stands for a value of an enumeration.
template <class T>
using Words = std::initializer_list<std::pair<const char*, T>>;

/// Calls visitor.word(name, word) for what never varies, visitor.choice(name, member, words) for enumerations and
/// visitor.numbers(name, member, range) for numbers. S is Segmenter or const Segmenter.
template <class Visitor, class S>
requires std::is_same_v<std::remove_const_t<S>, Segmenter>
void visit_attributes(Visitor&& visitor, S& segmenter) {
  auto& hyper = segmenter.hyper;
  auto& settings = segmenter.settings;
  visitor.choice("architecture", hyper.rpn, Words<bool>{{"vnet", false}, {"vnet-rpn", true}});
  visitor.choice("block", hyper.block,
                 Words<Block>{{"conv5", Block::conv5}, {"inception-resnet", Block::inception_resnet}});
  visitor.numbers("channels", hyper.channels, Range{1, 1024});
  visitor.numbers("down_convs", hyper.down_convs, Range{1, 16});
  visitor.numbers("up_convs", hyper.up_convs, Range{1, 16});
  visitor.choice("norm", hyper.norm, Words<Norm>{{"none", Norm::none}, {"batch", Norm::batch}});
  visitor.choice("activation", hyper.activation,
                 Words<Activation>{{"prelu", Activation::prelu}, {"elu", Activation::elu}, {"relu", Activation::relu}});
  visitor.numbers("activate_before_add", hyper.activate_before_add, Range{0, 1});
  visitor.numbers("spacing_mm", settings.spacing_mm, Range{0.1, 20});
  visitor.numbers("hu_window", settings.hu_window, Range{-32768, 32767});
  visitor.numbers("outside_hu", settings.outside_hu, Range{-32768, 32767, true});
  visitor.numbers("outside_margin_mm", settings.outside_margin_mm, Range{0, 1000});
  visitor.numbers("threshold", settings.threshold, Range{0, 1});
  visitor.numbers("max_regions", settings.max_regions, Range{1, 100000});
  if (hyper.rpn) {
    visitor.numbers("nms_iou", settings.nms_iou, Range{0, 1});
    visitor.numbers("anchors_mm", settings.anchors_mm, Range{0.1, 1000});
    visitor.numbers("extra_classes", hyper.extra_classes, Range{0, 64});
  } else {
    visitor.numbers("min_component_ml", settings.min_component_ml, Range{0, 1e6});
  }
}

template <class Visitor, class C>
requires std::is_same_v<std::remove_const_t<C>, Classifier>
void visit_attributes(Visitor&& visitor, C& classifier) {
  auto& hyper = classifier.hyper;
  auto& settings = classifier.settings;
  visitor.word("architecture", "resnet18-location");
  visitor.numbers("uses_distance", hyper.uses_distance, Range{0, 1});
  visitor.numbers("blocks", hyper.blocks, Range{1, 64});
  visitor.numbers("hidden", hyper.hidden, Range{1, 1024});
  visitor.numbers("pixels", hyper.pixels, Range{60, 60});
  visitor.numbers("field_mm", settings.field_mm, Range{1, 1000});
  visitor.choice("image", settings.image,
                 Words<PatchImage>{{"windows", PatchImage::windows}, {"neighbours", PatchImage::neighbours}});
  visitor.numbers("windows", settings.windows, Range{-32768, 32767});
  visitor.numbers("distance_scale", settings.distance_scale, Range{-1e6, 1e6});
  visitor.numbers("distance_shift", settings.distance_shift, Range{-1e6, 1e6});
}

/// The type in which the numbers of a member are stored: double, or int64 for whole numbers and yes or no.
template <class T>
struct Stored {
  using type = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
};
template <class T>
struct Stored<std::vector<T>> : Stored<T> {};
template <class T, std::size_t N>
struct Stored<std::array<T, N>> : Stored<T> {};

/// A member's numbers in order, with its extents: none for one number, one for a list, two for a list of lists.
template <class T>
struct Numbers {
  std::vector<std::int64_t> shape;
  std::vector<T> values;
};

template <class T>
Numbers<typename Stored<T>::type> numbers_of(const T& member) {
  using Value = typename Stored<T>::type;
  if constexpr (std::is_arithmetic_v<T>) {
    return {{}, {static_cast<Value>(member)}};
  } else {
    Numbers<Value> all{{static_cast<std::int64_t>(member.size())}, {}};
    for (std::size_t i = 0; i < member.size(); ++i) {
      const auto part = numbers_of(member[i]);
      if (i == 0) all.shape.insert(all.shape.end(), part.shape.begin(), part.shape.end());
      all.values.insert(all.values.end(), part.values.begin(), part.values.end());
    }
    return all;
  }
}

/// The inverse of numbers_of; takes its values from the front of `next`.
template <class T, class Value>
void assign_numbers(T& member, const Value*& next) {
  if constexpr (std::is_arithmetic_v<T>) {
    member = static_cast<T>(*next++);
  } else {
    for (auto& part : member) assign_numbers(part, next);
  }
}

/// "7", "(1, 2, 3)", "2 x 3" and the like, for messages.
[[nodiscard]] std::string to_text(double value);
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// Throws Finding unless every value lies in the range and is not NaN.
void check_range(const std::string& where, const std::vector<double>& values, const Range& range);
void check_range(const std::string& where, const std::vector<std::int64_t>& values, const Range& range);

/// The most numbers that a list attribute may hold, and the most bytes of a text.
inline constexpr std::int64_t kMostNumbers = 64;
inline constexpr std::size_t kMostText = 65536;
/// The most parameters of a network: 1 GiB of floats, four times the original V-Net.
inline constexpr std::int64_t kMostParameters = std::int64_t{1} << 28;

/// What holds between attributes: windows that rise, widths that the blocks can have, a bounded number of parameters.
/// `where` is the group's path. Throws Finding.
void check_consistency(const std::string& where, const Segmenter& segmenter);
void check_consistency(const std::string& where, const Classifier& classifier);

}  // namespace pleura::weights
