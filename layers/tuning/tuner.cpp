#include "layers/tuning/tuner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pleura/error.hpp"
#include "runtime/arena.hpp"

namespace pleura::layers {
namespace {

/// The candidates that are worth a measurement: the model's own and those that it does not think far worse.
std::vector<std::size_t> worth_measuring(const Question& question) {
  std::vector<std::size_t> worth;
  const double most = Tuner::most_times_the_cost * question.candidates.front().second;
  for (std::size_t i = 0; i < question.candidates.size(); ++i)
    if (i == 0 || question.candidates[i].second <= most) worth.push_back(i);
  return worth;
}

/// Seconds of a candidate; infinity where it fails, which the model's own must not.
double seconds_of(const Question& question, std::size_t candidate, double bound) {
  try {
    return question.measure(candidate, bound);
  } catch (const runtime::OutOfMemory&) {
    throw;
  } catch (const Error&) {
    if (candidate == 0) throw;
    return std::numeric_limits<double>::infinity();
  }
}

/// The model's, unless another is clearly faster.
TunedChoice decide(const Question& question, const std::vector<std::size_t>& candidates) {
  constexpr double times_the_best = 3;  // beyond which a candidate need not be timed to the end
  TunedChoice choice;
  const std::string& model = question.candidates.front().first;
  double best = std::numeric_limits<double>::infinity();
  for (const std::size_t i : candidates) {
    const double seconds = seconds_of(question, i, times_the_best * best);
    if (std::isinf(seconds)) continue;
    const std::string& name = question.candidates[i].first;
    choice.seconds[name] = seconds;
    const double share = choice.variant == model ? Tuner::share_to_change_for : 1;
    if (seconds >= share * best) continue;
    choice.variant = name;
    best = seconds;
  }
  return choice;
}

}  // namespace

std::string Tuner::state() const {
  return cache_.rebuilt_because().empty() ? "reused" : "rebuilt because " + cache_.rebuilt_because();
}

TunedChoices Tuner::measure(const std::vector<Question>& questions) {
  TunedChoices found;
  bool writable = false;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Question& question = questions[i];
    if (heard_) heard_(question.layer, static_cast<double>(i) / static_cast<double>(questions.size()));
    const std::vector<std::size_t> candidates = worth_measuring(question);
    if (candidates.size() < 2 || cache_.find(question.operation) || found.contains(question.operation)) continue;
    if (!std::exchange(writable, true)) cache_.require_writable();
    try {
      found[question.operation] = decide(question, candidates);
    } catch (const runtime::OutOfMemory&) {  // the model decides
    }
  }
  return found;
}

std::vector<std::string> Tuner::choose(const std::vector<Question>& questions) {
  const TunedChoices measured = measure(questions);
  cache_.add(measured);
  measured_ += static_cast<int>(measured.size());
  layers_.clear();
  std::vector<std::string> names;
  for (const Question& question : questions) {
    const std::string& model = question.candidates.front().first;
    TunedLayer row{question.layer, question.operation, model, model, {}, TunedLayer::Source::model};
    const TunedChoice* const choice = cache_.find(question.operation);
    if (worth_measuring(question).size() < 2) {
      row.source = TunedLayer::Source::alone;
    } else if (choice && std::ranges::any_of(question.candidates, [&](const auto& candidate) {
                 return candidate.first == choice->variant;
               })) {
      row.variant = choice->variant;
      row.seconds = choice->seconds;
      row.source = measured.contains(question.operation) ? TunedLayer::Source::measured : TunedLayer::Source::cache;
    }
    names.push_back(row.variant);
    layers_.push_back(std::move(row));
  }
  return names;
}

}  // namespace pleura::layers
