#pragma once
/// Writing through the HDF5 library: owned handles, silent errors, no disk. Include in .cpp files only. Reading is
/// weights/h5read's.
#include <hdf5.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace pleura::hdf5 {

/// Any HDF5 identifier; closed when it goes. Not where an exception ends the work: closing would write what is pending,
/// and HDF5 corrupts memory where it lately found none. What is open then is given up.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  ~Handle() {
    if (id_ >= 0 && std::uncaught_exceptions() == 0) H5Idec_ref(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  /// Closing a dataset is what writes it. Throws Failed.
  void close();

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// While one lives, this thread alone is inside HDF5, which prints nothing and loads no plugin. Declare it before any
/// Handle. A program that leaves HDF5 files of its own to be closed at exit must call HDF5 before pleura: else none
/// are.
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
  unsigned plugins_ = 0;  ///< the kinds that HDF5 might load
};

/// HDF5 refused: it writes into memory, which is missing then.
struct Failed {};

/// What HDF5 returned. Throws Failed where that is a failure.
template <class T>
T ensure(T outcome) {
  if (outcome < 0) throw Failed{};
  return outcome;
}

/// Closes what was written. Throws Failed.
template <class... Handles>
void close(Handles&... handles) {
  (handles.close(), ...);
}

/// Properties for creating an object (H5P_DATASET_CREATE, ...) without the time stamps that would make each file
/// differ.
[[nodiscard]] Handle untimed(hid_t kind);

/// Empty extents: a scalar.
[[nodiscard]] Handle create_space(std::span<const hsize_t> extents);
[[nodiscard]] Handle create_group(const Handle& parent, const std::string& name);

/// `values`, laid out as `memory` says, stored as `stored`.
void write_attribute(const Handle& object, const std::string& name, hid_t stored, hid_t memory,
                     std::span<const hsize_t> extents, const void* values);
void write_attribute(const Handle& object, const std::string& name, const std::string& text);

/// Writes a file of what `fill` puts under its root: first all of it into memory, then as files::replace_file,
/// which says what it throws; WriteFailed also where memory is missing. The same content gives the same bytes.
void write_file(const std::filesystem::path& file, const std::function<void(const Handle& root)>& fill);

/// IEEE half precision, little endian, as NumPy and PyTorch store it.
[[nodiscard]] Handle half_type();

/// A variable-length UTF-8 string.
[[nodiscard]] Handle text_type();

}  // namespace pleura::hdf5
