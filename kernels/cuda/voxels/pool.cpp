#include "kernels/cuda/voxels/pool.hpp"

#include <algorithm>
#include <utility>

namespace pleura::kernels::cuda {

std::shared_ptr<std::byte> Pool::take_bytes(std::int64_t bytes) {
  bytes = std::max<std::int64_t>(bytes, 1);
  auto found = free_.lower_bound(bytes);
  if (found == free_.end() || found->first > 2 * bytes) found = free_.emplace(bytes, device_.allocate(bytes));
  auto block = free_.extract(found);
  std::byte* const data = block.mapped().data();
  return {data, [pool = shared_from_this(), node = std::make_shared<decltype(block)>(std::move(block))](std::byte*) {
            pool->free_.insert(std::move(*node));
          }};
}

}  // namespace pleura::kernels::cuda
