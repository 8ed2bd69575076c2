/// pleura.h: sequences of calls on volumes, engines and screenings, with changed options, files and NULL where it is
/// allowed to be. Handles and what they give are used as the header allows, no further.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <vector>

#include "pleura/pleura.h"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/thorax.hpp"

using namespace pleura;

namespace {

template <typename T, void (*release)(T*)>
struct Release {
  void operator()(T* handle) const { release(handle); }
};
using VolumeHandle = std::unique_ptr<pleura_volume, Release<pleura_volume, pleura_volume_free>>;
using EngineHandle = std::unique_ptr<pleura_engine, Release<pleura_engine, pleura_engine_free>>;
using ScreeningHandle = std::unique_ptr<pleura_screening, Release<pleura_screening, pleura_screening_free>>;

class Caller {
 public:
  explicit Caller(fuzz::Data data) : in_(data.data(), data.size()) {}

  void call_all() {
    for (int calls = 0; calls < 8 && in_.remaining_bytes() > 0; ++calls) call();
  }

 private:
  void call() {
    switch (in_.ConsumeIntegralInRange(0, 9)) {
      case 0:
        return read_volume();
      case 1:
        return create_volume();
      case 2:
        return create_thorax();
      case 3:
        return create_engine(false);
      case 4:
        return create_engine(true);
      case 5:
        return screen();
      case 6:
        return look_at_volume();
      case 7:
        return look_at_screening();
      case 8:
        return write();
      default:
        return release();
    }
  }

  /// A status says whether there is a handle, and a failure has words.
  void expect(pleura_status status, bool has_handle) {
    if ((status == PLEURA_DONE) != has_handle) fuzz::fault("a status that does not fit the handle");
    expect(status);
  }
  void expect(pleura_status status) {
    if (status != PLEURA_DONE && *pleura_last_error() == '\0') fuzz::fault("a failure without words");
    if (status == PLEURA_INTERNAL) fuzz::fault(std::string("a defect: ") + pleura_last_error());
  }

  std::string some_file() {
    const auto bytes = in_.ConsumeBytes<std::uint8_t>(in_.ConsumeIntegralInRange<std::size_t>(0, 4096));
    return folder().write("in", bytes).string();
  }

  void read_volume() {
    const bool no_path = in_.ConsumeIntegralInRange(0, 15) == 0;
    const std::string path = in_.ConsumeBool() ? some_file() : in_.ConsumeRandomLengthString(64),
                      uid = in_.ConsumeRandomLengthString(64);
    pleura_volume* made = nullptr;
    const auto status =
        pleura_volume_read(no_path ? nullptr : path.c_str(), in_.ConsumeBool() ? uid.c_str() : nullptr, 1, &made);
    volume_.reset(made);
    expect(status, made != nullptr);
  }

  void create_volume() {
    const std::array<std::int64_t, 3> shape{any_size(), any_size(), any_size()};
    std::array<double, 3> spacing{}, origin{};
    for (auto& value : spacing)
      value = in_.ConsumeBool() ? in_.ConsumeProbability<double>() * 8 : in_.ConsumeFloatingPoint<double>();
    for (auto& value : origin) value = in_.ConsumeFloatingPoint<double>();
    std::size_t voxels = 1;
    for (const auto size : shape) voxels *= static_cast<std::size_t>(std::clamp<std::int64_t>(size, 0, 16));
    std::vector<std::int16_t> hu(voxels);
    for (auto& value : hu) value = in_.ConsumeIntegral<std::int16_t>();
    pleura_volume* made = nullptr;
    const bool null = in_.ConsumeIntegralInRange(0, 15) == 0;
    const auto status =
        pleura_volume_create(null ? nullptr : hu.data(), shape.data(), spacing.data(), origin.data(), &made);
    volume_.reset(made);
    expect(status, made != nullptr);
  }

  /// Up to 16, or one that no volume may have.
  std::int64_t any_size() {
    const auto size = in_.ConsumeIntegralInRange<std::int64_t>(-2, 18);
    return size <= 16 ? size : size == 17 ? 65537 : std::numeric_limits<std::int64_t>::max();
  }

