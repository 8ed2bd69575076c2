#include <algorithm>

#include "layers/networks/builder.hpp"
#include "layers/networks/network.hpp"
#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

using kernels::Extent3;
using runtime::Shape;

Shape halved(const Shape& s) { return {s.n, s.d / 2, s.h / 2, s.w / 2, s.c}; }

Extent3 cube(std::int64_t side) { return {side, side, side}; }

Shape with_channels(Shape shape, std::int64_t channels) {
  shape.c = channels;
  return shape;
}

class VNetBuilder : Builder {
 public:
  VNetBuilder(const VNetHyper& hyper, const Shape& input)
      : Builder(hyper.norm == Norm::batch, hyper.activation), hyper_(hyper) {
    network_.inputs = {buffer(input)};
    // A skip connection is written straight into the second half of its concatenation.
    Shape resolution = input;
    for (std::size_t n = 0; n < 4; ++n, resolution = halved(resolution)) {
      const std::int64_t width = hyper.channels[n];
      const bool decoded = n >= last_up();
      concat_[n] = buffer(with_channels(resolution, decoded ? 2 * width : width));
      skip_[n] = decoded ? channels(concat_[n], width, width) : concat_[n];
    }
  }

  Network build() {
    const Value input = network_.inputs[0];
    convolve("stem.conv", input, skip_[0], cube(5), "stem.norm", {{add_and_activate(input, "stem.act")}});
    Value x = skip_[0];
    for (std::size_t n = 1; n <= 4; ++n) x = down(n, x);
    for (std::size_t n = 4; n-- > last_up();) x = up(n, x);
    head(x);
    name_slab_groups();
    return std::move(network_);
  }

 private:
  /// The decoder's last stage: up2 (stride 4) for the region-proposal head, up0 for the mask head.
  std::size_t last_up() const { return hyper_.rpn ? 2 : 0; }

  Value down(std::size_t n, const Value& x) {
    const std::string stage = "down" + std::to_string(n);
    const Shape shape = with_channels(halved(x.shape), hyper_.channels[n]);
    const Value in = buffer(shape), out = n < 4 ? skip_[n] : buffer(shape);
    stride2(LayerKind::convolution, stage + ".down", x, in);
    blocks(stage, hyper_.block, hyper_.down_convs[n - 1], in, out);
    return out;
  }

  Value up(std::size_t n, const Value& x) {
    const std::string stage = "up" + std::to_string(n);
    const Value in = concat_[n], out = buffer(in.shape);
    stride2(LayerKind::deconvolution, stage + ".up", x, channels(in, 0, hyper_.channels[n]));
    blocks(stage, n >= 2 ? hyper_.block : Block::conv5, hyper_.up_convs[3 - n], in, out);
    return out;
  }

  void stride2(LayerKind kind, const std::string& module, const Value& in, const Value& out) {
    Layer& layer = add(kind, module, in, out, module + "_norm", {{activation(module + "_act")}});
    layer.kernel = layer.stride = cube(2);
  }

  /// The stage's blocks, then + its input, then its activation.
  void blocks(const std::string& stage, Block block, std::int64_t count, const Value& in, const Value& out) {
    Value x = in;
    for (std::int64_t i = 0; i < count; ++i) {
      const bool last = i + 1 == count;
      const Value y = last ? out : buffer(out.shape);
      const auto end = last ? std::optional(add_and_activate(in, stage + ".act")) : std::nullopt;
      const std::string module = stage + ".convs." + std::to_string(i);
      if (block == Block::conv5)
        conv5_block(module, x, y, end);
      else
        inception_resnet_block(module, x, y, end);
      x = y;
    }
  }

  void conv5_block(const std::string& module, const Value& in, const Value& out, const std::optional<Stage>& end) {
    Stages stages{};
    if (!end || hyper_.activate_before_add) stages[0] = activation(module + ".act");
    if (end) stages[hyper_.activate_before_add ? 1 : 0] = *end;
    convolve(module + ".conv", in, out, cube(5), module + ".norm", stages);
  }

  /// With b = c / 4 channels a branch, all branches live in one buffer of 5b: (mid1, mid2b, first third, second, last).
  /// `expand` reads the first 3b, so that its weights' order (first third, mid1, mid2b) is rotated by b; mid2a
  /// overwrites the second third.
  void inception_resnet_block(const std::string& module, const Value& in, const Value& out,
                              const std::optional<Stage>& end) {
    const std::int64_t b = in.shape.c / 4;
    const Value all = buffer(with_channels(in.shape, 5 * b));
    const auto branch = [&](std::int64_t index, std::int64_t count) { return channels(all, index * b, count * b); };
    const auto conv = [&](const char* name, const Value& from, const Value& to, std::int64_t size) {
      convolve(module + name, from, to, cube(size), module + name + "_norm", {{activation(module + name + "_act")}});
    };
    conv(".reduce", in, branch(2, 3), 1);
    conv(".mid1", branch(3, 1), branch(0, 1), 3);
    conv(".mid2a", branch(4, 1), branch(3, 1), 3);
    conv(".mid2b", branch(3, 1), branch(1, 1), 3);
    Layer& expand = convolve(module + ".expand", branch(0, 3), out, cube(1), module + ".expand_norm",
                             {{add_and_activate(in, module + ".act"), end.value_or(Stage{})}});
    expand.rotation = b;
  }

  void head(const Value& x) {
    const std::int64_t width = hyper_.rpn ? hyper_.channels[2] : 2;
    const std::int64_t outputs = hyper_.rpn ? hyper_.anchors * (5 + hyper_.extra_classes) : 2;
    const Value hidden = buffer(with_channels(x.shape, width));
    network_.output = buffer(with_channels(x.shape, outputs));
    convolve("head.conv", x, hidden, cube(hyper_.rpn ? 1 : 5), "head.norm", {{activation("head.act")}});
    convolve("head.logits", hidden, network_.output, cube(1), "", {});
  }

  /// Full resolution: stem and down1.down; for the mask head also all after up0.up, which needs the stem again.
  void name_slab_groups() {
    network_.slab_groups = {{0, 1}};
    network_.slabs_are_free = hyper_.rpn;
    if (hyper_.rpn) return;
    std::vector<std::size_t> decoder{0};
    const auto first = std::find_if(network_.layers.begin(), network_.layers.end(),
                                    [](const Layer& layer) { return layer.name == "up0.up"; });
    for (auto i = static_cast<std::size_t>(first - network_.layers.begin()); i < network_.layers.size(); ++i)
      decoder.push_back(i);
    network_.slab_groups.push_back(decoder);
  }

  const VNetHyper& hyper_;
  std::array<Value, 4> concat_, skip_;
};

}  // namespace

Network build_vnet(const VNetHyper& hyper, const Shape& input) {
  if (input.n != 1 || input.c != 1 || std::min({input.d, input.h, input.w}) < 16 || input.d % 16 || input.h % 16 ||
      input.w % 16)
    throw Error(Status::internal,
                "segmenter input " + to_string(input) + ": expected one volume of one channel, sizes multiples of 16");
  return VNetBuilder(hyper, input).build();
}

}  // namespace pleura::layers
