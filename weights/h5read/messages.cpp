#include "weights/h5read/messages.hpp"

#include <array>

namespace pleura::h5read {
namespace {

/// The properties of IEEE 754's formats: offset, precision, exponent at, bits, mantissa at, bits, bias.
struct FloatFormat {
  Kind kind;
  std::uint32_t bytes;
  std::array<std::uint32_t, 7> properties;
};

constexpr std::array<FloatFormat, 3> kFloats{{{Kind::float16, 2, {0, 16, 10, 5, 0, 10, 15}},
                                              {Kind::float32, 4, {0, 32, 23, 8, 0, 23, 127}},
                                              {Kind::float64, 8, {0, 64, 52, 11, 0, 52, 1023}}}};

Kind float_kind(Cursor& in, std::uint32_t bits, std::uint32_t bytes) {
  std::array<std::uint32_t, 7> properties{};
  for (std::size_t i = 0; i < 7; ++i) properties[i] = static_cast<std::uint32_t>(in.number(i < 2 ? 2 : i < 6 ? 1 : 4));
  for (const FloatFormat& format : kFloats) {
    // Little endian, the leading 1 of the mantissa left out, the sign on top.
    const std::uint32_t standard = 0x20U | (format.bytes * 8 - 1) << 8;
    if (format.bytes == bytes && format.properties == properties && bits == standard) return format.kind;
  }
  return Kind::other;
}

}  // namespace

Datatype decode_datatype(Cursor& in) {
  const std::uint8_t head = in.u8();
  const int version = head >> 4;
  if (version < 1 || version > 5) throw Damaged("a datatype of an unknown version");
  const auto bits = static_cast<std::uint32_t>(in.number(3));
  Datatype type;
  type.bytes = in.u32();
  switch (head & 0xfU) {
    case 0: {
      const std::uint16_t offset = in.u16(), precision = in.u16();
      const bool plain = (bits & 1U) == 0 && offset == 0 && precision == 8 * type.bytes && type.bytes <= 8;
      type.kind = plain && type.bytes > 0 ? Kind::integer : Kind::other;
      type.is_signed = (bits & 8U) != 0;
      break;
    }
    case 1:
      type.kind = float_kind(in, bits, type.bytes);
      break;
    case 3:
      type.kind = Kind::fixed_text;
      type.space_padded = (bits & 0xfU) == 2;
      break;
    case 9:  // its element is a length, the address of a global heap and an index
      type.kind = (bits & 0xfU) == 1 && type.bytes == 16 ? Kind::variable_text : Kind::other;
      break;
    default:
      break;
  }
  return type;
}

Dataspace decode_dataspace(Cursor& in) {
  const std::uint8_t version = in.u8(), rank = in.u8();
  in.skip(1);  // flags: maximal extents follow the extents
  if (version == 1)
    in.skip(5);
  else if (version != 2 || in.u8() == 2)
    throw Damaged("an empty dataspace, or one of an unknown version");
  Dataspace space;
  space.is_scalar = rank == 0;
  for (int i = 0; i < rank; ++i) space.extents.push_back(in.u64());
  return space;
}

Attribute decode_attribute(Cursor in) {
  const std::uint8_t version = in.u8(), flags = in.u8();
  if (version < 1 || version > 3 || (version > 1 && flags != 0))
    throw Damaged("an attribute of a shared type or an unknown version");
  const std::uint16_t name_bytes = in.u16(), type_bytes = in.u16(), space_bytes = in.u16();
  if (version == 3) in.skip(1);  // the name's character set
  const auto part = [&](std::size_t bytes) {
    const auto taken = in.take(bytes);
    if (version == 1) in.skip_padding(bytes);
    return Cursor(taken);
  };
  Attribute attribute;
  attribute.name = part(name_bytes).text(name_bytes);
  attribute.name.resize(std::min(attribute.name.find('\0'), attribute.name.size()));
  Cursor type = part(type_bytes), space = part(space_bytes);
  attribute.type = decode_datatype(type);
  attribute.space = decode_dataspace(space);
  const auto data = in.take(in.left());
  attribute.data.assign(data.begin(), data.end());
  return attribute;
}

Link decode_link(Cursor in) {
  if (in.u8() != 1) throw Damaged("a link of an unknown version");
  const std::uint8_t flags = in.u8();
  const std::uint8_t kind = (flags & 8U) != 0 ? in.u8() : 0;
  if ((flags & 4U) != 0) in.skip(8);     // creation order
  if ((flags & 0x10U) != 0) in.skip(1);  // the name's character set
  Link link;
  link.name = in.text(in.number(std::size_t{1} << (flags & 3U)));
  link.kind = kind == 0 ? LinkKind::hard : kind == 1 ? LinkKind::soft : LinkKind::external;
  if (link.kind == LinkKind::hard) link.address = in.u64();
  return link;
}

Layout decode_layout(Cursor in) {
  const std::uint8_t version = in.u8();
  const std::uint8_t kind = in.u8();
  if (kind == 3) throw Damaged("a virtual layout");
  if (kind > 3 || version < 3 || version > 5 || (kind == 2 && version > 3))
    throw Damaged("a layout of version " + std::to_string(version) + " (write with h5py's libver='v108')");
  Layout layout;
  layout.kind = std::array{LayoutKind::compact, LayoutKind::contiguous, LayoutKind::chunked}[kind];
  if (layout.kind == LayoutKind::compact) {
    const auto data = in.take(in.u16());
    layout.data.assign(data.begin(), data.end());
  } else if (layout.kind == LayoutKind::contiguous) {
    layout.address = in.u64();
    layout.bytes = in.u64();
  } else {
    const std::uint8_t extents = in.u8();  // the last is the size of an element
    layout.address = in.u64();
    for (int i = 0; i + 1 < extents; ++i) layout.chunk.push_back(in.u32());
  }
  return layout;
}

std::vector<std::uint16_t> decode_filters(Cursor in) {
  const std::uint8_t version = in.u8(), count = in.u8();
  if (version != 1 && version != 2) throw Damaged("filters of an unknown version");
  if (version == 1) in.skip(6);
  std::vector<std::uint16_t> filters;
  for (int i = 0; i < count; ++i) {
    filters.push_back(in.u16());
    const std::size_t name_bytes = version == 1 || filters.back() >= 256 ? in.u16() : 0;
    in.skip(2);  // flags
    const std::size_t values = in.u16();
    in.skip(name_bytes);
    if (version == 1) in.skip_padding(name_bytes);
    in.skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0));
  }
  return filters;
}

}  // namespace pleura::h5read
