#include <nlohmann/json.hpp>

#include "api/profile/writers.hpp"
#include "pleura/pleura.hpp"

namespace pleura::api {
namespace {

using Json = nlohmann::ordered_json;

Json times_json(const Times& times) { return {{"min", times.min}, {"median", times.median}, {"p95", times.p95}}; }

Json shape_json(const runtime::Shape& s) { return {s.n, s.d, s.h, s.w, s.c}; }

void add_figures(const Row& row, Json& json) {
  const Rates& rates = row.rates;
  json["calls"] = row.calls;
  json["seconds"] = times_json(row.times);
  json["share"] = row.share;
  json["flops"] = row.flops;
  json["bytes"] = row.bytes;
  json["flops_per_second"] = rates.flops;
  json["bytes_per_second"] = rates.bytes;
  json["flops_per_byte"] = rates.intensity;
  json["floor_seconds"] = rates.floor_seconds;
  json["share_of_roofline"] = rates.share_of_roof;
  json["roof"] = to_string(rates.roof);
  json["bound"] = to_string(rates.bound);
}

Json profiled_layer_json(const layers::LayerProfile& layer, const Row& row) {
  Json json = {{"name", layer.name},
               {"kind", layer.kind},
               {"variant", layer.variant},
               {"input", shape_json(layer.input)},
               {"output", shape_json(layer.output)},
               {"weight_bytes", layer.weight_bytes},
               {"input_bytes", layer.input_bytes},
               {"output_bytes", layer.output_bytes}};
  add_figures(row, json);
  return json;
}

Json sums_json(const Row& row) {
  Json json = {{"name", row.name}, {"layers", row.layers}};
  add_figures(row, json);
  return json;
}

Json gpu_json(const kernels::vendor::GpuState& gpu) {
  return {{"readings", gpu.readings},
          {"sm_mhz", {{"min", gpu.sm_mhz_least}, {"max", gpu.sm_mhz_most}}},
          {"celsius", gpu.celsius},
          {"watts", gpu.watts},
          {"held_down_by", gpu.held_down_by}};
}

Json profiled_network_json(const ProfiledNetwork& network, const NetworkFigures& figures) {
  const layers::NetworkProfile& profile = network.profile;
  Json json = {{"name", network.name},
               {"precision", network.precision},
               {"input", shape_json(network.input)},
               {"peaks",
                {{"flops_per_second", network.peaks.flops},
                 {"bytes_per_second", network.peaks.bytes},
                 {"arithmetic", network.peaks.arithmetic}}},
               {"first_seconds", profile.first_seconds},
               {"plain_seconds", times_json(figures.plain)},
               {"profiled_seconds", times_json(figures.total.times)},
               {"cost_of_profiling", figures.cost_of_profiling},
               {"steps", profile.steps.size()},
               {"slabs", profile.slabs},
               {"arena_bytes", profile.arena_bytes},
               {"workspace_bytes", profile.workspace_bytes},
               {"packed_weight_bytes", profile.weight_bytes},
               {"total", sums_json(figures.total)},
               {"stages", Json::array()},
               {"layers", Json::array()}};
  if (network.gpu.readings > 0) json["gpu"] = gpu_json(network.gpu);
  for (const Row& row : figures.stages) json["stages"].push_back(sums_json(row));
  for (std::size_t i = 0; i < profile.layers.size(); ++i)
    json["layers"].push_back(profiled_layer_json(profile.layers[i], figures.layers[i]));
  return json;
}

}  // namespace

std::string profile_json(const ProfileReport& report) {
  const Measured& measured = report.measured;
  Json json = {
      {"schema_version", 1},
      {"version", version()},
      {"weights", {{"path", measured.weights}, {"sha256", measured.weights_sha256}, {"name", measured.weights_name}}},
      {"device", {{"name", measured.device}, {"model", measured.model}, {"threads", measured.threads}}},
      {"runs", measured.runs}};
  if (!measured.note.empty()) json["device"]["note"] = measured.note;
  if (!measured.sensors.empty()) json["device"]["sensors"] = measured.sensors;
  if (!measured.ct.empty()) json["ct"] = measured.ct;
  json["networks"] = Json::array();
  for (std::size_t i = 0; i < measured.networks.size(); ++i)
    json["networks"].push_back(profiled_network_json(measured.networks[i], report.figures[i]));
  json["pipeline"] = Json::array();
  for (const ProfiledStage& stage : measured.stages)
    json["pipeline"].push_back({{"name", stage.name},
                                {"first_seconds", stage.first_seconds},
                                {"seconds", times_json(times_of(stage.seconds))},
                                {"runs", stage.seconds.size()}});
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace pleura::api
