#include "refused_files.hpp"

#include <map>

namespace pleura::command {
namespace {

constexpr long long most_of_a_kind = 20;
constexpr std::size_t most_kinds = 10;

struct Kind {
  std::vector<std::string> lines;  ///< of the first files
  long long count = 0;
  std::string why;  ///< of the last file
};

/// What reasons of one kind have in common: figures and quoted words differ.
std::string kind_of(const std::string& why) {
  std::string kind;
  bool quoted = false;
  for (const char c : why) {
    if (c == '\'' || c == '"') quoted = !quoted;
    if (!quoted && !(c >= '0' && c <= '9')) kind += c;
  }
  return kind;
}

}  // namespace

std::vector<std::string> lines_of(const std::vector<RefusedFile>& files) {
  std::map<std::string, Kind> kinds;
  std::vector<Kind*> in_order;
  long long others = 0;
  for (const RefusedFile& file : files) {
    const std::string name = kind_of(file.why);
    auto found = kinds.find(name);
    if (found == kinds.end()) {
      if (kinds.size() == most_kinds) {
        ++others;
        continue;
      }
      found = kinds.emplace(name, Kind{}).first;
      in_order.push_back(&found->second);
    }
    Kind& kind = found->second;
    kind.why = file.why;
    if (++kind.count <= most_of_a_kind) kind.lines.push_back(file.path.string() + ": " + file.why);
  }
  std::vector<std::string> lines;
  for (Kind* kind : in_order) {
    lines.insert(lines.end(), kind->lines.begin(), kind->lines.end());
    if (kind->count > most_of_a_kind)
      lines.push_back("and " + std::to_string(kind->count - most_of_a_kind) + " more: " + kind->why);
  }
  if (others > 0)
    lines.push_back("and " + std::to_string(others) + " more for other reasons (pleura scan --json names them all)");
  return lines;
}

}  // namespace pleura::command
