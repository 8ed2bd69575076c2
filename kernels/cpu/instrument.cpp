// The instrument on the CPU: slices in parallel.
#include "kernels/cpu/instrument.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "kernels/convex_hull.hpp"
#include "kernels/distance_transform.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/grow_apart.hpp"
#include "kernels/mask_sampling.hpp"
#include "kernels/rules.hpp"
#include "kernels/threshold.hpp"
#include "runtime/huge_pages.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::cpu {
namespace {

struct HuContent {
  const std::int16_t* values = nullptr;  ///< of the host, or `own`
  Index3 shape{};
  std::vector<std::int16_t> own;
};

struct PartsContent {
  Components found;
  Index3 shape{};
};

using CountsContent = std::vector<std::int64_t>;
struct LabelsContent {
  Index3 shape{};
  std::vector<std::uint8_t> values;
};

const BitVolume& of(const Bits& bits) { return bits.as<BitVolume>(); }

template <class Result, class Content>
Result held(Content content) {
  return Result(std::make_shared<const Content>(std::move(content)));
}

bool touches_edge(const Component& part, const Index3& shape) {
  return part.box.low[1] == 0 || part.box.low[2] == 0 || part.box.high[1] == shape[1] || part.box.high[2] == shape[2];
}

/// Chooses components, a value each, not 0 for those that a rule wants.
struct Chooser {
  const PartsContent& parts;

