#pragma once
/// What public functions throw is pleura::Error.
#include <filesystem>
#include <new>
#include <utility>

#include "pleura/error.hpp"

namespace pleura::api {

/// Runs the work of a public function; memory that runs out, or a file system that fails, becomes an error of ours.
template <class Work>
auto guarded(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    throw Error(Status::resources,
                "out of memory: close other programs or bound the process with --memory (memory_bytes)");
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(Status::resources, error.path1().string() + ": " + error.code().message());
  }
}

}  // namespace pleura::api
