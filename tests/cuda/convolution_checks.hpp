#pragma once
/// What every variant of convolution on the device must show.
#include <algorithm>

#include "errors.hpp"
#include "kernels/random.hpp"
#include "run_on_device.hpp"

namespace pleura::test {

/// Sums in fp32 of products that are exact or rounded once; one rounding to f16, which the reference has too.
inline Errors bound(DType output) { return output == DType::f16 ? Errors{5e-4, 1e-3, 5e-4} : Errors{2e-6, 4e-6, 2e-6}; }

/// Whether whole numbers stay exact: the exponential of ELU does not.
inline bool keeps_whole_numbers(const kernels::Epilogue& epilogue) {
  return std::ranges::none_of(epilogue.stages, [](const auto& stage) { return stage.activation == Activation::elu; });
}

inline const kernels::ConvolutionVariant& naive_twin(const Convolution& /*operation*/) {
  return kernels::reference_backend().convolutions[0];
}

inline const kernels::DeconvolutionVariant& naive_twin(const Deconvolution& /*operation*/) {
  return kernels::reference_backend().deconvolutions[0];
}

template <class Operation>
void expect_like_reference(std::span<const kernels::Variant<Operation, kernels::WeightedStep>> variants,
                           const Operation& operation) {
  const auto& reference = naive_twin(operation);
  const OperationData whole = make_data(operation, true), real = make_data(operation, false);
  const std::vector<float> exact = run_operation(reference, operation, whole);
  const std::vector<float> close = run_operation(reference, operation, real);
  const auto cuda = kernels::open_device("cuda", 1);
  for (const auto& variant : variants) {
    if (!variant.supports(operation, *cuda.device)) continue;  // on a GPU, one of two generations of tensor cores
    if (keeps_whole_numbers(operation.epilogue)) {
      EXPECT_EQ(run_on_device(variant, operation, whole), exact)
          << variant.name << ": whole numbers must match exactly";
    }
    const Errors errors = errors_of<float>(run_on_device(variant, operation, real), close, operation.output.shape);
    EXPECT_TRUE(errors.within(bound(operation.output.dtype))) << variant.name << ": " << errors;
  }
}

struct Form {
  Extent3 kernel, stride, pad;
};
constexpr std::array<Form, 5> forms{{{{5, 5, 5}, {1, 1, 1}, {2, 2, 2}},
                                     {{3, 3, 3}, {1, 1, 1}, {1, 1, 1}},
                                     {{1, 1, 1}, {1, 1, 1}, {}},
                                     {{2, 2, 2}, {2, 2, 2}, {}},
                                     {{1, 3, 3}, {1, 1, 1}, {0, 1, 1}}}};

inline std::array<StageSpec, 2> random_stages(Random& random, std::int64_t outputs) {
  std::array<StageSpec, 2> stages;
  for (StageSpec& stage : stages) {
    stage.activation = static_cast<Activation>(random(0, 3));
    const std::array<std::int64_t, 3> channels{0, 1, outputs};
    stage.residual = channels[static_cast<std::size_t>(random(0, 2))];
  }
  return stages;
}

/// The bits of a voxel are the same in a slab and in another batch. `whole`: two images of five planes, a kernel of
/// three planes, a residual of every output.
inline void expect_same_bits_in_parts(std::span<const kernels::ConvolutionVariant> variants, const Convolution& whole) {
  const OperationData data = make_data(whole, false);
  // planes [3, 5) of the second image, from planes [2, 5) and one of padding
  Convolution part = whole;
  part.input.shape.n = part.output.shape.n = part.epilogue.stages[0].residual->shape.n = 1;
  part.input.shape.d = 3;
  part.output.shape.d = part.epilogue.stages[0].residual->shape.d = 2;
  part.pad_low[0] = 0;
  const auto cut = [](const std::vector<float>& values, const Shape& shape, std::int64_t from, std::int64_t to) {
    const std::int64_t plane = shape.h * shape.w * shape.c, image = shape.d * plane;
    return std::vector<float>{values.begin() + image + from * plane, values.begin() + image + to * plane};
  };
  OperationData piece = data;
  piece.input = cut(data.input, whole.input.shape, 2, 5);
  piece.residuals[0] = cut(data.residuals[0], whole.output.shape, 3, 5);
  const auto cuda = kernels::open_device("cuda", 1);
  for (const auto& variant : variants) {
    if (!variant.supports(whole, *cuda.device)) continue;
    EXPECT_EQ(run_on_device(variant, part, piece), cut(run_on_device(variant, whole, data), whole.output.shape, 3, 5));
  }
}

}  // namespace pleura::test
