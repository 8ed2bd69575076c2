#pragma once
/// What a weights file holds, validated and free of any backend (docs/weights-format.md).
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "layers/networks/tensors.hpp"

namespace pleura::weights {

/// One tensor in PyTorch's layout, widened to fp32.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Tensors of one network by their dotted PyTorch names.
using TensorMap = std::map<std::string, Tensor>;

using kernels::Activation;
using layers::Block, layers::ClassifierHyper, layers::Norm, layers::VNetHyper;

/// What must agree with training around the segmenter. Attributes of /segmenter.
struct SegmenterSettings {
  std::array<double, 3> spacing_mm{2, 2, 2};  ///< (z, y, x)
  std::array<double, 2> hu_window{-1200, 600};
  double outside_hu = 0;  ///< NaN: voxels outside the lungs are left as they are
  double outside_margin_mm = 6;
  double threshold = 0.047;  ///< template: logit -3
  double nms_iou = 0.05;
  int max_regions = 32;
  std::vector<double> anchors_mm{10, 30, 60};
  double min_component_ml = 0.1;
};

struct Segmenter {
  VNetHyper hyper;
  SegmenterSettings settings;
  TensorMap tensors;
};

enum class PatchImage { windows, neighbours };

/// What must agree with training around the classifier.
struct ClassifierSettings {
  double field_mm = 60;
  PatchImage image = PatchImage::windows;
  std::array<std::array<double, 2>, 3> windows{{{-1200, 600}, {-1000, -300}, {-160, 240}}};
  double distance_scale = 10, distance_shift = 0.1;
};

struct Classifier {
  ClassifierHyper hyper;
  ClassifierSettings settings;
  TensorMap tensors;
};

/// One weights file.
struct Model {
  std::string name, licence, intended_use, provenance;
  std::string sha256;  ///< of the file's bytes, hexadecimal; empty for a model not read from a file
  std::optional<Segmenter> segmenter;
  std::map<std::string, Classifier> classifiers;  ///< "m1", "m2"
};

using layers::tensor_shapes, layers::TensorShapes;

/// Values that a shape holds.
[[nodiscard]] std::int64_t element_count(const std::vector<std::int64_t>& shape);

/// Throws Error(usage) where hyperparameters or settings are out of the ranges of docs/weights-format.md. Does not look
/// at tensors.
void check_model(const Model& model);

/// Reads and validates a file, on so many threads, 0: one per core. Throws Error(weights_refused) that names dataset,
/// found and expected: the same for any number of threads.
[[nodiscard]] Model read_model(const std::filesystem::path& file, int threads = 1);

/// Writes a model under a temporary name and renames it; the same model gives the same bytes. `fp16` stores the tensors
/// in half precision. Throws Error(usage) for a model that read_model would refuse, resources where the disk does.
void write_model(const Model& model, const std::filesystem::path& file, bool fp16);

/// Fills the tensors of a network as docs/weights-format.md says; prefix is "segmenter/", "classifiers/m1/", ...
[[nodiscard]] TensorMap random_tensors(const TensorShapes& shapes, const std::string& prefix, std::uint64_t seed);

}  // namespace pleura::weights
