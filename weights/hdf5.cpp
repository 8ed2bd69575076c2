#include "weights/hdf5.hpp"

#include <algorithm>
#include <exception>

namespace pleura::hdf5 {
namespace {

std::recursive_mutex& session_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

struct Listing {
  Links result;
  std::size_t limit = 0;
};

herr_t add_link(hid_t, const char* name, const H5L_info_t* info, void* data) noexcept {
  auto& listing = *static_cast<Listing*>(data);
  if (listing.result.links.size() >= listing.limit) return 1;
  listing.result.links.push_back({name, info->type});
  return 0;
}

}  // namespace

Session::Session() : lock_(session_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

Links list_links(const Handle& group, std::size_t limit) {
  Listing listing;
  listing.limit = limit;
  const herr_t outcome = H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, &add_link, &listing);
  listing.result.complete = outcome >= 0;
  return std::move(listing.result);
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

bool is_plain_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x20 ? lead != '\t' && lead != '\n' && lead != '\r' : lead == 0x7f) return false;
    const std::size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || more >= text.size() - i) return false;
    std::uint32_t code = more == 0 ? lead : lead & (0x3fU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      code = code << 6 | (next & 0x3fU);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    const bool control = more == 1 && code < 0xa0;
    if (overlong || control || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return false;
    i += more + 1;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string safe(text.substr(0, 80));
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text.size() > 80 ? safe + "..." : safe;
}

}  // namespace pleura::hdf5
