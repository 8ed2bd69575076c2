/// MetaImage: header and voxels in one file, or the voxels in one beside it.
#include "scan/metaimage.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  const auto memory = std::make_shared<const scan::FilesInMemory>(
      scan::FilesInMemory{{"a.mha", fuzz::bytes_of(data)}, {"a.raw", scan::Bytes(2 * 8 * 8 * 12)}});
  const scan::InputFile file("a.mha", memory);
  (void)scan::read_metaimage_header(file);
  (void)scan::read_metaimage(file);
}
