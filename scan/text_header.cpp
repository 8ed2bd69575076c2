#include "scan/text_header.hpp"

#include <algorithm>
#include <cmath>

#include "pleura/error.hpp"
#include "scan/text.hpp"
#include "scan/voxels.hpp"

namespace pleura::scan {
namespace {

std::optional<std::vector<double>> parse_numbers(std::string_view text) {
  std::vector<double> values;
  for (const auto word : words(text)) {
    const auto value = parse_number(word);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool read_line(std::istream& in, std::string& line, std::int64_t& end) {
  line.clear();
  char c = 0;
  while (static_cast<std::int64_t>(line.size()) < longest_text_header && in.get(c) && c != '\n') line += c;
  end += static_cast<std::int64_t>(line.size()) + 1;
  return in || !line.empty();
}

bool is_list(std::string_view value) {
  const auto parts = words(value);
  return !parts.empty() && parts.front() == "LIST";
}

std::vector<TextHeader::Field> TextHeader::given(Names names) const {
  std::vector<Field> found;
  for (const auto* name : names)
    if (const auto field = fields_.find(name); field != fields_.end())
      for (const auto& value : field->second)
        if (!value.empty()) found.push_back({name, value});
  return found;
}

std::optional<std::string> TextHeader::text(Names names) const {
  const auto fields = given(names);
  for (const auto& field : fields)
    if (field.value != fields.front().value) refuse_both(fields.front(), field);
  if (fields.empty()) return std::nullopt;
  return fields.front().value;
}

bool TextHeader::read_numbers(Names names, std::span<double> values) const {
  const auto fields = given(names);
  for (const auto& field : fields) {
    const auto found = parse_numbers(field.value);
    if (!found || found->size() != values.size())
      refuse(shown(field) + ", expected " + counted(static_cast<long long>(values.size()), "number"));
    if (&field != &fields.front() && !std::equal(values.begin(), values.end(), found->begin()))
      refuse_both(fields.front(), field);
    std::copy(found->begin(), found->end(), values.begin());
  }
  return !fields.empty();
}

std::optional<std::int64_t> TextHeader::whole(Names names, std::int64_t low, std::int64_t high) const {
  const auto value = numbers<1>(names);
  if (!value) return std::nullopt;
  const auto [number] = *value;
  if (number != std::floor(number) || number < static_cast<double>(low) || number > static_cast<double>(high))
    refuse(names, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return static_cast<std::int64_t>(number);
}

Index3 TextHeader::shape(Names names) const {
  const auto sizes = numbers<3>(names);
  if (!sizes) refuse(names, "3 numbers");
  Index3 shape{};
  for (int i = 0; i < 3; ++i) {
    const double size = (*sizes)[i];
    if (size < 1 || size > most_voxels_a_side || size != std::floor(size))
      refuse(names, "1 to " + std::to_string(most_voxels_a_side) + " along each axis");
    shape[2 - i] = static_cast<std::int64_t>(size);
  }
  return shape;
}

void TextHeader::refuse(const std::string& why) const {
  throw Error(Status::input_refused, file_.path().string() + ": " + why);
}

void TextHeader::refuse(Names names, const std::string& expected) const {
  const auto fields = given(names);
  refuse(shown(fields.empty() ? Field{*names.begin(), ""} : fields.front()) + ", expected " + expected);
}

std::string TextHeader::shown(const Field& field) const {
  return field.name + between_ + "'" + printable(field.value) + "'";
}

void TextHeader::refuse_both(const Field& one, const Field& other) const {
  refuse(shown(one) + " and " + shown(other) + " contradict each other");
}

}  // namespace pleura::scan