  template <class Wants>
  std::vector<std::uint8_t> each(const Wants& wants) const {
    std::vector<std::uint8_t> wanted(parts.found.list.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = wants(parts.found.list[i], i) ? 1 : 0;
    return wanted;
  }
  std::vector<std::uint8_t> operator()(const AtEdge& /*rule*/) const {
    return each([&](const Component& part, std::size_t) { return touches_edge(part, parts.shape); });
  }
  std::vector<std::uint8_t> operator()(const Largest& /*rule*/) const {
    const auto& list = parts.found.list;
    const auto largest = std::max_element(list.begin(), list.end(),
                                          [](const Component& a, const Component& b) { return a.voxels < b.voxels; });
    return (*this)(Only{static_cast<std::int32_t>(largest - list.begin())});
  }
  std::vector<std::uint8_t> operator()(const Only& rule) const {
    return each([&](const Component&, std::size_t i) { return i == static_cast<std::size_t>(rule.number); });
  }
  std::vector<std::uint8_t> operator()(const InsideBody& rule) const {
    const auto &in_hull = rule.in_hull.as<CountsContent>(), &in_pockets = rule.in_pockets.as<CountsContent>(),
               &by_padding = rule.by_padding.as<CountsContent>();
    return each([&](const Component& part, std::size_t i) {
      return is_inside_body(part.voxels, by_padding[i] > 0 || touches_edge(part, parts.shape), in_hull[i],
                            in_pockets[i]);
    });
  }
  std::vector<std::uint8_t> operator()(const CutOff& rule) const {
    const auto &own = rule.own.as<CountsContent>(), &in_hulls = rule.in_hulls.as<CountsContent>(),
               &gas = rule.gas.as<CountsContent>();
    const auto& list = parts.found.list;
    std::int64_t low = parts.shape[0], high = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
      if (own[i] > 0) {
        low = std::min(low, list[i].box.low[0]);
        high = std::max(high, list[i].box.high[0]);
      }
    return each([&](const Component& part, std::size_t i) {
      return own[i] == 0 && part.voxels >= rule.least_voxels &&
             is_cut_off(part.voxels, part.index_sum[0], in_hulls[i], gas[i], low, high);
    });
  }
};

/// The sum of the places of a word's ones.
int places(std::uint64_t word) {
  int sum = 0;
  for (int bit = 0; bit < 6; ++bit) {
    // The places whose number has this bit.
    constexpr std::array<std::uint64_t, 6> with{0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                                0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
    sum += std::popcount(word & with[bit]) << bit;
  }
  return sum;
}

/// Of one slice.
SliceFigures figures_of(const BitVolume& bits, std::int64_t z) {
  std::int64_t low_y = bits.shape[1], high_y = 0, low_x = bits.shape[2], high_x = 0, voxels = 0, sum_x = 0;
  for (std::int64_t y = 0; y < bits.shape[1]; ++y)
    for (std::int64_t word = 0; word < bits.row_words; ++word) {
      const std::uint64_t ones = bits.row(z, y)[word];
      if (ones == 0) continue;
      low_y = std::min(low_y, y);
      high_y = y + 1;
      low_x = std::min(low_x, word * 64 + std::countr_zero(ones));
      high_x = std::max(high_x, word * 64 + 64 - std::countl_zero(ones));
      voxels += std::popcount(ones);
      sum_x += word * 64 * std::popcount(ones) + places(ones);
    }
  if (voxels == 0) low_y = low_x = 0;
  return {{static_cast<int>(low_y), static_cast<int>(low_x)},
          {static_cast<int>(high_y), static_cast<int>(high_x)},
          static_cast<int>(voxels),
          sum_x};
}

class CpuInstrument final : public Instrument {
 public:
  explicit CpuInstrument(int threads) : threads_(threads) {}

  Hu take(const std::vector<std::int16_t>& hu, const Index3& shape) override {
    return held<Hu>(HuContent{hu.data(), shape, {}});
  }
  Labels take(const std::vector<std::uint8_t>& labels, const Index3& shape) override {
    return held<Labels>(LabelsContent{shape, labels});
  }
  Bits take(const BitVolume& bits) override { return held<Bits>(bits); }
  std::vector<std::int16_t> read(const Hu& hu) override {
    const auto& [values, shape, own] = hu.as<HuContent>();
    return {values, values + shape[0] * shape[1] * shape[2]};
  }
  BitVolume read(const Bits& bits) override { return of(bits); }
  std::vector<std::uint8_t> read(const Labels& labels) override {
    const std::vector<std::uint8_t>& values = labels.as<LabelsContent>().values;
    auto copy = runtime::room_in_huge_pages<std::uint8_t>(values.size());
    copy = values;
    return copy;
  }
  std::vector<std::int64_t> read(const Counts& counts) override { return counts.as<CountsContent>(); }

  std::vector<Bits> below(const Hu& hu, const GaussianBlur& blur, const std::vector<int>& limits) override {
    const HuContent& from = hu.as<HuContent>();
    const std::int64_t height = from.shape[1], width = from.shape[2];
    std::vector<BitVolume> volumes(limits.size(), BitVolume(from.shape));
    parallel_for(from.shape[0], threads_, [&](std::int64_t z) {
      std::vector<std::int16_t> blurred(height * width);
      blur_slice(blur, from.values + z * height * width, height, width, blurred.data());
      for (std::size_t i = 0; i < limits.size(); ++i)
        threshold_slice(blurred.data(), height, width, limits[i], volumes[i].slice(z));
    });
    std::vector<Bits> all;
    for (BitVolume& volume : volumes) all.push_back(held<Bits>(std::move(volume)));
    return all;
  }

  Bits lowest(const Hu& hu, int below) override {
    const HuContent& from = hu.as<HuContent>();
    const std::int64_t height = from.shape[1], width = from.shape[2], slice = height * width;
    std::vector<std::int16_t> least(from.shape[0]);
    parallel_for(from.shape[0], threads_, [&](std::int64_t z) {
      std::int16_t of_slice = from.values[z * slice];
      for (std::int64_t i = z * slice; i < (z + 1) * slice; ++i) of_slice = std::min(of_slice, from.values[i]);
      least[z] = of_slice;
    });
    const int limit = std::max(below, *std::min_element(least.begin(), least.end()) + 1);
    BitVolume bits(from.shape);
    parallel_for(from.shape[0], threads_, [&](std::int64_t z) {
      threshold_slice(from.values + z * slice, height, width, limit, bits.slice(z));
    });
    return held<Bits>(std::move(bits));
  }

  HuMedian median(const Hu& hu, const Bits& among) override {
    const HuContent& from = hu.as<HuContent>();
    const BitVolume& bits = of(among);
    HuCounts counts;
    for (std::int64_t row = 0; row < from.shape[0] * from.shape[1]; ++row)
      for (std::int64_t word = 0; word < bits.row_words; ++word)
        for (std::uint64_t ones = bits.words[row * bits.row_words + word]; ones != 0; ones &= ones - 1)
          counts.add(from.values[row * from.shape[2] + word * 64 + std::countr_zero(ones)]);
    return {counts.total(), counts.median()};
  }

  Bits dilate(const Bits& bits, const Disc& disc) override { return on_slices(bits, disc, dilate_slice); }
  Bits erode(const Bits& bits, const Disc& disc) override { return on_slices(bits, disc, erode_slice); }
  Bits close(const Bits& bits, const Disc& disc) override { return on_slices(bits, disc, close_slice); }

  Bits invert(const Bits& bits) override {
    BitVolume inverse = of(bits);
    parallel_for(inverse.shape[0], threads_,
                 [&](std::int64_t z) { invert_slice(inverse.slice(z), inverse.shape[1], inverse.shape[2]); });
    return held<Bits>(std::move(inverse));
  }

  Bits combine(const Bits& first, const Bits& second, Combination how) override {
    const BitVolume &one = of(first), &other = of(second);
    BitVolume combined(one.shape);
    parallel_for(one.shape[0], threads_, [&](std::int64_t z) {
      const std::uint64_t *a = one.slice(z), *b = other.slice(z), flip = how == Combination::first_only ? ~0ull : 0;
      std::uint64_t* const out = combined.slice(z);
      if (how == Combination::either)
        for (std::int64_t i = 0; i < one.slice_words(); ++i) out[i] = a[i] | b[i];
      else
        for (std::int64_t i = 0; i < one.slice_words(); ++i) out[i] = a[i] & (b[i] ^ flip);
    });
    return held<Bits>(std::move(combined));
  }

  Bits hulls(const Bits& bits) override {
    const BitVolume& from = of(bits);
    BitVolume hulls(from.shape);
    parallel_for(from.shape[0], threads_, [&](std::int64_t z) {
      fill_hull(convex_hull(from.slice(z), from.shape[1], from.shape[2]), from.shape[2], hulls.slice(z));
    });
    return held<Bits>(std::move(hulls));
  }

  Bits fill_holes(const Bits& bits, Connectivity connectivity, std::int64_t max_voxels) override {
    BitVolume filled = of(bits);
    kernels::fill_holes(filled, connectivity, max_voxels, threads_);
    return held<Bits>(std::move(filled));
  }

  std::int64_t count(const Bits& bits) override {
    const auto& words = of(bits).words;
    return std::accumulate(words.begin(), words.end(), std::int64_t{0},
                           [](std::int64_t sum, std::uint64_t word) { return sum + std::popcount(word); });
  }

  std::vector<SliceFigures> measure(const Bits& bits) override {
    const BitVolume& volume = of(bits);
    std::vector<SliceFigures> slices(volume.shape[0]);
    parallel_for(volume.shape[0], threads_, [&](std::int64_t z) { slices[z] = figures_of(volume, z); });
    return slices;
  }

  Parts components(const Bits& bits, Connectivity connectivity) override {
    return held<Parts>(PartsContent{find_components(of(bits), connectivity, threads_), of(bits).shape});
  }

  Counts count_in(const Parts& parts, const Bits& bits) override {
    return held<Counts>(kernels::count_in(parts.as<PartsContent>().found, of(bits), threads_));
  }

  Bits draw(const Parts& parts, const Rule& rule) override {
    const auto& content = parts.as<PartsContent>();
    return held<Bits>(kernels::draw(content.found, std::visit(Chooser{content}, rule), content.shape, threads_));
  }

  std::vector<ListedPart> list(const Parts& parts, std::int64_t least, std::int64_t share) override {
    const auto& all = parts.as<PartsContent>().found.list;
    std::int64_t largest = 0;
    for (const Component& part : all) largest = std::max(largest, part.voxels);
    std::vector<ListedPart> listed;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].voxels >= least && (share == 0 || all[i].voxels * share >= largest))
        listed.push_back({static_cast<std::int32_t>(i), all[i]});
    return listed;
  }

