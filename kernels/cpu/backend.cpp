#include "kernels/backend.hpp"

namespace pleura::kernels {

const Backend& cpu_backend() {
  static const Backend backend{"cpu", reference_backend().convolutions, reference_backend().deconvolutions,
                               reference_backend().poolings};
  return backend;
}

}  // namespace pleura::kernels
