#pragma once
/// The elements of a DICOM data set, or of one item of its sequences: every read of them goes through here. For .cpp
/// files alone: it brings DCMTK's headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pleura/error.hpp"

namespace pleura::scan {

/// An element that is there but cannot be read. The message names the element, its VR and its text, not the file.
class UnreadableElement : public Error {
 public:
  explicit UnreadableElement(const std::string& what) : Error(Status::input_refused, what) {}
};

/// Texts are read by their characters and binary numbers by the VR of the dictionary, whatever VR the file gives them:
/// writers that do not know an element store it as UN or another VR. Spaces and NULs around a value are padding. Only
/// what is absent or empty reads as nothing; what is no number of its VR throws UnreadableElement.
class Elements {
 public:
  /// `syntax` as the data set lies in the file.
  Elements(DcmItem& item, E_TransferSyntax syntax);

  [[nodiscard]] bool has(const DcmTagKey& tag) const;

  /// A text as its bytes, the backslashes between several values included; at most the first 64 KiB of it.
  [[nodiscard]] std::string bytes(const DcmTagKey& tag) const;
  /// The same, printable.
  [[nodiscard]] std::string text(const DcmTagKey& tag) const;
  /// A name or description in UTF-8, by the data set's SpecificCharacterSet; control characters become '?'.
  [[nodiscard]] std::string words(const DcmTagKey& tag) const;
  /// The values of a text, printable.
  [[nodiscard]] std::vector<std::string> texts(const DcmTagKey& tag) const;

  /// DS: one number, or exactly N.
  [[nodiscard]] std::optional<double> decimal(const DcmTagKey& tag) const;
  template <std::size_t N>
  [[nodiscard]] std::optional<std::array<double, N>> decimals(const DcmTagKey& tag) const {
    const auto values = decimals(tag, N);
    if (values.empty()) return std::nullopt;
    std::array<double, N> array{};
    std::copy(values.begin(), values.end(), array.begin());
    return array;
  }
  /// IS: one whole number of 32 bits.
  [[nodiscard]] std::optional<std::int32_t> integer(const DcmTagKey& tag) const;
  /// US or SS: one word of 16 bits.
  [[nodiscard]] std::optional<std::uint16_t> word(const DcmTagKey& tag) const;
  /// US, SS or OW: all its words.
  [[nodiscard]] std::vector<std::uint16_t> all_words(const DcmTagKey& tag) const;

  /// SQ: its items; none where it is absent.
  [[nodiscard]] std::vector<Elements> items(const DcmTagKey& tag) const;
  /// The first of them.
  [[nodiscard]] std::optional<Elements> item(const DcmTagKey& tag) const;

 private:
  [[nodiscard]] DcmElement* find(const DcmTagKey& tag) const;
  [[nodiscard]] std::string raw(const DcmTagKey& tag, std::size_t most = std::string::npos) const;
  [[nodiscard]] std::vector<double> decimals(const DcmTagKey& tag, std::size_t count) const;
  [[nodiscard]] UnreadableElement unreadable(const DcmTagKey& tag, const std::string& expected) const;

  DcmItem* item_;
  E_ByteOrder order_;
  std::shared_ptr<DcmSequenceOfItems> parsed_;  ///< owns the item where its sequence lay in the file as UN
};

}  // namespace pleura::scan
