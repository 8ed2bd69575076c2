#pragma once
/// Where HDF5 keeps names, texts and, of large groups, links and attributes (specification III.D, III.E, III.G).
#include <cstdint>
#include <string>

#include "weights/h5read/bytes.hpp"

namespace pleura::h5read {

/// The names of an old group's members.
class LocalHeap {
 public:
  LocalHeap(FileBytes& file, std::uint64_t address);
  [[nodiscard]] std::string name(std::uint64_t offset) const;

 private:
  Bytes data_;
};

/// One object of a global heap: a text of variable length.
[[nodiscard]] std::string global_heap_text(FileBytes& file, std::uint64_t address, std::uint32_t index,
                                           std::uint32_t bytes);

/// Links or attributes of a group with many of them.
class FractalHeap {
 public:
  FractalHeap(FileBytes& file, std::uint64_t address);
  /// The object of an identifier from the group's index.
  [[nodiscard]] Bytes object(std::span<const std::uint8_t> id);

 private:
  /// Sizes of the blocks of a row of the doubling table.
  [[nodiscard]] std::uint64_t block_bytes(std::uint64_t row) const;
  /// Address of the direct block that holds an offset, which becomes relative to the block. `rows` of 0: `address` is
  /// it.
  [[nodiscard]] std::uint64_t find_block(std::uint64_t address, std::uint64_t rows, std::uint64_t& offset, int depth);

  FileBytes& file_;
  std::uint64_t width_ = 0, first_bytes_ = 0, largest_direct_ = 0, root_ = kNowhere, root_rows_ = 0;
  std::size_t offset_bytes_ = 0, length_bytes_ = 0;
};

}  // namespace pleura::h5read
