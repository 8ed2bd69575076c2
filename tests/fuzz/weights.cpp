/// A weights file: as a model, then every object that its groups lead to.
#include <set>

#include "tests/fuzz/fuzz.hpp"
#include "weights/h5read/object.hpp"
#include "weights/model.hpp"

using namespace pleura;

namespace {

void walk(h5read::File& file, const h5read::Object& object, std::set<std::uint64_t>& seen) {
  for (const auto& link : object.links)
    if (link.kind == h5read::LinkKind::hard && seen.insert(link.address).second)
      walk(file, file.object(link.address), seen);
}

}  // namespace

PLEURA_FUZZ_TARGET {
  static const fuzz::Folder folder;
  const auto path = folder.write("a.h5", data);
  fuzz::expect_read_or_refused([&] { (void)weights::read_model(path); });
  try {
    h5read::File file(path);
    std::set<std::uint64_t> seen;
    walk(file, file.root(), seen);
  } catch (const h5read::Damaged&) {
  }
}
