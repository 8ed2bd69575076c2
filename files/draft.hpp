#pragma once
/// What is being written, beside the place that it will take. All throw std::system_error.
#include <array>
#include <string>

#include "files/descriptor.hpp"

namespace pleura::files {

/// Where something is to stand: a folder and a name in it.
struct Place {
  Descriptor folder;
  std::string name;
};

/// Throws std::system_error where the folder is not there or the name is none.
[[nodiscard]] Place place_of(const std::filesystem::path& target);

/// A new file or folder beside its place, called NAME.pleura- and 12 random letters. Nothing that exists is adopted, no
/// link followed; nobody else may look into the folder. While it lives it is locked, so that others tell it from
/// what a killed process left. What then bears its name is removed with it.
class Draft {
 public:
  enum class Kind { file, folder };
  Draft(const Place& place, Kind kind);  ///< at a place that outlives it
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Descriptor& opened() const { return opened_; }

  /// The folder gets the permissions of any new one here.
  void open_to_all() const;

  /// Removes what bears the name now.
  void remove();

  /// Removes all drafts that this process is writing, for one that ends without their destructors. Takes no memory.
  static void remove_all() noexcept;

 private:
  void enlist();
  void discharge();

  const Place& place_;
  std::string name_;
  Descriptor opened_;  ///< has the lock
  /// Given up to remove a folder and the folders in it, where the process may open nothing more.
  std::array<Descriptor, 3> reserve_;
  pid_t process_;  ///< that made it: a forked child does not remove it
  Draft *previous_ = nullptr, *next_ = nullptr;
};

/// A name beside the place for the earlier folder, on file systems that cannot exchange two folders.
[[nodiscard]] std::string name_for_earlier(const Place& place);

/// Removes what killed processes of this user left beside a place: drafts, and an earlier folder moved aside, if
/// another stands in its place. Drafts that are being written, and all else, stay; so does what cannot be removed.
void remove_remnants(const Place& place);

}  // namespace pleura::files
