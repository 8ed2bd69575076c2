// One network, timed on request, so that a script can alternate it with others:
//   time_network WEIGHTS.h5 fp32|bf16|fp16 INPUT.bin n d h w c cpu|cuda
// (a network of the file, float32 input of that shape). It reads lines: "run" runs once and prints seconds; "save FILE"
// writes the last logits as float32; "work" prints the FLOPs of a run and the processor's peak FLOP/s at that
// precision. An output that is not finite ends it, naming the layer.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "layers/inference.hpp"
#include "peak.hpp"

namespace {

using namespace pleura;
using runtime::DType;

layers::HostTensor read_input(char** argv) {
  layers::HostTensor input;
  std::int64_t count = 1;
  for (int i = 0; i < 5; ++i) count *= input.shape[i] = std::stoll(argv[4 + i]);
  input.values.resize(static_cast<std::size_t>(count));
  std::ifstream file(argv[3], std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(input.values.data()), count * 4)) throw std::runtime_error("short input");
  return input;
}

std::string not_finite(layers::SegmenterNetwork* segmenter, const layers::HostTensor& input) {
  return segmenter == nullptr ? "the classifier's output is not finite"
                              : "the output of layer " + segmenter->first_bad_layer(input) + " is not finite";
}

int serve(char** argv) {
  const weights::Model model = weights::read_model(argv[1]);
  layers::Options options;
  const std::string precision = argv[2];
  options.activations = precision == "bf16" ? DType::bf16 : precision == "fp16" ? DType::f16 : DType::f32;
  const kernels::OpenDevice device = kernels::open_device(argv[9], 0);
  const layers::HostTensor input = read_input(argv);
  std::unique_ptr<layers::SegmenterNetwork> segmenter;
  std::unique_ptr<layers::ClassifierNetwork> classifier;
  std::vector<float> distances;
  if (model.segmenter) {
    segmenter = std::make_unique<layers::SegmenterNetwork>(*model.segmenter, device, options);
  } else {
    const auto& network = model.classifiers.begin()->second;
    classifier = std::make_unique<layers::ClassifierNetwork>(network, device, options);
    if (network.hyper.uses_distance) distances.assign(static_cast<std::size_t>(input.shape[0]), 0.25f);
  }
  layers::HostTensor output;
  for (std::string word; std::cin >> word;) {
    if (word == "run") {
      const auto start = std::chrono::steady_clock::now();
      output = segmenter ? segmenter->run(input) : classifier->run(input, distances);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      if (!std::ranges::all_of(output.values, [](float value) { return std::isfinite(value); }))
        throw std::runtime_error(not_finite(segmenter.get(), input));
      std::cout << seconds.count() << std::endl;
    } else if (word == "work") {
      const auto& s = input.shape;
      const std::int64_t macs =
          segmenter ? segmenter->figures({s[1], s[2], s[3]}).macs : classifier->figures(s[0]).macs;
      const bool bf16 = options.activations == DType::bf16 && bench::peak(bench::Resource::bf16) > 0;
      std::cout << 2.0 * static_cast<double>(macs) << ' '
                << bench::peak(bf16 ? bench::Resource::bf16 : bench::Resource::fp32) << std::endl;
    } else if (word == "save" && std::cin >> word) {
      std::ofstream(word, std::ios::binary)
          .write(reinterpret_cast<const char*>(output.values.data()),
                 static_cast<std::streamsize>(output.values.size() * sizeof(float)));
      std::cout << "saved" << std::endl;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 10)
      throw std::runtime_error("usage: time_network WEIGHTS.h5 fp32|bf16|fp16 INPUT.bin n d h w c cpu|cuda");
    return serve(argv);
  } catch (const std::exception& error) {
    std::cerr << "time_network: " << error.what() << '\n';
    return 1;
  }
}
