// The backends of this build, and devices by their names.
#include <array>
#include <charconv>
#include <string>

#include "kernels/backend.hpp"
#include "kernels/instrument.hpp"
#include "pleura/error.hpp"
#include "pleura/text.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {
namespace {

/// The digits behind a colon; nothing for anything else.
std::optional<int> index_of(std::string_view digits) {
  int index = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, index);
  const bool read = error == std::errc{} && rest == end && digits.front() != '-';
  return read ? std::optional(index) : std::nullopt;
}

}  // namespace

std::span<const Backend* const> backends() {
#ifdef PLEURA_WITH_CUDA
  static const std::array all{&cpu_backend(), &reference_backend(), &cuda_backend()};
#else
  static const std::array all{&cpu_backend(), &reference_backend()};
#endif
  return all;
}

std::unique_ptr<Instrument> OpenDevice::instrument() const { return backend.instrument(*device); }

void OpenDevice::require_cudnn() const {
  const std::string given = "kernels cudnn on device " + device->name() + ": ";
  if (!why.empty()) throw Error(Status::resources, given + why);
  if (!backend.why_no_cudnn) throw Error(Status::usage, given + "expected a CUDA device, or native kernels");
  const auto bound = device->bind();
  if (const std::string reason = backend.why_no_cudnn(*device); !reason.empty())
    throw Error(Status::resources, given + reason);
}

OpenDevice open_device(std::string_view name, int threads) {
  if (name == "auto") try {
      return open_device("cuda", threads);
    } catch (const Error& error) {
      if (error.status() != Status::resources) throw;
      OpenDevice cpu = open_device("cpu", threads);
      cpu.why = error.what();
      return cpu;
    }
  const auto colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  const bool numbered = colon != std::string_view::npos;
  const std::optional<int> index = numbered ? index_of(name.substr(colon + 1)) : std::nullopt;
  for (const Backend* const backend : backends())
    if (kind == backend->name && (!numbered || (index && backend->may_be_several)))
      return {*backend, backend->open(index, resolve_threads(threads)), {}};
  const std::string given = "device " + printable(name);
  if (kind == "cuda" && (!numbered || index))
    throw Error(Status::resources, given + ": this build of pleura has no CUDA, expected cpu");
  throw Error(Status::usage, given + ": expected cpu, reference, auto, cuda or, by its number, cuda:1");
}

}  // namespace pleura::kernels
