#pragma once
/// Where `pleura serve` gets its CTs from: a socket (socket.hpp) or a folder (watch.hpp).
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pleura/report.hpp"

namespace pleura::command {

/// A CT that somebody asked for.
struct Request {
  std::string ct;                ///< its path
  std::filesystem::path folder;  ///< where its result is written; empty: nowhere
  std::string id;                ///< JSON that its answer repeats; empty: none
  /// To be called once, with the line of JSON that answers it, and the refusal where it is one.
  std::function<void(const std::string& line, const Error* refusal)> answer;
};

/// The line that answers a request: `json`, an object in one line, with the request's id ahead of the rest.
[[nodiscard]] std::string answer_to(const Request& request, std::string json);
[[nodiscard]] std::string answer_to(const Request& request, const Error& error, Disclosure disclosure);

/// All is done in the caller's thread, and nothing waits but attend.
class Requests {
 public:
  Requests() = default;
  virtual ~Requests() = default;
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// The next, if there is one.
  [[nodiscard]] virtual std::optional<Request> take() = 0;

  /// Does what there is to do besides screening. Where that is nothing, waits so long for something. Signals end the
  /// wait.
  virtual void attend(std::chrono::milliseconds wait) = 0;

  /// Takes leave of whoever still waits, also for one that was taken but not begun. Called once, last.
  virtual void finish(const std::optional<Request>& not_begun) = 0;
};

/// One line of a client: a path, or {"ct": PATH, "out": NAME, "id": ANYTHING}, the last two if wanted; NAME is a
/// folder of `out`. Sets ct, folder and id, this one also where it throws usage for the rest.
void parse_request(std::string_view line, const std::filesystem::path& out, Request& request);

/// Text as JSON in ASCII; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string json_text(const std::string& text);

}  // namespace pleura::command
