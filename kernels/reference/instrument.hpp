#pragma once
/// The instrument of the device `reference`: each verb as its header defines it, a voxel at a time, on one thread. No
/// code of another device's is called.
#include <cstddef>

#include "kernels/instrument.hpp"

namespace pleura::kernels::reference {

/// What the handles hold. A Bits holds a BitVolume, a Counts a std::vector<std::int64_t>, a Cubes a FoundCubes.
struct HuContent {
  Index3 shape{};
  std::vector<std::int16_t> values;
};
struct LabelsContent {
  Index3 shape{};
  std::vector<std::uint8_t> values;
};
struct PartsContent {
  Index3 shape{};
  Components found;
};

template <class Held, class Content>
[[nodiscard]] Held held(Content content) {
  return Held(std::make_shared<const Content>(std::move(content)));
}

/// Calls visit(z, y, x, index) for each voxel in raster order.
template <class Visit>
void for_each_voxel(const Index3& shape, const Visit& visit) {
  std::size_t index = 0;
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x) visit(z, y, x, index++);
}

/// Its verbs in the order of kernels/instrument.hpp. HU and bits lie in instrument_bits.cpp, components and what is
/// made of them in instrument_parts.cpp, other grids, tensors and cubes in instrument_grids.cpp.
class NaiveInstrument final : public Instrument {
 public:
  Hu take(const std::vector<std::int16_t>& hu, const Index3& shape) override;
  Labels take(const std::vector<std::uint8_t>& labels, const Index3& shape) override;
  Bits take(const BitVolume& bits) override;
  std::vector<std::int16_t> read(const Hu& hu) override;
  BitVolume read(const Bits& bits) override;
  std::vector<std::uint8_t> read(const Labels& labels) override;
  std::vector<std::int64_t> read(const Counts& counts) override;

  std::vector<Bits> below(const Hu& hu, const GaussianBlur& blur, const std::vector<int>& limits) override;
  Bits lowest(const Hu& hu, int below) override;
  HuMedian median(const Hu& hu, const Bits& bits) override;

  Bits dilate(const Bits& bits, const Disc& disc) override;
  Bits erode(const Bits& bits, const Disc& disc) override;
  Bits close(const Bits& bits, const Disc& disc) override;
  Bits invert(const Bits& bits) override;
  Bits combine(const Bits& first, const Bits& second, Combination how) override;
  Bits hulls(const Bits& bits) override;
  Bits fill_holes(const Bits& bits, Connectivity connectivity, std::int64_t max_voxels) override;
  std::int64_t count(const Bits& bits) override;
  std::vector<SliceFigures> measure(const Bits& bits) override;

  Parts components(const Bits& bits, Connectivity connectivity) override;
  Counts count_in(const Parts& parts, const Bits& bits) override;
  Bits draw(const Parts& parts, const Rule& rule) override;
  std::vector<ListedPart> list(const Parts& parts, std::int64_t least, std::int64_t share) override;
  Bits airways(const Parts& air, const Counts& gas, const Parts& pieces, const Parts& clean_gas,
               const AirwayLimits& limits) override;
  std::pair<Bits, Bits> grow_apart(const Bits& left, const Bits& right, const Bits& joined,
                                   std::int64_t period) override;
  Bits add_costal_pockets(const Bits& lung, const CostalPockets& how) override;
  Labels label(const Bits& left, const Bits& right) override;

  Hu resample(const Hu& hu, const Resample& how) override;
  Labels sample(const Labels& labels, const std::array<ResampleAxis, 3>& axes) override;
  Hu fill_far(const Hu& hu, const Labels& labels, const std::array<std::int64_t, 3>& spacing, std::int64_t distance,
              std::int16_t outside) override;
  Hu cut(const Hu& hu, const std::vector<PatchRegion>& regions, std::int16_t outside) override;
  std::vector<double> distances_from_edge(const Labels& labels, const std::array<double, 2>& spacing_mm,
                                          const std::vector<EdgePoint>& points) override;

  void window(const Hu& hu, const Window& window, const runtime::TensorView& out) override;
  void window(const Hu& patches, std::int64_t first, const ImageChannels& how, const runtime::TensorView& out) override;

  Cubes decode(const runtime::TensorView& head, const ProposalDecoding& how) override;
  Cubes suppress(const Cubes& cubes, double nms_iou) override;
  Cubes keep_inside(const Cubes& cubes, const Labels& labels, const std::array<double, 3>& spacing_mm,
                    std::int64_t most) override;
  Cubes enclose(const runtime::TensorView& head, const Labels& labels, const MaskDecoding& how) override;
  FoundCubes read(const Cubes& cubes) override;
};

}  // namespace pleura::kernels::reference
