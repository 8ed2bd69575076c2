#include <algorithm>
#include <array>
#include <cstdio>

#include "api/profile/writers.hpp"
#include "pleura/text.hpp"
#include "runtime/memory.hpp"

namespace pleura::api {
namespace {

constexpr double milli = 1e3, giga = 1e-9, mega = 1e-6, percent = 100;

/// Units of arithmetic: GPUs get TFLOP/s.
struct RateUnit {
  const char* name;
  double scale;
};

RateUnit rate_unit(const Measured& measured) {
  return measured.device.starts_with("cuda") ? RateUnit{"TFLOP/s", 1e-12} : RateUnit{"GFLOP/s", giga};
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string fill(text.size() < width ? width - text.size() : 0, ' ');
  return left ? text + fill : fill + text;
}

/// Columns as wide as their widest entry.
std::string aligned(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& left) {
  std::vector<std::size_t> widths(left.size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) line.append(" ").append(padded(row[i], widths[i], left[i]));
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::vector<std::string> figures_cells(const Row& row, double rate_scale) {
  const Rates& rates = row.rates;
  return {std::to_string(row.calls),
          number_text(row.times.min * milli, 3),
          number_text(row.times.median * milli, 3),
          number_text(row.times.p95 * milli, 3),
          number_text(row.share * percent, 1),
          number_text(static_cast<double>(row.flops) * giga, 3),
          number_text(static_cast<double>(row.bytes) * mega, 2),
          number_text(rates.flops * rate_scale, 2),
          number_text(rates.bytes * giga, 2),
          number_text(rates.intensity, 1),
          number_text(rates.share_of_roof * percent, 1),
          number_text(rates.floor_seconds * milli, 3),
          to_string(rates.bound)};
}

std::vector<std::string> headings(const char* first, const char* unit) {
  return {first,   "kind",   "kernel", "output (n x z x y x x x c)",
          "calls", "min ms", "median", "p95",
          "%",     "GFLOP",  "MB",     unit,
          "GB/s",  "FLOP/B", "% roof", "floor ms",
          "bound"};
}

std::string profiled_network_text(const ProfiledNetwork& network, const NetworkFigures& figures, const RateUnit& unit) {
  const layers::NetworkProfile& profile = network.profile;
  const auto ms = [](const Times& times) {
    return number_text(times.min * milli, 3) + " / " + number_text(times.median * milli, 3) + " / " +
           number_text(times.p95 * milli, 3);
  };
  std::string text = "\n" + network.name + ", " + network.precision + ", input " + shape_text(network.input) + "\n";
  text += "  runs     " + ms(figures.plain) + " ms (min / median / p95), the first " +
          number_text(profile.first_seconds * milli, 3) + " ms\n";
  text += "  profiled " + ms(figures.total.times) + " ms; marks between the steps cost " +
          number_text(figures.cost_of_profiling * percent, 1) + " %\n";
  text += "  plan     " + std::to_string(profile.steps.size()) + " steps, " + std::to_string(profile.slabs) +
          (profile.slabs == 1 ? " slab, " : " slabs, ") + size_text(static_cast<std::uint64_t>(profile.arena_bytes)) +
          " of arena, " + size_text(static_cast<std::uint64_t>(profile.workspace_bytes)) + " of it workspace, " +
          size_text(static_cast<std::uint64_t>(profile.weight_bytes)) + " of packed weights\n";
  text += "  peaks    " + number_text(network.peaks.flops * unit.scale, 1) + " " + unit.name + " (" +
          network.peaks.arithmetic + "), " + number_text(network.peaks.bytes * giga, 1) + " GB/s; floor " +
          number_text(figures.total.rates.floor_seconds * milli, 3) + " ms\n";

  if (network.gpu.readings > 0) text += "  gpu      " + gpu_text(network.gpu) + "\n";

  std::vector<std::vector<std::string>> rows{headings("layer", unit.name)};
  const auto add = [&](std::vector<std::string> head, const Row& row) {
    const std::vector<std::string> cells = figures_cells(row, unit.scale);
    head.insert(head.end(), cells.begin(), cells.end());
    rows.push_back(std::move(head));
  };
  for (std::size_t i = 0; i < profile.layers.size(); ++i) {
    const layers::LayerProfile& layer = profile.layers[i];
    add({layer.name, layer.kind, layer.variant, shape_text(layer.output)}, figures.layers[i]);
  }
  rows.emplace_back();
  for (const Row& row : figures.stages)
    add({row.name, std::to_string(row.layers) + (row.layers == 1 ? " layer" : " layers"), "", ""}, row);
  add({"total", std::to_string(figures.total.layers) + " layers", "", ""}, figures.total);
  std::vector<bool> left(rows.front().size(), false);
  left[0] = left[1] = left[2] = left[3] = left.back() = true;
  return text + aligned(rows, left);
}

std::string pipeline_text(const std::vector<ProfiledStage>& stages) {
  std::vector<std::vector<std::string>> rows{{"stage", "first ms", "min ms", "median", "p95"}};
  for (const ProfiledStage& stage : stages) {
    const Times times = times_of(stage.seconds);
    rows.push_back({stage.name, number_text(stage.first_seconds * milli, 2), number_text(times.min * milli, 2),
                    number_text(times.median * milli, 2), number_text(times.p95 * milli, 2)});
  }
  return "\npipeline\n" + aligned(rows, {true, false, false, false, false});
}

}  // namespace

std::string shape_text(const runtime::Shape& s) {
  std::string text;
  for (const std::int64_t size : {s.n, s.d, s.h, s.w, s.c})
    text.append(text.empty() ? "" : " x ").append(std::to_string(size));
  return text;
}

std::string number_text(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string gpu_text(const kernels::vendor::GpuState& gpu) {
  std::string text = std::to_string(gpu.sm_mhz_least) + " to " + std::to_string(gpu.sm_mhz_most) + " MHz, at most " +
                     std::to_string(gpu.celsius) + " C and " + number_text(gpu.watts, 0) + " W";
  if (!gpu.held_down_by.empty()) text += "; clocks were held down by ";
  for (std::size_t i = 0; i < gpu.held_down_by.size(); ++i) text.append(i == 0 ? "" : ", ").append(gpu.held_down_by[i]);
  return text;
}

std::string profile_table(const ProfileReport& report) {
  const Measured& measured = report.measured;
  std::string text = printable(measured.weights) + " on " + measured.device;
  if (measured.model != "CPU") text += " (" + measured.model + ")";
  text += ", " + std::to_string(measured.threads) + (measured.threads == 1 ? " thread, " : " threads, ") +
          std::to_string(measured.runs) + (measured.runs == 1 ? " run, " : " runs, ") +
          (measured.ct.empty() ? "on noise" : "on " + printable(measured.ct)) + "\n";
  if (!measured.note.empty()) text += printable(measured.note) + "\n";
  if (!measured.sensors.empty()) text += "clock, heat and power were not read: " + measured.sensors + "\n";
  if (!measured.stages.empty()) text += pipeline_text(measured.stages);
  for (std::size_t i = 0; i < measured.networks.size(); ++i)
    text += profiled_network_text(measured.networks[i], report.figures[i], rate_unit(measured));
  return text;
}

std::string profile_csv(const ProfileReport& report) {
  std::string text =
      "network,precision,layer,kind,kernel,input,output,calls,min_s,median_s,p95_s,share_percent,flop,weight_byte,"
      "input_byte,output_byte,flop_per_s,byte_per_s,flop_per_byte,roofline_percent,floor_s,roof,bound\n";
  std::array<char, 512> line{};
  for (std::size_t n = 0; n < report.measured.networks.size(); ++n) {
    const ProfiledNetwork& network = report.measured.networks[n];
    for (std::size_t i = 0; i < network.profile.layers.size(); ++i) {
      const layers::LayerProfile& layer = network.profile.layers[i];
      const Row& row = report.figures[n].layers[i];
      std::snprintf(line.data(), line.size(), ",%lld,%.9f,%.9f,%.9f,%.4f,%lld,%lld,%lld,%lld,%.6g,%.6g,%.6g,%.4f,%.9f,",
                    static_cast<long long>(row.calls), row.times.min, row.times.median, row.times.p95,
                    row.share * percent, static_cast<long long>(row.flops), static_cast<long long>(layer.weight_bytes),
                    static_cast<long long>(layer.input_bytes), static_cast<long long>(layer.output_bytes),
                    row.rates.flops, row.rates.bytes, row.rates.intensity, row.rates.share_of_roof * percent,
                    row.rates.floor_seconds);
      text += network.name + "," + network.precision + "," + layer.name + "," + layer.kind + "," + layer.variant + "," +
              shape_text(layer.input) + "," + shape_text(layer.output) + line.data() + to_string(row.rates.roof) + "," +
              to_string(row.rates.bound) + "\n";
    }
  }
  return text;
}

}  // namespace pleura::api
