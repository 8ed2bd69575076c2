// Slices follow one another, and a slice has few components to go on from: one warp, its lanes taking rows of a
// component, or components of a slice.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/airways.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "kernels/rules.hpp"

namespace pleura::kernels::cuda {
namespace {

constexpr int lanes = 32;

__device__ inline int lane() { return static_cast<int>(threadIdx.x); }

/// The first component of slice z; of the depth, how many there are in all.
__device__ inline std::int32_t first_of(const ComponentBuffers& c, const BitGrid& grid, std::int64_t z) {
  return c.roots_of_row[z * grid.height];
}

__device__ inline long long centre_x(const ComponentFigures& part) {
  return static_cast<long long>(part.index_sum[2] / part.voxels);
}

/// The whole warp calls visit(component) for each of those of slice z that are chosen, in their order.
template <class Choose, class Visit>
__device__ inline void for_each_chosen(const ComponentBuffers& c, const BitGrid& grid, std::int64_t z,
                                       const Choose& choose, const Visit& visit) {
  const std::int32_t end = first_of(c, grid, z + 1);
  for (std::int32_t first = first_of(c, grid, z); first < end; first += lanes) {
    const std::int32_t i = first + lane();
    unsigned chosen = __ballot_sync(whole_warp, i < end && choose(i));
    for (; chosen != 0; chosen &= chosen - 1) visit(first + __ffs(static_cast<int>(chosen)) - 1);
  }
}

/// Calls visit(component, voxels) where a row of component `part` meets one of the components of slice z.
template <class Visit>
__device__ inline void for_each_meeting(const ComponentBuffers& from, std::int32_t part, const ComponentBuffers& to,
                                        std::int64_t z, const BitGrid& grid, const Visit& visit) {
  const ComponentFigures& figures = from.list[part];
  for (std::int64_t y = figures.low[1] + lane(); y < figures.high[1]; y += lanes) {
    const std::int64_t row = figures.low[0] * grid.height + y, other = z * grid.height + y;
    std::int32_t a = from.first_of_row[row], b = to.first_of_row[other];
    while (a < from.first_of_row[row + 1] && b < to.first_of_row[other + 1]) {
      const Run &mine = from.runs[a], &theirs = to.runs[b];
      const int shared = min(mine.end, theirs.end) - max(mine.begin, theirs.begin);
      if (mine.component == part && shared > 0) visit(theirs.component, static_cast<unsigned>(shared));
      (mine.end < theirs.end ? a : b) += 1;
    }
  }
}

struct Chest {
  int low_z = 0, high_z = 0;
  long long low_x = 0, high_x = 0;  ///< of its middle third
};

__device__ inline Chest find_chest(const ComponentBuffers& pieces, const BitGrid& grid) {
  const std::int32_t count = first_of(pieces, grid, grid.depth);
  unsigned long long largest = 0;
  for (std::int32_t i = lane(); i < count; i += lanes)
    largest = pieces.list[i].voxels > largest ? pieces.list[i].voxels : largest;
  largest = most_of_lanes(largest);
  int low_z = static_cast<int>(grid.depth), high_z = 0, low_x = static_cast<int>(grid.width), high_x = 0;
  for (std::int32_t i = lane(); i < count; i += lanes) {
    const ComponentFigures& piece = pieces.list[i];
    if (!marks_chest(static_cast<std::int64_t>(piece.voxels), static_cast<std::int64_t>(largest))) continue;
    low_z = min(low_z, piece.low[0]);
    high_z = max(high_z, piece.high[0]);
    low_x = min(low_x, piece.low[2]);
    high_x = max(high_x, piece.high[2]);
  }
  low_z = least_of_lanes(low_z);
  high_z = most_of_lanes(high_z);
  low_x = least_of_lanes(low_x);
  high_x = most_of_lanes(high_x);
  const int third = (high_x - low_x) / 3;
  return {low_z, high_z, low_x + third, high_x - third};
}

/// In one warp. air.is_airway marks what a tube has taken, air.marks counts what a cut shares with the one above it.
__global__ void find_trachea_kernel(const AirwayParts air, const unsigned long long* gas, const ComponentBuffers pieces,
                                    const BitGrid grid, const AirwayLimits limits, AirwayStart* start) {
  const ComponentBuffers& c = air.components;
  const Chest chest = find_chest(pieces, grid);
  const auto is_free_and_round = [&](std::int32_t i) {
    const ComponentFigures& part = c.list[i];
    if (air.is_airway[i] != 0) return false;
    const auto box = static_cast<std::int64_t>(part.high[1] - part.low[1]) * (part.high[2] - part.low[2]);
    const long long x = centre_x(part);
    return is_tracheal(static_cast<std::int64_t>(part.voxels), box, static_cast<std::int64_t>(gas[i]), limits) &&
           x >= chest.low_x && x < chest.high_x;
  };
  AirwayStart best;
  unsigned long long most = 0;
  for (std::int64_t z = grid.depth - 1; 2 * z >= chest.low_z + chest.high_z; --z)
    for_each_chosen(c, grid, z, is_free_and_round, [&](std::int32_t top) {
      unsigned long long held = 0;
      std::int64_t slices = 0, level = z;
      // Down through the one round component that shares most, as long as there is one.
      for (std::int32_t part = top; part >= 0;) {
        held += c.list[part].voxels;
        ++slices;
        __syncwarp();
        if (lane() == 0) air.is_airway[part] = 1;
        __syncwarp();
        if (level-- == 0) break;
        for_each_meeting(c, part, c, level, grid,
                         [&](std::int32_t other, unsigned shared) { atomicAdd(air.marks + other, shared); });
        __syncwarp();
        unsigned long long next = 0;  // larger for more voxels, and among equals for the first
        for (std::int32_t i = first_of(c, grid, level) + lane(); i < first_of(c, grid, level + 1); i += lanes) {
          const unsigned long long shared = air.marks[i];
          air.marks[i] = 0;
          const unsigned long long key = shared << 32 | static_cast<unsigned>(INT32_MAX - i);
          if (shared > 0 && key > next && is_free_and_round(i)) next = key;
        }
        next = most_of_lanes(next);
        part = next == 0 ? -1 : INT32_MAX - static_cast<std::int32_t>(next & 0xffffffffU);
      }
      if (slices >= limits.least_slices && held > most) {
        most = held;
        best = {static_cast<std::int32_t>(z), top};
      }
    });
  if (lane() == 0) *start = best;
}

/// Components of a slice that are airway.
struct Lumens {
  int count = 0;
  unsigned long long voxels = 0;
  long long centre_x = 0;  ///< summed up: that of the one, where there is one
};

__device__ inline Lumens count_lumens(const AirwayParts& parts, const BitGrid& grid, std::int64_t z, Lumens lumens) {
  const ComponentBuffers& c = parts.components;
  for (std::int32_t i = first_of(c, grid, z) + lane(); i < first_of(c, grid, z + 1); i += lanes) {
    if (parts.is_airway[i] == 0) continue;
    ++lumens.count;
    lumens.voxels += c.list[i].voxels;
    lumens.centre_x += centre_x(c.list[i]);
  }
  return lumens;
}

/// Adds the voxels of each lumen of slice z, of `from`, to the parents of those components of the slice below that it
/// meets. `kind` tells lumens of the air from those of the gas.
__device__ inline void add_parents(const AirwayParts& from, const AirwayParts& to, const BitGrid& grid, std::int64_t z,
                                   unsigned kind) {
  for_each_chosen(
      from.components, grid, z, [&](std::int32_t i) { return from.is_airway[i] != 0; },
      [&](std::int32_t lumen) {
        const unsigned mark = 2 * static_cast<unsigned>(lumen) + kind;
        for_each_meeting(from.components, lumen, to.components, z - 1, grid, [&](std::int32_t other, unsigned) {
          if (atomicExch(to.marks + other, mark) != mark)
            atomicAdd(to.parents + other, from.components.list[lumen].voxels);
        });
        __syncwarp();  // a component's mark is of one lumen at a time
      });
}

__device__ inline bool goes_on(const AirwayParts& parts, std::int32_t i, const AirwayLimits& limits) {
  return kernels::goes_on(static_cast<std::int64_t>(parts.components.list[i].voxels),
                          static_cast<std::int64_t>(parts.parents[i]), limits);
}

/// Takes away those of slice z that lie too far from the trachea.
__device__ inline void drop_far(const AirwayParts& parts, const BitGrid& grid, std::int64_t z, long long axis_x,
                                std::int64_t reach) {
  const ComponentBuffers& c = parts.components;
  for (std::int32_t i = first_of(c, grid, z) + lane(); i < first_of(c, grid, z + 1); i += lanes) {
    if (parts.is_airway[i] == 0) continue;
    const long long away = centre_x(c.list[i]) - axis_x;
    if (away > reach || -away > reach) parts.is_airway[i] = 0;
  }
}

/// In one warp.
__global__ void follow_airways_kernel(const AirwayParts air, const AirwayParts gas, const BitGrid grid,
                                      const AirwayLimits limits, const AirwayStart* start) {
  const AirwayStart top = *start;
  if (top.slice < 0) return;
  long long axis_x = centre_x(air.components.list[top.component]);
  if (lane() == 0) air.is_airway[top.component] = 1;
  for (std::int64_t z = top.slice;; --z) {
    __syncwarp();
    Lumens lumens = count_lumens(gas, grid, z, count_lumens(air, grid, z, {}));
    lumens = {sum_of_lanes(lumens.count), sum_of_lanes(lumens.voxels), sum_of_lanes(lumens.centre_x)};
    if (lumens.count == 0 || z == 0) return;
    if (lumens.count == 1 && static_cast<std::int64_t>(lumens.voxels) >= 2 * limits.least_trachea)
      axis_x = lumens.centre_x;

    add_parents(air, air, grid, z, 2);
    add_parents(air, gas, grid, z, 2);
    add_parents(gas, air, grid, z, 3);
    add_parents(gas, gas, grid, z, 3);
    for_each_chosen(
        air.components, grid, z - 1, [&](std::int32_t i) { return goes_on(air, i, limits); },
        [&](std::int32_t i) {
          if (lane() == 0) air.is_airway[i] = 1;
        });
    __syncwarp();
    for_each_chosen(
        gas.components, grid, z - 1, [&](std::int32_t i) { return goes_on(gas, i, limits); },
        [&](std::int32_t i) {
          bool is_known = false;
          for_each_meeting(gas.components, i, air.components, z - 1, grid,
                           [&](std::int32_t other, unsigned) { is_known |= air.is_airway[other] != 0; });
          is_known = __any_sync(whole_warp, is_known) != 0;
          if (lane() == 0 && !is_known) gas.is_airway[i] = 1;
        });
    __syncwarp();
    drop_far(air, grid, z - 1, axis_x, limits.reach);
    drop_far(gas, grid, z - 1, axis_x, limits.reach);
  }
}

template <class T>
void clear(T* values, const ComponentBuffers& components, cudaStream_t stream) {
  check(cudaMemsetAsync(values, 0, static_cast<std::size_t>(components.run_count) * sizeof(T), stream),
        "cudaMemsetAsync of the airways' parts");
}

}  // namespace

void find_trachea(const AirwayParts& air, const unsigned long long* gas, const ComponentBuffers& pieces,
                  const std::array<std::int64_t, 3>& shape, const AirwayLimits& limits, AirwayStart* start,
                  cudaStream_t stream) {
  clear(air.is_airway, air.components, stream);
  clear(air.marks, air.components, stream);
  find_trachea_kernel<<<1, lanes, 0, stream>>>(air, gas, pieces, BitGrid(shape), limits, start);
  check_launch("find_trachea_kernel");
}

void follow_airways(const AirwayParts& air, const AirwayParts& gas, const std::array<std::int64_t, 3>& shape,
                    const AirwayLimits& limits, const AirwayStart* start, cudaStream_t stream) {
  for (const AirwayParts* parts : {&air, &gas}) {
    clear(parts->is_airway, parts->components, stream);
    clear(parts->parents, parts->components, stream);
    clear(parts->marks, parts->components, stream);
  }
  follow_airways_kernel<<<1, lanes, 0, stream>>>(air, gas, BitGrid(shape), limits, start);
  check_launch("follow_airways_kernel");
}

}  // namespace pleura::kernels::cuda
