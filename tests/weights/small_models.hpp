#pragma once
/// Models small enough to write and read a thousand times.
#include <filesystem>
#include <string>

#include "weights/model.hpp"

namespace pleura::weights::test {

inline std::filesystem::path reference(const std::string& name) {
  return std::filesystem::path(PLEURA_SOURCE_DIR) / "tests/weights/reference" / name;
}

/// An inception-resnet segmenter of widths 1, 4, 4, 4, 4 with random tensors.
inline Segmenter small_segmenter() {
  Segmenter segmenter;
  segmenter.hyper.channels = {1, 4, 4, 4, 4};
  segmenter.hyper.down_convs = {1, 1, 1, 1};
  segmenter.hyper.up_convs = {1, 1, 1, 1};
  segmenter.tensors = random_tensors(tensor_shapes(segmenter.hyper), "segmenter/", 3);
  return segmenter;
}

/// A classifier of one block.
inline Classifier small_classifier(bool uses_distance) {
  Classifier classifier;
  classifier.hyper.uses_distance = uses_distance;
  classifier.hyper.blocks = 1;
  classifier.hyper.hidden = {2};
  classifier.tensors = random_tensors(tensor_shapes(classifier.hyper), "classifiers/m1/", 3);
  return classifier;
}

inline Model small_model() {
  Model model;
  model.name = "small";
  model.licence = "Apache-2.0";
  model.intended_use = "tests";
  model.provenance = "random é";
  model.segmenter = small_segmenter();
  model.classifiers["m1"] = small_classifier(false);
  model.classifiers["m2"] = small_classifier(true);
  return model;
}

}  // namespace pleura::weights::test
