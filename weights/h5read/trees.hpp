#pragma once
/// HDF5's two kinds of B-trees (specification III.A), walked whole.
#include <cstdint>
#include <functional>
#include <vector>

#include "weights/h5read/bytes.hpp"

namespace pleura::h5read {

/// Calls with the address of each symbol-table node of an old group.
void walk_group_tree(FileBytes& file, std::uint64_t address, const std::function<void(std::uint64_t)>& visit);

/// One chunk of a dataset.
struct Chunk {
  std::vector<std::uint64_t> offset;
  std::uint32_t bytes = 0;            ///< as stored
  std::uint32_t skipped_filters = 0;  ///< bit i: filter i was left out
  std::uint64_t address = kNowhere;
};

/// All chunks of a dataset of this rank, at most `most`.
[[nodiscard]] std::vector<Chunk> list_chunks(FileBytes& file, std::uint64_t address, std::size_t rank,
                                             std::size_t most);

/// Calls with each record of a version 2 tree.
void walk_records(FileBytes& file, std::uint64_t address,
                  const std::function<void(std::span<const std::uint8_t>)>& visit);

}  // namespace pleura::h5read
