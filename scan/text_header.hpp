#pragma once
/// The fields of a text header (MetaImage, NRRD), with the messages that a wrong one needs. What a header says twice
/// must be the same twice, whether under one name or under two that mean the same.
#include <array>
#include <cstdint>
#include <initializer_list>
#include <istream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pleura/volume.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

inline constexpr std::int64_t longest_text_header = 1 << 20;
inline constexpr std::int64_t most_file_bytes = 1'000'000'000'000'000;

/// Without spaces and tabs at both ends, and without the carriage return of a line.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The next line without its end, at most longest_text_header bytes of it; false at the end of the file. `end` becomes
/// the byte after it.
bool read_line(std::istream& in, std::string& line, std::int64_t& end);

/// Whether the value of a field that names files says that their names follow, a line each.
[[nodiscard]] bool is_list(std::string_view value);

class TextHeader {
 public:
  /// `between` stands between name and value: " = " or ": ".
  TextHeader(InputFile file, std::string between) : file_(std::move(file)), between_(std::move(between)) {}

  /// A field as it is read; its value is bytes, as a file name needs them.
  void add(std::string_view name, std::string_view value) { fields_[std::string(name)].emplace_back(value); }

  using Names = std::initializer_list<const char*>;  ///< those that mean the same

  /// The field's value; nothing where it is absent or empty.
  [[nodiscard]] std::optional<std::string> text(Names names) const;

  /// Its numbers, `count` of them; nothing where it is absent or empty.
  template <std::size_t count>
  [[nodiscard]] std::optional<std::array<double, count>> numbers(Names names) const {
    std::array<double, count> values{};
    return read_numbers(names, values) ? std::optional(values) : std::nullopt;
  }

  /// Its whole number from low to high; nothing where it is absent or empty.
  [[nodiscard]] std::optional<std::int64_t> whole(Names names, std::int64_t low, std::int64_t high) const;

  /// Three sizes, the fastest first, as a shape.
  [[nodiscard]] Index3 shape(Names names) const;

  [[noreturn]] void refuse(const std::string& why) const;
  /// "FILE: NAME = 'VALUE', expected ...".
  [[noreturn]] void refuse(Names names, const std::string& expected) const;

  [[nodiscard]] const std::map<std::string, std::vector<std::string>>& fields() const { return fields_; }
  [[nodiscard]] const InputFile& file() const { return file_; }

 private:
  struct Field {
    std::string name, value;
  };
  [[nodiscard]] std::vector<Field> given(Names names) const;
  bool read_numbers(Names names, std::span<double> values) const;
  [[nodiscard]] std::string shown(const Field& field) const;
  [[noreturn]] void refuse_both(const Field& one, const Field& other) const;

  InputFile file_;
  std::string between_;
  std::map<std::string, std::vector<std::string>> fields_;
};

}  // namespace pleura::scan
