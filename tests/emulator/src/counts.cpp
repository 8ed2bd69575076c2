#include "counts.hpp"

#include <mutex>

#include "../include/cuda_emulator.h"

namespace emulator {

namespace {

std::mutex mutex;
Counts total;

}  // namespace

void count_allocation() {
  const std::lock_guard lock(mutex);
  ++total.allocations;
}

void count_upload(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  ++total.uploads;
  total.uploaded_bytes += bytes;
}

void count_download(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  ++total.downloads;
  total.downloaded_bytes += bytes;
}

void count_kernel() {
  const std::lock_guard lock(mutex);
  ++total.kernels;
}

Counts counts() {
  const std::lock_guard lock(mutex);
  return total;
}

Counts operator-(const Counts& later, const Counts& earlier) {
  return {later.allocations - earlier.allocations,           later.uploads - earlier.uploads,
          later.uploaded_bytes - earlier.uploaded_bytes,     later.downloads - earlier.downloads,
          later.downloaded_bytes - earlier.downloaded_bytes, later.kernels - earlier.kernels};
}

}  // namespace emulator
