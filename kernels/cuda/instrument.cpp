// The instrument on a CUDA device: volumes come from the device's pool, what an operation needs besides from its
// scratch memory. Lists and figures are waited for, all else is queued.
#include "kernels/cuda/instrument.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/mask_head.hpp"
#include "kernels/cuda/regions/patches.hpp"
#include "kernels/cuda/regions/proposals.hpp"
#include "kernels/cuda/regions/suppression.hpp"
#include "kernels/cuda/voxels/airways.hpp"
#include "kernels/cuda/voxels/component_choice.hpp"
#include "kernels/cuda/voxels/convex_hull.hpp"
#include "kernels/cuda/voxels/costal_pockets.hpp"
#include "kernels/cuda/voxels/distance_transform.hpp"
#include "kernels/cuda/voxels/edge_distance.hpp"
#include "kernels/cuda/voxels/gaussian_blur.hpp"
#include "kernels/cuda/voxels/grow_apart.hpp"
#include "kernels/cuda/voxels/hu_counts.hpp"
#include "kernels/cuda/voxels/lung_labels.hpp"
#include "kernels/cuda/voxels/mask_sampling.hpp"
#include "kernels/cuda/voxels/morphology.hpp"
#include "kernels/cuda/voxels/resample.hpp"
#include "kernels/cuda/voxels/slice_figures.hpp"
#include "kernels/cuda/voxels/threshold.hpp"
#include "kernels/cuda/voxels/window.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

using Count = unsigned long long;

/// What handles hold: values in device memory.
template <class T>
struct Field {
  Index3 shape{};
  std::shared_ptr<T> values;

  [[nodiscard]] T* data() const { return values.get(); }
};
using HuContent = Field<std::int16_t>;
using BitsContent = Field<std::uint64_t>;
using LabelsContent = Field<std::uint8_t>;

struct PartsContent {
  Index3 shape{};
  ComponentBuffers buffers;
  std::shared_ptr<std::int32_t> first_of_row, roots_of_row, parents;
  std::shared_ptr<Run> runs;
  std::shared_ptr<ComponentFigures> list;
};

struct CountsContent {
  std::int64_t parts = 0;
  std::shared_ptr<Count> values;
};

/// Counts with cubes behind them, which come down in one piece.
struct CubesContent {
  std::int64_t room = 0;  ///< for cubes
  std::shared_ptr<std::byte> block;

  static constexpr std::int64_t first_cube = 16;
  static_assert(sizeof(CubeCounts) <= first_cube);
  [[nodiscard]] std::int64_t bytes() const { return first_cube + room * static_cast<std::int64_t>(sizeof(Cube)); }
  [[nodiscard]] CubeCounts* counts() const { return reinterpret_cast<CubeCounts*>(block.get()); }
  [[nodiscard]] Cube* cubes() const { return reinterpret_cast<Cube*>(block.get() + first_cube); }
};

const BitsContent& of(const Bits& bits) { return bits.as<BitsContent>(); }
const PartsContent& of(const Parts& parts) { return parts.as<PartsContent>(); }
const Count* of(const Counts& counts) { return counts.as<CountsContent>().values.get(); }

template <class Result, class Content>
Result held(Content content) {
  return Result(std::make_shared<const Content>(std::move(content)));
}

std::int64_t voxels_of(const Index3& shape) { return shape[0] * shape[1] * shape[2]; }
std::int64_t words_of(const Index3& shape) { return shape[0] * shape[1] * ((shape[2] + 63) / 64); }

class CudaInstrument final : public Instrument {
 public:
  explicit CudaInstrument(runtime::Device& device)
      : device_(device),
        bound_(device.bind()),
        stream_(runtime::cuda::queue_of(device.stream())),
        pool_(&device.pool()) {}

