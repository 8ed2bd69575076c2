#include "report/pictures.hpp"

#include <span>

#include "files/replace.hpp"
#include "report/identity.hpp"
#include "report/names.hpp"
#include "report/pages.hpp"
#include "runtime/parallel.hpp"

namespace pleura::report {
namespace {

void write_picture(const std::filesystem::path& file, const Picture& picture) {
  const std::vector<std::uint8_t> png = picture.png();
  files::create_file(file, std::as_bytes(std::span(png)));
}

}  // namespace

void require_pictures() {}

void write_pictures(const Screening& screening, const std::filesystem::path& folder, Disclosure disclosure) {
  const std::string identity = identity_line(screening.result, disclosure);
  const auto regions = static_cast<std::int64_t>(screening.result.regions.size());
  parallel_for(regions + 1, resolve_threads(0), [&](std::int64_t i) {
    if (i == 0) return write_picture(folder / "montage.png", montage_page(screening, identity));
    const auto region = static_cast<std::size_t>(i - 1);
    write_picture(folder / picture_name(region), region_page(screening, region, identity));
  });
}

}  // namespace pleura::report