  /// Something with lungs in it, some voxels changed.
  void create_thorax() {
    auto thorax = fuzz::thorax();
    for (int changes = in_.ConsumeIntegralInRange(0, 8); changes > 0; --changes)
      thorax.hu[in_.ConsumeIntegralInRange<std::size_t>(0, thorax.hu.size() - 1)] = in_.ConsumeIntegral<std::int16_t>();
    const auto& geometry = thorax.geometry;
    pleura_volume* made = nullptr;
    const auto status = pleura_volume_create(thorax.hu.data(), geometry.shape.data(), geometry.spacing.data(),
                                             geometry.origin.data(), &made);
    volume_.reset(made);
    expect(status, made != nullptr);
  }

  void create_engine(bool sound) {
    pleura_engine_options options = pleura_engine_options_default();
    options.threads = 1;
    if (!sound) {
      options.device = in_.PickValueInArray<const char*>({nullptr, "cpu", "reference", "cuda", "cuda:1", "cpu:0", ""});
      options.precision = static_cast<pleura_precision>(in_.ConsumeIntegralInRange(0, 3));
      options.classifier = static_cast<pleura_classifier>(in_.ConsumeIntegralInRange(0, 3));
      options.memory_bytes = in_.ConsumeIntegral<std::uint64_t>();
    }
    const std::string weights = sound || in_.ConsumeBool() ? sound_weights() : some_file();
    pleura_engine* made = nullptr;
    const auto status = pleura_engine_create(weights.c_str(), &options, &made);
    engine_.reset(made);
    expect(status, made != nullptr);
  }

  void screen() {
    pleura_screen_options options = pleura_screen_options_default();
    if (in_.ConsumeBool()) options.threshold = in_.ConsumeFloatingPoint<double>();
    if (in_.ConsumeBool()) options.max_regions = in_.ConsumeIntegral<int>();
    pleura_screening* made = nullptr;
    const auto progress = [](const char*, double done, void*) {
      if (!(done >= 0 && done <= 1)) fuzz::fault("progress outside 0 to 1");
    };
    const auto status = pleura_engine_screen(engine_.get(), volume_.get(), in_.ConsumeBool() ? &options : nullptr,
                                             progress, nullptr, &made);
    screening_.reset(made);
    expect(status, made != nullptr);
  }

  void look_at_volume() {
    if (!volume_) return;
    std::int64_t shape[3];
    double spacing[3];
    pleura_volume_shape(volume_.get(), shape);
    pleura_volume_spacing(volume_.get(), spacing);
    (void)pleura_volume_hu(volume_.get())[shape[0] * shape[1] * shape[2] - 1];
  }

  void look_at_screening() {
    pleura_region region;
    const auto index = in_.ConsumeIntegral<std::size_t>();
    expect(pleura_screening_region(screening_.get(), index, &region));
    expect(
        pleura_screening_disclose(screening_.get(), static_cast<pleura_disclosure>(in_.ConsumeIntegralInRange(0, 3))));
    if (!screening_) return;
    for (std::size_t i = 0; i < pleura_screening_regions(screening_.get()); ++i)
      expect(pleura_screening_region(screening_.get(), i, i % 2 == 0 ? &region : nullptr));
    double left = 0, right = 0;
    pleura_screening_lungs_litres(screening_.get(), &left, &right);
    (void)pleura_screening_case(screening_.get());
    if (pleura_screening_json(screening_.get())[0] != '{') fuzz::fault("no JSON");
  }

  void write() {
    const bool null = in_.ConsumeIntegralInRange(0, 7) == 0;
    const auto result = (folder().path() / "result").string();
    expect(
        pleura_screening_write(screening_.get(), null ? nullptr : result.c_str(), in_.ConsumeIntegralInRange(0U, 4U)));
  }

  void release() {
    switch (in_.ConsumeIntegralInRange(0, 2)) {
      case 0:
        return volume_.reset();
      case 1:
        return engine_.reset();
      default:
        return screening_.reset();
    }
  }

  static const fuzz::Folder& folder() {
    static const fuzz::Folder folder;
    return folder;
  }

  static const std::string& sound_weights() {
    static const std::string path = [] {
      auto file = folder().path() / "sound.h5";
      fuzz::write_small_weights(file);
      return file.string();
    }();
    return path;
  }

  FuzzedDataProvider in_;
  VolumeHandle volume_;
  EngineHandle engine_;
  ScreeningHandle screening_;
};

}  // namespace

PLEURA_FUZZ_TARGET { Caller(data).call_all(); }
