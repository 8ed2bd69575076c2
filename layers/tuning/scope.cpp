// What choices hold for, of the device, the build and the libraries as they are.
#include <fstream>

#include "kernels/vendor/library.hpp"
#include "layers/tuning/tuner.hpp"
#include "pleura/text.hpp"
#include "pleura/version.h"
#include "runtime/machine.hpp"

namespace pleura::layers {
namespace {

const char* name_of(Kernels kernels) {
  return kernels == Kernels::native ? "native" : kernels == Kernels::cudnn ? "cudnn" : "any";
}

/// The version of NVIDIA's kernel module, as it says it itself; empty where there is none.
std::string kernel_module() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  std::getline(file, line);
  return printable(line);
}

std::string device_text(const kernels::OpenDevice& open) {
  const runtime::DeviceProperties& of = open.device->properties();
  if (open.device->is_host()) {
    std::string text = open.backend.name;
    text += ": " + runtime::cpu_model();
    for (const std::string& set : runtime::cpu_instruction_sets()) text += " " + set;
    return text + ", " + std::to_string(open.device->stream().threads) + " threads";
  }
  return std::string(open.backend.name) + ": " + printable(of.model) + ", sm_" + std::to_string(of.major) +
         std::to_string(of.minor) + ", " + std::to_string(of.multiprocessors) + " multiprocessors, " +
         std::to_string(of.memory_bytes >> 20) + " MiB, driver for CUDA " + std::to_string(of.driver) + " " +
         kernel_module();
}

/// As far as kernels of theirs may be chosen.
std::string libraries_text(const kernels::OpenDevice& open, Kernels kernels) {
  std::string text = open.backend.libraries ? open.backend.libraries() : "";
  if (kernels == Kernels::native || !open.backend.why_no_cudnn) return text;
  const auto bound = open.device->bind();
  const std::string why = open.backend.why_no_cudnn(*open.device);  // opens it, with what it needs
  if (!why.empty()) return text + ", no cuDNN";
  const auto around = kernels::vendor::Surroundings::here();
  return text + ", cuDNN " + open_cudnn(around, open.backend.cuda).version + ", cuBLASLt " +
         open_cublaslt(around, open.backend.cuda).version;
}

}  // namespace

TuningScope tuning_scope(const kernels::OpenDevice& device, Kernels kernels) {
  return {device_text(device), std::string(PLEURA_VERSION) + " " + runtime::build_id(), libraries_text(device, kernels),
          name_of(kernels)};
}

}  // namespace pleura::layers
