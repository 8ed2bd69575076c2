#pragma once
/// Operations of every kind and shape that the networks hold, with odd sizes too, and data for them.
#include <cmath>

#include "counter_random.hpp"
#include "run_operation.hpp"

namespace pleura::test {

using kernels::Activation;
using kernels::Convolution;
using kernels::Deconvolution;
using kernels::Extent3;
using kernels::Pooling;
using runtime::DType;
using runtime::Shape;

/// An epilogue in words of the problem tables: the residual's channels (0: none) and the activation of each stage.
struct StageSpec {
  std::int64_t residual = 0;
  Activation activation = Activation::none;
};

struct ConvolutionSpec {
  Shape input;
  std::int64_t outputs = 1;
  Extent3 kernel{1, 1, 1}, stride{1, 1, 1}, pad{};
  std::array<StageSpec, 2> stages{};
  std::int64_t beside = 0;  ///< further channels in the buffers of input and output
};

inline kernels::Epilogue make_epilogue(const std::array<StageSpec, 2>& specs, DType type, const Shape& output) {
  kernels::Epilogue epilogue;
  for (std::size_t i = 0; i < 2; ++i) {
    epilogue.stages[i].activation = specs[i].activation;
    if (specs[i].residual == 0) continue;
    Shape shape = output;
    shape.c = specs[i].residual;
    epilogue.stages[i].residual = runtime::dense(type, shape);
  }
  return epilogue;
}

inline Convolution make_convolution(const ConvolutionSpec& spec, DType type, DType output_type) {
  const auto size = [&](std::int64_t in, int i) {
    return (in + 2 * spec.pad[i] - spec.kernel[i]) / spec.stride[i] + 1;
  };
  const Shape out{spec.input.n, size(spec.input.d, 0), size(spec.input.h, 1), size(spec.input.w, 2), spec.outputs};
  return {{type, spec.input, spec.input.c + spec.beside},
          {output_type, out, out.c + spec.beside},
          spec.kernel,
          spec.stride,
          spec.pad,
          spec.pad,
          make_epilogue(spec.stages, type, out)};
}

inline Deconvolution make_deconvolution(const ConvolutionSpec& spec, DType type) {
  const Shape out{spec.input.n, spec.input.d * 2, spec.input.h * 2, spec.input.w * 2, spec.outputs};
  return {{type, spec.input, spec.input.c + spec.beside},
          {type, out, out.c + spec.beside},
          {2, 2, 2},
          make_epilogue(spec.stages, type, out)};
}

inline std::int64_t kernel_size(const Convolution& op) {
  return op.kernel[0] * op.kernel[1] * op.kernel[2] * op.input.shape.c * op.output.shape.c;
}
inline std::int64_t kernel_size(const Deconvolution& op) {
  return op.stride[0] * op.stride[1] * op.stride[2] * op.input.shape.c * op.output.shape.c;
}
inline std::int64_t kernel_size(const Pooling& /*op*/) { return 0; }

/// Values u * scale for u in [-1, 1), or whole numbers of about that size.
inline std::vector<float> fill(const std::string& name, std::int64_t count, float scale, bool whole) {
  std::vector<float> values = uniform(name, 1, count);
  for (float& value : values) value = whole ? std::round(value * scale) : value * scale;
  return values;
}

/// Data for an operation. Whole numbers are small enough that every order of summing in fp32 is exact; slopes are then
/// powers of two.
template <class Operation>
OperationData make_data(const Operation& operation, bool whole) {
  const std::string name = to_string(operation);
  const std::int64_t out = operation.output.shape.c, taps = kernel_size(operation) / out;
  const auto he = static_cast<float>(std::sqrt(6.0 / static_cast<double>(std::max<std::int64_t>(1, taps))));
  OperationData data;
  data.input = fill(name + " input", operation.input.shape.elements(), whole ? 3.0f : 1.0f, whole);
  data.kernel = fill(name + " kernel", kernel_size(operation), whole ? 2.0f : he, whole);
  data.bias = fill(name + " bias", out, whole ? 9.0f : 0.1f, whole);
  const kernels::Epilogue epilogue = epilogue_of(operation);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string stage = name + std::to_string(i);
    if (epilogue.stages[i].activation == Activation::prelu) {
      data.slopes[i] = fill(stage + " slopes", out, 0.1f, false);
      for (float& slope : data.slopes[i]) slope = whole ? (slope > 0 ? 0.25f : 0.5f) : slope + 0.25f;
    }
    if (epilogue.stages[i].residual)
      data.residuals[i] =
          fill(stage + " residual", epilogue.stages[i].residual->shape.elements(), whole ? 5.0f : 1.0f, whole);
  }
  return data;
}

}  // namespace pleura::test
