#pragma once
/// What CUDA code reaches through inline PTX, as functions: a project's own wrappers choose them with `#ifdef
/// CUDA_EMULATOR`. Fragments are laid out as the PTX manual says (mma.sync, ldmatrix), accumulation is exact in double
/// and rounded once.
#include <cstddef>
#include <cstdint>

#include "../src/async_copy.hpp"

namespace emulator {

/// mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 (sm_80)
void mma_m16n8k16_f16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);
/// mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 (sm_75)
void mma_m16n8k8_f16(float (&d)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1]);
/// mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 (sm_80)
void mma_m16n8k32_s8(std::int32_t (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);
/// mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 (sm_75)
void mma_m8n8k16_s8(std::int32_t (&d)[2], const std::uint32_t (&a)[1], const std::uint32_t (&b)[1]);

/// ldmatrix.sync.aligned.m8n8.x1, .x2 or .x4 (and .trans) .shared.b16: `row` is this lane's row address in shared
/// memory.
void ldmatrix(std::uint32_t* registers, int matrices, bool transpose, const void* row);

}  // namespace emulator
