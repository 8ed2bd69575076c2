#include "requests.hpp"

#include <nlohmann/json.hpp>

#include "pleura/text.hpp"

namespace pleura::command {
namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 16;  // JSON is written by recursion

[[noreturn]] void refuse(const std::string& what) { throw Error(Status::usage, what); }

/// Throws usage where it is none, or nested too deep.
Json object_of(std::string_view line) {
  bool deep = false;
  const auto note_depth = [&](int depth, Json::parse_event_t /*event*/, const Json& /*parsed*/) {
    deep = deep || depth > deepest;
    return true;
  };
  Json json;
  try {
    json = Json::parse(line, note_depth);
  } catch (const Json::exception&) {
    refuse("found no JSON, expected {\"ct\": PATH} or a path");
  }
  if (deep) refuse("found JSON nested more than " + std::to_string(deepest) + " deep, expected {\"ct\": PATH}");
  return json;
}

void require_utf8(const std::string& text) try {
  static_cast<void>(Json(text).dump());  // which is strict
} catch (const Json::exception&) {
  refuse("found bytes that are not UTF-8, expected a path in UTF-8");
}

std::string text_of(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string())
    refuse("found no text under '" + key + "', expected {\"ct\": PATH, \"out\": NAME, \"id\": ANYTHING}");
  return found->get<std::string>();
}

/// A name that leads nowhere else and hides nothing.
bool is_plain(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos && name == printable(name);
}

void parse_object(const Json& object, const std::filesystem::path& out, Request& request) {
  if (const auto id = object.find("id"); id != object.end()) request.id = id->dump(-1, ' ', true);
  for (const auto& [key, value] : object.items())
    if (key != "ct" && key != "out" && key != "id") refuse("found '" + key + "', expected ct, out or id");
  request.ct = text_of(object, "ct");
  if (!object.contains("out")) return;
  if (out.empty()) refuse("found 'out', expected none: the command has no --out");
  const std::string name = text_of(object, "out");
  if (!is_plain(name)) refuse("out: found '" + name + "', expected a printable name without '/' or a '.' ahead");
  request.folder = out / name;
}

}  // namespace

void parse_request(std::string_view line, const std::filesystem::path& out, Request& request) {
  if (line.starts_with('{')) {
    parse_object(object_of(line), out, request);
  } else {
    request.ct = line;
    require_utf8(request.ct);
  }
  if (request.ct.empty()) refuse("found an empty path, expected that of a CT");
  if (request.ct.find('\0') != std::string::npos) refuse("found a path with a zero byte, expected one without");
}

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string answer_to(const Request& request, std::string json) {
  if (!request.id.empty()) json.insert(1, "\"id\":" + request.id + ",");
  return json;
}

std::string answer_to(const Request& request, const Error& error, Disclosure disclosure) {
  return answer_to(request, to_json(error, request.ct, disclosure, true));
}

}  // namespace pleura::command
