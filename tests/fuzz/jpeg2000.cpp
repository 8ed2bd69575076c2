/// A JPEG 2000 code stream of an announced size: the first byte chooses between that of the seeds and two others.
#include "scan/jpeg2000.hpp"

#include "tests/fuzz/fuzz.hpp"

PLEURA_FUZZ_TARGET {
  constexpr std::array<std::int64_t, 3> sides{16, 5, 64};
  const auto side = sides[pleura::fuzz::take_byte(data) % sides.size()];
  (void)pleura::scan::decode_jpeg2000(std::as_bytes(data), side, side, "a");
}
