#pragma once
/// Several CTs on one or several devices. While a device screens one, the next is read and the one before is written.
#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "one_ct.hpp"
#include "pleura/pleura.hpp"

namespace pleura::command {

/// A CT's path, and the folder of its result.
struct BatchCt {
  std::string path;
  std::filesystem::path folder;
};

/// What became of a CT: one of them.
struct Outcome {
  std::optional<Result> result;
  std::optional<Error> refusal;
};

class Batch {
 public:
  /// Called for each CT in their order, once its result is written; by one thread at a time, which may be any.
  using Tell = std::function<void(std::size_t ct, const Outcome& outcome)>;

  /// Begins to read, and makes an engine a device. Throws as Engine does. `arguments` outlives it.
  Batch(std::vector<BatchCt> cts, const std::string& weights, const CaseArguments& arguments);

  /// Each device takes CTs as it is done with others, which no refused one stops. One that is lost takes no more while
  /// there is another. Up to three CTs a device are in memory, one under memory_bytes. `progress` is called by all
  /// devices' threads. Throws what is thrown by these two, and what is no Error.
  void screen(const Tell& tell, const Progress& progress);

  /// See Engine.
  [[nodiscard]] const std::string& device_note() const { return devices_.front().engine.device_note(); }

  /// What the engines' options noted as they were made.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct OpenDevice {
    Engine engine;
    std::optional<StageTime> loading;  ///< until a result tells of it
  };
  /// A CT that a device is to screen.
  struct Taken {
    std::size_t ct;
    std::future<Decoded> reading;
  };
  class InOrder;

  [[nodiscard]] OpenDevice open(const std::string& device, const std::string& weights);
  [[nodiscard]] std::optional<Taken> take();
  void read_ahead();
  /// Nothing more is taken.
  void close();

  void work(OpenDevice& device, InOrder& outcomes, const Progress& progress);
  [[nodiscard]] Screening screened(OpenDevice& device, Taken taken, std::future<void>& writing,
                                   const Progress& progress);

  const std::vector<BatchCt> cts_;
  const CaseArguments& arguments_;
  const ReadOptions read_;
  const std::size_t most_ahead_;  ///< CTs that are read before they are taken: under a bound none
  std::vector<OpenDevice> devices_;
  std::atomic<std::ptrdiff_t> sound_devices_ = 0;

  std::mutex mutex_;  ///< of these
  std::size_t taken_ = 0;
  std::vector<std::string> notes_;
  std::deque<std::future<Decoded>> ahead_;  ///< of the CTs from taken_ on
};

}  // namespace pleura::command
