#include <limits>

#include "runtime/device.hpp"

namespace pleura::runtime {
namespace {

class CpuDevice final : public Device {
 public:
  explicit CpuDevice(int threads) : stream_{threads} {}

  Arena allocate(std::int64_t bytes) override { return Arena(bytes); }
  std::int64_t available_bytes() const override { return std::numeric_limits<std::int64_t>::max(); }
  void execute(Plan& plan, const Observer& observer) override { runtime::execute(plan, stream_, observer); }
  void copy_in(const float* values, const TensorView& tensor) override {
    runtime::copy_in(values, tensor, stream_.threads);
  }
  void copy_out(const TensorView& tensor, float* values) override {
    runtime::copy_out(tensor, values, stream_.threads);
  }
  bool all_finite(const TensorView& tensor) override { return runtime::all_finite(tensor); }

 private:
  Stream stream_;
};

}  // namespace

std::unique_ptr<Device> open_cpu(int threads) { return std::make_unique<CpuDevice>(threads); }

}  // namespace pleura::runtime
