#include "scan/dicom_elements.hpp"

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "scan/text.hpp"

namespace pleura::scan {
namespace {

std::string_view unpadded(std::string_view text) {
  constexpr std::string_view padding(" \0", 2);
  const auto first = text.find_first_not_of(padding);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(padding) - first + 1);
}

/// The values of a text, padding cut off each.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\\', begin), text.size());
    values.push_back(unpadded(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

/// The whole text as a whole number of 32 bits, or nothing.
std::optional<std::int32_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);  // from_chars knows no plus sign
  std::int32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0 && c != '\x1b'; });
}

/// A sequence of known length, as DCMTK makes it for itself alone.
class SequenceOfLength : public DcmSequenceOfItems {
 public:
  SequenceOfLength(const DcmTagKey& tag, std::size_t length)
      : DcmSequenceOfItems(DcmTag(tag, EVR_SQ), static_cast<Uint32>(length), OFFalse) {}
};

}  // namespace

Elements::Elements(DcmItem& item, E_TransferSyntax syntax) : item_(&item), order_(DcmXfer(syntax).getByteOrder()) {}

DcmElement* Elements::find(const DcmTagKey& tag) const {
  DcmElement* element = nullptr;
  return item_->findAndGetElement(tag, element).good() ? element : nullptr;
}

bool Elements::has(const DcmTagKey& tag) const { return find(tag) != nullptr; }

std::string Elements::raw(const DcmTagKey& tag, std::size_t most) const {
  DcmElement* element = find(tag);
  if (element == nullptr) return {};
  if (!element->isLeaf()) throw unreadable(tag, "a value, not a sequence");
  std::string bytes(std::min<std::size_t>(element->getLength(), most), '\0');
  if (!bytes.empty() &&
      element->getPartialValue(bytes.data(), 0, static_cast<Uint32>(bytes.size()), nullptr, order_).bad())
    throw unreadable(tag, "a value inside the file");
  return bytes;
}

UnreadableElement Elements::unreadable(const DcmTagKey& tag, const std::string& expected) const {
  DcmTag named(tag);
  DcmElement* element = find(tag);
  std::string found = "a sequence";
  if (element->isLeaf()) {
    std::string bytes(std::min<Uint32>(element->getLength(), 64), '\0');
    if (element->getPartialValue(bytes.data(), 0, static_cast<Uint32>(bytes.size()), nullptr, order_).bad())
      bytes.assign(1, '?');
    found = std::string("'").append(printable(unpadded(bytes))).append("'");
    if (element->getLength() > 64) found += "...";
  }
  return UnreadableElement(std::string(named.getTagName()) + " " + tag.toString().c_str() + " of VR " +
                           DcmVR(element->getVR()).getVRName() + " is " + found + ", expected " + expected);
}

std::string Elements::bytes(const DcmTagKey& tag) const {
  constexpr std::size_t longest_text = 1 << 16;
  return std::string(unpadded(raw(tag, longest_text)));
}

std::string Elements::text(const DcmTagKey& tag) const { return printable(bytes(tag)); }

std::string Elements::words(const DcmTagKey& tag) const {
  const std::string own = bytes(tag);
  if (is_ascii(own)) return printable(own);
  DcmSpecificCharacterSet converter;
  OFString utf8;
  DcmItem* root = item_->getRootItem();
  const bool converted = DcmSpecificCharacterSet::isConversionAvailable() &&
                         converter.selectCharacterSet(root != nullptr ? *root : *item_).good() &&
                         converter.convertString(OFString(own.data(), own.size()), utf8, "\\^=").good();
  return printable(converted ? std::string_view(utf8.data(), utf8.size()) : own);
}

std::vector<std::string> Elements::texts(const DcmTagKey& tag) const {
  std::vector<std::string> values;
  const std::string own = bytes(tag);
  if (own.empty()) return values;
  for (const auto value : split(own)) values.push_back(printable(value));
  return values;
}

std::vector<double> Elements::decimals(const DcmTagKey& tag, std::size_t count) const {
  const std::string own = bytes(tag);
  if (own.empty()) return {};
  std::vector<double> values;
  for (const auto text : split(own))
    if (const auto value = parse_number(text)) values.push_back(*value);
  if (values.size() != count || split(own).size() != count)
    throw unreadable(tag, (count == 1 ? "a decimal number" : std::to_string(count) + " decimal numbers") + " (DS)");
  return values;
}

std::optional<double> Elements::decimal(const DcmTagKey& tag) const {
  const auto value = decimals<1>(tag);
  return value ? std::optional(value->front()) : std::nullopt;
}

std::optional<std::int32_t> Elements::integer(const DcmTagKey& tag) const {
  const std::string own = bytes(tag);
  if (own.empty()) return std::nullopt;
  const auto value = parse_integer(own);
  if (!value) throw unreadable(tag, "a whole number of 32 bits (IS)");
  return value;
}

std::vector<std::uint16_t> Elements::all_words(const DcmTagKey& tag) const {
  const std::string own = raw(tag);
  if (own.size() % 2 != 0) throw unreadable(tag, "words of 16 bits (US)");
  // PS3.5 6.2.2: what lies under UN is little endian, whatever the transfer syntax.
  const bool big = !own.empty() && order_ == EBO_BigEndian && find(tag)->getVR() != EVR_UN;
  std::vector<std::uint16_t> values(own.size() / 2);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(own[i])); };
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint16_t>(byte(2 * i + (big ? 1 : 0)) | byte(2 * i + (big ? 0 : 1)) << 8);
  return values;
}

std::optional<std::uint16_t> Elements::word(const DcmTagKey& tag) const {
  const auto values = all_words(tag);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) throw unreadable(tag, "one word of 16 bits (US)");
  return values.front();
}

std::vector<Elements> Elements::items(const DcmTagKey& tag) const {
  DcmElement* element = find(tag);
  if (element == nullptr) return {};
  auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element);
  auto owner = parsed_;
  if (sequence == nullptr) {  // under UN it is implicit VR, little endian (PS3.5 6.2.2); some only change the label
    const std::string own = raw(tag);
    for (const auto syntax : {EXS_LittleEndianImplicit, EXS_LittleEndianExplicit}) {
      DcmInputBufferStream stream;
      stream.setBuffer(own.data(), static_cast<offile_off_t>(own.size()));
      stream.setEos();
      owner = std::make_shared<SequenceOfLength>(tag, own.size());
      owner->transferInit();
      const bool good = owner->read(stream, syntax).good();
      owner->transferEnd();
      if (good) sequence = owner.get();
      if (good) break;
    }
    if (sequence == nullptr) throw unreadable(tag, "a sequence (SQ)");
  }
  std::vector<Elements> items;
  for (DcmObject* object = sequence->nextInContainer(nullptr); object != nullptr;
       object = sequence->nextInContainer(object)) {
    auto& item = items.emplace_back(*this);
    item.item_ = dynamic_cast<DcmItem*>(object);
    item.parsed_ = owner;
    if (owner != parsed_) item.order_ = EBO_LittleEndian;
  }
  return items;
}

std::optional<Elements> Elements::item(const DcmTagKey& tag) const {
  const auto all = items(tag);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

}  // namespace pleura::scan