  Hu take(const std::vector<std::int16_t>& hu, const Index3& shape) override {
    const HuContent content = make_hu(shape);
    upload(content.data(), hu);
    return held<Hu>(content);
  }
  Labels take(const std::vector<std::uint8_t>& labels, const Index3& shape) override {
    const LabelsContent content = make_labels(shape);
    upload(content.data(), labels);
    return held<Labels>(content);
  }
  Bits take(const BitVolume& bits) override {
    BitsContent content = make_bits(bits.shape);
    upload(content.data(), bits.words);
    return held<Bits>(std::move(content));
  }
  std::vector<std::int16_t> read(const Hu& hu) override {
    const auto& content = hu.as<HuContent>();
    return download(content.data(), voxels_of(content.shape));
  }
  BitVolume read(const Bits& bits) override {
    BitVolume volume(of(bits).shape);
    volume.words = download(of(bits).data(), words_of(volume.shape));
    return volume;
  }
  std::vector<std::uint8_t> read(const Labels& labels) override {
    const auto& content = labels.as<LabelsContent>();
    return download(content.data(), voxels_of(content.shape));
  }
  std::vector<std::int64_t> read(const Counts& counts) override {
    const auto& content = counts.as<CountsContent>();
    const std::vector<Count> values = download(content.values.get(), content.parts);
    return {values.begin(), values.end()};
  }

  std::vector<Bits> below(const Hu& hu, const GaussianBlur& blur, const std::vector<int>& limits) override {
    const auto& from = hu.as<HuContent>();
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const blurred = scratch<std::int16_t>(voxels_of(from.shape));
    cuda::blur(from.data(), blurred, scratch<std::int16_t>(voxels_of(from.shape)), from.shape, blur, stream_);
    std::vector<Bits> all;
    all.reserve(limits.size());
    for (const int limit : limits)
      all.push_back(made(from.shape, [&](std::uint64_t* out) { threshold(blurred, out, from.shape, limit, stream_); }));
    return all;
  }

  Bits lowest(const Hu& hu, int below) override {
    const auto& from = hu.as<HuContent>();
    const runtime::Scratch::Frame frame(device_.scratch());
    int* const least = scratch<int>(1);
    find_lowest(from.data(), voxels_of(from.shape), least, stream_);
    return made(from.shape,
                [&](std::uint64_t* out) { threshold(from.data(), out, from.shape, below, least, stream_); });
  }

  HuMedian median(const Hu& hu, const Bits& bits) override {
    const auto& from = hu.as<HuContent>();
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const found = scratch<HuMedian>(1);
    find_median(from.data(), of(bits).data(), from.shape, scratch<Count>(HuCounts::size), found, stream_);
    return download(found, 1)[0];
  }

  Bits dilate(const Bits& bits, const Disc& disc) override {
    return from(bits,
                [&](const auto* in, auto* out, const Index3& shape) { cuda::dilate(in, out, shape, disc, stream_); });
  }
  Bits erode(const Bits& bits, const Disc& disc) override {
    return from(bits,
                [&](const auto* in, auto* out, const Index3& shape) { cuda::erode(in, out, shape, disc, stream_); });
  }
  Bits close(const Bits& bits, const Disc& disc) override {
    return from(bits, [&](const auto* in, auto* out, const Index3& shape) {
      cuda::close(in, out, shape, disc, scratch_bytes<std::uint64_t>(close_workspace_bytes(shape, disc)), stream_);
    });
  }
  Bits invert(const Bits& bits) override {
    return from(bits, [&](const auto* in, auto* out, const Index3& shape) { cuda::invert(in, out, shape, stream_); });
  }
  Bits combine(const Bits& first, const Bits& second, Combination how) override {
    return from(first, [&](const auto* in, auto* out, const Index3& shape) {
      cuda::combine(in, of(second).data(), out, words_of(shape), how, stream_);
    });
  }
  Bits hulls(const Bits& bits) override {
    return from(bits, [&](const auto* in, auto* out, const Index3& shape) {
      fill_hulls(in, out, shape, scratch_bytes<std::int32_t>(fill_hulls_workspace_bytes(shape)), stream_);
    });
  }
  Bits fill_holes(const Bits& bits, Connectivity connectivity, std::int64_t max_voxels) override {
    const Parts zeros = components(invert(bits), connectivity);
    return from(bits, [&](const auto* in, auto* out, const Index3& shape) {
      copy(in, out, words_of(shape));
      cuda::fill_holes(of(zeros).buffers, shape, connectivity, max_voxels, out, stream_);
    });
  }

