#include "runtime/huge_pages.hpp"

#include <cstdint>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace pleura::runtime {

void prefer_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef __linux__
  if (bytes < huge_page_bytes) return;
  constexpr std::size_t page = 4096;
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(memory) % page) % page;
  madvise(static_cast<std::byte*>(memory) + before, (bytes - before) / page * page, MADV_HUGEPAGE);
#endif
}

}  // namespace pleura::runtime
