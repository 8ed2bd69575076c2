#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "pleura/compare.hpp"
#include "pleura/error.hpp"
#include "pleura/text.hpp"

namespace pleura {
namespace {

constexpr std::array precision_words{std::pair{"fp32", Precision::fp32}, std::pair{"bf16", Precision::bf16},
                                     std::pair{"fp16", Precision::fp16}};
constexpr std::array kernel_words{std::pair{"native", Kernels::native}, std::pair{"cudnn", Kernels::cudnn},
                                  std::pair{"any", Kernels::any}};
constexpr std::string_view threads_word = "threads=";
constexpr int most_threads = 4096;

template <class Words>
const typename Words::value_type* find_word(const Words& words, std::string_view word) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.first == word; });
  return found == words.end() ? nullptr : &*found;
}

template <class Words, class Value>
const char* word_of(const Words& words, Value value) {
  return std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.second == value; })->first;
}

std::optional<int> whole_number(std::string_view digits, int most) {
  int number = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number < 0 || number > most) return {};
  return number;
}

bool is_device(std::string_view word) {
  constexpr std::array names{"cpu", "cuda", "auto", "reference"};
  constexpr std::string_view numbered = "cuda:";
  return std::find(names.begin(), names.end(), word) != names.end() ||
         (word.starts_with(numbered) && whole_number(word.substr(numbered.size()), 1 << 20));
}

}  // namespace

EngineOptions parse_configuration(std::string_view words, const EngineOptions& defaults) {
  EngineOptions options = defaults;
  std::array<bool, 4> given{};
  const auto refuse = [&](std::string_view word, const std::string& expected) {
    throw Error(Status::usage,
                "configuration '" + printable(words) + "': found '" + printable(word) + "', expected " + expected);
  };
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find(',', at), words.size());
    const std::string_view word = words.substr(at, end - at);
    at = end + 1;
    const auto take = [&](std::size_t kind, const char* name) {
      if (std::exchange(given[kind], true)) refuse(word, std::string("one ") + name + " at most");
    };
    if (is_device(word)) {
      take(0, "device");
      options.device = word;
    } else if (const auto* precision = find_word(precision_words, word)) {
      take(1, "precision");
      options.precision = precision->second;
    } else if (const auto* kernels = find_word(kernel_words, word)) {
      take(2, "word for the kernels");
      options.kernels = kernels->second;
    } else if (const auto number = word.starts_with(threads_word)
                                       ? whole_number(word.substr(threads_word.size()), most_threads)
                                       : std::nullopt) {
      take(3, "number of threads");
      options.threads = *number;
    } else {
      refuse(
          word,
          "a device (cpu, cuda, cuda:N, auto, reference), a precision (fp32, bf16, fp16), kernels (native, cudnn, any) "
          "or threads=N");
    }
  }
  return options;
}

std::string configuration_words(const EngineOptions& options) {
  std::string words = options.device + "," + word_of(precision_words, options.precision);
  if (options.kernels != Kernels::native) words.append(",").append(word_of(kernel_words, options.kernels));
  if (options.threads > 0) words.append(",").append(threads_word).append(std::to_string(options.threads));
  return words;
}

}  // namespace pleura
