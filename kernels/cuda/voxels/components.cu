// A thread has a row: its runs are few, and the rows of a chest many. Runs are placed by a scan over the rows' counts;
// rows next to each other join theirs in a forest whose roots are the least of their trees (atomicMin), so that the
// forest is the same whatever came first; the roots are numbered by a second scan. Figures are added up by atomics on
// whole numbers.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/components.cuh"
#include "kernels/cuda/voxels/components.hpp"
#include "kernels/cuda/voxels/scan.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// Calls visit(begin, end) for each run of a row, in rising x.
template <class Visit>
__device__ inline void for_each_run(const std::uint64_t* row, const BitGrid& grid, const Visit& visit) {
  std::int64_t begin = -1;
  for (std::int64_t word = 0; word < grid.row_words; ++word) {
    // Ones where a bit differs from the one before it: where runs begin and end.
    const std::uint64_t before = row[word] << 1 | static_cast<std::uint64_t>(begin >= 0);
    for (std::uint64_t edges = row[word] ^ before; edges != 0; edges &= edges - 1) {
      const std::int64_t x = word * 64 + lowest_one(edges);
      if (begin >= 0) visit(begin, x);
      begin = begin < 0 ? x : -1;
    }
  }
  if (begin >= 0) visit(begin, grid.row_words * 64);
}

__global__ void count_runs_kernel(const std::uint64_t* bits, const BitGrid grid, std::int32_t* first_of_row) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  std::int32_t count = 0;
  for_each_run(bits + row * grid.row_words, grid, [&](std::int64_t, std::int64_t) { ++count; });
  first_of_row[row] = count;
}

__global__ void write_runs_kernel(const std::uint64_t* bits, const BitGrid grid, const ComponentBuffers c) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  const auto z = static_cast<std::int32_t>(row / grid.height), y = static_cast<std::int32_t>(row % grid.height);
  std::int32_t i = c.first_of_row[row];
  for_each_run(bits + row * grid.row_words, grid, [&](std::int64_t begin, std::int64_t end) {
    c.parents[i] = i;
    c.runs[i++] = {z, y, static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end), 0};
  });
}

__device__ inline std::int32_t root(const std::int32_t* parents, std::int32_t i) {
  for (std::int32_t parent; (parent = atomic_load(parents + i)) != i;) i = parent;
  return i;
}

__device__ inline void join(std::int32_t* parents, std::int32_t a, std::int32_t b) {
  for (;;) {
    a = root(parents, a);
    b = root(parents, b);
    if (a == b) return;
    const std::int32_t low = min(a, b), high = max(a, b);
    const std::int32_t before = atomicMin(parents + high, low);
    if (before == high) return;
    a = low;  // another thread gave it a parent in the meantime: that one is to be joined too
    b = before;
  }
}

/// Joins the runs of two rows that share a column.
__device__ inline void join_rows(const ComponentBuffers& c, std::int64_t row, std::int64_t other) {
  std::int32_t a = c.first_of_row[row], b = c.first_of_row[other];
  const std::int32_t a_end = c.first_of_row[row + 1], b_end = c.first_of_row[other + 1];
  while (a < a_end && b < b_end) {
    const Run &mine = c.runs[a], &theirs = c.runs[b];
    if (mine.begin < theirs.end && theirs.begin < mine.end) join(c.parents, a, b);
    (mine.end < theirs.end ? a : b) += 1;
  }
}

__global__ void join_kernel(const BitGrid grid, bool in_volume, const ComponentBuffers c) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  if (row % grid.height > 0) join_rows(c, row, row - 1);
  if (in_volume && row >= grid.height) join_rows(c, row, row - grid.height);
}

__global__ void count_roots_kernel(std::int64_t rows, const ComponentBuffers c) {
  const std::int64_t row = global_thread();
  if (row >= rows) return;
  std::int32_t count = 0;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i) count += c.parents[i] == i;
  c.roots_of_row[row] = count;
}

/// Numbers the roots, and begins their figures.
__global__ void number_roots_kernel(std::int64_t rows, const ComponentBuffers c) {
  const std::int64_t row = global_thread();
  if (row >= rows) return;
  std::int32_t number = c.roots_of_row[row];
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i) {
    if (c.parents[i] != i) continue;
    c.runs[i].component = number;
    ComponentFigures& figures = c.list[number++];
    figures.voxels = 0;
    for (int axis = 0; axis < 3; ++axis) {
      figures.index_sum[axis] = 0;
      figures.low[axis] = INT32_MAX;
      figures.high[axis] = 0;
    }
  }
}

/// Numbers the other runs after their roots, and adds every run to its component's figures.
__global__ void measure_kernel(std::int64_t rows, const ComponentBuffers c) {
  const std::int64_t row = global_thread();
  if (row >= rows) return;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i) {
    const std::int32_t first = root(c.parents, i);
    Run& run = c.runs[i];
    if (first != i) run.component = c.runs[first].component;
    ComponentFigures& figures = c.list[run.component];
    const auto count = static_cast<unsigned long long>(run.end - run.begin);
    atomicAdd(&figures.voxels, count);
    atomicAdd(&figures.index_sum[0], static_cast<unsigned long long>(run.z) * count);
    atomicAdd(&figures.index_sum[1], static_cast<unsigned long long>(run.y) * count);
    atomicAdd(&figures.index_sum[2], static_cast<unsigned long long>(run.begin + run.end - 1) * count / 2);
    const int low[3] = {run.z, run.y, run.begin}, high[3] = {run.z + 1, run.y + 1, run.end};
    for (int axis = 0; axis < 3; ++axis) {
      atomicMin(&figures.low[axis], low[axis]);
      atomicMax(&figures.high[axis], high[axis]);
    }
  }
}

