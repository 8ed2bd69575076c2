#pragma once
/// The part of CUDA's cuComplex.h that headers of CUDA's libraries ask for.

struct cuComplex {
  float x, y;
};
struct cuDoubleComplex {
  double x, y;
};
