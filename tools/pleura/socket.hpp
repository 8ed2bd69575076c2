#pragma once
/// CTs asked for through a UNIX socket, one line each; docs/command.md tells clients.
#include <sys/types.h>

#include <deque>
#include <list>
#include <memory>

#include "descriptor.hpp"
#include "requests.hpp"

namespace pleura::command {

/// A socket under a path, for this user alone; removed when it goes, unless another stands there by then.
class ListeningSocket {
 public:
  /// Takes the place of a socket that nobody listens at any more. Throws usage where anything else is there, or the
  /// path is too long for a socket; resources.
  explicit ListeningSocket(std::filesystem::path path);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  [[nodiscard]] int get() const { return socket_.get(); }

 private:
  std::filesystem::path path_;
  Descriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// One that has connected: bytes in, lines and their answers in order, bytes out. What it may make us keep is bounded.
class Client {
 public:
  explicit Client(Descriptor socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] bool may_receive() const;
  [[nodiscard]] bool has_to_send() const { return !unsent_.empty(); }
  /// Nothing more comes from it, and it has all its answers; or it is gone.
  [[nodiscard]] bool done() const;

  void receive();
  void send();
  void leave() { gone_ = true; }

  /// Its next line that asks for a CT. Others are answered by a refusal.
  std::optional<Request> take(const std::filesystem::path& out, Disclosure disclosure);
  /// Makes ready to be sent what has been answered.
  void queue_answers();

 private:
  struct Line {
    std::string text;
    const char* wrong = nullptr;  ///< why it is none, or null
  };
  std::optional<Line> next_line();
  std::shared_ptr<std::string> expect_answer();

  Descriptor socket_;
  std::string received_, unsent_;
  bool skipping_ = false;  ///< the rest of a line that is too long
  bool ended_ = false, gone_ = false;
  std::deque<std::shared_ptr<std::string>> answers_;  ///< in the order of the lines; empty: still to come
};

class SocketRequests final : public Requests {
 public:
  /// `out`: the folder of results that clients want written; may be empty.
  SocketRequests(const std::filesystem::path& path, std::filesystem::path out, Disclosure disclosure);

  std::optional<Request> take() override;
  void attend(std::chrono::milliseconds wait) override;
  void finish(const std::optional<Request>& not_begun) override;

 private:
  void accept_client();

  std::unique_ptr<ListeningSocket> listening_;
  std::filesystem::path out_;
  Disclosure disclosure_;
  std::list<Client> clients_;  ///< whose turn is next comes first
};

}  // namespace pleura::command