  std::int64_t count(const Bits& bits) override {
    const runtime::Scratch::Frame frame(device_.scratch());
    Count* const ones = scratch<Count>(1);
    count_ones(of(bits).data(), words_of(of(bits).shape), ones, stream_);
    return static_cast<std::int64_t>(download(ones, 1)[0]);
  }

  std::vector<SliceFigures> measure(const Bits& bits) override {
    const runtime::Scratch::Frame frame(device_.scratch());
    const Index3& shape = of(bits).shape;
    auto* const slices = scratch<SliceFigures>(shape[0]);
    measure_slices(of(bits).data(), slices, shape, stream_);
    return download(slices, shape[0]);
  }

  Parts components(const Bits& bits, Connectivity connectivity) override {
    PartsContent parts;
    parts.shape = of(bits).shape;
    const std::int64_t rows = parts.shape[0] * parts.shape[1];
    parts.first_of_row = pool_->take<std::int32_t>(rows + 1);
    count_runs(of(bits).data(), parts.shape, parts.first_of_row.get(), stream_);
    const std::int64_t runs = download(parts.first_of_row.get() + rows, 1)[0];
    parts.roots_of_row = pool_->take<std::int32_t>(rows + 1);
    parts.parents = pool_->take<std::int32_t>(runs);
    parts.runs = pool_->take<Run>(runs);
    parts.list = pool_->take<ComponentFigures>(runs);
    parts.buffers = {runs,
                     parts.runs.get(),
                     parts.parents.get(),
                     parts.list.get(),
                     parts.first_of_row.get(),
                     parts.roots_of_row.get()};
    find_components(of(bits).data(), parts.shape, connectivity, parts.buffers, stream_);
    return held<Parts>(std::move(parts));
  }

  Counts count_in(const Parts& parts, const Bits& bits) override {
    const PartsContent& content = of(parts);
    CountsContent counts{parts_of(content), pool_->take<Count>(content.buffers.run_count)};
    cuda::count_in(content.buffers, content.shape, of(bits).data(), counts.values.get(), stream_);
    return held<Counts>(std::move(counts));
  }

  Bits draw(const Parts& parts, const Rule& rule) override {
    const PartsContent& content = of(parts);
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const wanted = scratch<std::uint8_t>(content.buffers.run_count);
    std::visit([&](const auto& one) { choose(content, one, wanted); }, rule);
    return made(content.shape,
                [&](std::uint64_t* out) { cuda::draw(content.buffers, content.shape, wanted, out, stream_); });
  }

  std::vector<ListedPart> list(const Parts& parts, std::int64_t least, std::int64_t share) override {
    const runtime::Scratch::Frame frame(device_.scratch());
    const auto [found, count] = list_on_device(of(parts), least, share);
    const auto large = download(found, count);
    std::vector<ListedPart> listed;
    listed.reserve(large.size());
    for (const LargeComponent& part : large) listed.push_back({part.number, to_component(part.figures)});
    return listed;
  }

