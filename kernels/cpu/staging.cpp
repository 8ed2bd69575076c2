#include "kernels/cpu/staging.hpp"

#include <cstring>

#include "runtime/float16.hpp"

namespace pleura::kernels::cpu {
namespace {

void copy_run(float* to, const float* from, std::int64_t count) { std::memcpy(to, from, count * sizeof(float)); }
void copy_run(std::uint16_t* to, const std::uint16_t* from, std::int64_t count) {
  std::memcpy(to, from, count * sizeof(std::uint16_t));
}
void copy_run(float* to, const std::uint16_t* from, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = runtime::bf16_to_float(from[i]);
}

/// Voxels of a number of channels known to the compiler, 0 where it is not.
template <int channels, class To, class From>
void copy_voxels(To* to, std::int64_t to_pitch, const From* from, std::int64_t from_pitch, std::int64_t voxels,
                 std::int64_t count) {
  for (std::int64_t v = 0; v < voxels; ++v)
    copy_run(to + v * to_pitch, from + v * from_pitch, channels == 0 ? count : channels);
}

template <class To, class From>
void copy_row(To* to, std::int64_t to_pitch, const From* from, std::int64_t from_pitch, std::int64_t voxels,
              std::int64_t channels) {
  if (to_pitch == channels && from_pitch == channels) return copy_run(to, from, voxels * channels);
  switch (channels) {
    case 8:
      return copy_voxels<8>(to, to_pitch, from, from_pitch, voxels, channels);
    case 16:
      return copy_voxels<16>(to, to_pitch, from, from_pitch, voxels, channels);
    case 32:
      return copy_voxels<32>(to, to_pitch, from, from_pitch, voxels, channels);
    default:
      return copy_voxels<0>(to, to_pitch, from, from_pitch, voxels, channels);
  }
}

template <class To, class From>
void stage_as(const DirectProblem& problem, const DirectLayout& layout, const StagedBox& box, const From* input,
              char* to) {
  const auto& in = problem.input.shape;
  const std::int64_t pitch = problem.input.pitch, to_pitch = layout.part_channels;
  const std::int64_t begin = std::max<std::int64_t>(0, -box.low[2]);                       // first column inside
  const std::int64_t end = std::max(begin, std::min(layout.staged_w, in.w - box.low[2]));  // and the one past them
  const bool zeros_between = box.channels < to_pitch;
  for (std::int64_t d = 0; d < box.size[0]; ++d)
    for (std::int64_t h = 0; h < box.size[1]; ++h) {
      char* row = to + (d * layout.plane_rows + h) * layout.row_bytes;
      const std::int64_t voxel = ((box.n * in.d + box.low[0] + d) * in.h + box.low[1] + h) * in.w + box.low[2] + begin;
      const std::int64_t left = begin * to_pitch * layout.element, right = end * to_pitch * layout.element;
      if (zeros_between) std::memset(row, 0, layout.row_bytes);
      std::memset(row, 0, left);
      copy_row(reinterpret_cast<To*>(row + left), to_pitch, input + voxel * pitch + box.channel, pitch, end - begin,
               box.channels);
      std::memset(row + right, 0, layout.row_bytes - right);
    }
}

}  // namespace

void stage(const DirectProblem& problem, const DirectLayout& layout, const StagedBox& box, const void* input,
           char* to) {
  if (problem.input.dtype == runtime::DType::f32)
    stage_as<float>(problem, layout, box, static_cast<const float*>(input), to);
  else if (layout.element == 2)
    stage_as<std::uint16_t>(problem, layout, box, static_cast<const std::uint16_t*>(input), to);
  else
    stage_as<float>(problem, layout, box, static_cast<const std::uint16_t*>(input), to);
}

}  // namespace pleura::kernels::cpu
