#pragma once
/// What the name of a reconstruction kernel says.
#include <string>

namespace pleura::scan {

/// Whether a ConvolutionKernel is sharp, as for lungs: Siemens Bl, and B, I, Br, Bv and Qr from 55; GE LUNG, BONE, EDGE
/// and their kin; Philips L, YC, YD and YE; Canon and Toshiba FC50 to FC59 and FC80 to FC89.
[[nodiscard]] bool is_lung_kernel(const std::string& name);

}  // namespace pleura::scan
