#include <algorithm>
#include <cmath>

#include "api/profile/writers.hpp"
#include "pleura/pleura.hpp"

namespace pleura::api {
namespace {

constexpr double to_milli = 1e3, to_percent = 100;

constexpr const char* page_head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>pleura profile</title>
<style>
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --dim: #667; --rule: #d5d9e0;
  --compute: #2f6fb5; --memory: #b3661a; --neither: #7d8594; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181d; --ink: #e4e7ec; --dim: #98a0ad; --rule: #343a44;
  --compute: #6aa9ee; --memory: #e59a4c; --neither: #848c9b; } }
body { background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 90em; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.15em; margin-top: 2em; border-bottom: 1px solid var(--rule); }
.dim { color: var(--dim); }
.bars { display: grid; grid-template-columns: max-content 1fr; gap: 1px .8em; font-size: 12px; }
.bars i { display: block; height: 1.1em; min-width: 1px; }
.compute { background: var(--compute); } .memory { background: var(--memory); } .neither { background: var(--neither); }
svg { max-width: 60em; width: 100%; height: auto; } svg text { fill: var(--dim); font-size: 11px; }
svg .roof { stroke: var(--ink); fill: none; stroke-width: 1.5; } svg .grid { stroke: var(--rule); }
svg circle { fill-opacity: .75; } circle.compute { fill: var(--compute); } circle.memory { fill: var(--memory); } circle.neither { fill: var(--neither); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 12px; white-space: nowrap; }
th, td { padding: .15em .6em; text-align: right; border-bottom: 1px solid var(--rule); } th { cursor: pointer; }
td.text, th.text { text-align: left; } td.key { border-left: 4px solid var(--neither); background: none; }
td.key.compute { border-color: var(--compute); } td.key.memory { border-color: var(--memory); }
.legend b { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 1em; vertical-align: -1px; }
</style>
</head>
<body>
)";

constexpr const char* page_tail = R"(<script>
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((cell, column) => cell.addEventListener("click", () => {
    const down = cell.dataset.order !== "down";
    heads.forEach(other => delete other.dataset.order);
    cell.dataset.order = down ? "down" : "up";
    const value = row => { const text = row.cells[column].textContent, number = Number(text); return isNaN(number) ? text : number; };
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const x = value(a), y = value(b), order = x < y ? -1 : x > y ? 1 : 0;
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  }));
}
</script>
</body>
</html>
)";

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

std::string bars(const std::vector<Row>& rows) {
  double longest = 0;
  for (const Row& row : rows) longest = std::max(longest, row.times.median);
  std::string html = "<div class=\"bars\">\n";
  for (const Row& row : rows)
    html += "<span>" + escaped(row.name) + "</span><i class=\"" + to_string(row.rates.bound) +
            "\" style=\"width:" + number_text(longest > 0 ? row.times.median / longest * to_percent : 0, 2) +
            "%\" title=\"" + number_text(row.times.median * to_milli, 3) + " ms, " +
            number_text(row.share * to_percent, 1) + " %, " + number_text(row.rates.share_of_roof * to_percent, 1) +
            " % of the roofline\"></i>\n";
  return html + "</div>\n";
}

/// Both axes in powers of ten.
class RooflinePlot {
 public:
  RooflinePlot(const std::vector<Row>& rows, const kernels::Peaks& peaks) : peaks_(peaks) {
    for (const Row& row : rows) {
      if (row.rates.intensity <= 0 || row.rates.flops <= 0) continue;  // pooling: no arithmetic
      take(row.rates.intensity, x_);
      take(row.rates.flops, y_);
      shown_.push_back(&row);
    }
    take(peaks.flops, y_);
    if (peaks.bytes > 0) take(peaks.flops / peaks.bytes, x_);
  }