  Bits airways(const Parts& air, const Counts& gas, const Parts& pieces, const Parts& clean_gas,
               const AirwayLimits& limits) override {
    const auto& content = air.as<PartsContent>();
    return held<Bits>(find_airways(content.found, gas.as<CountsContent>(), pieces.as<PartsContent>().found,
                                   clean_gas.as<PartsContent>().found, content.shape, limits));
  }

  std::pair<Bits, Bits> grow_apart(const Bits& left, const Bits& right, const Bits& joined,
                                   std::int64_t period) override {
    BitVolume to_left = of(left), to_right = of(right);
    kernels::grow_apart(to_left, to_right, of(joined), period, threads_);
    return {held<Bits>(std::move(to_left)), held<Bits>(std::move(to_right))};
  }

  Bits add_costal_pockets(const Bits& lung, const CostalPockets& how) override {
    BitVolume completed = of(lung);
    kernels::add_costal_pockets(completed, how, threads_);
    return held<Bits>(std::move(completed));
  }

  Labels label(const Bits& left, const Bits& right) override {
    const BitVolume &ones = of(left), &twos = of(right);
    const std::int64_t height = ones.shape[1], width = ones.shape[2];
    const auto voxels = static_cast<std::size_t>(ones.shape[0] * height * width);
    auto labels = runtime::room_in_huge_pages<std::uint8_t>(voxels);
    labels.resize(voxels);
    const auto write = [&](const BitVolume& lung, std::int64_t z, std::uint8_t label) {
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t word = 0; word < lung.row_words; ++word)
          for (std::uint64_t bits = lung.row(z, y)[word]; bits != 0; bits &= bits - 1)
            labels[(z * height + y) * width + word * 64 + std::countr_zero(bits)] = label;
    };
    parallel_for(ones.shape[0], threads_, [&](std::int64_t z) {
      write(ones, z, 1);
      write(twos, z, 2);
    });
    return held<Labels>(LabelsContent{ones.shape, std::move(labels)});
  }

