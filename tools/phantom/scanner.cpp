#include "phantom/scanner.hpp"

#include <numbers>

#include "phantom/blur.hpp"
#include "phantom/noise.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

// What is left of unit white noise: the deviation after the difference of two blurs, in one pixel.
float band_deviation(float fine, float coarse, float share) {
  const auto a = fine < 0.2F ? std::vector<float>{1} : gaussian_taps(fine), b = gaussian_taps(coarse);
  const auto radius = static_cast<std::int64_t>(b.size() / 2), fine_radius = static_cast<std::int64_t>(a.size() / 2);
  double sum = 0;
  for (std::int64_t y = -radius; y <= radius; ++y) {
    for (std::int64_t x = -radius; x <= radius; ++x) {
      const auto tap = [&](std::int64_t i) { return std::abs(i) <= fine_radius ? a[i + fine_radius] : 0; };
      const double value = tap(y) * tap(x) - share * b[y + radius] * b[x + radius];
      sum += value * value;
    }
  }
  return static_cast<float>(std::sqrt(sum));
}

// What moves during the slice's exposure is seen twice, half as strong, along one direction of the slice's own.
void shake(std::vector<float>& image, const Slice& slice, const Geometry& geometry, std::int64_t z) {
  const std::int64_t rows = geometry.shape[1], columns = geometry.shape[2];
  const double turn = 2 * std::numbers::pi * unit(mix(static_cast<std::uint64_t>(z) + 77));
  const auto along_y = static_cast<float>(std::sin(turn) / geometry.spacing[1]);
  const auto along_x = static_cast<float>(std::cos(turn) / geometry.spacing[2]);
  const auto sample = [&](float y, float x) {
    const float cy = std::clamp(y, 0.F, static_cast<float>(rows) - 1.001F);
    const float cx = std::clamp(x, 0.F, static_cast<float>(columns) - 1.001F);
    const auto j = static_cast<std::int64_t>(cy), i = static_cast<std::int64_t>(cx);
    const float v = cy - static_cast<float>(j), u = cx - static_cast<float>(i);
    const float* p = slice.hu.data() + j * columns + i;
    return lerp(lerp(p[0], p[1], u), lerp(p[columns], p[columns + 1], u), v);
  };
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      const auto i = y * columns + x;
      const float reach = slice.motion[i];
      if (reach < 0.2F) continue;
      const auto fy = static_cast<float>(y), fx = static_cast<float>(x);
      image[i] = 0.5F * (sample(fy + reach * along_y, fx + reach * along_x) +
                         sample(fy - reach * along_y, fx - reach * along_x));
    }
  }
}

}  // namespace

Scanner draw_scanner(std::uint64_t seed, const Acquisition& acquisition) {
  Random random(seed, "scanner");
  Scanner scanner;
  scanner.seed = random.bits();
  const double kernel = random.uniform(0, 1) * random.uniform(0.3, 1);
  scanner.kernel = static_cast<float>(acquisition.kernel.value_or(kernel));
  // Sharper kernels, thinner slices and lower doses are noisier; larger pixels average it out.
  const double grain = acquisition.noise_factor * random.uniform(0.75, 1.35);
  const double thin = std::sqrt(2.5 / std::max(acquisition.spacing[0], 0.6));
  const double pixel = 0.5 * (acquisition.spacing[1] + acquisition.spacing[2]);
  const double drawn =
      grain * (14 + 26 * scanner.kernel) * std::clamp(thin, 0.75, 1.6) * std::min(1.0, std::pow(0.75 / pixel, 0.6));
  scanner.noise = static_cast<float>(acquisition.noise.value_or(drawn));
  constexpr std::int16_t paddings[] = {-1024, -2000, -3024};
  scanner.padding = paddings[random.chance(0.6) ? 0 : random.integer(1, 2)];
  return scanner;
}

std::vector<float> scanner_noise(const Scanner& scanner, const Geometry& geometry, std::int64_t z) {
  const std::int64_t rows = geometry.shape[1], columns = geometry.shape[2];
  const auto pixel = static_cast<float>(0.5 * (geometry.spacing[1] + geometry.spacing[2]));
  const std::uint64_t seed = mix(scanner.seed + static_cast<std::uint64_t>(z));
  std::vector<float> fine(rows * columns);
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = white_noise(seed, static_cast<std::int64_t>(i));
  std::vector<float> coarse = fine;
  const float fine_sigma = lerp(0.62F, 0.4F, scanner.kernel) / pixel, coarse_sigma = 1.6F / pixel;
  const float share = lerp(0.55F, 0.95F, scanner.kernel);
  blur(fine, rows, columns, fine_sigma);
  blur(coarse, rows, columns, coarse_sigma);
  const float unit_noise = scanner.noise / band_deviation(fine_sigma, coarse_sigma, share);
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = unit_noise * (fine[i] - share * coarse[i]);
  return fine;
}

std::vector<std::int16_t> scan_slice(const Scanner& scanner, const Geometry& geometry, const Slice& slice,
                                     std::int64_t z) {
  const std::int64_t rows = geometry.shape[1], columns = geometry.shape[2];
  const auto pixel = static_cast<float>(0.5 * (geometry.spacing[1] + geometry.spacing[2]));
  std::vector<float> image = slice.hu;
  shake(image, slice, geometry, z);
  blur(image, rows, columns, lerp(0.75F, 0.42F, scanner.kernel) / pixel);
  if (scanner.kernel > 0.5F) {  // lung kernels overshoot at edges
    std::vector<float> soft = image;
    blur(soft, rows, columns, 0.9F / pixel);
    const float gain = 1.6F * (scanner.kernel - 0.5F);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] += gain * (image[i] - soft[i]);
  }

  const std::vector<float> noise = scanner_noise(scanner, geometry, z);
  std::vector<std::int16_t> hu(image.size());
  const double centre_y = 0.5 * static_cast<double>(rows - 1), centre_x = 0.5 * static_cast<double>(columns - 1);
  const double radius = 0.5 * static_cast<double>(std::min(rows, columns)) + 0.5;
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      const auto i = y * columns + x;
      const double dy = static_cast<double>(y) - centre_y, dx = static_cast<double>(x) - centre_x;
      if (dy * dy + dx * dx > radius * radius) {
        hu[i] = scanner.padding;
        continue;
      }
      const float local = 0.55F + 0.45F * smoothstep(-10, 90, slice.depth[i]);
      const float value = image[i] + local * noise[i];
      hu[i] = static_cast<std::int16_t>(std::lround(std::clamp(value, -1024.F, 3071.F)));
    }
  }
  return hu;
}

}  // namespace pleura::phantom
