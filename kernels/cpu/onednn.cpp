// Dense 3D convolutions by oneDNN, which beats our tiles where channels are many (docs/performance.md). It sums in
// fp32; the epilogue is a pass of our own, since a residual may have its own pitch and a PReLU comes after it.
#include <algorithm>
#include <cmath>
#include <dnnl.hpp>

#include "kernels/cpu/direct.hpp"
#include "kernels/cpu/variants.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::cpu {
namespace {

using runtime::DType;
using runtime::TensorDesc;
using Md = dnnl::memory::desc;

constexpr std::int64_t alignment = 64;

std::int64_t aligned(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

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

/// The kernel in the order and type that the primitive asks for.
dnnl::memory pack(const Convolution& operation, const float* kernel, const Md& wanted) {
  const auto& k = operation.kernel;
  const Md plain({operation.output.shape.c, operation.input.shape.c, k[0], k[1], k[2]}, to_dnnl(DType::f32),
                 dnnl::memory::format_tag::oidhw);
  dnnl::memory from(plain, engine(), const_cast<float*>(kernel)), to(wanted, engine());
  dnnl::stream stream(engine());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  return to;
}

/// output = epilogue(sums + bias) of voxels [first, last). The sums are dense; they may be the output, and are lost.
class EpiloguePass {
 public:
  EpiloguePass(const Convolution& operation, const ConvolutionWeights& weights)
      : epilogue_(operation.epilogue), output_(operation.output), bias_(weights.bias.begin(), weights.bias.end()) {
    for (std::size_t s = 0; s < 2; ++s) slopes_[s].assign(weights.slopes[s].begin(), weights.slopes[s].end());
  }

  std::int64_t bytes() const {
    return static_cast<std::int64_t>((bias_.size() + slopes_[0].size() + slopes_[1].size()) * sizeof(float));
  }

  void run(float* sums, const runtime::Operands& operands, std::int64_t first, std::int64_t last) const {
    const std::int64_t channels = output_.shape.c;
    for (std::int64_t v = first; v < last; ++v) {
      float* values = sums + v * channels;
      for (std::int64_t o = 0; o < channels; ++o) values[o] += bias_[o];
      for (std::size_t s = 0; s < 2; ++s) add_and_activate(s, operands.residuals[s], v, values);
      if (sums != operands.output) store(operands.output, v, values);
    }
  }

 private:
  void add_and_activate(std::size_t s, const void* residual, std::int64_t voxel, float* values) const {
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
      for (std::int64_t o = 0; o < channels; ++o) values[o] = values[o] > 0 ? values[o] : slopes_[s][o] * values[o];
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
  std::vector<float> bias_;
  std::array<std::vector<float>, 2> slopes_;
};

class OnednnStep final : public runtime::Step {
 public:
  OnednnStep(const Convolution& operation, const ConvolutionWeights& weights)
      : description_(describe(operation)),
        primitive_(description_),
        kernel_(pack(operation, weights.kernel.data(), description_.weights_desc())),
        epilogue_(operation, weights),
        voxels_(operation.output.shape.voxels()),
        in_place_(operation.output.dtype == DType::f32 && operation.output.pitch == operation.output.shape.c) {}

  std::int64_t workspace_bytes() const override {
    return sums_bytes() + static_cast<std::int64_t>(description_.scratchpad_desc().get_size());
  }

  std::int64_t weight_bytes() const override {
    return static_cast<std::int64_t>(kernel_.get_desc().get_size()) + epilogue_.bytes();
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& on) const override {
    char* workspace = static_cast<char*>(operands.workspace);
    void* sums = in_place_ ? operands.output : workspace;
    dnnl::stream stream(engine());
    primitive_.execute(stream,
                       {{DNNL_ARG_SRC, {description_.src_desc(), engine(), const_cast<void*>(operands.input)}},
                        {DNNL_ARG_WEIGHTS, kernel_},
                        {DNNL_ARG_DST, {description_.dst_desc(), engine(), sums}},
                        {DNNL_ARG_SCRATCHPAD, {description_.scratchpad_desc(), engine(), workspace + sums_bytes()}}});
    stream.wait();
    parallel_for(on.threads, on.threads, [&](std::int64_t i) {
      epilogue_.run(static_cast<float*>(sums), operands, voxels_ * i / on.threads, voxels_ * (i + 1) / on.threads);
    });
  }

 private:
  std::int64_t sums_bytes() const {
    return in_place_ ? 0 : aligned(static_cast<std::int64_t>(description_.dst_desc().get_size()));
  }

  dnnl::convolution_forward::primitive_desc description_;
  dnnl::convolution_forward primitive_;
  dnnl::memory kernel_;
  EpiloguePass epilogue_;
  std::int64_t voxels_;
  bool in_place_;  ///< sums go straight into the output
};

/// 5^3 convolutions of many channels, dense so that oneDNN does not fall back to its slow ways, on processors where it
/// was measured. It leaves out padding along w too, which counts where rows are short.
bool supports(const Convolution& operation) {
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

double cost(const Convolution& operation) {
  constexpr double of_our_tiles = 0.95;
  const TileSet& tiles = operation.input.dtype == DType::bf16 ? avx512_bf16_tiles : avx512_tiles;
  return of_our_tiles * direct_cost(tiles, direct_problem(operation));
}

std::unique_ptr<runtime::Step> make(const Convolution& operation, const ConvolutionWeights& weights) {
  return std::make_unique<OnednnStep>(operation, weights);
}

constexpr ConvolutionVariant variants[] = {{"onednn", supports, cost, make, true}};

}  // namespace

std::span<const ConvolutionVariant> onednn_variants() { return variants; }

}  // namespace pleura::kernels::cpu