  Hu resample(const Hu& hu, const Resample& how) override {
    const HuContent& from = hu.as<HuContent>();
    return owned({how.axes[0].count, how.axes[1].count, how.axes[2].count},
                 kernels::resample(from.values, from.shape, how, threads_));
  }

  Labels sample(const Labels& labels, const std::array<ResampleAxis, 3>& axes) override {
    const auto& from = labels.as<LabelsContent>();
    return held<Labels>(LabelsContent{{axes[0].count, axes[1].count, axes[2].count},
                                      sample_mask(from.values, from.shape, axes, threads_)});
  }

  Hu fill_far(const Hu& hu, const Labels& labels, const std::array<std::int64_t, 3>& spacing, std::int64_t distance,
              std::int16_t outside) override {
    const Index3& shape = hu.as<HuContent>().shape;
    std::vector<std::int16_t> filled = read(hu);
    const auto squares = squared_distances(labels.as<LabelsContent>().values, shape, spacing, threads_);
    for (std::size_t i = 0; i < squares.size(); ++i)
      if (squares[i] > distance * distance) filled[i] = outside;
    return owned(shape, std::move(filled));
  }

  Hu cut(const Hu& hu, const std::vector<PatchRegion>& regions, std::int16_t outside) override {
    const HuContent& from = hu.as<HuContent>();
    const std::int64_t slice = from.shape[1] * from.shape[2];
    const std::int64_t height = regions[0].along_y.count, width = regions[0].along_x.count;
    const auto count = static_cast<std::int64_t>(regions.size());
    std::vector<std::int16_t> patches(count * patch_slices * height * width);
    parallel_for(count, threads_, [&](std::int64_t i) {
      const PatchRegion& region = regions[i];
      const Resample how{{{{0, 1, 1}, region.along_y, region.along_x}}, outside};
      for (int k = 0; k < patch_slices; ++k)
        std::ranges::copy(
            kernels::resample(from.values + region.slices[k] * slice, {1, from.shape[1], from.shape[2]}, how, 1),
            patches.begin() + (i * patch_slices + k) * height * width);
    });
    return owned({count * patch_slices, height, width}, std::move(patches));
  }