  [[nodiscard]] std::string svg() const {
    if (shown_.empty() || peaks_.flops <= 0 || peaks_.bytes <= 0) return "";
    std::string text = "<svg viewBox=\"0 0 900 460\" role=\"img\" aria-label=\"roofline\">\n";
    for (int power = x_.low; power <= x_.high; ++power) text += grid(power, true);
    for (int power = y_.low; power <= y_.high; ++power) text += grid(power, false);
    text +=
        "<text x=\"450\" y=\"456\" text-anchor=\"middle\">FLOP per byte</text>"
        "<text x=\"64\" y=\"15\">FLOP/s</text>\n";
    const double left = std::pow(10.0, x_.low), right = std::pow(10.0, x_.high);
    const double lowest = std::pow(10.0, y_.low), start = std::max(left, lowest / peaks_.bytes);
    const double ridge = std::clamp(peaks_.flops / peaks_.bytes, start, right);
    text += "<polyline class=\"roof\" points=\"" + point(start, start * peaks_.bytes) + " " +
            point(ridge, std::min(peaks_.flops, ridge * peaks_.bytes)) + " " + point(right, peaks_.flops) + "\"/>\n";
    for (const Row* row : shown_)
      text += "<circle class=\"" + std::string(to_string(row->rates.bound)) + "\" cx=\"" +
              number_text(x(row->rates.intensity), 1) + "\" cy=\"" + number_text(y(row->rates.flops), 1) + "\" r=\"" +
              number_text(3 + 12 * std::sqrt(row->share), 1) + "\"><title>" + escaped(row->name) + ": " +
              number_text(row->times.median * to_milli, 3) + " ms, " +
              number_text(row->rates.share_of_roof * to_percent, 1) + " % of the roofline</title></circle>\n";
    return text + "</svg>\n";
  }

 private:
  struct Range {
    int low = 300, high = -300;  ///< powers of ten
  };

  static void take(double value, Range& range) {
    if (value <= 0) return;
    range.low = std::min(range.low, static_cast<int>(std::floor(std::log10(value))));
    range.high = std::max(range.high, static_cast<int>(std::ceil(std::log10(value))));
    if (range.high == range.low) ++range.high;
  }

  static double within(double value, const Range& range) {
    return (std::log10(value) - range.low) / (range.high - range.low);
  }
  [[nodiscard]] double x(double intensity) const { return 60 + 820 * within(intensity, x_); }
  [[nodiscard]] double y(double flops) const { return 430 - 410 * within(flops, y_); }
  [[nodiscard]] std::string point(double intensity, double flops) const {
    return number_text(x(intensity), 1) + "," + number_text(y(flops), 1);
  }

  [[nodiscard]] std::string grid(int power, bool vertical) const {
    const double at = vertical ? x(std::pow(10.0, power)) : y(std::pow(10.0, power));
    const std::string place = number_text(at, 1), label = "1e" + std::to_string(power);
    if (vertical)
      return "<line class=\"grid\" x1=\"" + place + "\" x2=\"" + place + "\" y1=\"20\" y2=\"430\"/><text x=\"" + place +
             "\" y=\"443\" text-anchor=\"middle\">" + label + "</text>\n";
    return "<line class=\"grid\" x1=\"60\" x2=\"880\" y1=\"" + place + "\" y2=\"" + place + "\"/><text x=\"54\" y=\"" +
           place + "\" text-anchor=\"end\">" + label + "</text>\n";
  }

  const kernels::Peaks& peaks_;
  std::vector<const Row*> shown_;
  Range x_, y_;
};

std::string cell(const std::string& text, const char* kind = "") {
  return std::string("<td") + (*kind != 0 ? std::string(" class=\"") + kind + "\"" : "") + ">" + escaped(text) +
         "</td>";
}

