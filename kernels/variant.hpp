#pragma once
/// One way to do an operation: what it supports, what it costs, how its step is made. The bits of an output voxel
/// depend on the values under its kernel alone: not on n, nor on d and its padding, nor on the number of threads. Slabs
/// and batches rely on it, so what supports an operation supports every slab of it. A variant that promises it for
/// threads alone is `whole_only`.
#include <memory>

#include "runtime/device.hpp"

namespace pleura::kernels {

/// The calling thread is bound to the device that the functions are given.
template <class Operation, class Step>
struct Variant {
  const char* name;  ///< "reference", "onednn", ...
  bool (*supports)(const Operation& operation, const runtime::Device& device);
  /// Expected time, in a unit that the variants of one backend share; the planner takes the cheapest.
  double (*cost)(const Operation& operation, const runtime::Device& device);
  /// The operation is supported and checked. The device outlives the step.
  std::unique_ptr<Step> (*make)(const Operation& operation, const runtime::Device& device);
  bool whole_only = false;  ///< for layers that run neither in slabs nor on batches of several sizes
};

}  // namespace pleura::kernels
