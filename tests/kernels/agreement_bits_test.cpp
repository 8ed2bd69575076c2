// HU, bits and components: the same on every device.
#include <gtest/gtest.h>

#include "kernels/instrument.hpp"
#include "kernels/instruments.hpp"

namespace pleura::test {
namespace {

using kernels::Bits;
using kernels::BitVolume;
using kernels::Combination;
using kernels::Connectivity;
using kernels::Disc;
using kernels::Hu;
using kernels::Instrument;
using kernels::Parts;

constexpr std::array<double, 5> densities{0, 0.02, 0.5, 0.95, 1};

std::vector<std::int16_t> draw_hu(Random& random, const Index3& shape) {
  return random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
}

TEST_P(InstrumentsAgree, OnWhatTheyTook) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random)) {
    const BitVolume bits = draw_bits(random, shape, 0.5);
    EXPECT_EQ(on.bits([](Instrument&, const Bits& a) { return a; }, bits), bits);
  }
}

TEST_P(InstrumentsAgree, OnThresholdsAndTheMedianHu) {
  Random random;
  InstrumentPair on(GetParam());
  std::vector<Index3> all = shapes(random);
  all.push_back({7, 60, 90});  // more than a block
  for (const Index3& shape : all)
    for (const int above : {-3000, -1200, 3500}) {
      SCOPED_TRACE(random.trace(name(shape) + " above " + std::to_string(above)));
      auto hu = draw_hu(random, shape);
      for (auto& value : hu) value = std::max<std::int16_t>(value, static_cast<std::int16_t>(above));
      on.both([&](Instrument& one) { return one.read(one.lowest(one.take(hu, shape), -1099)); });
      for (const double density : {0.0, 0.001, 0.3}) {
        const BitVolume among = draw_bits(random, shape, density);
        on.both([&](Instrument& one) { return one.median(one.take(hu, shape), one.take(among)); });
      }
      for (const double sigma : {0.3, 1.07, 4.0}) {
        const kernels::GaussianBlur blur{kernels::gaussian_weights(sigma), kernels::gaussian_weights(sigma / 2)};
        on.both([&](Instrument& one) {
          std::vector<BitVolume> levels;
          for (const Bits& bits : one.below(one.take(hu, shape), blur, {-450, 12, 1000}))
            levels.push_back(one.read(bits));
          return levels;
        });
      }
    }
}

TEST_P(InstrumentsAgree, OnDilationErosionAndClosing) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random))
    for (const Disc& disc : {kernels::make_disc(0, 700, 700), kernels::make_disc(1500, 700, 700), Disc{{1, 0}},
                             Disc{{1, 1}}, kernels::make_disc(9000, 3000, 700), kernels::make_disc(50000, 9000, 700)})
      for (const double density : {0.0, 0.01, 0.97, 1.0}) {
        SCOPED_TRACE(random.trace(name(shape) + " disc of " + std::to_string(disc.half_widths[0]) + " density " +
                                  std::to_string(density)));
        const BitVolume bits = draw_bits(random, shape, density);
        on.bits([&](Instrument& one, const Bits& in) { return one.dilate(in, disc); }, bits);
        on.bits([&](Instrument& one, const Bits& in) { return one.erode(in, disc); }, bits);
        on.bits([&](Instrument& one, const Bits& in) { return one.close(in, disc); }, bits);
      }
}

TEST_P(InstrumentsAgree, OnBitsInvertedCombinedCountedAndMeasured) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random))
    for (const double density : densities) {
      SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
      const BitVolume a = draw_bits(random, shape, density), b = draw_bits(random, shape, 0.6);
      on.bits([](Instrument& one, const Bits& in) { return one.invert(in); }, a);
      for (const auto how : {Combination::both, Combination::either, Combination::first_only})
        on.bits([&](Instrument& one, const Bits& x, const Bits& y) { return one.combine(x, y, how); }, a, b);
      on.both([&](Instrument& one) { return one.count(one.take(a)); });
      on.both([&](Instrument& one) {
        std::vector<std::int64_t> figures;
        for (const auto& [low, high, count, sum_x] : one.measure(one.take(a)))
          figures.insert(figures.end(), {low[0], low[1], high[0], high[1], count, sum_x});
        return figures;
      });
      BitVolume left = a;
      for (std::size_t i = 0; i < left.words.size(); ++i) left.words[i] &= ~b.words[i];
      on.both([&](Instrument& one) { return one.read(one.label(one.take(left), one.take(b))); });
    }
}