std::string layers_table(const ProfiledNetwork& network, const NetworkFigures& figures) {
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const char* heading : {"layer", "kind", "kernel", "output"})
    html += std::string("<th class=\"text\">") + heading + "</th>";
  for (const char* heading : {"calls", "min ms", "median ms", "p95 ms", "% of time", "GFLOP", "MB", "GFLOP/s", "GB/s",
                              "FLOP/byte", "% of roofline", "floor ms", "bound"})
    html += std::string("<th>") + heading + "</th>";
  html += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < figures.layers.size(); ++i) {
    const layers::LayerProfile& layer = network.profile.layers[i];
    const Row& row = figures.layers[i];
    const Rates& rates = row.rates;
    html += "<tr>" + cell(layer.name, (std::string("text key ") + to_string(rates.bound)).c_str()) +
            cell(layer.kind, "text") + cell(layer.variant, "text") + cell(shape_text(layer.output), "text") +
            cell(std::to_string(row.calls));
    for (const std::string& number :
         {number_text(row.times.min * to_milli, 3), number_text(row.times.median * to_milli, 3),
          number_text(row.times.p95 * to_milli, 3), number_text(row.share * to_percent, 1),
          number_text(static_cast<double>(row.flops) * 1e-9, 3), number_text(static_cast<double>(row.bytes) * 1e-6, 2),
          number_text(rates.flops * 1e-9, 2), number_text(rates.bytes * 1e-9, 2), number_text(rates.intensity, 1),
          number_text(rates.share_of_roof * to_percent, 1), number_text(rates.floor_seconds * to_milli, 3)})
      html += cell(number);
    html += cell(to_string(rates.bound)) + "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string network_section(const ProfiledNetwork& network, const NetworkFigures& figures) {
  const layers::NetworkProfile& profile = network.profile;
  std::string html = "<h2>" + escaped(network.name) + ", " + escaped(network.precision) + "</h2>\n<p>Input " +
                     shape_text(network.input) + "; " + number_text(figures.plain.median * to_milli, 3) +
                     " ms a run (median), " + number_text(figures.total.times.median * to_milli, 3) +
                     " ms with marks between its steps (" + number_text(figures.cost_of_profiling * to_percent, 1) +
                     " %); floor " + number_text(figures.total.rates.floor_seconds * to_milli, 3) + " ms; " +
                     std::to_string(profile.steps.size()) + " steps.</p>\n";
  html += "<p class=\"dim\">Peaks measured in the same run: " + number_text(network.peaks.flops * 1e-9, 1) +
          " GFLOP/s (" + escaped(network.peaks.arithmetic) + "), " + number_text(network.peaks.bytes * 1e-9, 1) +
          " GB/s.</p>\n";
  if (network.gpu.readings > 0) html += "<p class=\"dim\">The GPU ran at " + gpu_text(network.gpu) + ".</p>\n";
  return html + bars(figures.layers) + RooflinePlot(figures.layers, network.peaks).svg() +
         layers_table(network, figures);
}

std::string stages_section(const std::vector<ProfiledStage>& stages) {
  std::string html =
      "<h2>pipeline</h2>\n<div class=\"scroll\"><table><thead><tr><th class=\"text\">stage</th>"
      "<th>first ms</th><th>min ms</th><th>median ms</th><th>p95 ms</th></tr></thead><tbody>\n";
  for (const ProfiledStage& stage : stages) {
    const Times times = times_of(stage.seconds);
    html += "<tr>" + cell(stage.name, "text");
    for (const double seconds : {stage.first_seconds, times.min, times.median, times.p95})
      html += cell(number_text(seconds * to_milli, 2));
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string profile_html(const ProfileReport& report) {
  const Measured& measured = report.measured;
  std::string html = page_head;
  html += "<h1>" + escaped(measured.weights) + " on " + escaped(measured.device) + "</h1>\n<p class=\"dim\">" +
          escaped(measured.model) + ", " + std::to_string(measured.threads) + " threads, " +
          std::to_string(measured.runs) + " runs, " +
          (measured.ct.empty() ? "on noise" : "on " + escaped(measured.ct)) + "; pleura " + version() + ".</p>\n";
  html +=
      "<p class=\"legend\">A layer that reaches at least half of its roofline is bound by <b class=\"compute\"></b>"
      "compute or <b class=\"memory\"></b>memory; <b class=\"neither\"></b>neither: latency, overhead or a kernel "
      "that could be better.</p>\n";
  if (!measured.stages.empty()) html += stages_section(measured.stages);
  for (std::size_t i = 0; i < measured.networks.size(); ++i)
    html += network_section(measured.networks[i], report.figures[i]);
  return html + page_tail;
}

}  // namespace pleura::api
