/* A library under NVML's name, of one GPU at 0000:00:00.0, whose clocks fall from reading to reading. LACKING leaves
   out a function, BROKEN does not begin. */
#include <string.h>

#ifdef BROKEN
#define BEGUN 9
#else
#define BEGUN 0
#endif

int pleura_nvml_begun = 0;
static unsigned readings = 0;

int nvmlInit_v2(void) {
  pleura_nvml_begun += BEGUN == 0;
  return BEGUN;
}
int nvmlShutdown(void) {
  --pleura_nvml_begun;
  return 0;
}
const char* nvmlErrorString(int status) { return status == 9 ? "the driver is not loaded" : "there is no such GPU"; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  *device = &readings;
  return strcmp(id, "0000:00:00.0") == 0 ? 0 : 6;
}
int nvmlDeviceGetClockInfo(void* device, int clock, unsigned* mhz) {
  *mhz = 1980 - 15 * readings++;
  return device == &readings && clock == 1 ? 0 : 2;
}
int nvmlDeviceGetTemperature(void* device, int sensor, unsigned* celsius) {
  *celsius = 60 + readings % 2;
  return device == &readings && sensor == 0 ? 0 : 2;
}
#ifndef LACKING
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  *milliwatts = 412500;
  return device == &readings ? 0 : 2;
}
#endif
int nvmlDeviceGetCurrentClocksThrottleReasons(void* device, unsigned long long* reasons) {
  *reasons = readings == 2 ? 0x4 | 0x40 : 0x1; /* power and heat once, else idle */
  return device == &readings ? 0 : 2;
}