TEST_P(InstrumentsAgree, OnHullsAndHoles) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random))
    for (const double density : {0.0, 0.003, 0.02, 0.5, 0.95, 1.0}) {
      SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
      const BitVolume bits = draw_bits(random, shape, density);
      on.bits([](Instrument& one, const Bits& in) { return one.hulls(in); }, bits);
      for (const auto connectivity : {Connectivity::in_slice, Connectivity::in_volume})
        for (const std::int64_t most : {2, 1000000})
          on.bits([&](Instrument& one, const Bits& in) { return one.fill_holes(in, connectivity, most); }, bits);
    }
}

/// All components, and what each rule draws of them.
void expect_components(InstrumentPair& on, Random& random, const BitVolume& bits, Connectivity connectivity) {
  const std::array<BitVolume, 3> others{draw_bits(random, bits.shape, 0.5), draw_bits(random, bits.shape, 0.4),
                                        draw_bits(random, bits.shape, 0.02)};
  std::size_t count = 0;
  on.both([&](Instrument& one) {
    std::vector<std::pair<std::int32_t, kernels::Component>> all;
    for (const auto& [number, figures] : one.list(one.components(one.take(bits), connectivity), 0, 0))
      all.emplace_back(number, figures);
    count = all.size();
    return all;
  });
  const std::int64_t least = random(0, 3), share = random(0, 4);
  on.both([&](Instrument& one) {
    std::vector<std::int32_t> large;
    for (const auto& part : one.list(one.components(one.take(bits), connectivity), least, share))
      large.push_back(part.number);
    return large;
  });
  const auto only = static_cast<std::int32_t>(random(0, static_cast<std::int64_t>(count)));
  on.both([&](Instrument& one) {
    const Parts parts = one.components(one.take(bits), connectivity);
    std::array<kernels::Counts, 3> counts;
    std::vector<std::vector<std::int64_t>> values;
    for (std::size_t i = 0; i < 3; ++i)
      values.push_back(one.read(counts[i] = one.count_in(parts, one.take(others[i]))));
    std::vector<BitVolume> drawn;
    for (const kernels::Rule& rule : {kernels::Rule(kernels::AtEdge{}), kernels::Rule(kernels::Largest{}),
                                      kernels::Rule(kernels::InsideBody{counts[0], counts[1], counts[2]}),
                                      kernels::Rule(kernels::CutOff{counts[2], counts[0], counts[1], 2})})
      drawn.push_back(one.read(one.draw(parts, rule)));
    if (only < static_cast<std::int32_t>(count)) drawn.push_back(one.read(one.draw(parts, kernels::Only{only})));
    return std::pair(values, drawn);
  });
}

TEST_P(InstrumentsAgree, OnComponentsFoundListedCountedAndDrawn) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random))
    for (const double density : densities)
      for (const auto connectivity : {Connectivity::in_slice, Connectivity::in_volume}) {
        SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
        expect_components(on, random, draw_bits(random, shape, density), connectivity);
      }
}

TEST_P(InstrumentsAgree, OnASpiral) {
  // A path that turns back on itself all the way: the longest way to a root.
  BitVolume bits({1, 129, 130});
  for (std::int64_t y = 0; y < 129; ++y) {
    if (y % 2 == 0)
      for (std::int64_t x = 0; x < 130; ++x) bits.set(0, y, x);
    else
      bits.set(0, y, y % 4 == 1 ? 129 : 0);
  }
  InstrumentPair on(GetParam());
  Random random;
  expect_components(on, random, bits, Connectivity::in_volume);
}

TEST_P(InstrumentsAgree, OnLungsThatArePartedAsTheyGrow) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random))
    for (const std::int64_t period : {1, 2, 50})
      for (const double density : {0.6, 0.9, 1.0}) {
        SCOPED_TRACE(random.trace(name(shape) + " period " + std::to_string(period)));
        const BitVolume joined = draw_bits(random, shape, density);
        BitVolume left = draw_bits(random, shape, 0.01), right = draw_bits(random, shape, 0.01);
        for (std::size_t i = 0; i < joined.words.size(); ++i) {
          left.words[i] &= joined.words[i];
          right.words[i] &= joined.words[i] & ~left.words[i];
        }
        on.both([&](Instrument& one) {
          const auto [a, b] = one.grow_apart(one.take(left), one.take(right), one.take(joined), period);
          return std::pair(one.read(a), one.read(b));
        });
      }
}

}  // namespace
}  // namespace pleura::test
