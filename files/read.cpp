#include "files/read.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "files/descriptor.hpp"

namespace pleura::files {

std::string read_text(const std::filesystem::path& file, std::size_t most, Status unreadable) {
  const auto refuse = [&](const std::string& why) { throw Error(unreadable, file.string() + ": " + why); };
  const auto refuse_by_errno = [&] {
    refuse("cannot be read (" + std::error_code(errno, std::generic_category()).message() + ")");
  };
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!in) refuse_by_errno();
  std::string text;
  for (std::array<char, 1 << 16> piece;;) {
    const ssize_t got = ::read(in.get(), piece.data(), piece.size());
    if (got < 0) refuse_by_errno();
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > most) refuse("found more than " + std::to_string(most) + " bytes, expected fewer");
  }
}

}  // namespace pleura::files
