#pragma once
/// The instrument for volumes: what lies around the networks, whole volumes at a time, on one device. Every device
/// gives the same bits, but for the last of a cube's side and score (exp, log). Tensors are a plan's own, in the
/// device's memory.
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "kernels/airways.hpp"
#include "kernels/bit_volume.hpp"
#include "kernels/combination.hpp"
#include "kernels/components.hpp"
#include "kernels/costal_pockets.hpp"
#include "kernels/edge_distance.hpp"
#include "kernels/gaussian_blur.hpp"
#include "kernels/hu_counts.hpp"
#include "kernels/mask_head.hpp"
#include "kernels/morphology.hpp"
#include "kernels/patches.hpp"
#include "kernels/proposals.hpp"
#include "kernels/resample.hpp"
#include "kernels/slice_figures.hpp"
#include "kernels/window.hpp"

namespace pleura::kernels {

/// What an instrument made: its copies share it, nothing changes it, and the instrument alone looks inside.
template <class What>
class Handle {
 public:
  Handle() = default;
  template <class Content>
  explicit Handle(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  template <class Content>
  [[nodiscard]] const Content& as() const {
    return *static_cast<const Content*>(content_.get());
  }

 private:
  std::shared_ptr<const void> content_;
};

using Hu = Handle<struct HuOfVoxels>;         ///< a CT's voxels
using Bits = Handle<struct BitOfVoxels>;      ///< a binary volume
using Labels = Handle<struct LabelOfVoxels>;  ///< a byte a voxel
using Parts = Handle<struct PartsOfBits>;     ///< connected components
using Counts = Handle<struct CountsOfParts>;  ///< a number for each of them
using Cubes = Handle<struct CubesOfGrid>;     ///< proposals

/// Which components are drawn. Rules of the method stand in kernels/rules.hpp.
struct AtEdge {};   ///< those of a slice that touch its edge
struct Largest {};  ///< the one of most voxels, the first among equals
struct Only {
  std::int32_t number = 0;
};
struct InsideBody {
  Counts in_hull, in_pockets, by_padding;
};
struct CutOff {
  Counts own, in_hulls, gas;      ///< none of those that have voxels of the lung's own
  std::int64_t least_voxels = 1;  ///< of a piece
};
using Rule = std::variant<AtEdge, Largest, Only, InsideBody, CutOff>;

/// A component as the host sees it.
struct ListedPart {
  std::int32_t number = 0;
  Component figures;
};

/// For the thread that made it. A volume has at least one voxel; those that meet in an operation have one shape. What
/// it made ends before the instrument's device does.
class Instrument {
 public:
  Instrument() = default;
  Instrument(const Instrument&) = delete;
  Instrument& operator=(const Instrument&) = delete;
  virtual ~Instrument() = default;

  /// Voxels of the host, which must outlive what is taken of them.
  [[nodiscard]] virtual Hu take(const std::vector<std::int16_t>& hu, const Index3& shape) = 0;
  [[nodiscard]] virtual Labels take(const std::vector<std::uint8_t>& labels, const Index3& shape) = 0;
  [[nodiscard]] virtual Bits take(const BitVolume& bits) = 0;
  [[nodiscard]] virtual std::vector<std::int16_t> read(const Hu& hu) = 0;
  [[nodiscard]] virtual BitVolume read(const Bits& bits) = 0;
  [[nodiscard]] virtual std::vector<std::uint8_t> read(const Labels& labels) = 0;
  /// Of each component, in their order.
  [[nodiscard]] virtual std::vector<std::int64_t> read(const Counts& counts) = 0;

  /// For each limit the voxels whose HU, blurred, lie below it.
  [[nodiscard]] virtual std::vector<Bits> below(const Hu& hu, const GaussianBlur& blur,
                                                const std::vector<int>& limits) = 0;
  /// Voxels below a limit, or of the lowest HU there is.
  [[nodiscard]] virtual Bits lowest(const Hu& hu, int below) = 0;
  /// The median HU of the ones, as kernels/hu_counts.hpp says.
  [[nodiscard]] virtual HuMedian median(const Hu& hu, const Bits& bits) = 0;

