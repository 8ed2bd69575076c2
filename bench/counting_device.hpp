#pragma once
/// A device without memory that counts what is asked of it: plans of full-size networks are made on it in no time and
/// in no memory, by the variants of any backend. It runs none.
#include <sys/mman.h>

#include <limits>
#include <string>
#include <vector>

#include "pleura/error.hpp"
#include "runtime/device.hpp"

namespace pleura::bench {

class CountingDevice final : public runtime::Device {
 public:
  int allocations = 0, uploads = 0;
  std::int64_t uploaded_bytes = 0, held_bytes = 0;
  std::int64_t memory_bytes = std::numeric_limits<std::int64_t>::max();   ///< what it says it has
  std::int64_t largest_piece = std::numeric_limits<std::int64_t>::max();  ///< what it gives at a time

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const runtime::DeviceProperties& properties() const override { return properties_; }
  [[nodiscard]] bool is_host() const override { return false; }
  [[nodiscard]] std::unique_ptr<Binding> bind() const override { return nullptr; }
  [[nodiscard]] std::int64_t available_bytes() const override { return memory_bytes - held_bytes; }
  [[nodiscard]] const runtime::Stream& stream() const override { return stream_; }

  /// Addresses that nothing may follow.
  runtime::Arena allocate(std::int64_t bytes) override {
    if (bytes > available_bytes() || bytes > largest_piece) throw runtime::OutOfMemory("no memory");
    ++allocations;
    held_bytes += bytes;
    const auto size = static_cast<std::size_t>(bytes);
    void* const memory = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return {{static_cast<std::byte*>(memory),
             [this, size](std::byte* given) {
               munmap(given, size);
               held_bytes -= static_cast<std::int64_t>(size);
             }},
            bytes};
  }

  void upload(void* /*device*/, const void* /*host*/, std::int64_t bytes) override {
    ++uploads;
    uploaded_bytes += bytes;
  }
  void download(void* /*host*/, const void* /*device*/, std::int64_t /*bytes*/) override {}
  void synchronize() override {}
  void execute(runtime::Plan& /*plan*/, const runtime::Observer& /*observer*/) override {}
  std::vector<double> time(runtime::Plan& /*plan*/, Marks /*marks*/) override { return {}; }

 private:
  std::string name_ = "counting";
  runtime::DeviceProperties properties_{"none", 0, 1, 0, 0};
  runtime::Stream stream_{2};
};

}  // namespace pleura::bench
