#include <chrono>
#include <cstring>
#include <limits>

#include "runtime/clock.hpp"
#include "runtime/device.hpp"

namespace pleura::runtime {
namespace {

class CpuDevice final : public Device {
 public:
  CpuDevice(std::string name, int threads)
      : name_(std::move(name)), stream_{threads}, properties_{"CPU", 0, threads, 0, 0, 0, 0, 0, {}} {}

  const std::string& name() const override { return name_; }
  const DeviceProperties& properties() const override { return properties_; }
  bool is_host() const override { return true; }
  std::unique_ptr<Binding> bind() const override { return nullptr; }
  Arena allocate(std::int64_t bytes) override { return Arena(bytes); }
  std::int64_t available_bytes() const override { return std::numeric_limits<std::int64_t>::max(); }
  const Stream& stream() const override { return stream_; }
  void upload(void* device, const void* host, std::int64_t bytes) override { copy(device, host, bytes); }
  void download(void* host, const void* device, std::int64_t bytes) override { copy(host, device, bytes); }
  void synchronize() override {}
  void execute(Plan& plan, const Observer& observer) override { runtime::execute(plan, stream_, observer); }

  std::vector<double> time(Plan& plan, Marks marks) override {
    using Clock = std::chrono::steady_clock;
    std::vector<double> ends;
    ends.reserve(plan.invocations.size() + 1);
    const auto start = Clock::now();
    const auto mark = [&] { ends.push_back(seconds_since(start)); };
    if (marks == Marks::each_step) {
      runtime::execute(plan, stream_, [&](const Invocation& /*invocation*/, double /*seconds*/) { mark(); });
    } else {
      runtime::execute(plan, stream_);
      mark();
    }
    return ends;
  }

 private:
  static void copy(void* to, const void* from, std::int64_t bytes) {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
  }

  std::string name_;
  Stream stream_;
  DeviceProperties properties_;
};

}  // namespace

std::unique_ptr<Device> open_cpu(std::string name, int threads) {
  return std::make_unique<CpuDevice>(std::move(name), threads);
}

}  // namespace pleura::runtime
