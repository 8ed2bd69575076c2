#pragma once
/// Functions of a few numbers that host and device both compile: one text, so one result.
#ifdef __CUDACC__
#define PLEURA_HOST_DEVICE __host__ __device__
#else
#define PLEURA_HOST_DEVICE
#endif
