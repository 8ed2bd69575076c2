#pragma once
/// One stored tensor: looked at without taking memory, then read with bounded memory whatever its filters say.
#include <cstdint>
#include <string>
#include <vector>

#include "weights/hdf5.hpp"

namespace pleura::weights {

/// A dataset of float32 or float16, found to be safe to read.
class StoredTensor {
 public:
  /// `where` is the dataset's full path. Throws Finding where the dataset is not a plain one (contiguous, compact or
  /// chunked, with no filters but shuffle and deflate) of this shape, or holds fewer bytes than it should or more than
  /// the file has.
  StoredTensor(const hdf5::Handle& group, std::string where, const std::string& name, std::vector<std::int64_t> shape,
               std::uint64_t file_bytes);

  /// The values, widened to float. Throws Finding where data is damaged or not finite.
  [[nodiscard]] std::vector<float> read() const;

  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  struct Filters {
    bool shuffle = false, deflate = false;
  };

  void check_layout();
  void check_type();
  void check_shape() const;
  void check_storage() const;
  void read_chunks(std::uint8_t* target) const;
  [[nodiscard]] std::vector<std::uint8_t> read_chunk(const std::vector<hsize_t>& offset) const;

  std::string where_;
  std::vector<std::int64_t> shape_;
  hdf5::Handle dataset_;
  std::size_t value_bytes_ = 4;
  std::vector<hsize_t> chunk_;  ///< extents of a chunk; empty where the data lies in one piece
  std::uint64_t file_bytes_ = 0;
  Filters filters_;
};

}  // namespace pleura::weights
