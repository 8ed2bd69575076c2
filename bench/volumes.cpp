#include "volumes.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/instrument.hpp"
#include "outcome.hpp"
#include "pleura/pleura.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/candidates.hpp"
#include "screening/lung_stages.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"

namespace pleura::bench {
namespace {

using kernels::Bits;
using kernels::Combination;
using kernels::Connectivity;
using kernels::Instrument;
using runtime::DType;
using runtime::TensorDesc;

constexpr std::int64_t regions = 12, pixels = 60;

/// A tensor in a device's memory.
struct Tensor {
  TensorDesc desc;
  runtime::Arena memory;

  Tensor(runtime::Device& device, const runtime::Shape& shape)
      : desc(dense(DType::f32, shape)), memory(device.allocate(desc.bytes())) {}
  /// Of these values, again and again.
  Tensor(runtime::Device& device, const runtime::Shape& shape, const std::vector<float>& block)
      : Tensor(device, shape) {
    const auto bytes = static_cast<std::int64_t>(block.size() * sizeof(float));
    for (std::int64_t at = 0; at < desc.bytes(); at += bytes)
      device.upload(memory.data() + at, block.data(), std::min(bytes, desc.bytes() - at));
  }
  [[nodiscard]] runtime::TensorView view() const { return {desc, memory.data()}; }
};

/// A CT on a device, with what a screening makes of it up to each operation. Heads are noise, which proposes more than
/// any network does.
struct Chest {
  const Volume& volume;
  kernels::OpenDevice device;
  std::unique_ptr<Instrument> instrument = device.instrument();
  Instrument& on = *instrument;
  weights::SegmenterSettings settings;
  kernels::Hu hu = on.take(volume.hu, volume.geometry.shape);
  screening::LungGrid grid = spaced(volume.geometry);
  screening::AirBits bits = screening::find_air(on, hu, grid);
  kernels::Parts air_in_slices = on.components(bits.air, Connectivity::in_slice);
  kernels::Parts air_in_volume = on.components(bits.air, Connectivity::in_volume);
  kernels::Parts gas_in_slices = on.components(bits.gas, Connectivity::in_slice);
  kernels::Counts gas_of_air = on.count_in(air_in_slices, bits.gas);
  Bits airways = screening::find_airways(on, bits, grid);
  screening::LungSides sides = screening::choose_lungs(on, hu, bits, airways, grid);
  screening::LungSides completed = screening::complete_lungs(on, sides, airways, bits.body, grid);
  screening::Lungs lungs = screening::label_lungs(on, completed, volume.geometry);
  Bits both = on.combine(completed.left, completed.right, Combination::either);
  screening::LungSides seeds = {on.erode(completed.left, grid.disc(10'000)),
                                on.erode(completed.right, grid.disc(10'000))};
  screening::NetworkGrid network = screening::resample_lungs(on, hu, volume.geometry, lungs, settings);
  runtime::Shape cells = {1, network.geometry.shape[0], network.geometry.shape[1], network.geometry.shape[2], 1};
  Tensor input{*device.device, cells};
  Tensor images{*device.device, {regions * kernels::patch_images, 1, pixels, pixels, kernels::ImageChannels::count}};
  Tensor mask_head, proposal_head;
  kernels::Cubes proposed, kept;
  std::vector<std::array<double, 3>> centres;
  kernels::Hu patches;

  Chest(const Volume& ct, const char* name, const std::vector<float>& noise)
      : volume(ct),
        device(kernels::open_device(name, 0)),
        mask_head(*device.device, {1, cells.d, cells.h, cells.w, 2}, noise),
        proposal_head(*device.device, {1, cells.d / 4, cells.h / 4, cells.w / 4, 15}, noise) {
    proposed = on.decode(proposal_head.view(), decoding());
    kept = on.suppress(proposed, settings.nms_iou);
    for (std::int64_t i = 0; i < regions; ++i) {
      const auto part = static_cast<double>(i + 1) / static_cast<double>(regions + 1);
      const auto& shape = volume.geometry.shape;
      centres.push_back({part * static_cast<double>(shape[0]), 0.5 * static_cast<double>(shape[1]),
                         part * static_cast<double>(shape[2])});
    }
    patches = cut().hu;
  }

  [[nodiscard]] kernels::ProposalDecoding decoding() const { return screening::proposal_decoding(settings, 0); }
  /// Of voxels that stand out from the noise: as many components as there are, of two voxels and more.
  [[nodiscard]] kernels::MaskDecoding enclosing() const { return {settings.spacing_mm, 1.2, 2}; }
  [[nodiscard]] screening::Patches cut() const {
    return screening::cut_regions(on, hu, volume.geometry, lungs, centres, 60, pixels);
  }
  [[nodiscard]] kernels::CostalPockets pockets() const {
    return {.spacing_y_um = grid.spacing_um[1],
            .spacing_x_um = grid.spacing_um[2],
            .is_left = true,
            .middle_y2 = grid.shape[1],
            .least_cut = grid.pixels(screening::least_cut_mm2),
            .most_voxels = grid.pixels(screening::most_pocket_mm2),
            .most_edge_um = screening::most_edge_um};
  }
  static screening::LungGrid spaced(const Geometry& geometry) {
    screening::LungGrid grid{geometry.shape, {}};
    for (int axis = 0; axis < 3; ++axis) grid.spacing_um[axis] = std::llround(geometry.spacing[axis] * 1000);
    return grid;
  }
};

/// The numbers that an operation gave, for the host to compare.
template <class Plain>
const Plain& values(const Chest& /*at*/, const Plain& plain) {
  return plain;
}
auto values(const Chest& at, const kernels::Hu& hu) { return at.on.read(hu); }
auto values(const Chest& at, const Bits& bits) { return at.on.read(bits); }
auto values(const Chest& at, const kernels::Labels& labels) { return at.on.read(labels); }
auto values(const Chest& at, const kernels::Counts& counts) { return at.on.read(counts); }
auto values(const Chest& /*at*/, const std::vector<kernels::ListedPart>& parts) {
  std::vector<std::pair<std::int32_t, kernels::Component>> all;
  for (const auto& part : parts) all.emplace_back(part.number, part.figures);
  return all;
}
auto values(const Chest& at, const kernels::Parts& parts) { return values(at, at.on.list(parts, 1, 0)); }
auto values(const Chest& /*at*/, const std::vector<kernels::SliceFigures>& slices) {
  std::vector<std::array<std::int64_t, 6>> all;
  for (const auto& of : slices) all.push_back({of.low[0], of.low[1], of.high[0], of.high[1], of.voxels, of.sum_x});
  return all;
}
auto values(const Chest& at, const std::vector<Bits>& volumes) {
  std::vector<kernels::BitVolume> all;
  for (const Bits& bits : volumes) all.push_back(at.on.read(bits));
  return all;
}
auto values(const Chest& at, const std::pair<Bits, Bits>& sides) {
  return std::pair(at.on.read(sides.first), at.on.read(sides.second));
}
auto values(const Chest& at, const screening::LungSides& sides) {
  return values(at, std::pair(sides.left, sides.right));
}
auto values(const Chest& at, Tensor* tensor) {
  std::vector<float> all(static_cast<std::size_t>(tensor->desc.shape.elements()));
  at.device.device->download(all.data(), tensor->memory.data(), tensor->desc.bytes());
  return all;
}
/// A side and a logit go through exp and log, whose last bits are each device's own.
auto values(const Chest& at, const kernels::Cubes& cubes) {
  const kernels::FoundCubes found = at.on.read(cubes);
  const auto rounded = [](double value) { return std::llround(value * 1e5); };
  std::vector<std::tuple<double, double, double, long long, long long>> all;
  for (const kernels::Cube& cube : found.best)
    all.emplace_back(cube.centre[0], cube.centre[1], cube.centre[2], rounded(cube.side), rounded(cube.logit));
  return std::tuple(all, found.counts.kept, found.counts.dropped, found.counts.not_finite);
}

/// The same CT on the CPU and on the GPU, made when the first benchmark wants them.
struct Chests {
  Volume volume;
  std::vector<float> block;
  Chest cpu, cuda;

  explicit Chests(const std::string& ct)
      : volume(read_ct(ct)), block(noise(1 << 20)), cpu(volume, "cpu", block), cuda(volume, "cuda", block) {}
};

Chests& chests(const std::string& ct) {
  static Chests both(ct);
  return both;
}

template <class Operation>
void run_operation(benchmark::State& state, const std::string& name, const std::string& ct,
                   const Operation& operation) {
  auto& [volume, block, cpu, cuda] = chests(ct);
  static std::set<std::string> checked;  // a benchmark is called for each repetition, and to find how often it runs
  if (!checked.contains(name)) {
    if (!(values(cuda, operation(cuda)) == values(cpu, operation(cpu)))) {
      ++failures();
      state.SkipWithError("the output is not the CPU's");
      return;
    }
    checked.insert(name);
  }
  const auto bound = cuda.device.device->bind();
  const cudaStream_t queue = runtime::cuda::queue_of(cuda.device.device->stream());
  runtime::cuda::Event start, end;
  for (auto _ : state) {
    start.record(queue);
    benchmark::DoNotOptimize(operation(cuda));
    end.record(queue);
    end.synchronize();
    state.SetIterationTime(end.seconds_since(start));
  }
}

template <class Operation>
void add(const std::string& ct, const std::string& of, const Operation& operation) {
  const std::string name = "volumes/" + of;
  benchmark::RegisterBenchmark(name.c_str(), run_operation<Operation>, name, ct, operation)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->Repetitions(10)
      ->ComputeStatistics("p95", [](const std::vector<double>& runs) {
        std::vector<double> sorted = runs;
        std::ranges::sort(sorted);
        return sorted[(sorted.size() * 19 + 19) / 20 - 1];  // by nearest rank
      });
}

void add_lung_operations(const std::string& ct) {
  const auto adding = [&](const char* name, const auto& operation) { add(ct, name, operation); };
  adding("take a CT", [](Chest& at) { return at.on.take(at.volume.hu, at.volume.geometry.shape); });
  adding("below", [](Chest& at) {
    return at.on.below(at.hu, screening::air_blur(at.grid),
                       {screening::air_below, screening::gas_below, screening::pocket_below});
  });
  adding("lowest", [](Chest& at) { return at.on.lowest(at.hu, screening::padding_at_most + 1); });
  adding("median", [](Chest& at) { return at.on.median(at.hu, at.both); });
  adding("dilate by 4 mm",
         [](Chest& at) { return at.on.dilate(at.bits.air, at.grid.disc(screening::table_shell_um)); });
  adding("erode by 1.2 mm",
         [](Chest& at) { return at.on.erode(at.bits.gas, at.grid.disc(screening::airway_speckle_um)); });
  adding("close by 8 mm", [](Chest& at) { return at.on.close(at.sides.left, at.grid.disc(screening::closing_um)); });
  adding("invert", [](Chest& at) { return at.on.invert(at.bits.air); });
  adding("combine", [](Chest& at) { return at.on.combine(at.bits.air, at.bits.body, Combination::both); });
  adding("hulls", [](Chest& at) { return at.on.hulls(at.bits.air); });
  adding("fill_holes in the volume", [](Chest& at) {
    return at.on.fill_holes(at.sides.left, Connectivity::in_volume, static_cast<std::int64_t>(at.volume.hu.size()));
  });
  adding("fill_holes in slices", [](Chest& at) {
    return at.on.fill_holes(at.sides.left, Connectivity::in_slice, at.grid.pixels(screening::most_hole_mm2));
  });
  adding("count", [](Chest& at) { return at.on.count(at.bits.air); });
  adding("measure", [](Chest& at) { return at.on.measure(at.bits.air); });
  adding("components in slices", [](Chest& at) { return at.on.components(at.bits.air, Connectivity::in_slice); });
  adding("components in the volume", [](Chest& at) { return at.on.components(at.bits.air, Connectivity::in_volume); });
  adding("count_in", [](Chest& at) { return at.on.count_in(at.air_in_slices, at.bits.gas); });
  adding("draw what touches an edge", [](Chest& at) { return at.on.draw(at.air_in_slices, kernels::AtEdge{}); });
  adding("draw the largest", [](Chest& at) { return at.on.draw(at.air_in_volume, kernels::Largest{}); });
  adding("list", [](Chest& at) { return at.on.list(at.air_in_volume, 100, 0); });
  adding("airways", [](Chest& at) {
    return at.on.airways(at.air_in_slices, at.gas_of_air, at.air_in_volume, at.gas_in_slices,
                         {.least_trachea = at.grid.pixels(50),
                          .most_trachea = at.grid.pixels(900),
                          .least_slices = 3,
                          .least_lumen = at.grid.pixels(20),
                          .most_lumen = at.grid.pixels(1200),
                          .slack = at.grid.pixels(60),
                          .reach = 55'000 / at.grid.spacing_um[2]});
  });
  adding("grow_apart", [](Chest& at) { return at.on.grow_apart(at.seeds.left, at.seeds.right, at.both, 6); });
  adding("add_costal_pockets", [](Chest& at) { return at.on.add_costal_pockets(at.sides.left, at.pockets()); });
  adding("label", [](Chest& at) { return at.on.label(at.completed.left, at.completed.right); });
  adding("stage: air", [](Chest& at) { return screening::find_air(at.on, at.hu, at.grid).air; });
  adding("stage: airways", [](Chest& at) { return screening::find_airways(at.on, at.bits, at.grid); });
  adding("stage: sides", [](Chest& at) { return screening::choose_lungs(at.on, at.hu, at.bits, at.airways, at.grid); });
  adding("stage: completed",
         [](Chest& at) { return screening::complete_lungs(at.on, at.sides, at.airways, at.bits.body, at.grid); });
  adding("stage: lungs", [](Chest& at) { return screening::find_lungs(at.on, at.hu, at.volume.geometry).labels; });
}

void add_region_operations(const std::string& ct) {
  const auto adding = [&](const char* name, const auto& operation) { add(ct, name, operation); };
  adding("resample", [](Chest& at) { return at.on.resample(at.hu, {at.network.axes, screening::outside_volume}); });
  adding("sample", [](Chest& at) { return at.on.sample(at.lungs.labels, at.network.axes); });
  adding("fill_far", [](Chest& at) {
    return at.on.fill_far(at.network.hu, at.network.lungs, {2000, 2000, 2000}, 6000, 0);
  });
  adding("stage: grid", [](Chest& at) {
    return screening::resample_lungs(at.on, at.hu, at.volume.geometry, at.lungs, at.settings).hu;
  });
  adding("window a grid", [](Chest& at) {
    at.on.window(at.network.hu, at.settings.hu_window, at.input.view());
    return &at.input;
  });
  adding("decode", [](Chest& at) { return at.on.decode(at.proposal_head.view(), at.decoding()); });
  adding("suppress", [](Chest& at) { return at.on.suppress(at.proposed, at.settings.nms_iou); });
  adding("keep_inside",
         [](Chest& at) { return at.on.keep_inside(at.kept, at.network.lungs, at.settings.spacing_mm, regions); });
  adding("enclose", [](Chest& at) { return at.on.enclose(at.mask_head.view(), at.network.lungs, at.enclosing()); });
  adding("cut and distances_from_edge", [](Chest& at) { return at.cut().hu; });
  adding("window images", [](Chest& at) {
    at.on.window(at.patches, 0, screening::image_channels({}), at.images.view());
    return &at.images;
  });
}

}  // namespace

void add_volumes(const std::string& ct) {
  add_lung_operations(ct);
  add_region_operations(ct);
}

}  // namespace pleura::bench
