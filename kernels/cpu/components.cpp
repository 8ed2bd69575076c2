#include "kernels/components.hpp"

#include <algorithm>
#include <bit>

#include "runtime/parallel.hpp"

namespace pleura::kernels {
namespace {

/// Appends the runs of one row.
void append_runs(const std::uint64_t* row, std::int64_t row_words, std::int64_t z, std::int64_t y,
                 std::vector<Run>& runs) {
  std::int64_t begin = -1;
  for (std::int64_t word = 0; word < row_words; ++word) {
    // Ones where a bit differs from the one before it: where runs begin and end.
    const std::uint64_t before = row[word] << 1 | static_cast<std::uint64_t>(begin >= 0);
    for (std::uint64_t edges = row[word] ^ before; edges != 0; edges &= edges - 1) {
      const std::int64_t x = word * 64 + std::countr_zero(edges);
      if (begin < 0) {
        begin = x;
      } else {
        runs.push_back({static_cast<std::int32_t>(z), static_cast<std::int32_t>(y), static_cast<std::int32_t>(begin),
                        static_cast<std::int32_t>(x), 0});
        begin = -1;
      }
    }
  }
  if (begin >= 0)
    runs.push_back({static_cast<std::int32_t>(z), static_cast<std::int32_t>(y), static_cast<std::int32_t>(begin),
                    static_cast<std::int32_t>(row_words * 64), 0});
}

/// A forest over runs: a parent never lies behind its child, so that a root is the first run of its component.
class Forest {
 public:
  explicit Forest(std::size_t size) : parents_(size) {
    for (std::size_t i = 0; i < size; ++i) parents_[i] = static_cast<std::int32_t>(i);
  }

  std::int32_t root(std::int32_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }

  void join(std::int32_t a, std::int32_t b) {
    a = root(a);
    b = root(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::int32_t> parents_;
};

/// Joins the runs of two rows, [a, a_end) and [b, b_end) in rising x, that share a column.
void join_rows(const std::vector<Run>& runs, std::int64_t a, std::int64_t a_end, std::int64_t b, std::int64_t b_end,
               Forest& forest) {
  while (a < a_end && b < b_end) {
    if (runs[a].begin < runs[b].end && runs[b].begin < runs[a].end)
      forest.join(static_cast<std::int32_t>(a), static_cast<std::int32_t>(b));
    (runs[a].end < runs[b].end ? a : b) += 1;
  }
}

void add_run(const Run& run, Component& component) {
  const std::int64_t count = run.end - run.begin;
  const Index3 low{run.z, run.y, run.begin}, high{run.z + 1, run.y + 1, run.end};
  if (component.voxels == 0) component.box = {low, high};
  for (int axis = 0; axis < 3; ++axis) {
    component.box.low[axis] = std::min(component.box.low[axis], low[axis]);
    component.box.high[axis] = std::max(component.box.high[axis], high[axis]);
  }
  component.voxels += count;
  component.index_sum[0] += run.z * count;
  component.index_sum[1] += run.y * count;
  component.index_sum[2] += (run.begin + run.end - 1) * count / 2;
}

}  // namespace

Components find_components(const BitVolume& bits, Connectivity connectivity, int threads) {
  const std::int64_t depth = bits.shape[0], height = bits.shape[1];
  std::vector<std::vector<Run>> of_slice(depth);
  parallel_for(depth, threads, [&](std::int64_t z) {
    for (std::int64_t y = 0; y < height; ++y) append_runs(bits.row(z, y), bits.row_words, z, y, of_slice[z]);
  });
  Components found;
  found.first_run.push_back(0);
  for (const auto& runs : of_slice) {
    found.runs.insert(found.runs.end(), runs.begin(), runs.end());
    found.first_run.push_back(static_cast<std::int64_t>(found.runs.size()));
  }
  const std::vector<Run>& runs = found.runs;
  // The first run of each row, and one past the last.
  std::vector<std::int64_t> first_of_row(depth * height + 1, static_cast<std::int64_t>(runs.size()));
  for (auto i = static_cast<std::int64_t>(runs.size()); i-- > 0;) first_of_row[runs[i].z * height + runs[i].y] = i;
  for (std::int64_t row = depth * height; row-- > 0;)
    first_of_row[row] = std::min(first_of_row[row], first_of_row[row + 1]);

  Forest forest(runs.size());
  // A slice's runs have only each other for parents until the slices are joined, so slices can be done at once.
  parallel_for(depth, threads, [&](std::int64_t z) {
    for (std::int64_t row = z * height + 1; row < (z + 1) * height; ++row)
      join_rows(runs, first_of_row[row - 1], first_of_row[row], first_of_row[row], first_of_row[row + 1], forest);
  });
  if (connectivity == Connectivity::in_volume)
    for (std::int64_t row = height; row < depth * height; ++row)
      join_rows(runs, first_of_row[row - height], first_of_row[row - height + 1], first_of_row[row],
                first_of_row[row + 1], forest);

  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto root = forest.root(static_cast<std::int32_t>(i));
    if (root == static_cast<std::int32_t>(i)) {
      found.runs[i].component = static_cast<std::int32_t>(found.list.size());
      found.list.emplace_back();
    } else {
      found.runs[i].component = runs[root].component;
    }
    add_run(runs[i], found.list[runs[i].component]);
  }
  return found;
}

std::vector<std::int64_t> count_in(const Components& components, const BitVolume& other, int threads) {
  std::vector<std::int64_t> of_run(components.runs.size());
  const auto slices = static_cast<std::int64_t>(components.first_run.size()) - 1;
  parallel_for(slices, threads, [&](std::int64_t z) {
    for (std::int64_t i = components.first_run[z]; i < components.first_run[z + 1]; ++i) {
      const Run& run = components.runs[i];
      of_run[i] = count_bits(other.row(run.z, run.y), run.begin, run.end);
    }
  });
  std::vector<std::int64_t> counts(components.list.size());
  for (std::size_t i = 0; i < of_run.size(); ++i) counts[components.runs[i].component] += of_run[i];
  return counts;
}

BitVolume draw(const Components& components, const std::vector<std::uint8_t>& wanted, const Index3& shape,
               int threads) {
  BitVolume bits(shape);
  parallel_for(shape[0], threads, [&](std::int64_t z) {
    for (std::int64_t i = components.first_run[z]; i < components.first_run[z + 1]; ++i) {
      const Run& run = components.runs[i];
      if (wanted[run.component] != 0) fill_bits(bits.row(run.z, run.y), run.begin, run.end, true);
    }
  });
  return bits;
}

}  // namespace pleura::kernels
