#pragma once
/// Real CTs to test against lie beside a developer's checkout, in ../shared/data, never in the project.
#include <gtest/gtest.h>

#include <filesystem>

namespace pleura::test {

/// ../shared/data/NAME beside the checkout.
inline std::filesystem::path shared_data(const std::filesystem::path& name) {
  return std::filesystem::path(PLEURA_SOURCE_DIR).parent_path() / "shared" / "data" / name;
}

}  // namespace pleura::test

/// Skips the test, saying so, where the real CTs are absent.
#define PLEURA_NEED_SHARED_DATA(name) \
  if (!std::filesystem::exists(pleura::test::shared_data(name))) GTEST_SKIP() << "needs ../shared/data/" << (name)
