#include "batch.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace pleura::command {
namespace {

/// Throws what went wrong in it.
void finish(std::future<void>& work) {
  if (work.valid()) work.get();
}

/// Adds the stage of loading the networks, during which the device's first CT was read for so long.
void add_loading(Result& result, const StageTime& loading, double reading) {
  result.stages.insert(result.stages.begin() + 1, loading);
  result.run.seconds_total += std::max(loading.seconds - reading, 0.0);
}

}  // namespace

/// Outcomes come as they are known, and are told in the order of the CTs.
class Batch::InOrder {
 public:
  explicit InOrder(const Tell& tell) : tell_(tell) {}

  void add(std::size_t ct, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    known_.emplace(ct, std::move(outcome));
    for (auto one = known_.find(next_); one != known_.end(); one = known_.find(++next_)) {
      tell_(next_, one->second);
      known_.erase(one);
    }
  }

 private:
  const Tell& tell_;
  std::mutex mutex_;
  std::map<std::size_t, Outcome> known_;
  std::size_t next_ = 0;
};

Batch::Batch(std::vector<BatchCt> cts, const std::string& weights, const CaseArguments& arguments)
    : cts_(std::move(cts)),
      arguments_(arguments),
      read_(arguments.read()),
      most_ahead_(read_.memory_bytes == 0 ? arguments.devices().size() : 0) {
  read_ahead();  // while the networks are made ready
  const std::vector<std::string> names = arguments.devices();
  std::vector<std::future<OpenDevice>> others;
  for (std::size_t i = 1; i < names.size(); ++i)
    others.push_back(std::async([this, &weights, name = names[i]] { return open(name, weights); }));
  devices_.push_back(open(names.front(), weights));
  for (std::future<OpenDevice>& other : others) devices_.push_back(other.get());
}

Batch::OpenDevice Batch::open(const std::string& device, const std::string& weights) {
  const auto start = std::chrono::steady_clock::now();
  EngineOptions options = arguments_.engine();
  options.device = device;
  options.note = [this](const std::string& line) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(line);
  };
  Engine engine(weights, options);
  return {std::move(engine), StageTime{"weights", seconds_since(start)}};
}

void Batch::screen(const Tell& tell, const Progress& progress) {
  InOrder outcomes(tell);
  sound_devices_ = std::ssize(devices_);
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < devices_.size(); ++i)
    others.push_back(std::async([&, i] { work(devices_[i], outcomes, progress); }));
  work(devices_.front(), outcomes, progress);
  for (std::future<void>& other : others) other.get();
}

void Batch::read_ahead() {
  const std::lock_guard lock(mutex_);
  while (ahead_.size() < most_ahead_ && taken_ + ahead_.size() < cts_.size())
    ahead_.push_back(decode(cts_[taken_ + ahead_.size()].path, read_));
}

std::optional<Batch::Taken> Batch::take() {
  const std::lock_guard lock(mutex_);
  if (taken_ == cts_.size()) return {};
  if (ahead_.empty()) ahead_.push_back(decode(cts_[taken_].path, read_));
  Taken taken{taken_++, std::move(ahead_.front())};
  ahead_.pop_front();
  return taken;
}

void Batch::close() {
  const std::lock_guard lock(mutex_);
  taken_ = cts_.size();
}

void Batch::work(OpenDevice& device, InOrder& outcomes, const Progress& progress) try {
  std::future<void> writing;
  while (std::optional<Taken> taken = take()) {
    const std::size_t ct = taken->ct;
    try {
      Screening screening = screened(device, std::move(*taken), writing, progress);
      finish(writing);
      writing = std::async([&, ct, screening = std::move(screening)] {
        Outcome outcome;
        try {
          outcome.result = write_result(screening, cts_[ct].folder, arguments_.write());
        } catch (const Error& error) {
          outcome.refusal = error;
        }
        outcomes.add(ct, std::move(outcome));
      });
      if (most_ahead_ == 0) finish(writing);
    } catch (const Error& error) {
      outcomes.add(ct, {{}, error});
      if (device.engine.is_lost() && --sound_devices_ > 0) break;
    }
  }
  finish(writing);
} catch (...) {
  close();
  throw;
}

Screening Batch::screened(OpenDevice& device, Taken taken, std::future<void>& writing, const Progress& progress) {
  const std::string& ct = cts_[taken.ct].path;
  try {
    Decoded decoded = settled(std::move(taken.reading), ct, read_);
    read_ahead();
    Screening screening = screen_decoded(device.engine, std::move(decoded), ct, arguments_, progress);
    if (const auto loading = std::exchange(device.loading, {}))
      add_loading(screening.result, *loading, most_ahead_ > 0 ? screening.result.stages.front().seconds : 0);
    return screening;
  } catch (const Error& error) {
    if (!writing.valid() || error.status() != Status::resources || device.engine.is_lost()) throw;
  }
  finish(writing);  // whose memory may have been what was too little
  return screen_decoded(device.engine, decode(ct, read_).get(), ct, arguments_, progress);
}

}  // namespace pleura::command
