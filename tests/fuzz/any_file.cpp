/// A file of any kind through the public API: looked at, then read, as the command does.
#include "pleura/pleura.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  static const fuzz::Folder folder;
  const auto file = folder.write("a", data);
  ReadOptions options;
  options.window_low = -1000;
  options.window_high = 1000;
  options.spacing = {2, 1, 1};
  options.threads = 1;
  fuzz::expect_read_or_refused([&] { (void)scan_ct(file, options); });
  (void)read_ct(file, options);
}
