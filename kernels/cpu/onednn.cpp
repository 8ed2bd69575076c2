// Dense 3D convolutions by oneDNN, which beats our tiles where channels are many (docs/performance.md). It sums in
// fp32; the epilogue is a pass of our own, since a residual may have its own pitch and a PReLU comes after it.
#include <algorithm>
#include <cmath>
#include <dnnl.hpp>

#include "kernels/cpu/direct.hpp"
#include "kernels/cpu/variants.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cpu {
namespace {

using runtime::DType;
using runtime::TensorDesc;
using Md = dnnl::memory::desc;

constexpr std::int64_t alignment = 64;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory::data_type to_dnnl(DType type) {
  return type == DType::bf16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

Md channels_last(const runtime::Shape& s, DType type) {
  return {{s.n, s.c, s.d, s.h, s.w}, to_dnnl(type), dnnl::memory::format_tag::ndhwc};
}

dnnl::memory::dims dims(const Extent3& extent) { return {extent[0], extent[1], extent[2]}; }

dnnl::convolution_forward::primitive_desc describe(const Convolution& operation) {
  const auto& k = operation.kernel;
  const Md kernel({operation.output.shape.c, operation.input.shape.c, k[0], k[1], k[2]}, to_dnnl(operation.input.dtype),
                  dnnl::memory::format_tag::any);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return {engine(),
          dnnl::prop_kind::forward_inference,
          dnnl::algorithm::convolution_direct,
          channels_last(operation.input.shape, operation.input.dtype),
          kernel,
          channels_last(operation.output.shape, DType::f32),
          dims(operation.stride),
          dims(operation.pad_low),
          dims(operation.pad_high),
          attributes};
}

/// How a tensor lies: "f32 strides 512 ... blocks 16 16 of 1 0".
std::string layout_of(const Md& desc) {
  std::string text = desc.get_data_type() == dnnl::memory::data_type::bf16 ? "bf16" : "f32";
  const auto add = [&](const char* name, const dnnl::memory::dims& values) {
    text.append(" ").append(name);
    for (const std::int64_t value : values) text.append(" ").append(std::to_string(value));
  };
  add("strides", desc.get_strides());
  add("blocks", desc.get_inner_blks());
  add("of", desc.get_inner_idxs());
  return text;
}

/// The kernel in the order and type that the primitive asks for.
void pack_kernel(const Convolution& operation, const float* kernel, const Md& wanted, std::byte* packed) {
  const auto& k = operation.kernel;
  const Md plain({operation.output.shape.c, operation.input.shape.c, k[0], k[1], k[2]}, to_dnnl(DType::f32),
                 dnnl::memory::format_tag::oidhw);
  dnnl::memory from(plain, engine(), const_cast<float*>(kernel)), to(wanted, engine(), packed);
  dnnl::stream stream(engine());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

/// output = epilogue(sums + bias) of voxels [first, last). The sums are dense; they may be the output, and are lost.
class EpiloguePass {
 public:
  explicit EpiloguePass(const Convolution& operation) : epilogue_(operation.epilogue), output_(operation.output) {}

  void run(float* sums, const EpilogueWeights& weights, const runtime::Operands& operands, std::int64_t first,
           std::int64_t last) const {
    const std::int64_t channels = output_.shape.c;
    for (std::int64_t v = first; v < last; ++v) {
      float* values = sums + v * channels;
      for (std::int64_t o = 0; o < channels; ++o) values[o] += weights.bias[o];
      for (std::size_t s = 0; s < 2; ++s) add_and_activate(s, weights.slopes[s], operands.residuals[s], v, values);
      if (sums != operands.output) store(operands.output, v, values);
    }
  }

 private:
  void add_and_activate(std::size_t s, const float* slopes, const void* residual, std::int64_t voxel,
                        float* values) const {
    const EpilogueStage& stage = epilogue_.stages[s];
    const std::int64_t channels = output_.shape.c;
    if (stage.residual) {
      const std::int64_t at = voxel * stage.residual->pitch;
      if (stage.residual->dtype == DType::bf16) {
        const auto* from = static_cast<const std::uint16_t*>(residual) + at;
        for (std::int64_t o = 0; o < channels; ++o) values[o] += runtime::bf16_to_float(from[o]);
      } else {
        const auto* from = static_cast<const float*>(residual) + at;
        for (std::int64_t o = 0; o < channels; ++o) values[o] += from[o];
      }
    }
    if (stage.activation == Activation::relu)
      for (std::int64_t o = 0; o < channels; ++o) values[o] = values[o] < 0 ? 0 : values[o];
    if (stage.activation == Activation::prelu)
      for (std::int64_t o = 0; o < channels; ++o) values[o] = values[o] > 0 ? values[o] : slopes[o] * values[o];
    if (stage.activation == Activation::elu)
      for (std::int64_t o = 0; o < channels; ++o) values[o] = values[o] > 0 ? values[o] : std::expm1(values[o]);
  }

  void store(void* output, std::int64_t voxel, const float* values) const {
    const std::int64_t at = voxel * output_.pitch;
    if (output_.dtype == DType::f32) {
      std::copy_n(values, output_.shape.c, static_cast<float*>(output) + at);
      return;
    }
    auto* to = static_cast<std::uint16_t*>(output) + at;
    for (std::int64_t o = 0; o < output_.shape.c; ++o) to[o] = runtime::float_to_bf16(values[o]);
  }

  Epilogue epilogue_;
  TensorDesc output_;
};

class OnednnStep final : public WeightedStep {
 public:
  explicit OnednnStep(const Convolution& operation)
      : operation_(operation),
        description_(describe(operation)),
        primitive_(description_),
        parts_(static_cast<std::int64_t>(description_.weights_desc().get_size()), operation.output.shape.c,
               operation.epilogue),
        epilogue_(operation),
        voxels_(operation.output.shape.voxels()),
        in_place_(operation.output.dtype == DType::f32 && operation.output.pitch == operation.output.shape.c) {}

  /// What oneDNN asks for, which is its own affair: for another shape it may be something else.
  PackedForm form() const override { return {"onednn " + layout_of(description_.weights_desc()), parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    pack_kernel(operation_, weights.kernel.data(), description_.weights_desc(), to);
  }

  std::int64_t workspace_bytes() const override {
    return sums_bytes() + static_cast<std::int64_t>(description_.scratchpad_desc().get_size());
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& on) const override {
    char* workspace = static_cast<char*>(operands.workspace);
    void* sums = in_place_ ? operands.output : workspace;
    dnnl::stream stream(engine());
    primitive_.execute(
        stream, {{DNNL_ARG_SRC, {description_.src_desc(), engine(), const_cast<void*>(operands.input)}},
                 {DNNL_ARG_WEIGHTS, {description_.weights_desc(), engine(), const_cast<void*>(operands.weights)}},
                 {DNNL_ARG_DST, {description_.dst_desc(), engine(), sums}},
                 {DNNL_ARG_SCRATCHPAD, {description_.scratchpad_desc(), engine(), workspace + sums_bytes()}}});
    stream.wait();
    const EpilogueWeights weights = parts_.epilogue(operands.weights);
    parallel_for(on.threads, on.threads, [&](std::int64_t i) {
      epilogue_.run(static_cast<float*>(sums), weights, operands, voxels_ * i / on.threads,
                    voxels_ * (i + 1) / on.threads);
    });
  }

 private:
  std::int64_t sums_bytes() const {
    return in_place_ ? 0 : runtime::round_up(static_cast<std::int64_t>(description_.dst_desc().get_size()), alignment);
  }

  Convolution operation_;
  dnnl::convolution_forward::primitive_desc description_;
  dnnl::convolution_forward primitive_;
  PackedParts parts_;
  EpiloguePass epilogue_;
  std::int64_t voxels_;
  bool in_place_;  ///< sums go straight into the output
};

/// 5^3 convolutions of many channels, dense so that oneDNN does not fall back to its slow ways, on processors where it
/// was measured. It leaves out padding along w too, which counts where rows are short.
bool supports(const Convolution& operation, const runtime::Device& /*device*/) {
  const TensorDesc &in = operation.input, &out = operation.output;
  const bool bf16 = in.dtype == DType::bf16;
  const auto is_float = [](const TensorDesc& desc) { return desc.dtype == DType::f32 || desc.dtype == DType::bf16; };
  bool fits = is_float(in) && is_float(out) && in.shape.n == 1 && in.pitch == in.shape.c &&
              operation.kernel == Extent3{5, 5, 5} && operation.stride == Extent3{1, 1, 1} &&
              std::min(in.shape.c, out.shape.c) >= (bf16 ? 256 : 128) && in.shape.c % 16 == 0 && out.shape.c % 16 == 0;
  for (const EpilogueStage& stage : operation.epilogue.stages)
    fits = fits && (!stage.residual || (is_float(*stage.residual) && stage.residual->shape.c == out.shape.c));
  return fits && available(bf16 ? Isa::avx512_bf16 : Isa::avx512);
}

double cost(const Convolution& operation, const runtime::Device& /*device*/) {
  constexpr double of_our_tiles = 0.95;
  const TileSet& tiles = operation.input.dtype == DType::bf16 ? avx512_bf16_tiles : avx512_tiles;
  return of_our_tiles * direct_cost(tiles, direct_problem(operation));
}

std::unique_ptr<WeightedStep> make(const Convolution& operation, const runtime::Device& /*device*/) {
  return std::make_unique<OnednnStep>(operation);
}

}  // namespace

std::span<const ConvolutionVariant> onednn_variants() {
  static constexpr ConvolutionVariant variants[] = {{"onednn", supports, cost, make, true}};
  return variants;
}

std::string onednn_version() {
  const dnnl_version_t* const v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch) + " (" +
         v->hash + "), isa " + std::to_string(static_cast<unsigned>(dnnl_get_effective_cpu_isa()));
}

}  // namespace pleura::kernels::cpu
