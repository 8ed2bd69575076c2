#include "evaluate/cohort.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "files/json_file.hpp"
#include "files/read.hpp"
#include "pleura/error.hpp"

namespace pleura::evaluate {
namespace {

namespace fs = std::filesystem;

/// The fields of a line; a field in double quotes may hold commas, and a doubled quote stands for one.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

constexpr std::size_t most_bytes = 16 << 20;

bool next_line(std::istream& stream, std::string& line) {
  while (std::getline(stream, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) return true;
  }
  return false;
}

CaseLabel case_of(const std::string& text, const std::string& where) {
  for (const CaseLabel label : {CaseLabel::no_infection_found, CaseLabel::covid19, CaseLabel::influenza_a})
    if (text == to_string(label)) return label;
  throw Error(Status::input_refused,
              where + ": case '" + text + "', expected no_infection_found, covid19 or influenza_a");
}

std::optional<Finding> finding_of(const std::string& text) {
  if (text == "covid19") return Finding::covid19;
  if (text == "influenza_a") return Finding::influenza_a;
  if (text == "irrelevant") return Finding::irrelevant;
  if (text == "ignore") return Finding::ignored;
  return std::nullopt;
}

}  // namespace

std::vector<Entry> read_cohort(const fs::path& table) {
  std::istringstream stream(files::read_text(table, most_bytes));
  std::string line;
  if (!next_line(stream, line))
    throw Error(Status::input_refused, table.string() + ": empty, expected a table with the columns path,case,truth");
  const std::vector<std::string> heading = fields_of(line);
  const auto column = [&](const char* name) {
    return std::find(heading.begin(), heading.end(), name) - heading.begin();
  };
  const std::size_t path = column("path"), truth = column("case"), lesions = column("truth");
  if (path == heading.size() || truth == heading.size())
    throw Error(Status::input_refused, table.string() + ": heading '" + line + "', expected path,case,truth");

  std::vector<Entry> entries;
  while (next_line(stream, line)) {
    const std::vector<std::string> fields = fields_of(line);
    const std::string where = table.string() + ": row " + std::to_string(entries.size() + 1);
    if (fields.size() != heading.size() || fields[path].empty())
      throw Error(Status::input_refused, where + ": '" + line + "', expected " + std::to_string(heading.size()) +
                                             " fields as the heading, with a path");
    Entry entry{static_cast<int>(entries.size()) + 1,
                fields[path],
                table.parent_path() / fields[path],
                case_of(fields[truth], where),
                {}};
    if (lesions < heading.size() && !fields[lesions].empty()) entry.lesions = table.parent_path() / fields[lesions];
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) throw Error(Status::input_refused, table.string() + ": no rows, expected a CT in each");
  return entries;
}

std::vector<Lesion> read_lesions(const fs::path& file) {
  const auto refuse = [&](const std::string& found) {
    throw Error(Status::input_refused,
                file.string() + ": " + found +
                    R"(, expected "boxes": [{"label": ..., "box_mm": {"low": [x, y, z], "high": [x, y, z]}}, ...])");
  };
  const auto root = files::read_json(file);
  if (!root.is_object() || !root.contains("boxes")) refuse("no boxes");
  std::vector<Lesion> lesions;
  try {
    for (const auto& one : root["boxes"]) {
      const auto& box = one.at("box_mm");
      const std::string label = one.at("label").get<std::string>();
      const std::optional<Finding> finding = finding_of(label);
      if (!finding) refuse("label '" + label + "'");
      lesions.push_back({*finding, {box.at("low").get<Point3>(), box.at("high").get<Point3>()}});
      for (int k = 0; k < 3; ++k)
        if (!(lesions.back().box.low[k] < lesions.back().box.high[k])) refuse("an empty box");
    }
  } catch (const nlohmann::json::exception& error) {
    refuse(error.what());
  }
  return lesions;
}

}  // namespace pleura::evaluate
