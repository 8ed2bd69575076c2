#pragma once
/// The CPU's instrument for volumes beside CUDA's.
#include "kernels/instruments.hpp"

namespace pleura::test {

class Instruments : public InstrumentPair {
 public:
  Instruments() : InstrumentPair({"cpu", "cuda"}) {}

  kernels::Instrument& cpu() { return right(); }
  kernels::Instrument& cuda() { return held(); }
};

}  // namespace pleura::test
