#pragma once
/// The elements that pleura reads, with their VRs: what DCMTK finds in files or the environment for them does not
/// count. For .cpp files alone: it brings DCMTK's headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

namespace pleura::scan {

/// Adds them to a dictionary, over entries of the same tags. Throws bad_alloc.
void add_elements(DcmDataDictionary& dictionary);

}  // namespace pleura::scan