  Bits airways(const Parts& air, const Counts& gas, const Parts& pieces, const Parts& clean_gas,
               const AirwayLimits& limits) override {
    const Index3& shape = of(air).shape;
    const runtime::Scratch::Frame frame(device_.scratch());
    const AirwayParts of_air = airway_parts(of(air)), of_gas = airway_parts(of(clean_gas));
    auto* const start = scratch<AirwayStart>(1);
    find_trachea(of_air, of(gas), of(pieces).buffers, shape, limits, start, stream_);
    follow_airways(of_air, of_gas, shape, limits, start, stream_);
    auto* const of_clean_gas = scratch<std::uint64_t>(words_of(shape));
    cuda::draw(of_gas.components, shape, of_gas.is_airway, of_clean_gas, stream_);
    return made(shape, [&](std::uint64_t* out) {
      cuda::draw(of_air.components, shape, of_air.is_airway, out, stream_);
      cuda::combine(out, of_clean_gas, out, words_of(shape), Combination::either, stream_);
    });
  }

  std::pair<Bits, Bits> grow_apart(const Bits& left, const Bits& right, const Bits& joined,
                                   std::int64_t period) override {
    const Index3& shape = of(joined).shape;
    BitsContent to_left = make_bits(shape), to_right = make_bits(shape);
    copy<std::uint64_t>(of(left).data(), to_left.data(), words_of(shape));
    copy<std::uint64_t>(of(right).data(), to_right.data(), words_of(shape));
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const workspace = scratch_bytes<std::uint64_t>(grow_apart_workspace_bytes(shape));
    int* const changed = scratch<int>(1);
    constexpr std::int64_t steps_a_call = 32;
    const Growth growth{period, std::max<std::int64_t>(1, steps_a_call / period)};
    do cuda::grow_apart(to_left.data(), to_right.data(), of(joined).data(), shape, growth, workspace, changed, stream_);
    while (download(changed, 1)[0] != 0);
    return {held<Bits>(std::move(to_left)), held<Bits>(std::move(to_right))};
  }

  Bits add_costal_pockets(const Bits& lung, const CostalPockets& how) override {
    const Index3& shape = of(lung).shape;
    const Parts slices = components(lung, Connectivity::in_slice);
    const runtime::Scratch::Frame frame(device_.scratch());
    const auto [list, count] = list_on_device(of(slices), how.least_cut, 0);
    if (count == 0) return lung;
    const Index3 side_by_side{count, shape[1], shape[2]};
    const BitsContent pockets = make_bits(side_by_side);
    const LungCuts cuts{list,
                        count,
                        shape[1],
                        shape[2],
                        scratch<std::uint64_t>(words_of(side_by_side)),
                        pockets.data(),
                        scratch_bytes<std::int32_t>(fill_hulls_workspace_bytes(side_by_side))};
    draw_cuts(of(slices).buffers, cuts, stream_);
    const Parts parts = components(held<Bits>(pockets), Connectivity::in_slice);
    const std::int64_t runs = of(parts).buffers.run_count;
    Count* const costal = scratch<Count>(runs);
    auto* const wanted = scratch<std::uint8_t>(runs);
    return from(lung, [&](const auto* in, auto* out, const Index3& of_lung) {
      copy(in, out, words_of(of_lung));
      cuda::add_costal_pockets(out, cuts, of(parts).buffers, how, costal, wanted, stream_);
    });
  }

  Labels label(const Bits& left, const Bits& right) override {
    const Index3& shape = of(left).shape;
    const LabelsContent labels = make_labels(shape);
    label_lungs(of(left).data(), of(right).data(), labels.data(), shape, stream_);
    return held<Labels>(labels);
  }

  Hu resample(const Hu& hu, const Resample& how) override {
    const auto& from = hu.as<HuContent>();
    const Index3 shape{how.axes[0].count, how.axes[1].count, how.axes[2].count};
    const HuContent to = make_hu(shape);
    const runtime::Scratch::Frame frame(device_.scratch());
    const ResampleTable table = upload_table(device_, how, from.shape);
    auto* const workspace = scratch_bytes<float>(resample_workspace_bytes(table));
    cuda::resample(from.data(), to.data(), from.shape, table, how.outside, workspace, stream_);
    return held<Hu>(to);
  }

