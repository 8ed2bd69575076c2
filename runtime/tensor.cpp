#include "runtime/tensor.hpp"

namespace pleura::runtime {

const char* name_of(DType type) {
  switch (type) {
    case DType::f32:
      return "f32";
    case DType::f16:
      return "f16";
    case DType::bf16:
      return "bf16";
    case DType::s8:
      return "s8";
    case DType::u8:
      return "u8";
  }
  return "?";
}

std::string to_string(const Shape& shape) {
  std::string text = std::to_string(shape.n);
  for (const std::int64_t size : {shape.d, shape.h, shape.w, shape.c}) {
    text += 'x';
    text += std::to_string(size);
  }
  return text;
}

std::string to_string(const TensorDesc& desc) {
  std::string text = std::string(name_of(desc.dtype)) + ":" + to_string(desc.shape);
  return desc.pitch == desc.shape.c ? text : text + "/" + std::to_string(desc.pitch);
}

}  // namespace pleura::runtime
