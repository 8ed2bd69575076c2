#include "pleura/pleura.hpp"
#include "weights/random.hpp"

namespace pleura {

void write_random_weights(const RandomWeights& what, const std::filesystem::path& file) {
  weights::write_model(weights::random_model(what), file, what.fp16);
}

}  // namespace pleura
