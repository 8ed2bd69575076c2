#include "runtime/cuda/device.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "pleura/error.hpp"
#include "runtime/cuda/architectures.hpp"
#include "runtime/cuda/current.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/driver.hpp"
#include "runtime/cuda/error.hpp"
#include "runtime/cuda/staging.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::runtime::cuda {
namespace {

/// A plan's steps as one graph.
struct RecordedGraph final : Recording {
  Graph graph;
  RecordedGraph(cudaStream_t stream, const std::function<void()>& body) : graph(stream, body) {}
};

struct CudaBinding final : Device::Binding {
  Current current;
  explicit CudaBinding(int device) : current(device) {}
};

int driver_version() {
  int driver = 0;
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  return driver;
}

int megahertz(int device, cudaDeviceAttr clock) {
  int kilohertz = 0;
  check(cudaDeviceGetAttribute(&kilohertz, clock, device), "cudaDeviceGetAttribute");
  return kilohertz / 1000;
}

std::string pci_bus(int device) {
  std::array<char, 32> text{};
  check(cudaDeviceGetPCIBusId(text.data(), static_cast<int>(text.size()), device), "cudaDeviceGetPCIBusId");
  return text.data();
}

/// Each of its calls binds the thread; what it made is freed from any thread.
class CudaDevice final : public Device {
 public:
  CudaDevice(int index, const cudaDeviceProp& of, int driver, int threads)
      : index_(index),
        name_("cuda:" + std::to_string(index)),
        properties_{of.name,
                    static_cast<std::int64_t>(of.totalGlobalMem),
                    of.multiProcessorCount,
                    of.major,
                    of.minor,
                    megahertz(index, cudaDevAttrClockRate),
                    megahertz(index, cudaDevAttrMemoryClockRate),
                    driver,
                    pci_bus(index)},
        queue_{threads, stream_.get()} {}

  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;
  ~CudaDevice() override {
    try {
      const Current current(index_);
      end_extension();
    } catch (const Error&) {  // a device that is lost: it ends unbound
    }
  }

  const std::string& name() const override { return name_; }
  const DeviceProperties& properties() const override { return properties_; }
  bool is_host() const override { return false; }
  std::unique_ptr<Binding> bind() const override { return std::make_unique<CudaBinding>(index_); }
  const runtime::Stream& stream() const override { return queue_; }

  Arena allocate(std::int64_t bytes) override {
    const Current current(index_);
    const auto memory = std::make_shared<DeviceMemory>(bytes);
    return {{memory, memory->data()}, bytes};
  }

  std::int64_t available_bytes() const override {
    const Current current(index_);
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return static_cast<std::int64_t>(free);
  }

  void upload(void* device, const void* host, std::int64_t bytes) override {
    const Current current(index_);
    if (bytes < Staging::buffer_bytes)
      return copy(device, host, bytes, cudaMemcpyHostToDevice, "cudaMemcpyAsync to the device");
    if (!staging_) staging_.emplace();
    staging_->upload(static_cast<std::byte*>(device), static_cast<const std::byte*>(host), bytes, stream_.get());
  }

  void download(void* host, const void* device, std::int64_t bytes) override {
    const Current current(index_);
    copy(host, device, bytes, cudaMemcpyDeviceToHost, "cudaMemcpyAsync from the device");
  }

  void synchronize() override {
    const Current current(index_);
    stream_.synchronize();
  }

  /// A plan is recorded when it is run again: many are run once, for a CT of a shape of its own, and what a kernel
  /// needs is loaded as it is first launched. What cannot be recorded runs step by step.
  void execute(Plan& plan, const Observer& observer) override {
    const Current current(index_);
    if (observer) return observe(plan, observer);
    if (plan.was_run && !plan.recording && plan.can_be_recorded) record(plan);
    if (plan.recording) return static_cast<const RecordedGraph&>(*plan.recording).graph.launch(stream_.get());
    enqueue(plan);
    plan.was_run = true;
  }

  std::vector<double> time(Plan& plan, Marks marks) override {
    const Current current(index_);
    const std::size_t count = marks == Marks::end ? 1 : plan.invocations.size();
    while (ends_.size() < count) ends_.emplace_back();
    start_.record(stream_.get());
    if (marks == Marks::end) {
      execute(plan, {});
      ends_[0].record(stream_.get());
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        enqueue(plan.invocations[i]);
        ends_[i].record(stream_.get());
      }
    }
    stream_.synchronize();
    std::vector<double> seconds;
    for (std::size_t i = 0; i < count; ++i) seconds.push_back(ends_[i].seconds_since(start_));
    return seconds;
  }

 private:
  void copy(void* to, const void* from, std::int64_t bytes, cudaMemcpyKind kind, const char* what) const {
    check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), kind, stream_.get()), what);
    stream_.synchronize();
  }

  void record(Plan& plan) const {
    try {
      plan.recording = std::make_unique<RecordedGraph>(stream_.get(), [&] { enqueue(plan); });
    } catch (const Error&) {  // of memory for the graph, say: the run itself is sound
      plan.can_be_recorded = false;
    }
  }

  void enqueue(const Invocation& invocation) const { invocation.step->enqueue(invocation.operands, queue_); }

  void enqueue(const Plan& plan) const {
    for (const Invocation& invocation : plan.invocations) enqueue(invocation);
  }

  void observe(const Plan& plan, const Observer& observer) {
    for (const Invocation& invocation : plan.invocations) {
      start_.record(stream_.get());
      enqueue(invocation);
      end_.record(stream_.get());
      stream_.synchronize();
      observer(invocation, end_.seconds_since(start_));
    }
  }

  int index_;
  std::string name_;
  DeviceProperties properties_;
  cuda::Stream stream_;
  runtime::Stream queue_;
  Event start_, end_;
  std::vector<Event> ends_;         ///< of steps that are timed without a wait
  std::optional<Staging> staging_;  ///< from the first large upload on: locking pages takes time
};

}  // namespace

std::unique_ptr<Device> open_device(std::optional<int> index, int threads) {
  const int driver = driver_version();
  int count = 0, current = 0;
  if (const std::string missing = missing_driver(driver, CUDART_VERSION); !missing.empty())
    throw Error(Status::resources, missing);
  check(cudaGetDeviceCount(&count), "cudaGetDeviceCount, expected an NVIDIA GPU");
  if (!index) check(cudaGetDevice(&current), "cudaGetDevice");
  const int device = index.value_or(current);
  if (device < 0 || device >= count)
    throw Error(Status::resources, "device cuda:" + std::to_string(device) + ": this machine has " +
                                       std::to_string(count) + (count == 1 ? " GPU" : " GPUs") + ", expected 0 to " +
                                       std::to_string(count - 1));
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  const std::string missing =
      missing_build(properties.name, {properties.major, properties.minor}, built_architectures());
  if (!missing.empty()) throw Error(Status::resources, missing);
  const Current bound(device);
  return std::make_unique<CudaDevice>(device, properties, driver, threads);
}

int device_count() try {
  int count = 0;
  if (missing_driver(driver_version(), CUDART_VERSION).empty()) check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  return count;
} catch (const Error&) {  // open_device says why
  return 0;
}

}  // namespace pleura::runtime::cuda
