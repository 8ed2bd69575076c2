#pragma once
/// Tensors whose surroundings are watched: guard bands before and after, sentinels in the channels between.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/float16.hpp"
#include "runtime/tensor.hpp"

namespace pleura::test {

class Guarded {
 public:
  /// All elements poisoned: NaN in every float type.
  explicit Guarded(const runtime::TensorDesc& desc)
      : desc_(desc), bytes_(static_cast<std::size_t>(desc.bytes()) + 2 * guard + alignment, sentinel) {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(bytes_.data()) % alignment;
    origin_ = guard + (alignment - past) % alignment;
    for_each([&](std::int64_t element, std::int64_t) {
      std::memset(data() + element * size_of(desc_.dtype), 0xff, static_cast<std::size_t>(size_of(desc_.dtype)));
    });
  }

  Guarded(const runtime::TensorDesc& desc, const std::vector<float>& values) : Guarded(desc) {
    for_each([&](std::int64_t element, std::int64_t i) {
      runtime::store_element(desc_.dtype, data(), element, values[static_cast<std::size_t>(i)]);
    });
  }

  // A copy would lose its alignment.
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  Guarded(Guarded&&) = default;
  Guarded& operator=(Guarded&&) = default;

  [[nodiscard]] std::byte* data() { return bytes_.data() + origin_; }

  static constexpr std::size_t guard = 256;  ///< bytes before and after

  /// The tensor's own bytes, gaps between voxels included; with `guard` bytes on either side.
  [[nodiscard]] std::span<std::byte> own() { return {data(), static_cast<std::size_t>(desc_.bytes())}; }
  [[nodiscard]] std::span<std::byte> with_guards() {
    return {data() - guard, static_cast<std::size_t>(desc_.bytes()) + 2 * guard};
  }

  /// Dense values.
  [[nodiscard]] std::vector<float> values() {
    std::vector<float> result(static_cast<std::size_t>(desc_.shape.elements()));
    for_each([&](std::int64_t element, std::int64_t i) {
      result[static_cast<std::size_t>(i)] = runtime::load_element(desc_.dtype, data(), element);
    });
    return result;
  }

  /// True where nothing but the tensor's own elements was written.
  [[nodiscard]] bool surroundings_intact() {
    std::vector<bool> own(bytes_.size());
    const auto size = static_cast<std::size_t>(size_of(desc_.dtype));
    for_each([&](std::int64_t element, std::int64_t) {
      for (std::size_t k = 0; k < size; ++k) own[origin_ + static_cast<std::size_t>(element) * size + k] = true;
    });
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      if (!own[i] && bytes_[i] != sentinel) return false;
    return true;
  }

 private:
  static constexpr std::size_t alignment = 64;
  static constexpr std::byte sentinel{0xcd};

  template <class Body>
  void for_each(const Body& body) const {
    for (std::int64_t voxel = 0; voxel < desc_.shape.voxels(); ++voxel)
      for (std::int64_t c = 0; c < desc_.shape.c; ++c) body(voxel * desc_.pitch + c, voxel * desc_.shape.c + c);
  }

  runtime::TensorDesc desc_;
  std::vector<std::byte> bytes_;
  std::size_t origin_ = 0;
};

}  // namespace pleura::test
