#include <functional>
#include <numeric>
#include <string>

#include "weights/model.hpp"

namespace pleura::weights {
namespace {

using Shape = std::vector<std::int64_t>;

/// Collects names and shapes module by module.
class Shapes {
 public:
  void conv(const std::string& name, Shape weight) {
    const std::int64_t outputs = weight[0];
    add(name + ".weight", std::move(weight));
    add(name + ".bias", {outputs});
  }

  /// PyTorch's transposed convolutions put the inputs first.
  void deconv(const std::string& name, std::int64_t inputs, std::int64_t outputs) {
    add(name + ".weight", {inputs, outputs, 2, 2, 2});
    add(name + ".bias", {outputs});
  }

  void norm(const std::string& name, std::int64_t channels) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) add(name + part, {channels});
  }

  void prelu(const std::string& name, std::int64_t channels) { add(name + ".weight", {channels}); }

  [[nodiscard]] TensorShapes take() { return std::move(shapes_); }

 private:
  void add(std::string name, Shape shape) { shapes_.emplace_back(std::move(name), std::move(shape)); }

  TensorShapes shapes_;
};

/// V-Net's modules, which depend on its norm and activation.
class VNetShapes : public Shapes {
 public:
  explicit VNetShapes(const VNetHyper& hyper) : hyper_(hyper) {}

  void norm_if(const std::string& name, std::int64_t channels) {
    if (hyper_.norm == Norm::batch) norm(name, channels);
  }

  void act(const std::string& name, std::int64_t channels) {
    if (hyper_.activation == Activation::prelu) prelu(name, channels);
  }

  void conv3d(const std::string& name, std::int64_t inputs, std::int64_t outputs, std::int64_t kernel) {
    conv(name, {outputs, inputs, kernel, kernel, kernel});
  }

  /// `path` + conv, norm, act of an Inception-ResNet block.
  void inception_part(const std::string& path, std::int64_t inputs, std::int64_t outputs, std::int64_t kernel) {
    conv3d(path, inputs, outputs, kernel);
    norm_if(path + "_norm", outputs);
    act(path + "_act", outputs);
  }

  void inception_resnet(const std::string& path, std::int64_t channels) {
    const std::int64_t branch = channels / 4;
    inception_part(path + ".reduce", channels, 3 * branch, 1);
    for (const char* part : {".mid1", ".mid2a", ".mid2b"}) inception_part(path + part, branch, branch, 3);
    conv3d(path + ".expand", 3 * branch, channels, 1);
    norm_if(path + ".expand_norm", channels);
    act(path + ".act", channels);
  }

  void conv5(const std::string& path, std::int64_t channels, bool last) {
    conv3d(path + ".conv", channels, channels, 5);
    norm_if(path + ".norm", channels);
    if (!last || hyper_.activate_before_add) act(path + ".act", channels);
  }

  void stage(const std::string& path, std::int64_t channels, std::int64_t blocks, Block block) {
    for (std::int64_t i = 0; i < blocks; ++i) {
      const std::string name = path + ".convs." + std::to_string(i);
      if (block == Block::inception_resnet)
        inception_resnet(name, channels);
      else
        conv5(name, channels, i + 1 == blocks);
    }
    act(path + ".act", channels);
  }

 private:
  const VNetHyper& hyper_;
};

}  // namespace

std::int64_t element_count(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

TensorShapes tensor_shapes(const VNetHyper& hyper) {
  VNetShapes shapes(hyper);
  const auto& c = hyper.channels;
  shapes.conv3d("stem.conv", 1, c[0], 5);
  shapes.norm_if("stem.norm", c[0]);
  shapes.act("stem.act", c[0]);
  for (std::size_t level = 1; level <= 4; ++level) {
    const std::string stage = "down" + std::to_string(level);
    shapes.conv3d(stage + ".down", c[level - 1], c[level], 2);
    shapes.norm_if(stage + ".down_norm", c[level]);
    shapes.act(stage + ".down_act", c[level]);
    shapes.stage(stage, c[level], hyper.down_convs[level - 1], hyper.block);
  }
  const std::size_t last_level = hyper.rpn ? 2 : 0;
  std::int64_t channels = c[4];
  for (std::size_t level = 4; level-- > last_level;) {
    const std::string stage = "up" + std::to_string(level);
    shapes.deconv(stage + ".up", channels, c[level]);
    shapes.norm_if(stage + ".up_norm", c[level]);
    shapes.act(stage + ".up_act", c[level]);
    channels = 2 * c[level];
    shapes.stage(stage, channels, hyper.up_convs[3 - level], level >= 2 ? hyper.block : Block::conv5);
  }
  const std::int64_t head = hyper.rpn ? c[2] : 2;
  shapes.conv3d("head.conv", channels, head, hyper.rpn ? 1 : 5);
  shapes.norm_if("head.norm", head);
  shapes.act("head.act", head);
  shapes.conv3d("head.logits", head, hyper.rpn ? hyper.anchors * (5 + hyper.extra_classes) : 2, 1);
  return shapes.take();
}

TensorShapes tensor_shapes(const ClassifierHyper& hyper) {
  Shapes shapes;
  const auto conv_norm = [&](const std::string& conv, const std::string& norm, std::int64_t inputs,
                             std::int64_t outputs) {
    shapes.conv(conv, {outputs, inputs, 3, 3});
    shapes.norm(norm, outputs);
  };
  conv_norm("stem.conv", "stem.norm", 3, 16);
  for (std::int64_t i = 0; i < hyper.blocks; ++i) {
    const std::string block = "blocks." + std::to_string(i);
    conv_norm(block + ".conv1", block + ".norm1", 16, 16);
    conv_norm(block + ".conv2", block + ".norm2", 16, 16);
  }
  conv_norm("widen.conv", "widen.norm", 16, 32);
  conv_norm("narrow.conv", "narrow.norm", 32, 16);
  conv_norm("last.conv", "last.norm", 16, 4);
  const std::int64_t side = (hyper.pixels / 4 + 1) / 2;  // the last pooling rounds up
  std::int64_t inputs = 4 * side * side;
  for (std::size_t i = 0; i < hyper.hidden.size(); ++i) {
    shapes.conv("fc." + std::to_string(i), {hyper.hidden[i], inputs});
    inputs = hyper.hidden[i] + (i == 0 && hyper.uses_distance ? 1 : 0);
  }
  shapes.conv("fc.out", {3, inputs});
  return shapes.take();
}

}  // namespace pleura::weights