  Labels sample(const Labels& labels, const std::array<ResampleAxis, 3>& axes) override {
    const auto& from = labels.as<LabelsContent>();
    const Index3 shape{axes[0].count, axes[1].count, axes[2].count};
    const LabelsContent to = make_labels(shape);
    sample_mask(from.data(), to.data(), from.shape, axes, stream_);
    return held<Labels>(to);
  }

  Hu fill_far(const Hu& hu, const Labels& labels, const std::array<std::int64_t, 3>& spacing, std::int64_t distance,
              std::int16_t outside) override {
    const auto& from = hu.as<HuContent>();
    const std::int64_t voxels = voxels_of(from.shape);
    const HuContent to = make_hu(from.shape);
    copy<std::int16_t>(from.data(), to.data(), voxels);
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const squares = scratch<std::int64_t>(voxels);
    squared_distances(labels.as<LabelsContent>().data(), squares, scratch<std::int64_t>(voxels), from.shape, spacing,
                      stream_);
    fill_beyond(squares, distance * distance, outside, to.data(), voxels, stream_);
    return held<Hu>(to);
  }

  Hu cut(const Hu& hu, const std::vector<PatchRegion>& regions, std::int16_t outside) override {
    const auto& from = hu.as<HuContent>();
    const runtime::Scratch::Frame frame(device_.scratch());
    const PatchTable table = upload_table(device_, regions, from.shape);
    const Index3 shape{table.slice_count, table.pixels, table.pixels};
    const HuContent to = make_hu(shape);
    cut_patches(from.data(), to.data(), from.shape, table, outside, stream_);
    return held<Hu>(to);
  }

  std::vector<double> distances_from_edge(const Labels& labels, const std::array<double, 2>& spacing_mm,
                                          const std::vector<EdgePoint>& points) override {
    if (points.empty()) return {};
    const auto& from = labels.as<LabelsContent>();
    const auto count = static_cast<std::int64_t>(points.size());
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const of_device = scratch<EdgePoint>(count);
    auto* const distances = scratch<double>(count);
    upload(of_device, points);
    cuda::distances_from_edge(from.data(), from.shape, spacing_mm, of_device, count, distances, stream_);
    return download(distances, count);
  }

  void window(const Hu& hu, const Window& window, const runtime::TensorView& out) override {
    window_volume(hu.as<HuContent>().data(), window, out, stream_);
  }
  void window(const Hu& patches, std::int64_t first, const ImageChannels& how,
              const runtime::TensorView& out) override {
    const auto& from = patches.as<HuContent>();
    window_images(from.data(), from.shape[0] / patch_slices * patch_images, first, how, out, stream_);
  }

