#include "files/hdf5.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "files/hdf5_writing.hpp"
#include "files/replace.hpp"

namespace pleura::hdf5 {
namespace {

std::recursive_mutex& session_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

/// Whether there is so much memory, and some to spare for HDF5's own needs: where it finds none for these it may crash.
bool has_memory(std::size_t bytes) {
  bytes += std::size_t{1} << 23;
  void* tried = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return tried != MAP_FAILED && ::munmap(tried, bytes) == 0;
}

/// The memory that HDF5 writes a file into. On a disk it would forget that a write failed, and may crash after it.
class Image {
 public:
  Image() = default;
  ~Image() {
    if (held_) give_up(bytes_.release());
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  /// Properties of a file that lies here, and stays here once it is closed: only that makes it whole.
  [[nodiscard]] Handle access() {
    constexpr std::size_t growth = std::size_t{1} << 24;
    Handle properties(ensure(H5Pcreate(H5P_FILE_ACCESS)));
    H5FD_file_image_callbacks_t callbacks{};
    callbacks.image_realloc = [](void*, std::size_t size, H5FD_file_image_op_t, void* image) {
      return static_cast<Image*>(image)->resize(size);
    };
    callbacks.image_free = [](void*, H5FD_file_image_op_t, void* image) {
      static_cast<Image*>(image)->held_ = false;
      return herr_t{0};
    };
    callbacks.udata_copy = [](void* image) { return image; };
    callbacks.udata_free = [](void*) { return herr_t{0}; };
    callbacks.udata = this;
    ensure(H5Pset_fapl_core(properties.get(), growth, false));
    ensure(H5Pset_file_image_callbacks(properties.get(), &callbacks));
    // The first version whose metadata has checksums.
    ensure(H5Pset_libver_bounds(properties.get(), H5F_LIBVER_V18, H5F_LIBVER_LATEST));
    return properties;
  }

  /// The closed file, up to the end that its superblock (version 2) names.
  [[nodiscard]] std::span<const std::byte> bytes() const {
    constexpr std::size_t end_at = 28;
    std::uint64_t end = 0;
    if (bytes_) std::memcpy(&end, bytes_.get() + end_at, sizeof end);
    if (end == 0 || end > size_) throw Failed{};
    return {bytes_.get(), static_cast<std::size_t>(end)};
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  /// HDF5 may still know the memory of a file that could not be closed: it stays, each block with the one before at its
  /// beginning, so that a search for leaks finds them.
  static void give_up(std::byte* block) {
    static std::atomic<std::byte*> last = nullptr;
    const std::byte* before = last.exchange(block);
    std::memcpy(block, &before, sizeof before);
  }

  void* resize(std::size_t size) {
    void* resized = has_memory(size - size_) ? std::realloc(bytes_.get(), size) : nullptr;
    if (resized == nullptr) return nullptr;
    (void)bytes_.release();
    bytes_.reset(static_cast<std::byte*>(resized));
    size_ = size;
    held_ = true;
    return resized;
  }

  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
  bool held_ = false;
};

void write_image(Image& image, const std::function<void(const Handle& root)>& fill) {
  static std::atomic<int> files = 0;  // a name that no file given up has
  const Session session;
  if (!has_memory(0)) throw Failed{};
  const std::string name = "pleura " + std::to_string(++files);
  ::operator delete(::operator new(1 << 20));  // HDF5 1.10 crashes where its cache gets no memory: tried before it does
  Handle access = image.access(), creation = untimed(H5P_FILE_CREATE);
  Handle root(ensure(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.get(), access.get())));
  fill(root);
  close(root, access, creation);
}

}  // namespace

void require_writing(const std::filesystem::path& /*file*/) {}

void Handle::close() {
  if (id_ >= 0) ensure(H5Idec_ref(std::exchange(id_, H5I_INVALID_HID)));
}

Session::Session() : lock_(session_mutex()) {
  // What HDF5 does at exit may crash where memory was missing. Nothing of ours is open by then.
  [[maybe_unused]] static const herr_t done = H5dont_atexit();
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
  Handle type(ensure(H5Tcopy(H5T_IEEE_F32LE)));
  ensure(H5Tset_fields(type.get(), 15, 10, 5, 0, 10));
  ensure(H5Tset_size(type.get(), 2));
  ensure(H5Tset_ebias(type.get(), 15));
  return type;
}

Handle text_type() {
  Handle type(ensure(H5Tcopy(H5T_C_S1)));
  ensure(H5Tset_size(type.get(), H5T_VARIABLE));
  ensure(H5Tset_cset(type.get(), H5T_CSET_UTF8));
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
  Handle properties = untimed(H5P_GROUP_CREATE);
  Handle group(ensure(H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT)));
  properties.close();
  return group;
}

void write_attribute(const Handle& object, const std::string& name, hid_t stored, hid_t memory,
                     std::span<const hsize_t> extents, const void* values) {
  Handle space = create_space(extents);
  Handle attribute(ensure(H5Acreate2(object.get(), name.c_str(), stored, space.get(), H5P_DEFAULT, H5P_DEFAULT)));
  ensure(H5Awrite(attribute.get(), memory, values));
  close(attribute, space);
}

void write_attribute(const Handle& object, const std::string& name, const std::string& text) {
  Handle type = text_type();
  const char* start = text.c_str();
  write_attribute(object, name, type.get(), type.get(), {}, static_cast<const void*>(&start));
  type.close();
}

void write_file(const std::filesystem::path& file, const std::function<void(const Handle& root)>& fill) {
  Image image;
  try {
    write_image(image, fill);
    files::write_file(file, image.bytes());
  } catch (const Failed&) {
    throw files::WriteFailed(file, std::make_error_code(std::errc::not_enough_memory));
  }
}

}  // namespace pleura::hdf5
