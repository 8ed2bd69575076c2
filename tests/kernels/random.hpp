#pragma once
/// Random problems from a printed seed: PLEURA_SEED=N in the environment draws others.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "runtime/tensor.hpp"

namespace pleura::test {

inline unsigned seed() {
  const char* text = std::getenv("PLEURA_SEED");
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
}

/// Draws for one test: `Random random;`, then SCOPED_TRACE(random.trace(to_string(problem))) for each problem.
class Random {
 public:
  Random() : engine_(seed()) {}

  /// A whole number of [low, high].
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }

  /// `count` values in [-1, 1) times scale; rounded to whole numbers where they are to be.
  std::vector<float> values(std::int64_t count, float scale = 1, bool whole = false) {
    std::uniform_real_distribution<float> draw(-scale, scale);
    std::vector<float> result(static_cast<std::size_t>(count));
    for (float& value : result) value = whole ? std::round(draw(engine_)) : draw(engine_);
    return result;
  }

  /// A tensor's layout with up to that many channels besides its own.
  runtime::TensorDesc desc(runtime::DType type, const runtime::Shape& shape, std::int64_t beside) {
    return {type, shape, shape.c + (*this)(0, beside)};
  }

  /// The line that reproduces a failure.
  [[nodiscard]] std::string trace(const std::string& problem) const {
    return "PLEURA_SEED=" + std::to_string(seed()) + ": " + problem;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace pleura::test