  Cubes decode(const runtime::TensorView& logits, const ProposalDecoding& how) override {
    const runtime::Shape& cells = logits.desc.shape;
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const anchors_mm = scratch<double>(static_cast<std::int64_t>(how.anchors_mm.size()));
    upload(anchors_mm, how.anchors_mm);
    const ProposalHead head{{cells.d, cells.h, cells.w},
                            logits.desc.pitch,
                            static_cast<std::int64_t>(how.anchors_mm.size()),
                            5 + how.extra_classes,
                            how.stride,
                            how.spacing_mm,
                            anchors_mm,
                            how.lowest_logit,
                            how.largest_log_scale};
    const CubesContent to = make_cubes(std::min(most_proposals, head.size()));
    auto* const workspace = device_.scratch().take(decode_proposals_workspace_bytes(head));
    decode_proposals(static_cast<const float*>(logits.data), head, to.room, to.cubes(), to.counts(), workspace,
                     stream_);
    return held<Cubes>(to);
  }
  Cubes suppress(const Cubes& cubes, double nms_iou) override {
    const auto& from = cubes.as<CubesContent>();
    const CubesContent to = make_cubes(from.room);
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const workspace = scratch_bytes<Count>(suppress_workspace_bytes(from.room));
    suppress_overlaps(from.cubes(), from.counts(), from.room, nms_iou, to.cubes(), to.counts(), workspace, stream_);
    return held<Cubes>(to);
  }
  Cubes keep_inside(const Cubes& cubes, const Labels& labels, const std::array<double, 3>& spacing_mm,
                    std::int64_t most) override {
    const auto& from = cubes.as<CubesContent>();
    const auto& lungs = labels.as<LabelsContent>();
    const CubesContent to = make_cubes(std::min(most, from.room));
    keep_inside_lungs(from.cubes(), from.counts(), {lungs.shape, spacing_mm, lungs.data()},
                      static_cast<std::int32_t>(to.room), to.cubes(), to.counts(), stream_);
    return held<Cubes>(to);
  }
  Cubes enclose(const runtime::TensorView& head, const Labels& labels, const MaskDecoding& how) override {
    const runtime::Shape& sizes = head.desc.shape;
    const MaskLogits logits{static_cast<const float*>(head.data), {sizes.d, sizes.h, sizes.w}, head.desc.pitch};
    const CubesContent to = make_cubes(how.most);
    const Bits foreground = made(logits.shape, [&](std::uint64_t* out) {
      find_foreground(logits, labels.as<LabelsContent>().data(), how.lowest_logit, out, to.counts(), stream_);
    });
    const Parts parts = components(foreground, Connectivity::in_volume);
    const ComponentBuffers& buffers = of(parts).buffers;
    const runtime::Scratch::Frame frame(device_.scratch());
    auto* const sums = scratch<Count>(buffers.run_count);
    sum_foreground(logits, buffers, sums, stream_);
    select_cubes(buffers, logits.shape, sums, how, to.cubes(), to.counts(), scratch<Count>(buffers.run_count), stream_);
    return held<Cubes>(to);
  }
  FoundCubes read(const Cubes& cubes) override {
    const auto& from = cubes.as<CubesContent>();
    const std::vector<std::byte> bytes = download(from.block.get(), from.bytes());
    FoundCubes found;
    std::memcpy(&found.counts, bytes.data(), sizeof found.counts);
    const auto* const cubes_of_host = reinterpret_cast<const Cube*>(bytes.data() + CubesContent::first_cube);
    found.best.assign(cubes_of_host, cubes_of_host + found.counts.kept);
    return found;
  }

 private:
  template <class T>
  [[nodiscard]] T* scratch_bytes(std::int64_t bytes) {
    return reinterpret_cast<T*>(device_.scratch().take(bytes));
  }
  template <class T>
  [[nodiscard]] T* scratch(std::int64_t count) {
    return scratch_bytes<T>(count * static_cast<std::int64_t>(sizeof(T)));
  }
  template <class T>
  void upload(T* to, const std::vector<T>& values) {
    device_.upload(to, values.data(), static_cast<std::int64_t>(values.size() * sizeof(T)));
  }
  template <class T>
  [[nodiscard]] std::vector<T> download(const T* values, std::int64_t count) {
    std::vector<T> host(static_cast<std::size_t>(count));
    if (count > 0) device_.download(host.data(), values, count * static_cast<std::int64_t>(sizeof(T)));
    return host;
  }
  template <class T>
  void copy(const T* in, T* out, std::int64_t count) const {
    check(cudaMemcpyAsync(out, in, static_cast<std::size_t>(count) * sizeof *in, cudaMemcpyDeviceToDevice, stream_),
          "copy of a volume");
  }