__global__ void count_in_kernel(const BitGrid grid, const ComponentBuffers c, const std::uint64_t* other,
                                unsigned long long* counts) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i) {
    unsigned long long shared = 0;
    for_each_word(c.runs[i], [&](std::int64_t word, std::uint64_t mask) {
      shared += static_cast<unsigned long long>(ones(other[row * grid.row_words + word] & mask));
    });
    if (shared != 0) atomicAdd(counts + c.runs[i].component, shared);
  }
}

__global__ void draw_kernel(const BitGrid grid, const ComponentBuffers c, const std::uint8_t* wanted,
                            std::uint64_t* bits) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  std::uint64_t* words = bits + row * grid.row_words;
  for (std::int64_t word = 0; word < grid.row_words; ++word) words[word] = 0;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i)
    if (wanted[c.runs[i].component] != 0)
      for_each_word(c.runs[i], [&](std::int64_t word, std::uint64_t mask) { words[word] |= mask; });
}

__global__ void fill_holes_kernel(const BitGrid grid, bool in_volume, std::int64_t max_voxels, const ComponentBuffers c,
                                  std::uint64_t* bits) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  const auto is_hole = [&](const ComponentFigures& part) {
    if (in_volume && (part.low[0] == 0 || part.high[0] == grid.depth)) return false;
    return part.low[1] > 0 && part.high[1] < grid.height && part.low[2] > 0 && part.high[2] < grid.width &&
           static_cast<std::int64_t>(part.voxels) <= max_voxels;
  };
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i)
    if (is_hole(c.list[c.runs[i].component]))
      for_each_word(c.runs[i],
                    [&](std::int64_t word, std::uint64_t mask) { bits[row * grid.row_words + word] |= mask; });
}

}  // namespace

Component to_component(const ComponentFigures& figures) {
  Component component;
  component.voxels = static_cast<std::int64_t>(figures.voxels);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    component.index_sum[axis] = static_cast<std::int64_t>(figures.index_sum[axis]);
    component.box.low[axis] = figures.low[axis];
    component.box.high[axis] = figures.high[axis];
  }
  return component;
}

void count_runs(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, std::int32_t* first_of_row,
                cudaStream_t stream) {
  const BitGrid grid(shape);
  const unsigned blocks = blocks_for(grid.rows(), voxel_threads, "count_runs_kernel");
  count_runs_kernel<<<blocks, voxel_threads, 0, stream>>>(bits, grid, first_of_row);
  check_launch("count_runs_kernel");
  scan(first_of_row, grid.rows(), stream);
}

void find_components(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, Connectivity connectivity,
                     const ComponentBuffers& components, cudaStream_t stream) {
  const BitGrid grid(shape);
  const std::int64_t rows = grid.rows();
  const unsigned blocks = blocks_for(rows, voxel_threads, "write_runs_kernel");
  write_runs_kernel<<<blocks, voxel_threads, 0, stream>>>(bits, grid, components);
  check_launch("write_runs_kernel");
  join_kernel<<<blocks, voxel_threads, 0, stream>>>(grid, connectivity == Connectivity::in_volume, components);
  check_launch("join_kernel");
  count_roots_kernel<<<blocks, voxel_threads, 0, stream>>>(rows, components);
  check_launch("count_roots_kernel");
  scan(components.roots_of_row, rows, stream);
  number_roots_kernel<<<blocks, voxel_threads, 0, stream>>>(rows, components);
  check_launch("number_roots_kernel");
  measure_kernel<<<blocks, voxel_threads, 0, stream>>>(rows, components);
  check_launch("measure_kernel");
}

void count_in(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, const std::uint64_t* other,
              unsigned long long* counts, cudaStream_t stream) {
  const BitGrid grid(shape);
  check(cudaMemsetAsync(counts, 0, static_cast<std::size_t>(components.run_count) * sizeof *counts, stream),
        "cudaMemsetAsync of the components' counts");
  count_in_kernel<<<blocks_for(grid.rows(), voxel_threads, "count_in_kernel"), voxel_threads, 0, stream>>>(
      grid, components, other, counts);
  check_launch("count_in_kernel");
}

void draw(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, const std::uint8_t* wanted,
          std::uint64_t* bits, cudaStream_t stream) {
  const BitGrid grid(shape);
  draw_kernel<<<blocks_for(grid.rows(), voxel_threads, "draw_kernel"), voxel_threads, 0, stream>>>(grid, components,
                                                                                                   wanted, bits);
  check_launch("draw_kernel");
}

void fill_holes(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, Connectivity connectivity,
                std::int64_t max_voxels, std::uint64_t* bits, cudaStream_t stream) {
  const BitGrid grid(shape);
  fill_holes_kernel<<<blocks_for(grid.rows(), voxel_threads, "fill_holes_kernel"), voxel_threads, 0, stream>>>(
      grid, connectivity == Connectivity::in_volume, max_voxels, components, bits);
  check_launch("fill_holes_kernel");
}

}  // namespace pleura::kernels::cuda
