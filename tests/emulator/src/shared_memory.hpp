#pragma once
/// The shared memory of one running block: dynamic bytes first, then each __shared__ variable as it is first reached,
/// with poisoned gaps between them. What no thread has written reads as 0xff, a NaN in every floating type.
#include <cstddef>
#include <memory>
#include <vector>

namespace emulator {

class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void start_block(std::size_t dynamic_bytes);
  /// Checks, where no sanitizer does, that nobody wrote between the variables.
  void finish_block() const;

  [[nodiscard]] void* dynamic() const { return arena_.get(); }
  [[nodiscard]] void* variable(const void* tag, std::size_t bytes, std::size_t alignment);
  [[nodiscard]] bool contains(const void* address, std::size_t bytes) const;

 private:
  struct Variable {
    const void* tag;
    std::size_t start, bytes;
  };
  void* place(const void* tag, std::size_t start, std::size_t bytes);

  struct Free {
    void operator()(unsigned char* memory) const;
  };
  std::unique_ptr<unsigned char, Free> arena_;
  std::vector<Variable> variables_;  // the first is the dynamic part
};

}  // namespace emulator
