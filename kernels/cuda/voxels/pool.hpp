#pragma once
/// Memory that an instrument's volumes come from and go back to.
#include <map>
#include <memory>

#include "runtime/device.hpp"

namespace pleura::kernels::cuda {

/// Work is queued on the device's one stream, so that a block may be taken again as soon as it was given back.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  explicit Pool(runtime::Device& device) : device_(device) {}

  /// Uninitialised; given back when the last copy ends. The pool lives as long as they do. Throws as Device::allocate.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> take(std::int64_t count) {
    std::shared_ptr<std::byte> block = take_bytes(count * static_cast<std::int64_t>(sizeof(T)));
    return {block, reinterpret_cast<T*>(block.get())};
  }

 private:
  [[nodiscard]] std::shared_ptr<std::byte> take_bytes(std::int64_t bytes);

  runtime::Device& device_;
  std::multimap<std::int64_t, runtime::Arena> free_;  ///< by their bytes
};

}  // namespace pleura::kernels::cuda
