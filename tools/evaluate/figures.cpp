#include "evaluate/figures.hpp"

#include <algorithm>
#include <numeric>

#include "pleura/error.hpp"

namespace pleura::evaluate {
namespace {

const ConfusionMatrix kEmpty(3, std::vector<std::int64_t>(3, 0));

/// Cases in the paper's order.
std::size_t class_of(CaseLabel label) {
  return label == CaseLabel::covid19 ? 0 : label == CaseLabel::influenza_a ? 1 : 2;
}

/// What one CT adds to one level: counts, and each class's scores.
struct Part {
  ConfusionMatrix confusion = kEmpty;
  std::array<std::vector<Scored>, 3> scored;

  void add(std::size_t actual, std::size_t predicted, const std::array<double, 3>& scores) {
    ++confusion[actual][predicted];
    for (std::size_t k = 0; k < 3; ++k) scored[k].push_back({scores[k], actual == k});
  }
};

Part part_of(const Record& record, const Answer& answer, Level level) {
  Part part;
  if (level == Level::case_) {
    const double covid19 = answer.evidence_covid19, influenza_a = answer.evidence_influenza_a;
    part.add(class_of(record.truth), class_of(answer.result), {covid19, influenza_a, -(covid19 + influenza_a)});
    return part;
  }
  for (std::size_t i = 0; i < answer.regions.size(); ++i) {
    if (!record.region_truth[i]) continue;
    const auto actual = static_cast<std::size_t>(*record.region_truth[i]);
    const Opinion& opinion = answer.regions[i];
    if (level == Level::region) {
      part.add(actual, static_cast<std::size_t>(opinion.label), opinion.probabilities[opinion.speaker]);
      continue;
    }
    for (const auto& scores : opinion.probabilities)  // the first of equal ones, as the classifier's own label
      part.add(actual, std::max_element(scores.begin(), scores.end()) - scores.begin(), scores);
  }
  return part;
}

ConfusionMatrix sum(const std::vector<Part>& parts, const Sample& sample) {
  ConfusionMatrix total = kEmpty;
  for (const std::size_t index : sample)
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = 0; b < 3; ++b) total[a][b] += parts[index].confusion[a][b];
  return total;
}

std::optional<double> auc(const std::vector<Part>& parts, std::size_t k, const Sample& sample) {
  std::vector<Scored> all;
  for (const std::size_t index : sample)
    all.insert(all.end(), parts[index].scored[k].begin(), parts[index].scored[k].end());
  return roc_auc(std::move(all));
}

/// A figure on the CTs themselves, and over their resamples.
Figure with_interval(const Sample& all, const std::function<std::optional<double>(const Sample&)>& figure) {
  Figure result{figure(all), {}};
  if (result.value) result.interval = bootstrap(all.size(), kResamples, kBootstrapSeed, figure);
  return result;
}

}  // namespace

const char* to_string(Level level) {
  return level == Level::patch ? "patch" : level == Level::region ? "region" : "case";
}

std::array<const char*, 3> classes_of(Level level) {
  return {"covid19", "influenza_a", level == Level::case_ ? "no_infection_found" : "irrelevant"};
}

std::size_t classes_in_mean(Level level) { return level == Level::case_ ? 2 : 3; }

Figures figures_of(std::vector<Record> records) {
  Figures figures;
  const auto kept =
      std::stable_partition(records.begin(), records.end(), [](const Record& r) { return r.refused.empty(); });
  figures.refused.assign(kept, records.end());
  records.erase(kept, records.end());
  if (records.empty())
    throw Error(Status::input_refused, "no CT of the cohort could be screened, expected one at least");
  figures.cts = records.size();
  figures.setting = records.front().setting;
  for (const Record& record : records) figures.seconds += record.seconds / static_cast<double>(records.size());
  Sample all(records.size());
  std::iota(all.begin(), all.end(), 0);

  std::map<std::string, std::map<Level, std::vector<Part>>> parts;
  for (const Record& record : records)
    for (const auto& [name, answer] : record.answers)
      for (const Level level : kLevels) parts[name][level].push_back(part_of(record, answer, level));

  const auto mean_f1 = [](const std::vector<Part>& of, Level level) {
    return [&of, level](const Sample& sample) -> std::optional<double> {
      return evaluate::mean_f1(sum(of, sample), classes_in_mean(level));
    };
  };
  const auto accuracy = [](const std::vector<Part>& of) {
    return [&of](const Sample& sample) -> std::optional<double> { return evaluate::accuracy(sum(of, sample)); };
  };
  for (const auto& [name, levels] : parts) {
    for (const auto& [level, level_parts] : levels) {
      const std::vector<Part>& of = level_parts;  // clang captures no structured binding
      LevelFigures& one = figures.models[name][level];
      one.confusion = sum(of, all);
      one.mean_f1 = with_interval(all, mean_f1(of, level));
      one.accuracy = with_interval(all, accuracy(of));
      for (std::size_t k = 0; k < 3; ++k)
        one.roc_auc[k] = with_interval(all, [&, k](const Sample& sample) { return auc(of, k, sample); });
    }
  }
  const auto advantage = [&](const char* better, Level level, const char* worse) {
    const std::vector<Part>&a = parts.at(better).at(level), &b = parts.at(worse).at(level);
    const auto difference = [](auto first, auto second) {
      return [=](const Sample& sample) -> std::optional<double> { return *first(sample) - *second(sample); };
    };
    return Advantage{with_interval(all, difference(mean_f1(a, level), mean_f1(b, level))),
                     with_interval(all, difference(accuracy(a), accuracy(b)))};
  };
  for (const Level level : kLevels) {
    figures.m2_over_m1[level] = advantage("m2", level, "m1");
    figures.m2_over_shuffled[level] = advantage("m2", level, "m2_shuffled");
  }

  for (const Targets targets : {Targets::infected, Targets::all}) {
    figures.froc[targets] = froc(records, all, targets);
    for (const int false_positives : kFalsePositives)
      figures.sensitivity[targets][false_positives] = with_interval(
          all, [&](const Sample& sample) { return froc(records, sample, targets).sensitivity(false_positives); });
  }

  std::vector<Scored> exported;
  for (const Record& record : records) {
    const Answer& answer = record.answers.at("m2");
    if (answer.result != CaseLabel::no_infection_found)
      exported.push_back({answer.exported, answer.result == record.truth});
  }
  figures.calibration = calibrate(exported);
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<Scored> scored;
    for (const Part& part : parts.at("m2").at(Level::case_)) scored.push_back(part.scored[k].front());
    figures.case_roc[classes_of(Level::case_)[k]] = roc_curve(std::move(scored));
  }
  return figures;
}

}  // namespace pleura::evaluate
