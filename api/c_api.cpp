/// The C API: handles around the C++ ones, exceptions turned into status codes.
#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "pleura/pleura.h"
#include "pleura/pleura.hpp"

struct pleura_volume {
  pleura::Volume volume;
  std::string series;  ///< as it was asked for
};

struct pleura_engine {
  pleura::Engine engine;
};

struct pleura_screening {
  pleura::Screening screening;
  std::string json;
  pleura::Disclosure disclosure;  ///< of the JSON and of what is written
};

namespace {

thread_local std::string last_error;

pleura_status fail(pleura_status status, const char* message) noexcept {
  try {
    last_error = message;
  } catch (...) {
    last_error.clear();
  }
  return status;
}

/// Runs work behind the C boundary: nothing is thrown across it.
template <class Work>
pleura_status guarded(Work&& work) noexcept {
  try {
    work();
    return PLEURA_DONE;
  } catch (const pleura::Error& error) {
    return fail(static_cast<pleura_status>(error.status()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(PLEURA_RESOURCES, "out of memory");
  } catch (const std::exception& error) {
    return fail(PLEURA_INTERNAL, error.what());
  } catch (...) {
    return fail(PLEURA_INTERNAL, "an unknown exception");
  }
}

/// Throws usage where a needed argument is NULL.
template <class T>
T& needed(T* argument, const char* name) {
  if (!argument) throw pleura::Error(pleura::Status::usage, std::string(name) + " is NULL, expected an argument");
  return *argument;
}

std::filesystem::path path_of(const char* utf8, const char* name) {
  return {reinterpret_cast<const char8_t*>(&needed(utf8, name))};  // NOLINT: char8_t may alias what char holds
}

/// Bytes of the option structs in version 0.1.
constexpr std::size_t engine_options_0_1 =
    offsetof(pleura_engine_options, tune_cache) + sizeof(pleura_engine_options::tune_cache);
constexpr std::size_t screen_options_0_1 =
    offsetof(pleura_screen_options, max_regions) + sizeof(pleura_screen_options::max_regions);
// No padding after the last option: one that is added there would be undefined in the structs of earlier programs.
static_assert(sizeof(pleura_engine_options) == engine_options_0_1);
static_assert(sizeof(pleura_screen_options) == screen_options_0_1);

constexpr pleura_engine_options default_engine_options{
    sizeof(pleura_engine_options), nullptr, 0, PLEURA_FP32, PLEURA_M2, 0, PLEURA_NATIVE, 0, nullptr};
constexpr pleura_screen_options default_screen_options{sizeof(pleura_screen_options), -1, -1};

/// As much of the defaults as the caller's struct holds, zeros in what only a later library knows, and its size.
template <class Options>
void fill(Options* options, std::size_t size, const Options& defaults) {
  if (!options || size < sizeof options->size) return;
  std::memset(options, 0, size);
  std::memcpy(options, &defaults, std::min(size, sizeof defaults));
  std::memcpy(options, &size, sizeof size);
}

/// The caller's options, of which an earlier version had fewer and a later one more. Throws usage for a size that is
/// none of a version, and where an option is set that this library does not know.
template <class Options>
Options known(const Options* options, const Options& defaults, std::size_t first_size, const char* name) {
  Options all = defaults;
  if (!options) return all;
  constexpr std::size_t most = 4096;
  std::size_t size = 0;
  std::memcpy(&size, options, sizeof size);
  if (size < first_size || size > most)
    throw pleura::Error(pleura::Status::usage, std::string(name) + ".size " + std::to_string(size) + ", expected " +
                                                   std::to_string(sizeof all) + " (set by " + name + "_default)");
  const auto* bytes = reinterpret_cast<const unsigned char*>(options);
  if (std::any_of(bytes + std::min(size, sizeof all), bytes + size, [](unsigned char byte) { return byte != 0; }))
    throw pleura::Error(pleura::Status::usage,
                        std::string(name) + " sets an option that pleura " + pleura::version() + " does not know");
  std::memcpy(&all, options, std::min(size, sizeof all));
  return all;
}

pleura::EngineOptions options_of(const pleura_engine_options* given) {
  const pleura_engine_options c = known(given, default_engine_options, engine_options_0_1, "pleura_engine_options");
  pleura::EngineOptions options;
  if (c.device) options.device = c.device;
  options.precision = static_cast<pleura::Precision>(c.precision);
  options.classifier = c.classifier == PLEURA_M1 ? pleura::Classifier::m1 : pleura::Classifier::m2;
  options.threads = c.threads;
  options.memory_bytes = c.memory_bytes;
  options.kernels = c.kernels == PLEURA_CUDNN ? pleura::Kernels::cudnn
                    : c.kernels == PLEURA_ANY ? pleura::Kernels::any
                                              : pleura::Kernels::native;
  options.tune = c.tune != 0;
  if (c.tune_cache) options.tune_cache = path_of(c.tune_cache, "tune_cache");
  return options;
}

pleura::ScreenOptions options_of(const pleura_screen_options* given) {
  const pleura_screen_options c = known(given, default_screen_options, screen_options_0_1, "pleura_screen_options");
  pleura::ScreenOptions options;
  if (!(c.threshold < 0)) options.threshold = c.threshold;
  if (c.max_regions >= 0) options.max_regions = static_cast<int>(std::min<std::int64_t>(c.max_regions, INT_MAX));
  return options;
}

}  // namespace

const char* pleura_version(void) { return pleura::version(); }

int pleura_version_number(void) { return PLEURA_VERSION_NUMBER; }

const char* pleura_last_error(void) { return last_error.c_str(); }

pleura_status pleura_volume_read(const char* path, const char* series_uid, int threads, pleura_volume** volume) {
  return guarded([&] {
    needed(volume, "volume") = nullptr;
    pleura::ReadOptions options;
    if (series_uid) options.series_uid = series_uid;
    options.threads = threads;
    *volume = new pleura_volume{pleura::read_ct(path_of(path, "path"), options), options.series_uid};
  });
}

pleura_status pleura_volume_create(const int16_t* hu, const int64_t shape[3], const double spacing[3],
                                   const double origin[3], pleura_volume** volume) {
  return guarded([&] {
    needed(volume, "volume") = nullptr;
    needed(hu, "hu"), needed(shape, "shape"), needed(spacing, "spacing"), needed(origin, "origin");
    pleura::Volume made;
    for (int axis = 0; axis < 3; ++axis) {
      if (!(shape[axis] > 0 && shape[axis] <= 1 << 16 && spacing[axis] > 0))
        throw pleura::Error(pleura::Status::usage, "sizes and spacings must be positive, sizes at most 65536");
      made.geometry.shape[axis] = shape[axis];
      made.geometry.spacing[axis] = spacing[axis];
      made.geometry.origin[axis] = origin[axis];
    }
    made.hu.assign(hu, hu + made.geometry.voxels());
    *volume = new pleura_volume{std::move(made), {}};
  });
}

void pleura_volume_shape(const pleura_volume* volume, int64_t shape[3]) {
  std::copy_n(volume->volume.geometry.shape.begin(), 3, shape);
}

void pleura_volume_spacing(const pleura_volume* volume, double spacing[3]) {
  std::copy_n(volume->volume.geometry.spacing.begin(), 3, spacing);
}

const int16_t* pleura_volume_hu(const pleura_volume* volume) { return volume->volume.hu.data(); }

void pleura_volume_free(pleura_volume* volume) { delete volume; }

void pleura_engine_options_init(pleura_engine_options* options, size_t size) {
  fill(options, size, default_engine_options);
}

pleura_status pleura_engine_create(const char* weights, const pleura_engine_options* options, pleura_engine** engine) {
  return guarded([&] {
    needed(engine, "engine") = nullptr;
    *engine = new pleura_engine{pleura::Engine(path_of(weights, "weights"), options_of(options))};
  });
}

void pleura_engine_free(pleura_engine* engine) { delete engine; }

void pleura_screen_options_init(pleura_screen_options* options, size_t size) {
  fill(options, size, default_screen_options);
}

pleura_status pleura_engine_screen(pleura_engine* engine, const pleura_volume* volume,
                                   const pleura_screen_options* options, pleura_progress progress, void* user,
                                   pleura_screening** screening) {
  return guarded([&] {
    needed(screening, "screening") = nullptr;
    pleura::Progress report;
    if (progress)
      report = [=](std::string_view stage, double done) { progress(std::string(stage).c_str(), done, user); };
    pleura::Screening found =
        needed(engine, "engine").engine.screen(needed(volume, "volume").volume, options_of(options), report);
    found.result.options.series = volume->series;
    std::string json = pleura::to_json(found.result);
    *screening = new pleura_screening{std::move(found), std::move(json), pleura::Disclosure::usual};
  });
}

pleura_case pleura_screening_case(const pleura_screening* screening) {
  const pleura::CaseResult& c = screening->screening.result.case_result;
  return {static_cast<pleura_case_label>(c.result),
          c.confidence,
          c.p_covid19,
          c.p_influenza_a,
          c.s_covid19,
          c.s_influenza_a,
          c.p_infection};
}

size_t pleura_screening_regions(const pleura_screening* screening) {
  return screening->screening.result.regions.size();
}

pleura_status pleura_screening_region(const pleura_screening* screening, size_t index, pleura_region* region) {
  return guarded([&] {
    const auto& regions = needed(screening, "screening").screening.result.regions;
    if (index >= regions.size())
      throw pleura::Error(pleura::Status::usage,
                          "region " + std::to_string(index) + ", expected less than " + std::to_string(regions.size()));
    const pleura::Region& found = regions[index];
    pleura_region& out = needed(region, "region");
    out.label = static_cast<pleura_label>(found.label);
    out.confidence = found.confidence;
    std::copy_n(found.box_voxels.low.begin(), 3, out.low);
    std::copy_n(found.box_voxels.high.begin(), 3, out.high);
    std::copy_n(found.box_mm.low.begin(), 3, out.low_mm);
    std::copy_n(found.box_mm.high.begin(), 3, out.high_mm);
    out.distance_from_edge = found.distance_from_edge;
  });
}

void pleura_screening_lungs_litres(const pleura_screening* screening, double* left, double* right) {
  *left = screening->screening.result.lungs.left_litres;
  *right = screening->screening.result.lungs.right_litres;
}

const uint8_t* pleura_screening_lungs(const pleura_screening* screening) { return screening->screening.lungs.data(); }

pleura_status pleura_screening_disclose(pleura_screening* screening, pleura_disclosure disclosure) {
  return guarded([&] {
    if (disclosure < PLEURA_ANONYMOUS || disclosure > PLEURA_IDENTIFIED)
      throw pleura::Error(pleura::Status::usage, "disclosure " + std::to_string(disclosure) + ", expected 0 to 2");
    pleura_screening& found = needed(screening, "screening");
    found.disclosure = static_cast<pleura::Disclosure>(disclosure);  // the same numbers
    found.json = pleura::to_json(found.screening.result, found.disclosure);
  });
}

const char* pleura_screening_json(const pleura_screening* screening) { return screening->json.c_str(); }

pleura_status pleura_screening_write(const pleura_screening* screening, const char* folder, unsigned flags) {
  return guarded([&] {
    const pleura_screening& found = needed(screening, "screening");
    if (flags > (PLEURA_WRITE_MASKS | PLEURA_WRITE_NO_PICTURES))
      throw pleura::Error(pleura::Status::usage, "flags " + std::to_string(flags) + ", expected 0 to 3");
    const bool masks = (flags & PLEURA_WRITE_MASKS) != 0, pictures = (flags & PLEURA_WRITE_NO_PICTURES) == 0;
    pleura::write_result(found.screening, path_of(folder, "folder"), {masks, found.disclosure, pictures});
  });
}

void pleura_screening_free(pleura_screening* screening) { delete screening; }
