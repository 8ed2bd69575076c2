// Runs a network of a weights file on arrays of NumPy, for the comparisons with other frameworks:
//   run_network WEIGHTS.h5 segmenter INPUT.npy LOGITS.npy [options]           input (z, y, x) or (n, z, y, x, c)
//   run_network WEIGHTS.h5 m1 PATCHES.npy LOGITS.npy [options]                patches (n, y, x, c)
//   run_network WEIGHTS.h5 m2 PATCHES.npy LOGITS.npy --distances D.npy        as the network sees them
// Options: --device cpu|reference|cuda[:N], --precision fp32|bf16|fp16, --memory BYTES, --threads N.
#include <cstdio>
#include <map>

#include "layers/inference.hpp"
#include "npy.hpp"
#include "pleura/error.hpp"

namespace {

using namespace pleura;
using runtime::DType;

layers::HostTensor read_tensor(const std::filesystem::path& file, bool volume) {
  const test::Npy array = test::read_npy(file);
  std::vector<std::int64_t> s = array.shape;
  if (volume && s.size() == 3) s = {1, s[0], s[1], s[2], 1};
  if (!volume && s.size() == 4) s = {s[0], 1, s[1], s[2], s[3]};
  if (s.size() != 5)
    throw Error(Status::usage, file.string() + ": expected 3 dimensions of a volume, 4 of patches, or 5");
  return {{s[0], s[1], s[2], s[3], s[4]}, {array.values.begin(), array.values.end()}};
}

int run(const std::vector<std::string>& words) {
  if (words.size() < 4 || words.size() % 2 != 0)
    throw Error(Status::usage, "run_network WEIGHTS.h5 segmenter|m1|m2 INPUT.npy LOGITS.npy [--option value]...");
  std::map<std::string, std::string> given{
      {"--device", "cpu"}, {"--precision", "fp32"}, {"--memory", "0"}, {"--threads", "0"}, {"--distances", ""}};
  for (std::size_t i = 4; i < words.size(); i += 2) {
    if (!given.contains(words[i])) throw Error(Status::usage, words[i] + ": expected a known option");
    given[words[i]] = words[i + 1];
  }
  layers::Options options;
  options.activations = given["--precision"] == "bf16"   ? DType::bf16
                        : given["--precision"] == "fp16" ? DType::f16
                                                         : DType::f32;
  options.memory_bytes = std::stoull(given["--memory"]);
  const kernels::OpenDevice device = kernels::open_device(given["--device"], std::stoi(given["--threads"]));

  const weights::Model model = weights::read_model(words[0]);
  const bool volume = words[1] == "segmenter";
  const layers::HostTensor input = read_tensor(words[2], volume);
  layers::HostTensor logits;
  if (volume) {
    if (!model.segmenter) throw Error(Status::usage, words[0] + ": holds no segmenter");
    logits = layers::SegmenterNetwork(*model.segmenter, device, options).run(input);
  } else {
    std::vector<float> distances;
    if (!given["--distances"].empty()) {
      const test::Npy array = test::read_npy(given["--distances"]);
      distances.assign(array.values.begin(), array.values.end());
    }
    logits = layers::ClassifierNetwork(model.classifiers.at(words[1]), device, options).run(input, distances);
  }
  test::write_npy(words[3], {logits.shape.begin(), logits.shape.end()}, logits.values);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run({words + 1, words + count});
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.status());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(Status::usage);
  }
}
