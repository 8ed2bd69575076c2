#pragma once
/// How pleura reports what went wrong. Every public function throws pleura::Error and nothing else.
#include <stdexcept>
#include <string>

#include "pleura/export.h"

namespace pleura {

/// What kind of failure, with the number that is also the command's exit code.
enum class Status : int {
  done = 0,
  usage = 1,            ///< the call or the command line is wrong
  input_refused = 2,    ///< the CT cannot be screened: the message names file, found and expected
  weights_refused = 3,  ///< the weights file cannot be used: the message names dataset, found and expected
  resources = 4,        ///< memory, disk or device is missing: the message names the figure needed
  internal = 5,         ///< a defect of pleura
};

/// One clear line: file, what was found, what was expected. Texts of files in it are made printable (text.hpp).
class PLEURA_API Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message);
  [[nodiscard]] Status status() const noexcept { return status_; }

 private:
  Status status_;
};

}  // namespace pleura
