#pragma once
/// Tensors as kernels see them: channels-last always. An image is a volume of depth 1, a vector one of a single voxel.
#include <cstddef>
#include <cstdint>
#include <string>

namespace pleura::runtime {

enum class DType : std::uint8_t { f32, f16, bf16, s8, u8 };

/// Of those that networks compute in, as --precision names it.
[[nodiscard]] constexpr const char* precision_name(DType type) {
  return type == DType::f32 ? "fp32" : type == DType::bf16 ? "bf16" : "fp16";
}

/// Bytes of one element.
[[nodiscard]] constexpr std::int64_t size_of(DType type) {
  switch (type) {
    case DType::f32:
      return 4;
    case DType::f16:
    case DType::bf16:
      return 2;
    default:
      return 1;
  }
}

/// Sizes of a tensor (n, d, h, w, c): batch, planes, rows, columns, channels.
struct Shape {
  std::int64_t n = 1, d = 1, h = 1, w = 1, c = 1;

  [[nodiscard]] constexpr std::int64_t voxels() const { return n * d * h * w; }
  [[nodiscard]] constexpr std::int64_t elements() const { return voxels() * c; }
  bool operator==(const Shape&) const = default;
};

/// A tensor without its memory. Channel k of voxel (n, d, h, w) is element (((n * D + d) * H + h) * W + w) * pitch + k,
/// so that a group of a buffer's channels is a tensor too: half of a concatenation of 2c channels has c channels and
/// pitch 2c.
struct TensorDesc {
  DType dtype = DType::f32;
  Shape shape;
  std::int64_t pitch = 1;  ///< elements from one voxel to the next, >= shape.c

  /// From the first element to the end of the last.
  [[nodiscard]] constexpr std::int64_t bytes() const {
    return shape.elements() == 0 ? 0 : ((shape.voxels() - 1) * pitch + shape.c) * size_of(dtype);
  }
  /// Distance in bytes from one plane of depth to the next.
  [[nodiscard]] constexpr std::int64_t plane_bytes() const { return shape.h * shape.w * pitch * size_of(dtype); }
  bool operator==(const TensorDesc&) const = default;
};

/// A tensor whose voxels lie side by side.
[[nodiscard]] constexpr TensorDesc dense(DType dtype, const Shape& shape) { return {dtype, shape, shape.c}; }

/// "f32", "bf16", ...
[[nodiscard]] const char* name_of(DType type);

/// "1x32x40x48x16", and where the pitch differs from the channels "1x32x40x48x16/32".
[[nodiscard]] std::string to_string(const Shape& shape);
[[nodiscard]] std::string to_string(const TensorDesc& desc);

/// A tensor in memory that it does not own.
struct TensorView {
  TensorDesc desc;
  void* data = nullptr;
};

}  // namespace pleura::runtime
