#pragma once
/// What plans run on: whose memory they lie in, who runs their steps, how bytes get there and back.
#include <memory>
#include <string>

#include "runtime/plan.hpp"
#include "runtime/pool.hpp"

namespace pleura::runtime {

struct DeviceProperties {
  std::string model;                        ///< "NVIDIA H200"; "CPU"
  std::int64_t memory_bytes = 0;            ///< in all; 0: not known
  int multiprocessors = 0;                  ///< of a GPU; threads of a CPU
  int major = 0, minor = 0;                 ///< compute capability of a GPU
  int clock_mhz = 0, memory_clock_mhz = 0;  ///< of a GPU, at most
  int driver = 0;                           ///< of a GPU: the CUDA that it serves, 12090 for 12.9
  std::string pci_bus = {};                 ///< of a GPU: its place, "0000:65:00.0"
};

/// One device with one queue of work, used by one thread at a time, which may be any. What was made with it ends before
/// it does.
class Device : public Memory {
 public:
  Device() : scratch_(*this), pool_(*this) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// As it can be opened again: "cpu", "cuda:1".
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual const DeviceProperties& properties() const = 0;

  /// True where its memory is the host's and work is done when a call returns.
  [[nodiscard]] virtual bool is_host() const = 0;

  /// Until it ends, the calling thread works on this device: to be held where steps are made or queued.
  class Binding {
   public:
    Binding() = default;
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;
    virtual ~Binding() = default;
  };
  [[nodiscard]] virtual std::unique_ptr<Binding> bind() const = 0;

  /// What a library of kernels keeps for a device, such as a handle.
  class Extension {
   public:
    Extension() = default;
    Extension(const Extension&) = delete;
    Extension& operator=(const Extension&) = delete;
    virtual ~Extension() = default;
  };
  /// The one that was made when it was first asked for. It ends before the device's queue does; the calling thread is
  /// bound to the device.
  [[nodiscard]] const Extension& extension(std::unique_ptr<Extension> (*make)(const Device&)) const {
    if (!extension_) extension_ = make(*this);
    return *extension_;
  }

  /// Bytes that allocate could give now, as far as the device knows; else the largest number there is.
  [[nodiscard]] virtual std::int64_t available_bytes() const = 0;

  /// Memory for a moment.
  [[nodiscard]] Scratch& scratch() { return scratch_; }

  /// Memory for as long as somebody has it.
  [[nodiscard]] Pool& pool() { return pool_; }

  /// What its steps are queued on.
  [[nodiscard]] virtual const Stream& stream() const = 0;

  /// Copies bytes there, behind all that was queued; the host's are of no more use when it returns. And back, after all
  /// that was queued.
  virtual void upload(void* device, const void* host, std::int64_t bytes) = 0;
  virtual void download(void* host, const void* device, std::int64_t bytes) = 0;

  /// Waits for all that was queued; throws what went wrong in it.
  virtual void synchronize() = 0;

  /// Runs a plan. With an observer each step is waited for and timed, without one a device may return before the steps
  /// have ended.
  virtual void execute(Plan& plan, const Observer& observer = {}) = 0;

  /// Runs a plan and waits for it. Seconds on the device's own clock from the start to the end of each step, with no
  /// wait between them; or to the end of the last alone, where it runs as execute runs it.
  enum class Marks { each_step, end };
  [[nodiscard]] virtual std::vector<double> time(Plan& plan, Marks marks) = 0;

 protected:
  void end_extension() { extension_.reset(); }

 private:
  Scratch scratch_;
  Pool pool_;
  mutable std::unique_ptr<Extension> extension_;
};

/// The CPU, with up to that many threads, under the name that it was asked for by.
[[nodiscard]] std::unique_ptr<Device> open_cpu(std::string name, int threads);

}  // namespace pleura::runtime