  [[nodiscard]] CubesContent make_cubes(std::int64_t room) {
    CubesContent cubes{room, nullptr};
    cubes.block = pool_->take<std::byte>(cubes.bytes());
    check(cudaMemsetAsync(cubes.block.get(), 0, static_cast<std::size_t>(cubes.bytes()), stream_),
          "cudaMemsetAsync of cubes");  // all of which come down
    return cubes;
  }
  [[nodiscard]] HuContent make_hu(const Index3& shape) { return {shape, pool_->take<std::int16_t>(voxels_of(shape))}; }
  [[nodiscard]] LabelsContent make_labels(const Index3& shape) {
    return {shape, pool_->take<std::uint8_t>(voxels_of(shape))};
  }
  [[nodiscard]] BitsContent make_bits(const Index3& shape) {
    return {shape, pool_->take<std::uint64_t>(words_of(shape))};
  }
  /// The volume that queue(words) fills.
  template <class Queue>
  [[nodiscard]] Bits made(const Index3& shape, const Queue& queue) {
    BitsContent content = make_bits(shape);
    queue(content.data());
    return held<Bits>(std::move(content));
  }
  /// The volume that queue(words of the one given, words, shape) fills, with scratch memory of its own.
  template <class Queue>
  [[nodiscard]] Bits from(const Bits& bits, const Queue& queue) {
    const runtime::Scratch::Frame frame(device_.scratch());
    return made(of(bits).shape, [&](std::uint64_t* out) {
      queue(static_cast<const std::uint64_t*>(of(bits).data()), out, of(bits).shape);
    });
  }

  /// How many components there are.
  [[nodiscard]] std::int64_t parts_of(const PartsContent& parts) {
    return download(parts.roots_of_row.get() + parts.shape[0] * parts.shape[1], 1)[0];
  }

  void choose(const PartsContent& parts, const AtEdge& /*rule*/, std::uint8_t* wanted) {
    choose_at_edge(parts.buffers, parts.shape, wanted, stream_);
  }
  void choose(const PartsContent& parts, const Largest& /*rule*/, std::uint8_t* wanted) {
    choose_largest(parts.buffers, parts.shape, wanted, stream_);
  }
  void choose(const PartsContent& parts, const Only& rule, std::uint8_t* wanted) {
    const auto fill = [&](std::uint8_t* first, int value, std::int64_t count) {
      check(cudaMemsetAsync(first, value, static_cast<std::size_t>(count), stream_), "cudaMemsetAsync of a choice");
    };
    fill(wanted, 0, parts.buffers.run_count);
    fill(wanted + rule.number, 1, 1);
  }
  void choose(const PartsContent& parts, const InsideBody& rule, std::uint8_t* wanted) {
    choose_inside_body(parts.buffers, parts.shape, {of(rule.in_hull), of(rule.in_pockets), of(rule.by_padding)}, wanted,
                       stream_);
  }
  void choose(const PartsContent& parts, const CutOff& rule, std::uint8_t* wanted) {
    choose_pieces(parts.buffers, parts.shape, {of(rule.own), of(rule.in_hulls), of(rule.gas), rule.least_voxels},
                  wanted, stream_);
  }

  /// In scratch memory: those parts, and how many there are.
  [[nodiscard]] std::pair<const LargeComponent*, std::int64_t> list_on_device(const PartsContent& parts,
                                                                              std::int64_t least, std::int64_t share) {
    auto* const count = scratch<std::int32_t>(1);
    for (std::int32_t room = 256;;) {
      auto* const found = scratch<LargeComponent>(room);
      list_large(parts.buffers, parts.shape, least, share, found, room, count, stream_);
      const std::int32_t listed = download(count, 1)[0];
      if (listed <= room) return {found, listed};
      room = listed;
    }
  }

  [[nodiscard]] AirwayParts airway_parts(const PartsContent& parts) {
    const std::int64_t runs = parts.buffers.run_count;
    return {parts.buffers, scratch<std::uint8_t>(runs), scratch<Count>(runs), scratch<unsigned>(runs)};
  }

  runtime::Device& device_;
  std::unique_ptr<runtime::Device::Binding> bound_;
  cudaStream_t stream_;
  runtime::Pool* pool_;
};

}  // namespace

std::unique_ptr<Instrument> make_instrument(runtime::Device& device) {
  return std::make_unique<CudaInstrument>(device);
}

}  // namespace pleura::kernels::cuda
