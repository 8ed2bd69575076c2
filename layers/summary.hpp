#pragma once
/// What a network consists of, layer by layer, as a table.
#include <string>
#include <vector>

#include "layers/networks/network.hpp"
#include "pleura/volume.hpp"
#include "runtime/tensor.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

struct LayerRow {
  std::string name;  ///< "down1.convs.0.conv"
  std::string kind;  ///< "conv 5x5x5", "conv 2x2x2 stride 2", "deconv 2x2x2 stride 2", "max-pool 1x2x2"
  runtime::Shape output;
  std::int64_t parameters = 0;  ///< weights, biases, the norm's scale and shift, slopes
  std::int64_t macs = 0;        ///< multiply-accumulates of one pass
  std::int64_t bytes = 0;       ///< activations read and written in fp32, each once
};

/// As LayerRow has it.
[[nodiscard]] std::string kind_of(const Layer& layer);

/// The segmenter on a volume of this shape (z, y, x), multiples of 16.
[[nodiscard]] std::vector<LayerRow> summarize(const weights::VNetHyper& hyper, const Index3& shape);

/// The classifier on this many patches.
[[nodiscard]] std::vector<LayerRow> summarize(const weights::ClassifierHyper& hyper, std::int64_t patches);

/// Sums of a table's parameters, macs and bytes; its name is "total".
[[nodiscard]] LayerRow total(const std::vector<LayerRow>& rows);

}  // namespace pleura::layers
