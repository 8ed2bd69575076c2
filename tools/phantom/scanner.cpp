#include "phantom/scanner.hpp"

#include "phantom/noise.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

std::vector<float> gaussian_taps(float sigma) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3 * sigma)));
  std::vector<float> taps(2 * radius + 1);
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    const auto t = static_cast<float>(i);
    sum += taps[i + radius] = std::exp(-0.5F * t * t / (sigma * sigma));
  }
  for (float& tap : taps) tap /= sum;
  return taps;
}

// Separable; the image's border pixels are repeated outside it.
void blur(std::vector<float>& image, std::int64_t rows, std::int64_t columns, float sigma) {
  if (sigma < 0.2F) return;
  const std::vector<float> taps = gaussian_taps(sigma);
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  std::vector<float> line(columns + 2 * radius), rotated(image.size(), 0);
  for (std::int64_t y = 0; y < rows; ++y) {
    float* row = image.data() + y * columns;
    for (std::int64_t x = -radius; x < columns + radius; ++x) {
      line[x + radius] = row[std::clamp<std::int64_t>(x, 0, columns - 1)];
    }
    std::fill_n(row, columns, 0.F);
    for (std::size_t k = 0; k < taps.size(); ++k) {
      for (std::int64_t x = 0; x < columns; ++x) row[x] += taps[k] * line[x + k];
    }
  }
  for (std::int64_t y = 0; y < rows; ++y) {
    float* out = rotated.data() + y * columns;
    for (std::int64_t k = -radius; k <= radius; ++k) {
      const float* in = image.data() + std::clamp<std::int64_t>(y + k, 0, rows - 1) * columns;
      const float tap = taps[k + radius];
      for (std::int64_t x = 0; x < columns; ++x) out[x] += tap * in[x];
    }
  }
  image.swap(rotated);
}

// What is left of unit white noise: the deviation after the difference of two blurs, in one pixel.
float band_deviation(float fine, float coarse, float share) {
  const auto a = fine < 0.2F ? std::vector<float>{1} : gaussian_taps(fine), b = gaussian_taps(coarse);
  const auto radius = static_cast<std::int64_t>(b.size() / 2), inner = static_cast<std::int64_t>(a.size() / 2);
  double sum = 0;
  for (std::int64_t y = -radius; y <= radius; ++y) {
    for (std::int64_t x = -radius; x <= radius; ++x) {
      const auto tap = [&](std::int64_t i) { return std::abs(i) <= inner ? a[i + inner] : 0; };
      const double value = tap(y) * tap(x) - share * b[y + radius] * b[x + radius];
      sum += value * value;
    }
  }
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace

Scanner draw_scanner(std::uint64_t seed, const Acquisition& acquisition) {
  Random random(seed, "scanner");
  Scanner scanner;
  scanner.seed = random.bits();
  const double kernel = random.uniform(0, 1) * random.uniform(0.3, 1);
  scanner.kernel = static_cast<float>(acquisition.kernel.value_or(kernel));
  // Sharper kernels, thinner slices and lower doses are noisier; larger pixels average it out.
  const double dose = random.uniform(0.75, 1.35), thin = std::sqrt(2.5 / std::max(acquisition.spacing[0], 0.6));
  const double pixel = 0.5 * (acquisition.spacing[1] + acquisition.spacing[2]);
  const double drawn =
      dose * (14 + 26 * scanner.kernel) * std::clamp(thin, 0.75, 1.6) * std::min(1.0, std::pow(0.75 / pixel, 0.6));
  scanner.noise = static_cast<float>(acquisition.noise.value_or(drawn));
  constexpr std::int16_t paddings[] = {-1024, -2000, -3024};
  scanner.padding = paddings[random.chance(0.6) ? 0 : random.integer(1, 2)];
  return scanner;
}

std::vector<std::int16_t> scan_slice(const Scanner& scanner, const Geometry& geometry, const Slice& slice,
                                     std::int64_t z) {
  const std::int64_t rows = geometry.shape[1], columns = geometry.shape[2];
  const auto pixel = static_cast<float>(0.5 * (geometry.spacing[1] + geometry.spacing[2]));
  std::vector<float> image = slice.hu;
  blur(image, rows, columns, lerp(0.75F, 0.42F, scanner.kernel) / pixel);
  if (scanner.kernel > 0.5F) {  // lung kernels overshoot at edges
    std::vector<float> soft = image;
    blur(soft, rows, columns, 0.9F / pixel);
    const float gain = 1.6F * (scanner.kernel - 0.5F);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] += gain * (image[i] - soft[i]);
  }

  const std::uint64_t seed = mix(scanner.seed + static_cast<std::uint64_t>(z));
  std::vector<float> fine(image.size());
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = white_noise(seed, static_cast<std::int64_t>(i));
  std::vector<float> coarse = fine;
  const float fine_sigma = lerp(0.62F, 0.4F, scanner.kernel) / pixel, coarse_sigma = 1.6F / pixel;
  const float share = lerp(0.55F, 0.95F, scanner.kernel);
  blur(fine, rows, columns, fine_sigma);
  blur(coarse, rows, columns, coarse_sigma);
  const float unit_noise = scanner.noise / band_deviation(fine_sigma, coarse_sigma, share);

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
      const float value = image[i] + unit_noise * local * (fine[i] - share * coarse[i]);
      hu[i] = static_cast<std::int16_t>(std::lround(std::clamp(value, -1024.F, 3071.F)));
    }
  }
  return hu;
}

}  // namespace pleura::phantom
