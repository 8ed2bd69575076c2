#pragma once
/// Writing through the HDF5 library: owned handles, silent errors. Include in .cpp files only. Reading is h5read/'s.
#include <hdf5.h>

#include <mutex>
#include <utility>

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

/// IEEE half precision, little endian, as NumPy and PyTorch store it.
[[nodiscard]] Handle half_type();

/// A variable-length UTF-8 string.
[[nodiscard]] Handle text_type();

}  // namespace pleura::hdf5
