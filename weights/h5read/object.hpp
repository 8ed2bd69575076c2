#pragma once
/// Reads the part of HDF5 that weights files use, safely: no input crashes it or makes it take more memory than the
/// file has bytes. The HDF5 library itself, as distributions ship it, corrupts memory on damaged files.
///
/// Read are files of libver 'earliest' to 'v108' (superblocks 0 to 3): old and new groups, attributes, compact,
/// contiguous and chunked datasets. Source: HDF5 File Format Specification 3.0.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/h5read/bytes.hpp"
#include "weights/h5read/messages.hpp"

namespace pleura::h5read {

/// What a dataset's header says.
struct Dataset {
  Datatype type;
  Dataspace space;
  Layout layout;
  std::vector<std::uint16_t> filters;
};

/// A group or a dataset.
struct Object {
  std::vector<Attribute> attributes;
  bool is_group = false;
  std::vector<Link> links;         ///< of a group
  std::optional<Dataset> dataset;  ///< of a dataset

  [[nodiscard]] const Attribute* attribute(const std::string& name) const;
  [[nodiscard]] const Link* link(const std::string& name) const;
};

class File {
 public:
  /// Throws Damaged where this is no HDF5 file, or a truncated one; std::system_error where it cannot be read.
  explicit File(const std::filesystem::path& file);

  [[nodiscard]] Object root() { return object(root_); }
  /// The object whose header lies at an address.
  [[nodiscard]] Object object(std::uint64_t address);
  /// The text of an attribute that is one.
  [[nodiscard]] std::string text(const Attribute& attribute, std::size_t most_bytes);
  [[nodiscard]] FileBytes& bytes() { return bytes_; }

 private:
  FileBytes bytes_;
  std::uint64_t root_ = kNowhere;
};

}  // namespace pleura::h5read
