#pragma once
/// A small patient and small networks for tests of the whole pipeline: seconds, not minutes, also under sanitizers.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "phantom/phantom.hpp"
#include "pleura/pleura.hpp"
#include "scan/temporary_folder.hpp"
#include "weights/model.hpp"
#include "weights/random.hpp"

namespace pleura::test {

using scan::test::TemporaryFolder;

/// A phantom of 3 x 3 x 6 mm voxels.
inline phantom::Phantom small_phantom(std::uint64_t seed, CaseLabel findings = CaseLabel::covid19) {
  phantom::PhantomOptions options;
  options.seed = seed;
  options.findings = findings;
  options.acquisition.spacing = {6, 3, 3};
  options.acquisition.matrix = 128;
  return phantom::make_phantom(options);
}

/// Random networks far narrower than the paper's, on a grid of 5 mm. They propose everywhere, and the best eight are
/// kept; the head is scaled down, so that cubes stay near their anchors.
inline weights::Model small_model(const std::string& architecture = "vnet-ir-rpn",
                                  const std::vector<std::int64_t>& channels = {4, 8, 8, 16, 16}, double spacing = 5) {
  RandomWeights what;
  what.architecture = architecture;
  what.seed = 11;
  what.channels = channels;
  weights::Model model = weights::random_model(what);
  if (model.segmenter->hyper.rpn)
    for (float& weight : model.segmenter->tensors.at("head.logits.weight").values) weight *= 1e-4F;
  model.segmenter->settings.spacing_mm = {spacing, spacing, spacing};
  model.segmenter->settings.threshold = 0;
  model.segmenter->settings.max_regions = 8;
  return model;
}

/// Writes small_model into a folder.
inline std::filesystem::path small_weights(const TemporaryFolder& folder,
                                           const std::string& architecture = "vnet-ir-rpn") {
  const std::filesystem::path file = folder / (architecture + ".h5");
  weights::write_model(small_model(architecture), file, false);
  return file;
}

}  // namespace pleura::test
