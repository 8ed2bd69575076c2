#pragma once
/// One way to do an operation: what it supports, what it costs, how its step is made. The bits of an output voxel
/// depend on the values under its kernel alone: not on n, nor on d and its padding, nor on the number of threads. Slabs
/// and batches rely on it, so what supports an operation supports every slab of it. A variant that promises it for
/// threads alone is `whole_only`.
#include <memory>

#include "runtime/step.hpp"

namespace pleura::kernels {

template <class Operation, class Weights>
struct Variant {
  const char* name;  ///< "reference", "onednn", ...
  bool (*supports)(const Operation& operation);
  /// Expected time, in a unit that the variants of one backend share; the planner takes the cheapest.
  double (*cost)(const Operation& operation);
  /// Packs the weights. The operation is supported and checked.
  std::unique_ptr<runtime::Step> (*make)(const Operation& operation, const Weights& weights);
  bool whole_only = false;  ///< for layers that run neither in slabs nor on batches of several sizes
};

}  // namespace pleura::kernels
