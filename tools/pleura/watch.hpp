#pragma once
/// CTs that appear in a folder; docs/command.md tells users. By looking again and again: that works on any file system.
#include <cstdint>
#include <map>
#include <set>

#include "descriptor.hpp"
#include "requests.hpp"

namespace pleura::command {

class WatchedFolder final : public Requests {
 public:
  struct Options {
    std::filesystem::path folder;  ///< each file and folder in it is a CT, but for hidden ones
    std::filesystem::path out;     ///< a CT's result, or refusal, is written to the folder of its name in here
    std::chrono::duration<double> settle{10};  ///< a CT is complete once nothing of it has changed for so long
    std::string marker;  ///< if not empty: once there is a file of its name and this beside it, and not before
    Disclosure disclosure = Disclosure::usual;
  };

  /// Throws usage where `out` lies in the folder or another process writes there, resources.
  explicit WatchedFolder(Options options);

  std::optional<Request> take() override;
  void attend(std::chrono::milliseconds wait) override;
  void finish(const std::optional<Request>& /*not_begun*/) override {}  // another run finds it there

 private:
  using Clock = std::chrono::steady_clock;
  struct Seen {
    std::string state;  ///< of names, sizes and times in it
    Clock::time_point since;
    bool taken = false;             ///< in this state: it is at work, or answered
    std::chrono::minutes retry{1};  ///< after which it is tried again, where something else than the CT fails
  };

  void look();
  [[nodiscard]] std::optional<std::string> state_of(const std::string& name) const;
  [[nodiscard]] bool answered(const std::string& name, const std::string& state) const;
  void answer(const Request& request, const std::string& name, const std::string& state, const std::string& line,
              const Error* refusal);
  void try_again(const std::string& name, const std::string& state);

  Options options_;
  std::filesystem::path states_;  ///< in which state each CT was when it was answered
  Descriptor lock_;
  std::map<std::string, Seen> seen_;
  Clock::time_point next_look_;
  bool lost_ = false;  ///< the folder cannot be looked at
};

}  // namespace pleura::command
