#include "files/read.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <span>
#include <system_error>

#include "files/descriptor.hpp"

namespace pleura::files {
namespace {

/// What `read` fills a span with, piece after piece, until it fills none; stops after more than `most` bytes.
template <class Read>
std::string pieces(const Read& read, std::size_t most) {
  std::string text;
  for (std::array<char, 1 << 16> piece; text.size() <= most;) {
    const std::size_t got = read(std::span<char>(piece));
    if (got == 0) break;
    text.append(piece.data(), got);
  }
  return text;
}

}  // namespace

Error unreadable(const std::filesystem::path& path, int error_number, Status of_file) {
  const bool of_machine = error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
  return {of_machine ? Status::resources : of_file,
          path.string() + ": cannot be read (" + std::generic_category().message(error_number) + ")"};
}

std::string read_text(const std::filesystem::path& file, std::size_t most, Status of_file) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!in) throw unreadable(file, errno, of_file);
  std::string text = pieces(
      [&](std::span<char> piece) {
        const ssize_t got = ::read(in.get(), piece.data(), piece.size());
        if (got < 0) throw unreadable(file, errno, of_file);
        return static_cast<std::size_t>(got);
      },
      most);
  if (text.size() > most)
    throw Error(of_file, file.string() + ": found more than " + std::to_string(most) + " bytes, expected fewer");
  return text;
}

std::optional<std::string> read_if_there(const std::filesystem::path& file) try {
  const Descriptor in = try_open(Descriptor(AT_FDCWD), file.string(), O_RDONLY);
  if (!in && errno == ENOENT) return std::nullopt;
  if (!in) throw_errno();
  return pieces([&](std::span<char> piece) { return in.read(std::as_writable_bytes(piece)); },
                std::numeric_limits<std::size_t>::max());
} catch (const std::system_error& error) {
  throw Error(Status::resources, file.string() + ": cannot be read: " + error.code().message());
}

}  // namespace pleura::files
