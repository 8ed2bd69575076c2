#include <algorithm>
#include <nlohmann/json.hpp>

#include "guard.hpp"
#include "kernels/backend.hpp"
#include "kernels/vendor/library.hpp"
#include "pleura/pleura.hpp"
#include "pleura/text.hpp"
#include "runtime/machine.hpp"
#include "runtime/memory.hpp"
#include "runtime/parallel.hpp"

namespace pleura {
namespace {

using Json = nlohmann::ordered_json;
using kernels::Convolution;
using kernels::Deconvolution;
using kernels::OpenDevice;
using kernels::vendor::Library;
using runtime::DType;

Convolution convolution(DType type, std::int64_t from, std::int64_t to, std::int64_t kernel) {
  Convolution operation;
  operation.input = dense(type, {1, 16, 16, 16, from});
  operation.output = dense(type, {1, 16, 16, 16, to});
  operation.kernel = {kernel, kernel, kernel};
  operation.pad_low = operation.pad_high = {kernel / 2, kernel / 2, kernel / 2};
  return operation;
}

/// Pleura's own kernels that a device has for layers such as the networks', by precision; the reference where no other
/// is.
Json runs(const OpenDevice& open) {
  const auto bound = open.device->bind();
  Json precisions = Json::object();
  for (const DType type : open.backend.activations) {
    Json names = Json::array();
    const auto add = [&](const auto& variants, const auto& operation) {
      for (const auto& variant : variants)
        if (!variant.vendor && variant.supports(operation, *open.device) &&
            std::find(names.begin(), names.end(), variant.name) == names.end())
          names.push_back(variant.name);
    };
    for (const Convolution& operation : {convolution(type, 1, 16, 5), convolution(type, 32, 32, 5),
                                         convolution(type, 256, 256, 5), convolution(type, 64, 64, 1)})
      add(open.backend.convolutions, operation);
    Deconvolution up;
    up.input = dense(type, {1, 8, 8, 8, 64});
    up.output = dense(type, {1, 16, 16, 16, 32});
    add(open.backend.deconvolutions, up);
    if (names.size() > 1) names.erase(std::remove(names.begin(), names.end(), "reference"), names.end());
    precisions[precision_name(type)] = std::move(names);
  }
  return precisions;
}

Json cpu_json() {
  return {{"name", "cpu"},
          {"model", runtime::cpu_model()},
          {"cores", resolve_threads(0)},
          {"memory_bytes", machine_memory()},
          {"usable_memory_bytes", memory_bound(0)},
          {"instruction_sets", runtime::cpu_instruction_sets()},
          {"runs", runs(kernels::open_device("cpu", 0))}};
}

Json gpu_json(const OpenDevice& open) {
  const runtime::DeviceProperties& of = open.device->properties();
  return {{"name", open.device->name()},
          {"model", printable(of.model)},
          {"sm", std::to_string(of.major) + std::to_string(of.minor)},
          {"multiprocessors", of.multiprocessors},
          {"memory_bytes", of.memory_bytes},
          {"clock_mhz", of.clock_mhz},
          {"memory_clock_mhz", of.memory_clock_mhz},
          {"driver_cuda", std::to_string(of.driver / 1000) + "." + std::to_string(of.driver % 1000 / 10)},
          {"runs", runs(open)}};
}

/// A library and the GPUs on which it makes a handle.
Json library_json(const Library& library, const std::vector<OpenDevice>& gpus) {
  std::string why = library.why;
  Json serves = Json::array();
  if (library.handle)
    for (const OpenDevice& gpu : gpus) {
      const auto bound = gpu.device->bind();
      const std::string refusal = why_not_here(library);
      if (refusal.empty())
        serves.push_back(gpu.device->name());
      else
        why += (why.empty() ? "" : "; ") + gpu.device->name() + ": " + refusal;
    }
  if (library.handle && gpus.empty()) why = "there is no GPU that pleura can use";
  Json json = {{"name", library.name}};
  if (!library.path.empty()) json["path"] = printable(library.path.string());
  if (!library.version.empty()) json["version"] = library.version;
  json["serves"] = std::move(serves);
  if (!why.empty()) json["why"] = why;
  return json;
}

/// The GPUs, those that cannot be used with the reason; the usable ones are left open.
void add_gpus(Json& json, std::vector<OpenDevice>& usable) {
  const auto all = kernels::backends();
  const auto several =
      std::find_if(all.begin(), all.end(), [](const auto* backend) { return backend->may_be_several; });
  const int count = several == all.end() ? 0 : (*several)->count();
  const int cuda = several == all.end() ? 0 : (*several)->cuda;
  json["gpus"] = Json::array();
  for (int index = 0; index < count; ++index) {
    const std::string name = "cuda:" + std::to_string(index);
    try {
      usable.push_back(kernels::open_device(name, 0));
      json["gpus"].push_back(gpu_json(usable.back()));
    } catch (const Error& error) {
      json["gpus"].push_back({{"name", name}, {"why", error.what()}});
    }
  }
  if (count == 0) try {
      (void)kernels::open_device("cuda", 0);
    } catch (const Error& error) {
      json["no_gpu"] = error.what();
    }
  const auto around = kernels::vendor::Surroundings::here();
  const auto absent = [](const char* name) {
    return Library{name, {}, {}, "this build of pleura has no CUDA", nullptr};
  };
  const Library cublaslt = cuda ? open_cublaslt(around, cuda) : absent("cuBLASLt");  // first: cuDNN looks for it
  json["libraries"] = {library_json(cuda ? open_cudnn(around, cuda) : absent("cuDNN"), usable),
                       library_json(cublaslt, usable)};
}

std::string words(const Json& list) {
  std::string text;
  for (const auto& word : list) text += (text.empty() ? "" : ", ") + word.get<std::string>();
  return text;
}

/// A name in its column, what there is to say, and further lines below that.
std::string row(const std::string& name, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    std::string head = text.empty() ? name : "";
    head.resize(std::max<std::size_t>(10, head.size() + 1), ' ');
    text += head + line + "\n";
  }
  return text;
}

void add_runs(const Json& device, std::vector<std::string>& lines) {
  for (const auto& [precision, names] : device["runs"].items()) lines.push_back(precision + ": " + words(names));
}

std::string text_of(const Json& json) {
  const Json& cpu = json["cpu"];
  std::vector<std::string> lines{cpu["model"].get<std::string>() + ", " + std::to_string(cpu["cores"].get<int>()) +
                                     " cores, " + size_text(cpu["memory_bytes"]) + ", " +
                                     size_text(cpu["usable_memory_bytes"]) + " of it by default",
                                 words(cpu["instruction_sets"])};
  add_runs(cpu, lines);
  std::string text = row("cpu", lines);
  for (const Json& gpu : json["gpus"]) {
    lines.clear();
    if (gpu.contains("why")) {
      lines.push_back(gpu["why"]);
    } else {
      lines.push_back(gpu["model"].get<std::string>() + ", sm_" + gpu["sm"].get<std::string>() + ", " +
                      std::to_string(gpu["multiprocessors"].get<int>()) + " multiprocessors at " +
                      std::to_string(gpu["clock_mhz"].get<int>()) + " MHz, " + size_text(gpu["memory_bytes"]) + " at " +
                      std::to_string(gpu["memory_clock_mhz"].get<int>()) + " MHz, driver for CUDA " +
                      gpu["driver_cuda"].get<std::string>());
      add_runs(gpu, lines);
    }
    text += row(gpu["name"], lines);
  }
  if (json.contains("no_gpu")) text += row("cuda", {"none: " + json["no_gpu"].get<std::string>()});
  for (const Json& library : json["libraries"]) {
    lines.clear();
    if (library.contains("path"))
      lines.push_back(library.value("version", "no version") + ", " + library["path"].get<std::string>());
    if (!library["serves"].empty()) lines.push_back("serves " + words(library["serves"]));
    if (library.contains("why")) lines.push_back("not used: " + library["why"].get<std::string>());
    text += row(library["name"], lines);
  }
  return text;
}

}  // namespace

std::string describe_devices(bool as_json) {
  return api::guarded([&] {
    Json json = {{"schema_version", 1}, {"version", version()}, {"cpu", cpu_json()}};
    std::vector<OpenDevice> usable;
    add_gpus(json, usable);
    return as_json ? json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n" : text_of(json);
  });
}

}  // namespace pleura
