#pragma once
/// The order of the stages, each timed: lungs -> grid -> segmenter -> candidates, then for each classifier
/// patches -> classifier -> vote and case.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/instrument.hpp"
#include "pleura/engine_options.hpp"
#include "pleura/result.hpp"
#include "pleura/volume.hpp"
#include "screening/candidates.hpp"
#include "screening/lungs.hpp"
#include "screening/networks.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "screening/stage_timer.hpp"

namespace pleura::screening {

/// What is found in a CT before anything of it is classified.
struct Proposals {
  Lungs lungs;
  NetworkGrid grid;
  Candidates candidates;
  runtime::TensorView head;  ///< the segmenter's logits, on the device, until its next run; without networks empty
};

/// What a classifier makes of the candidates.
struct Decision {
  std::vector<Region> regions;  ///< in the order of the candidates
  CaseResult case_result;
};

/// One CT on its way through the stages.
class Pipeline {
 public:
  /// Stages that each part below adds to the timer, and all together.
  static constexpr int propose_stages = 4, cut_stages = 1, classify_stages = 2;
  static constexpr int all_stages = propose_stages + cut_stages + classify_stages;

  /// On the device that the networks, if any, are on. All must outlive it. Of the options only threads and memory_bytes
  /// count.
  Pipeline(const kernels::OpenDevice& device, const Volume& volume, const EngineOptions& options, StageTimer& stages);

  /// Stages "lungs", "resample", "segmenter", "candidates"; without networks there are no candidates. Throws resources
  /// where memory_bytes is too small, input_refused where no lungs are found, weights_refused where the networks give
  /// values that are not finite.
  [[nodiscard]] Proposals propose(const weights::SegmenterSettings& settings, Networks* networks);

  /// Stage "patches": of each candidate, pixels x pixels over field_mm.
  [[nodiscard]] Patches cut(const Lungs& lungs, const std::vector<Candidate>& candidates, double field_mm,
                            std::int64_t pixels);

  /// Stages "classifier", "decision": the candidates' patches through the classifier of that name. Throws
  /// weights_refused as propose does.
  [[nodiscard]] Decision classify(const std::vector<Candidate>& candidates, const Patches& patches, Networks& networks,
                                  const std::string& classifier);

  /// What reads the parts above back into the host's memory.
  [[nodiscard]] kernels::Instrument& instrument() { return *on_; }

 private:
  /// A stage ends when the device has done its work.
  template <class Stage>
  auto run(const char* name, const Stage& stage) {
    return stages_.run(name, [&] {
      auto result = stage();
      device_.device->synchronize();
      return result;
    });
  }

  void make_room(Networks* networks) const;
  [[nodiscard]] runtime::TensorView run_segmenter(Networks& networks, const NetworkGrid& grid,
                                                  const weights::SegmenterSettings& settings);
  [[nodiscard]] layers::HostTensor run_classifier(const Patches& patches, layers::ClassifierNetwork& network,
                                                  const weights::Classifier& classifier);

  const kernels::OpenDevice& device_;
  const Volume& volume_;
  const EngineOptions& options_;
  StageTimer& stages_;
  std::unique_ptr<kernels::Instrument> on_;
  kernels::Hu hu_;  ///< the CT in the device's memory, once the lungs are looked for
};

}  // namespace pleura::screening
