#include "pleura/version.h"

#include "pleura/pleura.hpp"

namespace pleura {

const char* version() { return PLEURA_VERSION; }

const char* to_string(Label label) {
  switch (label) {
    case Label::covid19:
      return "covid19";
    case Label::influenza_a:
      return "influenza_a";
    case Label::irrelevant:
      break;
  }
  return "irrelevant";
}

const char* to_string(CaseLabel label) {
  switch (label) {
    case CaseLabel::covid19:
      return "covid19";
    case CaseLabel::influenza_a:
      return "influenza_a";
    case CaseLabel::no_infection_found:
      break;
  }
  return "no_infection_found";
}

}  // namespace pleura
