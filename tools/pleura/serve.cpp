#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "command.hpp"
#include "interrupts.hpp"
#include "one_ct.hpp"
#include "pleura/pleura.hpp"
#include "socket.hpp"
#include "watch.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds idle{200};  // a signal may come just before a wait

struct ServeCommand {
  std::string weights, socket, watch, out, marker;
  double settle = 10;
  CaseArguments of_each;
};

/// As sd_notify: whoever started this and set NOTIFY_SOCKET is told.
void notify_supervisor(std::string_view state) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  const std::string path = name == nullptr ? "" : name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return;
  path.copy(address.sun_path, path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';  // a name that lies in no folder
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  static_cast<void>(sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), length));
}

std::unique_ptr<Requests> requests_of(const ServeCommand& arguments) {
  const Disclosure disclosure = arguments.of_each.disclosure();
  if (!arguments.socket.empty()) return std::make_unique<SocketRequests>(arguments.socket, arguments.out, disclosure);
  WatchedFolder::Options options;
  options.folder = arguments.watch;
  options.out = arguments.out;
  options.settle = std::chrono::duration<double>(arguments.settle);
  options.marker = arguments.marker;
  options.disclosure = disclosure;
  return std::make_unique<WatchedFolder>(std::move(options));
}

/// A CT that is being read.
struct Job {
  Request request;
  std::future<Decoded> reading;
};

class Server {
 public:
  Server(const ServeCommand& arguments, Requests& requests)
      : requests_(requests),
        of_each_(arguments.of_each),
        read_(of_each_.read()),
        engine_(arguments.weights, of_each_.engine()) {
    tell_device(engine_.device_note());
  }

  /// Until a signal comes.
  void serve() {
    while (!interrupted()) {
      requests_.attend(next_ ? milliseconds(0) : idle);
      if (!next_) next_ = begin();
      if (next_) answer(*std::exchange(next_, {}));
    }
    requests_.finish(next_ ? std::optional(std::move(next_->request)) : std::nullopt);
  }

 private:
  std::optional<Job> begin() {
    std::optional<Request> request = interrupted() ? std::nullopt : requests_.take();
    if (!request) return {};
    std::future<Decoded> reading = decode(request->ct, read_);
    return Job{std::move(*request), std::move(reading)};
  }

  void wait_for(const std::future<Decoded>& reading) {
    while (reading.wait_for(idle) == std::future_status::timeout) requests_.attend(milliseconds(0));
  }

  /// While one CT is screened the next is read; not under a bound, for it is another in memory.
  void work_beside() {
    requests_.attend(milliseconds(0));
    if (!next_ && read_.memory_bytes == 0) next_ = begin();
  }

  /// The result as it was written, or would be but for the pictures.
  Result screened(Job& job) {
    const Request& request = job.request;
    wait_for(job.reading);
    Decoded decoded = settled(std::move(job.reading), request.ct, read_);
    Screening screening =
        screen_decoded(engine_, std::move(decoded), request.ct, of_each_, [&](auto...) { work_beside(); });
    if (!request.folder.empty()) return write_result(screening, request.folder, of_each_.write());
    screening.result.options.pictures = false;
    return std::move(screening.result);
  }

  void answer(Job job) {
    const Request& request = job.request;
    try {
      const Result result = screened(job);
      request.answer(answer_to(request, to_json(result, of_each_.disclosure(), true)), nullptr);
    } catch (const Error& error) {
      request.answer(answer_to(request, error, of_each_.disclosure()), &error);
    }
  }

  Requests& requests_;
  const CaseArguments& of_each_;
  ReadOptions read_;
  Engine engine_;
  std::optional<Job> next_;
};

void serve(const ServeCommand& arguments) {
  if (arguments.socket.empty() == arguments.watch.empty())
    throw Error(Status::usage, "found neither --socket nor --watch, expected one of them");
  watch_interrupts();
  const std::unique_ptr<Requests> requests = requests_of(arguments);
  Server server(arguments, *requests);
  complain("ready");
  notify_supervisor("READY=1");
  server.serve();
}

}  // namespace

void add_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeCommand>();
  CLI::App* command = app.add_subcommand("serve", "Screen CTs as they are asked for, with weights loaded once");
  command->add_option("weights", arguments->weights, "the networks (docs/weights-format.md)")
      ->type_name("FILE.h5")
      ->required();
  CLI::Option* socket =
      command->add_option("--socket", arguments->socket, "listen at this UNIX socket: a CT a line")->type_name("PATH");
  CLI::Option* out =
      command->add_option("--out", arguments->out, "folder of the results, one folder each in it")->type_name("DIR");
  CLI::Option* watch = command->add_option("--watch", arguments->watch, "screen what appears in this folder")
                           ->type_name("FOLDER")
                           ->needs(out)
                           ->excludes(socket);
  command
      ->add_option("--settle", arguments->settle, "a CT is complete once nothing of it has changed for so many seconds")
      ->check(CLI::Range(0.0, 86400.0))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->needs(watch);
  command->add_option("--marker", arguments->marker, "or: once NAME and this, like NAME.done for .done, is there")
      ->type_name("ENDING")
      ->needs(watch);
  arguments->of_each.declare(*command);
  command->footer(
      "Answers are JSON, a line each: to clients, or on standard output. The first SIGTERM or Ctrl-C ends it\n"
      "once the CT at work is answered, with exit code 0.\n\n"
      "Example: pleura serve weights/demo/pleura-demo.h5 --socket /run/pleura/socket");
  command->callback([arguments] { serve(*arguments); });
}

}  // namespace pleura::command
