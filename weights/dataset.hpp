#pragma once
/// One stored tensor: looked at without taking memory, then read with bounded memory whatever its filters say.
#include <cstdint>
#include <string>
#include <vector>

#include "weights/h5read/object.hpp"
#include "weights/h5read/trees.hpp"

namespace pleura::weights {

/// A dataset of float32 or float16, found to be safe to read. The file must outlive it.
class StoredTensor {
 public:
  /// `where` is the dataset's full path. Throws Finding where the dataset is not a plain one (contiguous, compact or
  /// chunked, with no filters but shuffle and deflate) of this shape, or holds fewer bytes than it should or more than
  /// the file has.
  StoredTensor(h5read::File& file, std::string where, std::uint64_t address, std::vector<std::int64_t> shape);

  /// The values, widened to float. Throws Finding where data is damaged or not finite. Several tensors of a file may be
  /// read at once.
  [[nodiscard]] std::vector<float> read() const;

  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  void check_type();
  void check_shape() const;
  void check_filters();
  void check_storage();
  [[nodiscard]] std::uint64_t plain_chunk_bytes() const;
  void read_chunks(std::uint8_t* target) const;
  [[nodiscard]] h5read::Bytes read_chunk(const h5read::Chunk& chunk) const;

  h5read::File& file_;
  std::string where_;
  std::vector<std::int64_t> shape_;
  h5read::Dataset dataset_;
  std::size_t value_bytes_ = 4;
  bool shuffle_ = false, deflate_ = false;
  std::vector<h5read::Chunk> chunks_;
};

}  // namespace pleura::weights