  std::vector<double> distances_from_edge(const Labels& labels, const std::array<double, 2>& spacing_mm,
                                          const std::vector<EdgePoint>& points) override {
    const auto& from = labels.as<LabelsContent>();
    std::vector<double> distances(points.size());
    parallel_for(static_cast<std::int64_t>(points.size()), threads_, [&](std::int64_t i) {
      distances[i] = distance_from_edge(from.values.data(), from.shape, spacing_mm, points[i]);
    });
    return distances;
  }

  void window(const Hu& hu, const Window& window, const runtime::TensorView& out) override {
    window_volume(hu.as<HuContent>().values, window, out, threads_);
  }
  void window(const Hu& patches, std::int64_t first, const ImageChannels& how,
              const runtime::TensorView& out) override {
    const HuContent& from = patches.as<HuContent>();
    window_images(from.values, from.shape[0] / patch_slices * patch_images, first, how, out, threads_);
  }

  Cubes decode(const runtime::TensorView& head, const ProposalDecoding& how) override {
    FoundCubes found = decode_proposals(head, how);
    const std::size_t all = found.best.size();
    kernels::keep_best(found.best, static_cast<std::size_t>(most_proposals));
    const std::size_t dropped = all - found.best.size();
    return counted(std::move(found.best), found.counts.not_finite, dropped);
  }
  Cubes suppress(const Cubes& cubes, double nms_iou) override {
    const auto& from = cubes.as<FoundCubes>();
    return counted(suppress_overlaps(from.best, nms_iou), from.counts.not_finite, 0);
  }
  Cubes keep_inside(const Cubes& cubes, const Labels& labels, const std::array<double, 3>& spacing_mm,
                    std::int64_t most) override {
    const auto& from = cubes.as<FoundCubes>();
    const auto& mask = labels.as<LabelsContent>();
    std::vector<Cube> inside = kernels::keep_inside(from.best, mask.values, mask.shape, spacing_mm);
    const std::size_t all = inside.size(), kept = std::min(all, static_cast<std::size_t>(most));
    inside.resize(kept);
    return counted(std::move(inside), from.counts.not_finite, all - kept);
  }
  Cubes enclose(const runtime::TensorView& head, const Labels& labels, const MaskDecoding& how) override {
    return held<Cubes>(enclose_foreground(head, labels.as<LabelsContent>().values, how, threads_));
  }
  FoundCubes read(const Cubes& cubes) override { return cubes.as<FoundCubes>(); }

 private:
  [[nodiscard]] static Cubes counted(std::vector<Cube> cubes, std::int32_t not_finite, std::size_t dropped) {
    const auto kept = static_cast<std::int32_t>(cubes.size());
    return held<Cubes>(FoundCubes{std::move(cubes), {kept, static_cast<std::int32_t>(dropped), not_finite}});
  }

  using OnSlice = void(const std::uint64_t*, std::int64_t, std::int64_t, const Disc&, std::uint64_t*);

  [[nodiscard]] Bits on_slices(const Bits& bits, const Disc& disc, OnSlice* operation) const {
    const BitVolume& from = of(bits);
    BitVolume to(from.shape);
    parallel_for(from.shape[0], threads_,
                 [&](std::int64_t z) { operation(from.slice(z), from.shape[1], from.shape[2], disc, to.slice(z)); });
    return held<Bits>(std::move(to));
  }

  [[nodiscard]] static Hu owned(const Index3& shape, std::vector<std::int16_t> values) {
    HuContent content{nullptr, shape, std::move(values)};
    content.values = content.own.data();  // which moving keeps
    return held<Hu>(std::move(content));
  }

  int threads_;
};

}  // namespace

std::unique_ptr<Instrument> make_instrument(runtime::Device& device) {
  return std::make_unique<CpuInstrument>(device.stream().threads);
}

}  // namespace pleura::kernels::cpu
