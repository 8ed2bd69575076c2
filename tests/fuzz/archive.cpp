/// A zip or tar archive: all its members unpacked, each looked at.
#include "scan/archive.hpp"

#include "scan/sniff.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  static const fuzz::Folder folder;
  constexpr std::int64_t most_held = std::int64_t{1} << 30;
  const auto archive = folder.write("a.zip", data);
  std::vector<RefusedFile> refused;
  for (const auto& member : scan::read_archive(
           archive, [](const auto&) { return true; }, most_held, refused))
    fuzz::expect_read_or_refused([&] { (void)scan::sniff(member); });
}
