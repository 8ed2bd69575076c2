#include "scan/bytes.hpp"

#include <cstdint>

namespace pleura::scan {
namespace {

template <typename T>
void convert(std::span<const std::byte> bytes, bool swap, std::span<double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(load<T>(bytes, i * sizeof(T), swap));
}

/// Calls visit with a value of the element's type.
template <typename Visit>
auto dispatch(Element element, Visit&& visit) {
  switch (element) {
    case Element::int8:
      return visit(std::int8_t{});
    case Element::uint8:
      return visit(std::uint8_t{});
    case Element::int16:
      return visit(std::int16_t{});
    case Element::uint16:
      return visit(std::uint16_t{});
    case Element::int32:
      return visit(std::int32_t{});
    case Element::uint32:
      return visit(std::uint32_t{});
    case Element::int64:
      return visit(std::int64_t{});
    case Element::uint64:
      return visit(std::uint64_t{});
    case Element::float32:
      return visit(float{});
    case Element::float64:
      break;
  }
  return visit(double{});
}

}  // namespace

std::size_t size_of(Element element) {
  return dispatch(element, [](auto value) { return sizeof(value); });
}

void to_double(Element element, std::span<const std::byte> bytes, bool swap, std::span<double> values) {
  dispatch(element, [&](auto value) { convert<decltype(value)>(bytes, swap, values); });
}

}  // namespace pleura::scan
