#pragma once
/// The Modality LUT of a DICOM file: a table from stored values to HU in place of slope and intercept (PS3.3 C.11.1).
/// For .cpp files alone: it brings DCMTK's headers.
#include <optional>

#include "scan/dicom_elements.hpp"
#include "scan/dicom_pixels.hpp"

namespace pleura::scan {

/// The table of a data set whose stored values are signed or not; nothing where there is none. Throws UnreadableElement
/// where it is malformed or its entries cannot be HU.
[[nodiscard]] std::optional<ModalityLut> modality_lut_of(const Elements& elements, bool is_signed);

}  // namespace pleura::scan
