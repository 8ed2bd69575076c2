#include "weights/hdf5.hpp"

#include <unistd.h>

#include "pleura/error.hpp"

namespace pleura::hdf5 {
namespace {

std::recursive_mutex& session_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

Session::Session() : lock_(session_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLget_loading_state(&plugins_);
  H5PLset_loading_state(0);
}

Session::~Session() {
  H5PLset_loading_state(plugins_);
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

Handle half_type() {
  Handle type(H5Tcopy(H5T_IEEE_F32LE));
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), 15);
  return type;
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

Handle untimed(hid_t kind) {
  Handle properties(ensure(H5Pcreate(kind)));
  ensure(H5Pset_obj_track_times(properties.get(), false));
  return properties;
}

Handle create_space(std::span<const hsize_t> extents) {
  return Handle(ensure(extents.empty() ? H5Screate(H5S_SCALAR)
                                       : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr)));
}

Handle create_group(const Handle& parent, const std::string& name) {
  const Handle properties = untimed(H5P_GROUP_CREATE);
  return Handle(ensure(H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT)));
}

void write_attribute(const Handle& object, const std::string& name, hid_t stored, hid_t memory,
                     std::span<const hsize_t> extents, const void* values) {
  const Handle space = create_space(extents);
  const Handle attribute(ensure(H5Acreate2(object.get(), name.c_str(), stored, space.get(), H5P_DEFAULT, H5P_DEFAULT)));
  ensure(H5Awrite(attribute.get(), memory, values));
}

void write_attribute(const Handle& object, const std::string& name, const std::string& text) {
  const Handle type = text_type();
  const char* start = text.c_str();
  write_attribute(object, name, type.get(), type.get(), {}, static_cast<const void*>(&start));
}

void replace_file(const std::filesystem::path& file, const std::function<void(const std::filesystem::path&)>& write) {
  std::filesystem::path temporary = file;
  temporary += ".tmp" + std::to_string(::getpid());
  std::error_code failure, ignored;
  try {
    write(temporary);
    std::filesystem::rename(temporary, file, failure);
  } catch (const WriteFailed&) {
    failure = std::make_error_code(std::errc::io_error);
  } catch (...) {
    std::filesystem::remove(temporary, ignored);
    throw;
  }
  if (failure) {
    std::filesystem::remove(temporary, ignored);
    throw Error(Status::resources, file.string() + ": cannot be written: is the folder there, is the disk full?");
  }
}

}  // namespace pleura::hdf5
