#pragma once
/// One way to do an operation: what it supports, what it costs, how its step is made. The bits of an output voxel
/// depend on the values under its kernel alone: not on n, nor on d and its padding, nor on the number of threads. Slabs
/// and batches rely on it, so what supports an operation supports every slab of it. A variant that promises it for
/// threads alone is `whole_only`.
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

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
  bool vendor = false;      ///< a library of the GPU's vendor, opened while the program runs: where it was asked for
};

/// The variants of several families, in their order.
template <class V>
[[nodiscard]] std::vector<V> join(std::initializer_list<std::span<const V>> families) {
  std::vector<V> all;
  for (const std::span<const V> family : families) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace pleura::kernels
