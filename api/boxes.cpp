#include <nlohmann/json.hpp>

#include "api/extract_file.hpp"
#include "files/json_file.hpp"
#include "pleura/error.hpp"

namespace pleura::api {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& found) {
  throw Error(
      Status::input_refused,
      file.string() + ": " + found +
          R"(, expected "lesions", "regions" or "boxes": [{"box_mm": {"low": [x, y, z], "high": [x, y, z]}}, ...])");
}

}  // namespace

std::vector<WorldBox> read_boxes(const std::filesystem::path& file) {
  const Json root = files::read_json(file);
  if (!root.is_object()) refuse(file, "no JSON object");
  for (const char* name : {"lesions", "regions", "boxes"}) {
    const auto list = root.find(name);
    if (list == root.end()) continue;
    std::vector<WorldBox> boxes;
    try {
      for (const Json& element : *list) {
        const Json& box = element.at("box_mm");
        boxes.push_back({box.at("low").get<Point3>(), box.at("high").get<Point3>()});
        for (int k = 0; k < 3; ++k)
          if (!(boxes.back().low[k] < boxes.back().high[k]))
            refuse(file, std::string("an empty box in \"") + name + '"');
      }
    } catch (const Json::exception& error) {
      refuse(file, error.what());
    }
    return boxes;
  }
  refuse(file, "no boxes");
}

}  // namespace pleura::api
