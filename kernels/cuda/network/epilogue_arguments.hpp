#pragma once
/// kernels/epilogue.hpp as an argument of CUDA kernels.
#include <array>
#include <cstdint>

#include "kernels/packing.hpp"

namespace pleura::kernels::cuda {

/// An epilogue as a kernel's argument.
struct EpilogueArguments {
  struct Stage {
    const void* residual = nullptr;
    std::int64_t pitch = 0;
    bool one_channel = false;
    Activation activation = Activation::none;
  };
  Stage stages[2];
  EpilogueWeights weights;
};

inline EpilogueArguments arguments_of(const Epilogue& epilogue, const EpilogueWeights& weights,
                                      const std::array<const void*, 2>& residuals) {
  EpilogueArguments result;
  result.weights = weights;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const EpilogueStage& stage = epilogue.stages[i];
    result.stages[i].activation = stage.activation;
    if (!stage.residual) continue;
    result.stages[i].residual = residuals[i];
    result.stages[i].pitch = stage.residual->pitch;
    result.stages[i].one_channel = stage.residual->shape.c == 1;
  }
  return result;
}

}  // namespace pleura::kernels::cuda
