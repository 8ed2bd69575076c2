#pragma once
/// An engine as small as one can be, for tests of what goes on around its kernels.
#include "api/fixture.hpp"
#include "layers/models.hpp"

namespace pleura::test {

/// A narrow V-Net of 16^3 inputs and the shortest of classifiers, which are most of the work.
inline weights::Model tiny_model() {
  weights::Model model = small_model();
  weights::VNetHyper hyper = narrow(true, weights::Block::conv5);
  hyper.channels = {2, 2, 2, 2, 2};
  hyper.down_convs = hyper.up_convs = {1, 1, 1, 1};
  model.segmenter->hyper = hyper;
  model.segmenter->tensors = random_segmenter(hyper, 3).tensors;
  for (float& weight : model.segmenter->tensors.at("head.logits.weight").values) weight *= 1e-4F;
  model.segmenter->settings.spacing_mm = {20, 20, 20};
  weights::Classifier& classifier = model.classifiers.at("m2");
  classifier.hyper = {true, 1, {4}, 60};
  classifier.tensors = random_classifier(classifier.hyper, 4).tensors;
  return model;
}

inline Volume coarse_phantom() {
  phantom::PhantomOptions options;
  options.seed = 3;
  options.acquisition.spacing = {12, 6, 6};
  options.acquisition.matrix = 64;
  return phantom::make_phantom(options).volume;
}

/// The weights of tiny_model in a folder of their own, and a CT.
class TinyCase {
 public:
  TinyCase() { weights::write_model(tiny_model(), file_, false); }

  [[nodiscard]] Engine engine(const std::string& device, Precision precision = Precision::fp32,
                              Kernels kernels = Kernels::native) const {
    EngineOptions options;
    options.device = device;
    options.precision = precision;
    options.kernels = kernels;
    options.threads = 1;
    return Engine(file_, options);
  }
  /// Up to that many regions, 24 of which cost as much as one: without any the classifier does not run.
  [[nodiscard]] Result screen(Engine& engine, int regions) const { return screen(engine, volume_, regions); }
  [[nodiscard]] static Result screen(Engine& engine, Volume volume, int regions) {
    ScreenOptions options;
    options.max_regions = regions;
    options.lungs = false;
    return engine.screen(std::move(volume), options).result;
  }
  [[nodiscard]] const Volume& volume() const { return volume_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "tiny.h5";
  Volume volume_ = coarse_phantom();
};

}  // namespace pleura::test
