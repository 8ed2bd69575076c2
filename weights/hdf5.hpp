#pragma once
/// HDF5 with owned handles and silent errors. Include in .cpp files only.
#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pleura::hdf5 {

/// Any HDF5 identifier; closed when it goes.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  ~Handle() {
    if (id_ >= 0) H5Idec_ref(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// While one lives, this thread alone is inside HDF5 and HDF5 prints nothing. Declare it before any Handle.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::lock_guard<std::recursive_mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// A link of a group.
struct Link {
  std::string name;
  H5L_type_t type = H5L_TYPE_HARD;
};

/// The first `limit` links of a group, by name; fewer where HDF5 cannot read them all (`complete` false).
struct Links {
  std::vector<Link> links;
  bool complete = true;
};
[[nodiscard]] Links list_links(const Handle& group, std::size_t limit);

/// IEEE half precision, little endian, as NumPy and PyTorch store it.
[[nodiscard]] Handle half_type();

/// A variable-length UTF-8 string.
[[nodiscard]] Handle text_type();

/// True for well-formed UTF-8 without control characters other than tab and line ends.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// A name from a file made safe to print: at most 80 characters, nothing but printable ASCII.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace pleura::hdf5
