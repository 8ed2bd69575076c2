#include "scan/jpeg2000.hpp"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "pleura/error.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

/// A reading position in memory, as OpenJPEG's stream callbacks see it.
struct Cursor {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T read_bytes(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& cursor = *static_cast<Cursor*>(user);
  const std::size_t count = std::min<std::size_t>(size, cursor.bytes.size() - cursor.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, cursor.bytes.data() + cursor.at, count);
  cursor.at += count;
  return count;
}

OPJ_OFF_T skip_bytes(OPJ_OFF_T size, void* user) {
  auto& cursor = *static_cast<Cursor*>(user);
  if (size < 0) return -1;
  const auto count = std::min<OPJ_OFF_T>(size, static_cast<OPJ_OFF_T>(cursor.bytes.size() - cursor.at));
  cursor.at += static_cast<std::size_t>(count);
  return count;
}

OPJ_BOOL seek_byte(OPJ_OFF_T position, void* user) {
  auto& cursor = *static_cast<Cursor*>(user);
  if (position < 0 || position > static_cast<OPJ_OFF_T>(cursor.bytes.size())) return OPJ_FALSE;
  cursor.at = static_cast<std::size_t>(position);
  return OPJ_TRUE;
}

void keep_first_message(const char* message, void* user) {
  auto& kept = *static_cast<std::string*>(user);
  if (kept.empty()) kept = printable(std::string_view(message).substr(0, std::strcspn(message, "\n")));
}

/// Owns one of OpenJPEG's handles.
template <auto destroy>
struct Destroy {
  void operator()(auto* handle) const { destroy(handle); }
};

template <typename Handle, auto destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroy<destroy>>;

bool is_jp2(std::span<const std::byte> stream) {
  return stream.size() > 8 && std::memcmp(stream.data() + 4, "jP  ", 4) == 0;
}

}  // namespace

std::vector<std::int32_t> decode_jpeg2000(std::span<const std::byte> stream, std::int64_t rows, std::int64_t columns,
                                          const std::string& name) {
  std::string message;
  const auto refuse = [&](const std::string& why) { return Error(Status::input_refused, name + ": " + why); };
  const auto refuse_damaged = [&] {
    if (message.find("emory") != std::string::npos) throw std::bad_alloc();  // OpenJPEG has no other word for it
    return refuse("damaged JPEG 2000 stream (" + message + ")");
  };
  Cursor cursor{.bytes = stream};
  const Owned<opj_stream_t*, opj_stream_destroy> input(opj_stream_default_create(OPJ_TRUE));
  const Owned<opj_codec_t*, opj_destroy_codec> codec(
      opj_create_decompress(is_jp2(stream) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
  if (!input || !codec) throw Error(Status::resources, name + ": no memory for a JPEG 2000 decoder");
  opj_stream_set_user_data(input.get(), &cursor, nullptr);
  opj_stream_set_user_data_length(input.get(), stream.size());
  opj_stream_set_read_function(input.get(), read_bytes);
  opj_stream_set_skip_function(input.get(), skip_bytes);
  opj_stream_set_seek_function(input.get(), seek_byte);
  opj_set_error_handler(codec.get(), keep_first_message, &message);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* header = nullptr;
  const bool opened = opj_setup_decoder(codec.get(), &parameters) && opj_read_header(input.get(), codec.get(), &header);
  const Owned<opj_image_t*, opj_image_destroy> image(header);
  if (!opened || !image) throw refuse_damaged();
  if (image->numcomps != 1 || image->comps[0].w != columns || image->comps[0].h != rows)
    throw refuse("its JPEG 2000 stream holds " + counted(image->numcomps, "component") + " of " +
                 std::to_string(image->comps[0].h) + " x " + std::to_string(image->comps[0].w) +
                 " pixels, expected 1 of " + std::to_string(rows) + " x " + std::to_string(columns));
  if (!opj_decode(codec.get(), input.get(), image.get()) || !opj_end_decompress(codec.get(), input.get()) ||
      image->comps[0].data == nullptr)
    throw refuse_damaged();
  return {image->comps[0].data, image->comps[0].data + rows * columns};
}

}  // namespace pleura::scan
