/// NIfTI-1 or -2, gzipped or not.
#include "scan/nifti.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  const auto file = fuzz::in_memory("a.nii", fuzz::bytes_of(data));
  (void)scan::read_nifti_header(file);
  (void)scan::read_nifti(file);
}
