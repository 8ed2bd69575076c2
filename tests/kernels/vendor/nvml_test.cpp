// NVML by stubs of it, and where it is absent, broken, or knows no such GPU.
#include "kernels/vendor/nvml.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>

namespace pleura::test {
namespace {

using kernels::vendor::GpuSensors;
using kernels::vendor::GpuState;
using kernels::vendor::Surroundings;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* bus = "0000:00:00.0";

Surroundings with_nvml(const std::string& file) {
  Surroundings around;
  around.nvml = file;
  return around;
}

std::string stub(const std::string& folder) { return PLEURA_VENDOR_STUBS "/" + folder + "/libnvidia-ml.so.1"; }

TEST(Nvml, IsReadOverATime) {
  GpuSensors sensors(bus, with_nvml(stub("nvml")));
  ASSERT_EQ(sensors.why(), "");
  for (int i = 0; i < 3; ++i) sensors.read();
  const GpuState state = sensors.take();
  EXPECT_EQ(state.readings, 3U);
  EXPECT_EQ(state.sm_mhz_most, 1980U);
  EXPECT_EQ(state.sm_mhz_least, 1950U);
  EXPECT_EQ(state.celsius, 61U);
  EXPECT_DOUBLE_EQ(state.watts, 412.5);
  EXPECT_THAT(state.held_down_by, ElementsAre("power", "heat"));
  sensors.read();
  const GpuState later = sensors.take();
  EXPECT_EQ(later.readings, 1U);
  EXPECT_EQ(later.sm_mhz_most, 1935U);
  EXPECT_THAT(later.held_down_by, ElementsAre());
  EXPECT_EQ(sensors.take().readings, 0U);
}

TEST(Nvml, IsGivenBack) {
  void* const library = dlopen(stub("nvml").c_str(), RTLD_NOW);
  const auto* const begun = static_cast<const int*>(dlsym(library, "pleura_nvml_begun"));
  const int before = *begun;
  {
    const GpuSensors sensors(bus, with_nvml(stub("nvml")));
    EXPECT_EQ(*begun, before + 1);
  }
  EXPECT_EQ(*begun, before);
  { const GpuSensors unknown("0000:07:00.0", with_nvml(stub("nvml"))); }
  EXPECT_EQ(*begun, before);
}

TEST(Nvml, SaysInOneLineWhyItIsNotRead) {
  const auto why = [](const std::string& bus_id, const std::string& file) {
    GpuSensors sensors(bus_id, with_nvml(file));
    sensors.read();
    EXPECT_EQ(sensors.take().readings, 0U);
    EXPECT_EQ(sensors.why().find('\n'), std::string::npos);
    return sensors.why();
  };
  EXPECT_THAT(why(bus, "/nonexistent"), HasSubstr("NVML: /nonexistent: cannot open"));
  EXPECT_EQ(why(bus, stub("nvml_lacking")), "NVML: it has no nvmlDeviceGetPowerUsage");
  EXPECT_EQ(why(bus, stub("nvml_broken")), "nvmlInit: the driver is not loaded");
  EXPECT_EQ(why("0000:07:00.0", stub("nvml")), "nvmlDeviceGetHandleByPciBusId: there is no such GPU");
}

}  // namespace
}  // namespace pleura::test
