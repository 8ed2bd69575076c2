#include "environment.hpp"

#include <array>
#include <cstdlib>
#include <new>

namespace pleura::command {
namespace {

// docs/command.md lists them. What the loader and the system's C library read is theirs, not ours.
constexpr std::array ignored{
    "DCMICONVPATH",         // DCMTK: character sets
    "HDF5_PLUGIN_PATH",     // HDF5: code
    "HDF5_PLUGIN_PRELOAD",  //
    "HDF5_VOL_CONNECTOR",   //
    "HDF5_DRIVER",          //
    "HDF5_DRIVER_CONFIG",   //
    "ONEDNN_JIT_DUMP",      // oneDNN: writes files
    "DNNL_JIT_DUMP",        //
    "ONEDNN_JIT_PROFILE",   //
    "DNNL_JIT_PROFILE",     //
    "ONEDNN_VERBOSE",       // oneDNN: writes into our output
    "DNNL_VERBOSE",         //
    "OMP_TOOL_LIBRARIES",   // OpenMP: code
};

}  // namespace

void ignore_environment() {
  for (const char* variable : ignored) unsetenv(variable);
  // DCMTK: no dictionary but pleura's own, which memory cannot fail half way.
  if (setenv("DCMDICTPATH", "/dev/null", 1) != 0) throw std::bad_alloc();
}

}  // namespace pleura::command