  /// Slice by slice, as kernels/morphology.hpp says.
  [[nodiscard]] virtual Bits dilate(const Bits& bits, const Disc& disc) = 0;
  [[nodiscard]] virtual Bits erode(const Bits& bits, const Disc& disc) = 0;
  [[nodiscard]] virtual Bits close(const Bits& bits, const Disc& disc) = 0;
  [[nodiscard]] virtual Bits invert(const Bits& bits) = 0;
  [[nodiscard]] virtual Bits combine(const Bits& first, const Bits& second, Combination how) = 0;
  /// Of each slice the convex hull (kernels/convex_hull.hpp).
  [[nodiscard]] virtual Bits hulls(const Bits& bits) = 0;
  /// As kernels/fill_holes.hpp says.
  [[nodiscard]] virtual Bits fill_holes(const Bits& bits, Connectivity connectivity, std::int64_t max_voxels) = 0;
  /// How many ones there are; where they lie in each slice.
  [[nodiscard]] virtual std::int64_t count(const Bits& bits) = 0;
  [[nodiscard]] virtual std::vector<SliceFigures> measure(const Bits& bits) = 0;

  [[nodiscard]] virtual Parts components(const Bits& bits, Connectivity connectivity) = 0;
  /// How many of each component's voxels are ones.
  [[nodiscard]] virtual Counts count_in(const Parts& parts, const Bits& bits) = 0;
  [[nodiscard]] virtual Bits draw(const Parts& parts, const Rule& rule) = 0;
  /// Those of at least `least` voxels and at least 1 / share of the largest (share 0: of any), in their order.
  [[nodiscard]] virtual std::vector<ListedPart> list(const Parts& parts, std::int64_t least, std::int64_t share) = 0;

  /// As kernels/airways.hpp says.
  [[nodiscard]] virtual Bits airways(const Parts& air, const Counts& gas, const Parts& pieces, const Parts& clean_gas,
                                     const AirwayLimits& limits) = 0;
  /// As kernels/grow_apart.hpp says: left, right.
  [[nodiscard]] virtual std::pair<Bits, Bits> grow_apart(const Bits& left, const Bits& right, const Bits& joined,
                                                         std::int64_t period) = 0;
  /// A lung with its pockets, as kernels/costal_pockets.hpp says.
  [[nodiscard]] virtual Bits add_costal_pockets(const Bits& lung, const CostalPockets& how) = 0;
  /// 1 in the left lung, 2 in the right one, else 0.
  [[nodiscard]] virtual Labels label(const Bits& left, const Bits& right) = 0;

  /// On another grid, as kernels/resample.hpp and kernels/mask_sampling.hpp say.
  [[nodiscard]] virtual Hu resample(const Hu& hu, const Resample& how) = 0;
  [[nodiscard]] virtual Labels sample(const Labels& labels, const std::array<ResampleAxis, 3>& axes) = 0;
  /// HU that read `outside` wherever the nearest voxel with a label is farther than `distance`, in the spacing's unit
  /// (kernels/distance_transform.hpp).
  [[nodiscard]] virtual Hu fill_far(const Hu& hu, const Labels& labels, const std::array<std::int64_t, 3>& spacing,
                                    std::int64_t distance, std::int16_t outside) = 0;
  /// Patches, (regions * patch_slices, pixels, pixels), as kernels/patches.hpp says; `outside` beyond the volume. At
  /// least one region.
  [[nodiscard]] virtual Hu cut(const Hu& hu, const std::vector<PatchRegion>& regions, std::int16_t outside) = 0;
  /// Of each point, as kernels/edge_distance.hpp says.
  [[nodiscard]] virtual std::vector<double> distances_from_edge(const Labels& labels,
                                                                const std::array<double, 2>& spacing_mm,
                                                                const std::vector<EdgePoint>& points) = 0;

  /// Into a network's input, as kernels/window.hpp says: a volume; images of patches from the first one named on.
  virtual void window(const Hu& hu, const Window& window, const runtime::TensorView& out) = 0;
  virtual void window(const Hu& patches, std::int64_t first, const ImageChannels& how,
                      const runtime::TensorView& out) = 0;

  /// Of the head of a network, as kernels/proposals.hpp says: the best most_proposals; of those, sorted best first,
  /// what is not suppressed; the first `most` whose centre has a label.
  [[nodiscard]] virtual Cubes decode(const runtime::TensorView& head, const ProposalDecoding& how) = 0;
  [[nodiscard]] virtual Cubes suppress(const Cubes& cubes, double nms_iou) = 0;
  [[nodiscard]] virtual Cubes keep_inside(const Cubes& cubes, const Labels& labels,
                                          const std::array<double, 3>& spacing_mm, std::int64_t most) = 0;
  /// As kernels/mask_head.hpp says.
  [[nodiscard]] virtual Cubes enclose(const runtime::TensorView& head, const Labels& labels,
                                      const MaskDecoding& how) = 0;
  [[nodiscard]] virtual FoundCubes read(const Cubes& cubes) = 0;
};

}  // namespace pleura::kernels
