#pragma once
/// Large memory in huge pages, where the system has them: the first touch of each small page costs as much as writing
/// it.
#include <cstddef>
#include <vector>

namespace pleura::runtime {

inline constexpr std::size_t huge_page_bytes = std::size_t{1} << 21;

/// Asks for huge pages in memory that was not touched yet, where they fit into it. A system that has none does no harm.
void prefer_huge_pages(void* memory, std::size_t bytes) noexcept;

/// An empty vector with room for `count` values in huge pages.
template <class T>
[[nodiscard]] std::vector<T> room_in_huge_pages(std::size_t count) {
  std::vector<T> values;
  values.reserve(count);
  prefer_huge_pages(values.data(), count * sizeof(T));
  return values;
}

}  // namespace pleura::runtime
