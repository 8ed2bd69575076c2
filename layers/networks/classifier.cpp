#include "layers/networks/builder.hpp"
#include "layers/networks/network.hpp"

namespace pleura::layers {
namespace {

class ClassifierBuilder : Builder {
 public:
  ClassifierBuilder(const ClassifierHyper& hyper, std::int64_t patches)
      : Builder(true, kernels::Activation::relu), hyper_(hyper), patches_(patches) {}

  Network build() {
    const std::int64_t pixels = hyper_.pixels;
    network_.inputs = {image(pixels, 3)};
    Value x = pool("stem.pool", conv3("stem", network_.inputs[0], 16), pixels / 2);
    for (std::int64_t i = 0; i < hyper_.blocks; ++i) x = basic_block("blocks." + std::to_string(i), x);
    x = conv3("widen", x, 32);
    x = conv3("narrow", x, 16);
    x = pool("narrow.pool", x, pixels / 4);
    x = conv3("last", x, 4);
    x = pool("last.pool", x, (pixels / 4 + 1) / 2);  // ceil mode
    fully_connected(x);
    return std::move(network_);
  }

 private:
  Value image(std::int64_t pixels, std::int64_t channels) { return buffer({patches_, 1, pixels, pixels, channels}); }

  void convolve2d(const std::string& module, const Value& in, const Value& out, const std::string& norm,
                  const Stage& end) {
    convolve(module, in, out, {1, 3, 3}, norm, {{end}}).form = WeightForm::image;
  }

  Value conv3(const std::string& module, const Value& in, std::int64_t channels) {
    const Value out = image(in.shape.h, channels);
    convolve2d(module + ".conv", in, out, module + ".norm", activation(""));
    return out;
  }

  Value pool(const std::string& name, const Value& in, std::int64_t pixels) {
    const Value out = image(pixels, in.shape.c);
    Layer& layer = add(LayerKind::pooling, name, in, out, "", {});
    layer.kernel = layer.stride = {1, 2, 2};
    return out;
  }

  Value basic_block(const std::string& module, const Value& in) {
    const Value middle = buffer(in.shape), out = buffer(in.shape);
    convolve2d(module + ".conv1", in, middle, module + ".norm1", activation(""));
    convolve2d(module + ".conv2", middle, out, module + ".norm2", add_and_activate(in, ""));
    return out;
  }

  /// The first layer's kernel is as large as its input, which is PyTorch's flattening in (C, H, W) order. The distance
  /// is written beside the first layer's outputs by the caller, so that the concatenation costs nothing.
  void fully_connected(Value x) {
    for (std::size_t i = 0; i <= hyper_.hidden.size(); ++i) {
      const bool last = i == hyper_.hidden.size();
      const bool concat = i == 0 && hyper_.uses_distance;
      const std::int64_t width = last ? 3 : hyper_.hidden[i];
      const Value all = buffer({patches_, 1, 1, 1, width + (concat ? 1 : 0)});
      const Stages stages{{last ? Stage{} : activation("")}};
      Layer& layer = add(LayerKind::convolution, "fc." + (last ? "out" : std::to_string(i)), x, channels(all, 0, width),
                         "", stages);
      layer.kernel = {1, x.shape.h, x.shape.w};
      layer.form = WeightForm::linear;
      if (concat) network_.inputs.push_back(channels(all, width, 1));
      x = all;
    }
    network_.output = x;
  }

  const ClassifierHyper& hyper_;
  std::int64_t patches_;
};

}  // namespace

Network build_classifier(const ClassifierHyper& hyper, std::int64_t patches) {
  return ClassifierBuilder(hyper, patches).build();
}

}  // namespace pleura::layers
