#include "counts.hpp"

#include "../include/cuda_emulator.h"
#include "call.hpp"

namespace emulator {

namespace {

Counts total;

}  // namespace

void count_allocation() { ++total.allocations; }

void count_upload(std::size_t bytes) {
  ++total.uploads;
  total.uploaded_bytes += bytes;
}

void count_download(std::size_t bytes) {
  ++total.downloads;
  total.downloaded_bytes += bytes;
}

void count_kernel() { ++total.kernels; }

Counts counts() {
  const Lock lock;
  return total;
}

Counts operator-(const Counts& later, const Counts& earlier) {
  return {later.allocations - earlier.allocations,           later.uploads - earlier.uploads,
          later.uploaded_bytes - earlier.uploaded_bytes,     later.downloads - earlier.downloads,
          later.downloaded_bytes - earlier.downloaded_bytes, later.kernels - earlier.kernels};
}

}  // namespace emulator
