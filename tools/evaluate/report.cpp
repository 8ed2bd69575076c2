#include "evaluate/report.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "report/names.hpp"

namespace pleura::evaluate {
namespace {

using Json = nlohmann::ordered_json;
using report::fixed_text;

Json to_json(const Figure& figure) {
  Json json;
  json["value"] = figure.value ? Json(*figure.value) : Json();
  json["interval"] = figure.interval ? Json({figure.interval->low, figure.interval->high}) : Json();
  return json;
}

Json to_json(const std::vector<CurvePoint>& curve) {
  Json x = Json::array(), y = Json::array();
  for (const CurvePoint& point : curve) {
    x.push_back(point.x);
    y.push_back(point.y);
  }
  return {{"x", std::move(x)}, {"y", std::move(y)}};
}

Json to_json(Level level, const LevelFigures& figures) {
  const auto classes = classes_of(level);
  Json recall = Json::array(), precision = Json::array(), f1 = Json::array(), auc = Json::object();
  for (const ClassFigures& one : class_figures(figures.confusion)) {
    recall.push_back(one.recall);
    precision.push_back(one.precision);
    f1.push_back(one.f1);
  }
  for (std::size_t k = 0; k < classes.size(); ++k) auc[classes[k]] = to_json(figures.roc_auc[k]);
  return {{"classes", classes},
          {"confusion", figures.confusion},
          {"recall", recall},
          {"precision", precision},
          {"f1", f1},
          {"accuracy", figures.accuracy.value.value_or(0)},
          {"mean_f1", figures.mean_f1.value.value_or(0)},
          {"intervals",
           {{"accuracy", to_json(figures.accuracy)["interval"]}, {"mean_f1", to_json(figures.mean_f1)["interval"]}}},
          {"roc_auc", auc}};
}

Json to_json(const std::map<Level, LevelFigures>& levels) {
  Json json;
  for (const auto& [level, figures] : levels) json[to_string(level)] = to_json(level, figures);
  return json;
}

Json to_json(const std::map<Level, Advantage>& levels) {
  Json json;
  for (const auto& [level, advantage] : levels)
    json[to_string(level)] = {{"mean_f1", to_json(advantage.mean_f1)}, {"accuracy", to_json(advantage.accuracy)}};
  return json;
}

Json to_json(const Calibration& calibration) {
  Json bins = Json::array();
  for (const Bin& bin : calibration.bins)
    bins.push_back({{"mean_score", bin.mean_score}, {"share_right", bin.share_right}, {"count", bin.count}});
  return {{"cases", calibration.count},
          {"expected_calibration_error", calibration.expected_error},
          {"brier", calibration.brier},
          {"bins", bins}};
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

/// "0.843 (0.790 to 0.901)"
std::string text_of(const Figure& figure) {
  if (!figure.value) return "-";
  std::string text = fixed_text(*figure.value, 3);
  if (figure.interval)
    text += " (" + fixed_text(figure.interval->low, 3) + " to " + fixed_text(figure.interval->high, 3) + ")";
  return text;
}

void print_level(std::ostream& out, Level level, const LevelFigures& figures) {
  out << "\nM2, by " << to_string(level) << ", actual by predicted\n";
  const auto classes = classes_of(level);
  out << left("", 20);
  for (const char* name : classes) out << right(name, 20);
  out << "  recall  precision     f1  roc auc\n";
  const auto each = class_figures(figures.confusion);
  for (std::size_t a = 0; a < classes.size(); ++a) {
    out << left(classes[a], 20);
    for (const std::int64_t n : figures.confusion[a]) out << right(std::to_string(n), 20);
    out << right(fixed_text(each[a].recall, 3), 8) << right(fixed_text(each[a].precision, 3), 11)
        << right(fixed_text(each[a].f1, 3), 7)
        << right(figures.roc_auc[a].value ? fixed_text(*figures.roc_auc[a].value, 3) : "-", 9) << '\n';
  }
}

}  // namespace

std::string to_json(const Figures& figures) {
  Json json{{"schema_version", 1},
            {"notice", report::kNotice},
            {"weights_sha256", figures.setting.weights_sha256},
            {"precision", figures.setting.precision},
            {"threshold", figures.setting.threshold},
            {"max_regions", figures.setting.max_regions},
            {"cts", figures.cts},
            {"seconds_per_ct", figures.seconds},
            {"refused", Json::array()}};
  for (const Record& record : figures.refused)
    json["refused"].push_back({{"path", record.name}, {"why", record.refused}});
  json.update(to_json(figures.models.at("m2")));
  json["m1"] = to_json(figures.models.at("m1"));
  json["m2_shuffled_distances"] = to_json(figures.models.at("m2_shuffled"));
  json["m2_over_m1"] = to_json(figures.m2_over_m1);
  json["m2_over_m2_shuffled_distances"] = to_json(figures.m2_over_shuffled);
  for (const auto& [targets, froc] : figures.froc) {
    Json& one = json["detection"][targets == Targets::infected ? "infected" : "all"];
    one["lesions"] = froc.lesions;
    for (const auto& [false_positives, figure] : figures.sensitivity.at(targets))
      one["sensitivity"][std::to_string(false_positives)] = to_json(figure);
    one["froc"] = to_json(froc.curve);
  }
  json["calibration"] = to_json(figures.calibration);
  for (const auto& [name, curve] : figures.case_roc) json["case_roc"][name] = to_json(curve);
  json["bootstrap"] = {
      {"resamples", kResamples}, {"seed", kBootstrapSeed}, {"of", "CTs"}, {"interval", "2.5 to 97.5 %"}};
  return json.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string to_table(const Figures& figures) {
  std::ostringstream out;
  out << figures.cts << " CTs, threshold " << fixed_text(figures.setting.threshold, 3) << ", "
      << fixed_text(figures.seconds, 1) << " s a CT";
  if (!figures.refused.empty()) out << "; " << figures.refused.size() << " refused";
  out << '\n';
  for (const auto& [level, one] : figures.models.at("m2")) print_level(out, level, one);
  out << '\n'
      << left("with 95 % interval", 24) << left("M1", 28) << left("M2", 28) << left("M2 less M1", 30)
      << "M2 less M2, distances shuffled\n";
  for (const Level level : kLevels) {
    const auto row = [&](const char* what, Figure LevelFigures::*of, Figure Advantage::*more) {
      out << left(std::string(to_string(level)) + ' ' + what, 24)
          << left(text_of(figures.models.at("m1").at(level).*of), 28)
          << left(text_of(figures.models.at("m2").at(level).*of), 28)
          << left(text_of(figures.m2_over_m1.at(level).*more), 30) << text_of(figures.m2_over_shuffled.at(level).*more)
          << '\n';
    };
    row("mean F1", &LevelFigures::mean_f1, &Advantage::mean_f1);
    row("accuracy", &LevelFigures::accuracy, &Advantage::accuracy);
  }
  out << '\n' << left("sensitivity at", 24) << left("infected lesions", 28) << "all lesions\n";
  for (const int n : kFalsePositives)
    out << left(std::to_string(n) + " false positives a CT", 24)
        << left(text_of(figures.sensitivity.at(Targets::infected).at(n)), 28)
        << text_of(figures.sensitivity.at(Targets::all).at(n)) << '\n';
  out << "\nexported score, " << figures.calibration.count << " cases with infection found: calibration error "
      << fixed_text(figures.calibration.expected_error, 3) << ", Brier " << fixed_text(figures.calibration.brier, 3)
      << '\n';
  return out.str();
}

}  // namespace pleura::evaluate
