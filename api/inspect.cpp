#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/printed.hpp"
#include "api/segmenter_shape.hpp"
#include "layers/inference.hpp"
#include "layers/summary.hpp"
#include "pleura/pleura.hpp"
#include "screening/networks.hpp"
#include "weights/attributes.hpp"

namespace pleura {
namespace {

using Json = nlohmann::ordered_json;

/// A network's attributes under their names in the file.
class AttributePrinter {
 public:
  void word(const char* name, const char* word) { json_[name] = word; }

  template <class T>
  void choice(const char* name, const T& member, const weights::Words<T>& words) {
    for (const auto& [word, value] : words)
      if (member == value) json_[name] = word;
  }

  template <class T>
  void numbers(const char* name, const T& member, const weights::Range&) {
    if constexpr (std::is_same_v<T, bool>)
      json_[name] = member ? 1 : 0;
    else
      json_[name] = member;
  }

  [[nodiscard]] Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

template <class Network>
Json attributes_json(const Network& network) {
  AttributePrinter printer;
  weights::visit_attributes(printer, network);
  return printer.take();
}

Json layers_json(const std::vector<layers::LayerRow>& rows, bool with_shape) {
  Json list = Json::array();
  for (const layers::LayerRow& row : rows) {
    const runtime::Shape& s = row.output;
    Json layer = {{"name", row.name}, {"kind", row.kind}, {"channels", s.c}, {"parameters", row.parameters}};
    if (with_shape) {
      layer["output"] = {s.d, s.h, s.w};
      layer["macs"] = row.macs;
      layer["activation_bytes"] = row.bytes;
    }
    list.push_back(std::move(layer));
  }
  return list;
}

/// Adds a plan and the kernel of each layer.
void add_plan(const layers::PlanFigures& figures, const std::string& device, Precision precision, Json& network) {
  network["plan"] = {{"device", device},
                     {"precision", screening::name_of(precision)},
                     {"arena_bytes", figures.arena_bytes},
                     {"weight_bytes", figures.weight_bytes},
                     {"slabs", figures.slabs}};
  for (std::size_t i = 0; i < figures.variants.size(); ++i) network["layers"][i]["variant"] = figures.variants[i];
}

Json network_json(Json attributes, const std::vector<layers::LayerRow>& rows, const std::array<std::int64_t, 3>& input,
                  bool with_shape) {
  const layers::LayerRow sum = layers::total(rows);
  Json json = {{"attributes", std::move(attributes)},
               {"parameters", sum.parameters},
               {"macs_per_voxel", sum.macs / (input[0] * input[1] * input[2])}};
  if (with_shape) {
    json["input"] = input;
    json["macs"] = sum.macs;
    json["flops"] = 2 * sum.macs;
    json["activation_bytes"] = sum.bytes;
  }
  json["layers"] = layers_json(rows, with_shape);
  return json;
}

/// What plans are made for.
struct Target {
  kernels::OpenDevice device;
  EngineOptions options;
  std::shared_ptr<layers::Tuner> tuner;
};

Json segmenter_json(const weights::Segmenter& segmenter, const std::optional<Index3>& shape, const Target& target) {
  const Index3 input = shape.value_or(Index3{16, 16, 16});
  api::require_segmenter_shape(input);
  Json json =
      network_json(attributes_json(segmenter), layers::summarize(segmenter.hyper, input), input, shape.has_value());
  if (!shape) return json;
  layers::SegmenterNetwork ready(segmenter, target.device, screening::network_options(target.options, target.tuner));
  add_plan(ready.figures(*shape), target.device.device->name(), target.options.precision, json);
  return json;
}

Json classifier_json(const weights::Classifier& classifier, const Target& target) {
  const std::int64_t pixels = classifier.hyper.pixels;
  Json json =
      network_json(attributes_json(classifier), layers::summarize(classifier.hyper, 1), {1, pixels, pixels}, true);
  layers::ClassifierNetwork ready(classifier, target.device, screening::network_options(target.options, target.tuner));
  add_plan(ready.figures(1), target.device.device->name(), Precision::fp32, json);
  return json;
}

Json model_json(const std::filesystem::path& file, const std::optional<Index3>& shape, const EngineOptions& options) {
  Target target{screening::open_device(options), options, {}};
  target.tuner = screening::open_tuner(options, target.device);
  const weights::Model model = weights::read_model(file, options.threads);
  Json networks = Json::object();
  if (model.segmenter) networks["segmenter"] = segmenter_json(*model.segmenter, shape, target);
  for (const auto& [name, classifier] : model.classifiers)
    networks["classifiers/" + name] = classifier_json(classifier, target);
  return {{"file", file.filename().string()}, {"bytes", std::filesystem::file_size(file)},
          {"sha256", model.sha256},           {"name", model.name},
          {"licence", model.licence},         {"intended_use", model.intended_use},
          {"provenance", model.provenance},   {"networks", std::move(networks)}};
}

// ---- as text, from the JSON ---------------------------------------------------------------------------------------

std::string value_text(const Json& value) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    std::ranges::replace(text, '\n', ' ');
    return printable(text);
  }
  if (value.is_number_float() && std::isnan(value.get<double>())) return "none";
  return value.dump();
}

std::string extents_text(const Json& extents) {
  std::string text;
  for (const auto& extent : extents) text.append(text.empty() ? "" : " x ").append(extent.dump());
  return text;
}

double mega(const Json& number) { return number.get<double>() / 1e6; }

std::string layer_text(const Json& layer) {
  std::string line =
      api::printed("  %-28s %-22s %5lld %11lld", layer["name"].get_ref<const std::string&>().c_str(),
                   layer["kind"].get_ref<const std::string&>().c_str(), static_cast<long long>(layer["channels"]),
                   static_cast<long long>(layer["parameters"]));
  if (layer.contains("macs"))
    line += api::printed(" %11.3f %9.3f  %-16s", mega(layer["macs"]), mega(layer["activation_bytes"]),
                         extents_text(layer["output"]).c_str());
  if (layer.contains("variant")) line += "  " + layer["variant"].get<std::string>();
  return line + "\n";
}

std::string network_text(const std::string& name, const Json& network) {
  std::string text = "\n" + name + "\n";
  for (const auto& [key, value] : network["attributes"].items())
    text += api::printed("  %-20s ", key.c_str()) + value_text(value) + "\n";
  text += api::printed("  %-20s %.3f M, %lld MAC per input voxel\n", "parameters", mega(network["parameters"]),
                       static_cast<long long>(network["macs_per_voxel"]));
  if (network.contains("macs"))
    text += api::printed("  %-20s %s: %.3f GMAC, %.3f GFLOP, %.1f MB of activations read and written\n", "input",
                         extents_text(network["input"]).c_str(), mega(network["macs"]) / 1e3,
                         mega(network["flops"]) / 1e3, mega(network["activation_bytes"]));
  if (network.contains("plan")) {
    const Json& plan = network["plan"];
    text +=
        api::printed("  %-20s %s, %s: %.1f MB of arena, %.1f MB of packed weights, %lld slab%s\n", "plan",
                     plan["device"].get_ref<const std::string&>().c_str(),
                     plan["precision"].get_ref<const std::string&>().c_str(), mega(plan["arena_bytes"]),
                     mega(plan["weight_bytes"]), static_cast<long long>(plan["slabs"]), plan["slabs"] == 1 ? "" : "s");
  }
  text += api::printed("  %-28s %-22s %5s %11s", "layer", "kind", "ch", "parameters");
  text += network.contains("macs") ? api::printed(" %11s %9s  %-16s  %s\n", "MMAC", "MB", "output (z, y, x)", "kernel")
                                   : "\n";
  for (const Json& layer : network["layers"]) text += layer_text(layer);
  return text;
}

std::string model_text(const Json& model) {
  std::string text;
  for (const char* key : {"file", "bytes", "sha256", "name", "licence", "intended_use", "provenance"})
    text += api::printed("%-13s ", key) + value_text(model[key]) + "\n";
  for (const auto& [name, network] : model["networks"].items()) text += network_text(name, network);
  return text;
}

}  // namespace

std::string inspect_weights(const std::filesystem::path& weights, const std::optional<Index3>& shape, bool as_json,
                            const EngineOptions& options) {
  const Json model = model_json(weights, shape, options);
  // The file's name may not be UTF-8.
  return as_json ? model.dump(2, ' ', true, Json::error_handler_t::replace) + "\n" : model_text(model);
}

}  // namespace pleura
