#include "weights/hdf5.hpp"

#include <gtest/gtest.h>

namespace pleura::hdf5 {
namespace {

unsigned loadable_plugins() {
  unsigned kinds = 0;
  EXPECT_GE(H5PLget_loading_state(&kinds), 0);
  return kinds;
}

TEST(Session, LoadsNoPluginAndLeavesTheCallersSetting) {
  const unsigned before = loadable_plugins();
  EXPECT_NE(before, 0U) << "HDF5 loads plugins unless told otherwise";
  {
    const Session session;
    EXPECT_EQ(loadable_plugins(), 0U);
  }
  EXPECT_EQ(loadable_plugins(), before);
}

}  // namespace
}  // namespace pleura::hdf5
