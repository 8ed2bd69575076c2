#include "socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace pleura::command {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr std::size_t longest_line = 64 << 10;
constexpr std::size_t most_unsent = 1 << 20;  // of one client, which gets no further answers until it reads
constexpr std::size_t most_unanswered = 64;   // lines of one client
constexpr std::size_t most_clients = 64;
constexpr std::chrono::seconds to_read_the_last{5};  // what clients have at the end

[[noreturn]] void fail(const fs::path& path) {
  throw Error(Status::resources, path.string() + ": " + std::system_category().message(errno));
}

Descriptor stream_socket() {
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) fail("a socket");
  return made;
}

/// The folder that a path lies in, locked, so that no two processes clear the same place.
Descriptor locked_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) fail(folder);
  static_cast<void>(flock(opened.get(), LOCK_EX));  // not everywhere
  return opened;
}

sockaddr_un address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.size() >= sizeof(address.sun_path))
    throw Error(Status::usage, name + ": found " + std::to_string(name.size()) +
                                   " bytes, expected a socket's path of " +
                                   std::to_string(sizeof(address.sun_path) - 1) + " at most");
  name.copy(address.sun_path, name.size());
  return address;
}

/// Removes a socket that nobody listens at.
void clear(const fs::path& path, const sockaddr_un& address) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return;
  if (!S_ISSOCK(there.st_mode))
    throw Error(Status::usage, path.string() + ": found what is no socket, expected nothing or an old socket");
  const Descriptor trial = stream_socket();
  if (connect(trial.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 || errno != ECONNREFUSED)
    throw Error(Status::usage, path.string() + ": found a socket in use, expected nothing or an old socket");
  if (unlink(path.c_str()) != 0) fail(path);
}

}  // namespace

ListeningSocket::ListeningSocket(fs::path path) : path_(std::move(path)) {
  const sockaddr_un address = address_of(path_);
  const Descriptor folder = locked_folder_of(path_);
  clear(path_, address);
  socket_ = stream_socket();
  const mode_t before = umask(0177);
  const int bound = bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  umask(before);
  struct stat made {};
  if (bound != 0 || listen(socket_.get(), most_clients) != 0 || lstat(path_.c_str(), &made) != 0) fail(path_);
  device_ = made.st_dev;
  inode_ = made.st_ino;
}

ListeningSocket::~ListeningSocket() try {
  const Descriptor folder = locked_folder_of(path_);
  struct stat there {};
  if (lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_) unlink(path_.c_str());
} catch (const Error&) {  // its folder is gone, and it with it
}

bool Client::may_receive() const {
  return !ended_ && (received_.size() <= longest_line || received_.find('\n') == std::string::npos);
}

bool Client::done() const {
  return gone_ || (ended_ && received_.empty() && !skipping_ && answers_.empty() && unsent_.empty());
}

void Client::receive() {
  std::array<char, longest_line> bytes;
  const ssize_t count = recv(socket(), bytes.data(), bytes.size(), 0);
  if (count < 0) {
    gone_ = gone_ || (errno != EAGAIN && errno != EINTR);
    return;
  }
  ended_ = count == 0;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  if (received_.find('\n') != std::string::npos || (!skipping_ && received_.size() <= longest_line)) return;
  skipping_ = true;
  received_.clear();
}

void Client::send() {
  const ssize_t count = ::send(socket(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (count >= 0)
    unsent_.erase(0, static_cast<std::size_t>(count));
  else
    gone_ = gone_ || (errno != EAGAIN && errno != EINTR);
}

std::optional<Client::Line> Client::next_line() {
  if (answers_.size() >= most_unanswered || unsent_.size() >= most_unsent) return {};
  const std::size_t end = received_.find('\n');
  if (end == std::string::npos && !(ended_ && (skipping_ || !received_.empty()))) return {};
  Line line{received_.substr(0, end)};
  received_.erase(0, end == std::string::npos ? end : end + 1);
  if (end == std::string::npos)
    line.wrong = "found no end of the last line, expected a line feed";  // it may be half a path
  else if (skipping_ || line.text.size() > longest_line)
    line.wrong = "found a line of more than 65536 bytes, expected a shorter one";
  skipping_ = false;
  return line;
}

std::shared_ptr<std::string> Client::expect_answer() { return answers_.emplace_back(std::make_shared<std::string>()); }

std::optional<Request> Client::take(const fs::path& out, Disclosure disclosure) {
  while (const std::optional<Line> line = next_line()) {
    const std::shared_ptr<std::string> answer = expect_answer();
    Request request;
    try {
      if (line->wrong != nullptr) throw Error(Status::usage, line->wrong);
      parse_request(line->text, out, request);
      request.answer = [answer](const std::string& text, const Error* /*refusal*/) { *answer = text; };
      return request;
    } catch (const Error& error) {
      *answer = answer_to(request, error, disclosure);
    }
  }
  return {};
}

void Client::queue_answers() {
  for (; !answers_.empty() && !answers_.front()->empty(); answers_.pop_front()) unsent_ += *answers_.front();
}

SocketRequests::SocketRequests(const fs::path& path, fs::path out, Disclosure disclosure)
    : listening_(std::make_unique<ListeningSocket>(path)), out_(std::move(out)), disclosure_(disclosure) {}

std::optional<Request> SocketRequests::take() {
  for (auto client = clients_.begin(); client != clients_.end(); ++client)
    if (std::optional<Request> request = client->take(out_, disclosure_)) {
      clients_.splice(clients_.end(), clients_, client);
      return request;
    }
  return {};
}

void SocketRequests::accept_client() {
  Descriptor socket(accept4(listening_->get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket)
    clients_.emplace_front(std::move(socket));
  else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
    poll(nullptr, 0, 100);  // it stays in line
}

void SocketRequests::attend(milliseconds wait) {
  for (Client& client : clients_) client.queue_answers();
  clients_.remove_if([](const Client& client) { return client.done(); });
  std::vector<pollfd> sockets;
  for (const Client& client : clients_)
    sockets.push_back({client.socket(),
                       static_cast<short>((client.may_receive() ? POLLIN : 0) | (client.has_to_send() ? POLLOUT : 0)),
                       0});
  if (listening_ && clients_.size() < most_clients) sockets.push_back({listening_->get(), POLLIN, 0});
  if (poll(sockets.data(), sockets.size(), static_cast<int>(wait.count())) <= 0) return;
  auto client = clients_.begin();
  for (const pollfd& socket : sockets) {
    if (client == clients_.end()) {
      if (socket.revents != 0) accept_client();
      break;
    }
    if ((socket.revents & POLLIN) != 0) client->receive();
    if ((socket.revents & POLLOUT) != 0) client->send();
    if ((socket.revents & (POLLHUP | POLLERR)) != 0) client->leave();
    ++client;
  }
}

void SocketRequests::finish(const std::optional<Request>& not_begun) {
  listening_.reset();
  const Error stopping(Status::resources, "found that pleura was told to end, expected it to go on");
  const auto refuse = [&](const Request& request) {
    request.answer(answer_to(request, stopping, disclosure_), &stopping);
  };
  if (not_begun) refuse(*not_begun);
  const auto last = steady_clock::now() + to_read_the_last;
  bool waiting = true;
  for (attend(milliseconds(0)); waiting && steady_clock::now() < last; attend(milliseconds(50))) {
    for (Client& client : clients_) {
      while (const auto request = client.take(out_, disclosure_)) refuse(*request);
      client.queue_answers();
    }
    waiting = std::any_of(clients_.begin(), clients_.end(), [](const Client& client) { return client.has_to_send(); });
  }
}

}  // namespace pleura::command
