#pragma once
/// kernels/morphology.hpp on the device, for all slices of a volume at once; volumes of bits combined and counted.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/combination.hpp"
#include "kernels/morphology.hpp"

namespace pleura::kernels::cuda {

/// `out` must not be `in`. Each throws Error(internal) for a disc that reaches past 256 voxels.
void dilate(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
            cudaStream_t stream);
void erode(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
           cudaStream_t stream);

/// Of the slices within their frames of zeros.
[[nodiscard]] std::int64_t close_workspace_bytes(const std::array<std::int64_t, 3>& shape, const Disc& disc);
/// `out` may be `in`; `workspace` has close_workspace_bytes and is aligned to 8 bytes.
void close(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
           std::uint64_t* workspace, cudaStream_t stream);

/// Ones become zeros and zeros ones; the bits past the end of a row stay zero. `out` may be `in`.
void invert(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, cudaStream_t stream);

/// Word for word; `out` may be either input.
void combine(const std::uint64_t* first, const std::uint64_t* second, std::uint64_t* out, std::int64_t words,
             Combination how, cudaStream_t stream);

/// *count becomes how many ones there are.
void count_ones(const std::uint64_t* bits, std::int64_t words, unsigned long long* count, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
