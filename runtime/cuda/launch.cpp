#include "runtime/cuda/launch.hpp"

#include <limits>
#include <string>

#include "pleura/error.hpp"
#include "runtime/cuda/error.hpp"

namespace pleura::runtime::cuda {

void check_launch(const char* kernel) { check(cudaGetLastError(), (std::string("launch of ") + kernel).c_str()); }

unsigned blocks_for(std::int64_t count, std::int64_t size, const char* kernel) {
  const std::int64_t blocks = (count + size - 1) / size;
  if (blocks <= 0 || blocks > std::numeric_limits<std::int32_t>::max())
    throw Error(Status::internal,
                std::string(kernel) + ": " + std::to_string(blocks) + " blocks, expected 1 to 2147483647");
  return static_cast<unsigned>(blocks);
}

}  // namespace pleura::runtime::cuda
