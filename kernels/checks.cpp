// Whether operations fit together, what they cost and how they are named.
#include "kernels/backend.hpp"
#include "kernels/conversion.hpp"
#include "kernels/softmax.hpp"
#include "pleura/error.hpp"

namespace pleura::kernels {
namespace {

using runtime::TensorDesc;

const char* name_of(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "";
    case Activation::relu:
      return " relu";
    case Activation::elu:
      return " elu";
    case Activation::prelu:
      return " prelu";
  }
  return " ?";
}

std::string to_string(const Extent3& extent) {
  return std::to_string(extent[0]) + "x" + std::to_string(extent[1]) + "x" + std::to_string(extent[2]);
}

std::string to_string(const Epilogue& epilogue) {
  std::string text;
  for (const EpilogueStage& stage : epilogue.stages) {
    if (stage.residual)
      text += " +res" + std::to_string(stage.residual->shape.c) + "/" + std::to_string(stage.residual->pitch);
    text += name_of(stage.activation);
  }
  return text;
}

std::string sides(const TensorDesc& input, const TensorDesc& output) {
  return runtime::to_string(input) + " -> " + runtime::to_string(output);
}

void require(bool condition, const std::string& operation, const char* expected) {
  if (!condition) throw Error(Status::internal, operation + ": expected " + expected);
}

Extent3 extent(const TensorDesc& desc) { return {desc.shape.d, desc.shape.h, desc.shape.w}; }

template <class Operation>
void check_tensors(const Operation& operation, const Epilogue& epilogue) {
  const auto valid = [](const TensorDesc& desc) {
    const auto& s = desc.shape;
    return s.n > 0 && s.d > 0 && s.h > 0 && s.w > 0 && s.c > 0 && desc.pitch >= s.c;
  };
  const std::string text = to_string(operation);
  require(valid(operation.input) && valid(operation.output), text, "sizes above 0 and pitches of all channels");
  require(operation.input.shape.n == operation.output.shape.n, text, "equal batches");
  for (const EpilogueStage& stage : epilogue.stages) {
    if (!stage.residual) continue;
    auto shape = operation.output.shape;
    if (stage.residual->shape.c == 1) shape.c = 1;
    require(valid(*stage.residual) && stage.residual->shape == shape, text, "residuals of the output's shape");
  }
}

template <class Operation>
void check_weights(const Operation& operation, std::int64_t kernel, const ConvolutionWeights& weights) {
  const auto is = [](std::span<const float> values, std::int64_t count) {
    return static_cast<std::int64_t>(values.size()) == count;
  };
  const std::string text = to_string(operation);
  const std::int64_t out = operation.output.shape.c;
  require(is(weights.kernel, operation.input.shape.c * out * kernel), text, "in x out x kernel weights");
  require(is(weights.bias, out), text, "a bias for each output channel");
  for (std::size_t i = 0; i < weights.slopes.size(); ++i)
    require(is(weights.slopes[i], operation.epilogue.stages[i].activation == Activation::prelu ? out : 0), text,
            "slopes for each PReLU channel");
}

}  // namespace

void check(const Convolution& operation) {
  check_tensors(operation, operation.epilogue);
  const Extent3 in = extent(operation.input), out = extent(operation.output);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t reach = in[i] + operation.pad_low[i] + operation.pad_high[i] - operation.kernel[i];
    require(operation.pad_low[i] >= 0 && operation.pad_high[i] >= 0 && operation.stride[i] > 0 && reach >= 0 &&
                out[i] == reach / operation.stride[i] + 1,
            to_string(operation), "an output of (input + padding - kernel) / stride + 1");
  }
}

void check(const Convolution& operation, const ConvolutionWeights& weights) {
  check(operation);
  check_weights(operation, operation.kernel[0] * operation.kernel[1] * operation.kernel[2], weights);
}

void check(const Deconvolution& operation) {
  check_tensors(operation, operation.epilogue);
  const Extent3 in = extent(operation.input), out = extent(operation.output);
  for (std::size_t i = 0; i < 3; ++i)
    require(operation.stride[i] > 0 && out[i] == in[i] * operation.stride[i], to_string(operation),
            "an output of input * stride");
}

void check(const Deconvolution& operation, const DeconvolutionWeights& weights) {
  check(operation);
  check_weights(operation, operation.stride[0] * operation.stride[1] * operation.stride[2], weights);
}

void check(const Pooling& operation) {
  check_tensors(operation, {});
  const Extent3 in = extent(operation.input), out = extent(operation.output);
  const std::string text = to_string(operation);
  require(operation.input.dtype == operation.output.dtype && operation.input.shape.c == operation.output.shape.c, text,
          "equal types and channels");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t window = operation.window[i];
    require(window > 0 && (out[i] == in[i] / window || out[i] == (in[i] + window - 1) / window), text,
            "an output of input / window");
  }
}

void check(const Conversion& operation) {
  const auto& [in, out] = operation;
  require(in.shape == out.shape && in.shape.voxels() > 0 && in.pitch >= in.shape.c && out.pitch >= out.shape.c,
          to_string(operation), "equal shapes and pitches of all channels");
}

void check(const Softmax& operation) {
  const auto& [in, out] = operation;
  require(in.shape == out.shape && in.shape.elements() > 0 && in.pitch >= in.shape.c && out.pitch >= out.shape.c,
          to_string(operation), "equal shapes and pitches of all channels");
  require(out.dtype == runtime::DType::f32, to_string(operation), "an output of f32");
}

std::int64_t macs(const Convolution& operation) {
  const Extent3& k = operation.kernel;
  return operation.output.shape.elements() * operation.input.shape.c * k[0] * k[1] * k[2];
}

std::int64_t macs(const Deconvolution& operation) {
  return operation.output.shape.elements() * operation.input.shape.c;
}

std::string to_string(const Convolution& operation) {
  return "conv " + sides(operation.input, operation.output) + " k" + to_string(operation.kernel) + " s" +
         to_string(operation.stride) + " p" + to_string(operation.pad_low) + "+" + to_string(operation.pad_high) +
         to_string(operation.epilogue);
}

std::string to_string(const Deconvolution& operation) {
  return "deconv " + sides(operation.input, operation.output) + " s" + to_string(operation.stride) +
         to_string(operation.epilogue);
}

std::string to_string(const Pooling& operation) {
  return "pool " + sides(operation.input, operation.output) + " w" + to_string(operation.window);
}

std::string to_string(const Softmax& operation) { return "softmax " + sides(operation.input, operation.output); }

std::string to_string(const Conversion& operation) { return "convert " + sides(operation.input, operation.output); }

}  // namespace pleura::kernels
