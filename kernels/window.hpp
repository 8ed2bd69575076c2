#pragma once
/// Hounsfield units to what a network sees.
#include <array>
#include <cstdint>

#include "kernels/host_device.hpp"
#include "kernels/patches.hpp"
#include "runtime/tensor.hpp"

namespace pleura::kernels {

/// A HU window [low, high].
using Window = std::array<double, 2>;

/// Maps a HU window [low, high] linearly to -1..1, clipped; in double, then rounded.
PLEURA_HOST_DEVICE inline float apply_window(double hu, double low, double high) {
  const double value = 2 * (hu - low) / (high - low) - 1;
  return static_cast<float>(value < -1 ? -1 : value > 1 ? 1 : value);
}

[[nodiscard]] inline float apply_window(double hu, const Window& window) {
  return apply_window(hu, window[0], window[1]);
}

/// The three channels of an image: its slice under three windows, or that slice between its neighbours under the first.
struct ImageChannels {
  static constexpr int count = 3;
  std::array<Window, count> windows{};
  bool neighbours = false;
};

/// A volume of HU under a window, into a tensor of one channel.
void window_volume(const std::int16_t* hu, const Window& window, const runtime::TensorView& out, int threads);

/// Images first, first + 1, ... of patches (images / patch_images regions, patch_slices, pixels, pixels) into a tensor
/// (n, 1, pixels, pixels, ImageChannels::count); what is beyond the last image is zero.
void window_images(const std::int16_t* patches, std::int64_t images, std::int64_t first, const ImageChannels& how,
                   const runtime::TensorView& out, int threads);

namespace reference {
void window_volume(const std::vector<std::int16_t>& hu, const Window& window, const runtime::TensorView& out);
void window_images(const std::vector<std::int16_t>& patches, std::int64_t images, std::int64_t first,
                   const ImageChannels& how, const runtime::TensorView& out);
}  // namespace reference

}  // namespace pleura::kernels
