/// NRRD: header and voxels in one file, or the voxels in one beside it.
#include "scan/nrrd.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  const auto memory = std::make_shared<const scan::FilesInMemory>(
      scan::FilesInMemory{{"a.nrrd", fuzz::bytes_of(data)}, {"a.raw", scan::Bytes(2 * 8 * 8 * 12)}});
  const scan::InputFile file("a.nrrd", memory);
  (void)scan::read_nrrd_header(file);
  (void)scan::read_nrrd(file);
}
