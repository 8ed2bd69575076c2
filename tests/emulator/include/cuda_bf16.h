#pragma once
/// The part of CUDA's cuda_bf16.h that headers of CUDA's libraries ask for.

struct __nv_bfloat16 {
  unsigned short bits;
};
