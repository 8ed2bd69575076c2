#pragma once
/// What public functions throw is pleura::Error.
#include <new>
#include <utility>

#include "pleura/error.hpp"

namespace pleura::api {

/// Runs the work of a public function; memory that runs out becomes an error of ours.
template <class Work>
auto guarded(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    throw Error(Status::resources,
                "out of memory: close other programs or bound the process with --memory (memory_bytes)");
  }
}

}  // namespace pleura::api
