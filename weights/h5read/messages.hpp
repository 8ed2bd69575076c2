#pragma once
/// The messages of HDF5's object headers that a weights file needs (HDF5 File Format Specification 3.0, IV.A.2),
/// decoded.
#include <cstdint>
#include <string>
#include <vector>

#include "weights/h5read/bytes.hpp"

namespace pleura::h5read {

/// What an element is; anything else than these reads as `other`.
enum class Kind { integer, float16, float32, float64, fixed_text, variable_text, other };

struct Datatype {
  Kind kind = Kind::other;
  std::uint32_t bytes = 0;    ///< of one element
  bool is_signed = false;     ///< integers
  bool space_padded = false;  ///< fixed texts
};

/// Extents; a scalar has none.
struct Dataspace {
  bool is_scalar = true;
  std::vector<std::uint64_t> extents;
};

struct Attribute {
  std::string name;
  Datatype type;
  Dataspace space;
  Bytes data;
};

enum class LinkKind { hard, soft, external };

struct Link {
  std::string name;
  LinkKind kind = LinkKind::hard;
  std::uint64_t address = kNowhere;  ///< of a hard link's object header
};

enum class LayoutKind { compact, contiguous, chunked };

struct Layout {
  LayoutKind kind = LayoutKind::contiguous;
  Bytes data;                        ///< compact
  std::uint64_t address = kNowhere;  ///< of contiguous data, or of the chunks' B-tree
  std::uint64_t bytes = 0;           ///< contiguous
  std::vector<std::uint64_t> chunk;  ///< extents of a chunk
};

[[nodiscard]] Datatype decode_datatype(Cursor& in);
[[nodiscard]] Dataspace decode_dataspace(Cursor& in);
[[nodiscard]] Attribute decode_attribute(Cursor in);
[[nodiscard]] Link decode_link(Cursor in);
[[nodiscard]] Layout decode_layout(Cursor in);
/// Identifiers of the filters, in the order of their use.
[[nodiscard]] std::vector<std::uint16_t> decode_filters(Cursor in);

}  // namespace pleura::h5read
