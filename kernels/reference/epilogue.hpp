#pragma once
/// The epilogue of one output voxel, in double.
#include <span>

#include "kernels/packing.hpp"

namespace pleura::kernels::reference {

/// Finishes and stores the sums of the voxel with this index among the output's voxels, one sum a channel.
void store(const Epilogue& epilogue, const EpilogueWeights& weights, const runtime::TensorDesc& output,
           const runtime::Operands& operands, std::int64_t voxel, std::span<const double> sums);

}  // namespace pleura::kernels::reference
