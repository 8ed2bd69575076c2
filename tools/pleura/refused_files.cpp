#include "refused_files.hpp"

#include <map>

namespace pleura::command {

std::vector<std::string> lines_of(const std::vector<RefusedFile>& files) {
  constexpr long long most_of_a_kind = 20;
  struct Kind {
    long long count = 0;
    std::string why;
  };
  std::map<std::string, Kind> kinds;
  std::vector<std::string> lines;
  for (const RefusedFile& file : files) {
    std::string without_figures = file.why;
    std::erase_if(without_figures, [](char c) { return c >= '0' && c <= '9'; });
    Kind& kind = kinds[without_figures];
    kind.why = file.why;
    if (++kind.count <= most_of_a_kind) lines.push_back(file.path.string() + ": " + file.why);
  }
  for (const auto& [key, kind] : kinds)
    if (kind.count > most_of_a_kind)
      lines.push_back("and " + std::to_string(kind.count - most_of_a_kind) + " more: " + kind.why);
  return lines;
}

}  // namespace pleura::command
