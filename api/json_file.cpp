#include "api/json_file.hpp"

#include <fstream>
#include <string>

#include "pleura/error.hpp"

namespace pleura::api {

nlohmann::json read_json(const std::filesystem::path& file) {
  constexpr std::size_t most_bytes = 16 << 20;
  constexpr int most_levels = 32;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(Status::input_refused, file.string() + ": cannot be opened");
  std::string text;
  constexpr std::size_t step = 1 << 16;
  while (stream && text.size() <= most_bytes) {
    text.resize(text.size() + step);
    stream.read(text.data() + text.size() - step, step);
    text.resize(text.size() - step + static_cast<std::size_t>(stream.gcount()));
  }
  if (text.size() > most_bytes)
    throw Error(Status::input_refused, file.string() + ": more than 16 MiB of JSON, expected less");
  const auto shallow = [](int depth, nlohmann::json::parse_event_t /*event*/, nlohmann::json& /*value*/) {
    return depth <= most_levels;
  };
  return nlohmann::json::parse(text, shallow, false);
}

}  // namespace pleura::api
