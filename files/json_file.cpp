#include "files/json_file.hpp"

#include "files/read.hpp"

namespace pleura::files {

nlohmann::json read_json(const std::filesystem::path& file) {
  constexpr std::size_t most_bytes = 16 << 20;
  constexpr int most_levels = 32;
  const auto shallow = [](int depth, nlohmann::json::parse_event_t /*event*/, nlohmann::json& /*value*/) {
    return depth <= most_levels;
  };
  return nlohmann::json::parse(read_text(file, most_bytes), shallow, false);
}

}  // namespace pleura::files
