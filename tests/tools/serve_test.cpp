/// `pleura serve`, asked as clients ask it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api/fixture.hpp"
#include "tools/command.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::slurp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// Tries until it is so, for a minute at most.
template <class Condition>
bool eventually(const Condition& condition) {
  for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(20ms))
    if (condition()) return true;
  return false;
}

/// Those that have an end.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line) && !stream.eof();) lines.push_back(line);
  return lines;
}

/// The command as it runs; killed when it goes.
class Server {
 public:
  Server(std::vector<std::string> arguments, const fs::path& folder)
      : out_(folder / "stdout"), err_(folder / "stderr") {
    arguments.insert(arguments.begin(), {PLEURA_COMMAND, "serve"});
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int anew = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_.c_str(), anew, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err_.c_str(), anew, 0600);
    fs::remove(err_);
    EXPECT_EQ(posix_spawn(&pid_, PLEURA_COMMAND, &files, nullptr, words.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Server() {
    if (pid_ > 0) stop(SIGKILL);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] bool is_ready() const {
    return eventually([&] { return slurp(err_) == "pleura: ready\n"; });
  }
  [[nodiscard]] std::vector<std::string> said() const { return lines_of(slurp(out_)); }
  void send(int signal) const { kill(pid_, signal); }

  /// Its exit code; 128 + signal where a signal ended it.
  int wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int stop(int signal) {
    send(signal);
    return wait();
  }

 private:
  fs::path out_, err_;
  pid_t pid_ = -1;
};

class Client {
 public:
  explicit Client(const std::string& path) : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const timeval patience{60, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& text) const {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t count = ::send(socket_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      ASSERT_GT(count, 0);
      at += static_cast<std::size_t>(count);
    }
  }
  void end() const { shutdown(socket_, SHUT_WR); }

  /// The next line; null at the end.
  json receive() {
    std::size_t end = 0;
    while ((end = received_.find('\n')) == std::string::npos) {
      std::array<char, 4096> bytes{};
      const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
      if (count <= 0) return {};
      received_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    json line = json::parse(received_.substr(0, end));
    received_.erase(0, end + 1);
    return line;
  }

 private:
  int socket_;
  std::string received_;
};

class ServeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new test::TemporaryFolder;
    for (const char* format : {"nifti", "dicom"})
      ASSERT_EQ(test::run_command("phantom --seed 3 --slices 10 --spacing 4,9.1,9.1 --matrix 40 --format " +
                                      std::string(format) + " --out " + made(format),
                                  made_->path())
                    .code,
                0);
    weights_ = new std::string(test::small_weights(*made_).string());
  }
  static void TearDownTestSuite() {
    delete made_;
    delete weights_;
  }

  static std::string made(const std::string& name) { return (*made_ / name).string(); }
  static std::string ct() { return made("nifti/ct.nii.gz"); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::vector<std::string> listening() const {
    return {*weights_, "--socket", path("socket"), "--out", path("out"), "--max-regions", "1"};
  }
  [[nodiscard]] std::vector<std::string> watching(std::vector<std::string> more) const {
    more.insert(more.begin(),
                {*weights_, "--watch", path("in"), "--out", path("out"), "--no-pictures", "--max-regions", "1"});
    return more;
  }
  [[nodiscard]] std::set<std::string> results() const {
    std::set<std::string> names;
    if (fs::exists(path("out")))
      for (const auto& entry : fs::directory_iterator(path("out"))) names.insert(entry.path().filename().string());
    names.erase(".states");
    return names;
  }
  [[nodiscard]] int refusal_of(const std::vector<std::string>& arguments) const {
    return Server(arguments, folder_.path()).wait();
  }

  static test::TemporaryFolder* made_;
  static std::string* weights_;
  test::TemporaryFolder folder_;
};

test::TemporaryFolder* ServeTest::made_ = nullptr;
std::string* ServeTest::weights_ = nullptr;

TEST_F(ServeTest, AnswersEachLineInOrder) {
  Server server(listening(), folder_.path());
  ASSERT_TRUE(server.is_ready());
  Client client(path("socket"));
  const std::string quoted = json(ct()).dump();
  client.send(ct() + "\n" + R"({"ct": )" + quoted + R"(, "id": {"n": [1, null]}, "out": "named"})" + "\n");
  client.send("/absent\n\n{\"ct\": 1, \"id\": \"x\"}\n{\"ct\": \"y\", \"size\": 1}\n{broken\n\xff\n");
  client.send(R"({"ct": )" + quoted + R"(, "out": "../named"})" + "\n" + std::string(200'000, 'x') + "\n" +
              R"({"id": )" + std::string(1000, '[') + std::string(1000, ']') + "}\n" + ct());
  client.end();

  const json plain = client.receive();
  const auto screened = test::run_command(
      "screen " + ct() + " --weights " + *weights_ + " --out " + path("screened") + " --max-regions 1", made_->path());
  EXPECT_EQ(plain["status"], "done");
  EXPECT_EQ(plain["regions"], json::parse(slurp(path("screened/result.json")))["regions"]) << screened.err;
  EXPECT_EQ(plain["options"]["pictures"], false) << "nothing is written where no name is given";
  EXPECT_FALSE(plain.contains("id"));
  const json named = client.receive();
  EXPECT_EQ(named["id"], json::parse(R"({"n": [1, null]})"));
  EXPECT_EQ(named["regions"], plain["regions"]);
  EXPECT_TRUE(fs::exists(path("out/named/montage.png")));
  EXPECT_EQ(results(), std::set<std::string>{"named"});

  const json absent = client.receive();
  EXPECT_EQ(absent["status"], "refused");
  EXPECT_EQ(absent["input"]["path"], "/absent");
  for (const char* why : {"an empty path", "no text under 'ct'", "'size'", "no JSON", "not UTF-8", "'../named'",
                          "more than 65536 bytes", "nested", "no end of the last line"}) {
    const json line = client.receive();
    EXPECT_EQ(line["code"], 1) << line;
    EXPECT_THAT(line["reason"], HasSubstr(why));
    EXPECT_EQ(line.contains("id"), why == std::string("no text under 'ct'"));
  }
  EXPECT_TRUE(client.receive().is_null());
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_THAT(server.said(), IsEmpty());
}

TEST_F(ServeTest, ServesSeveralClientsAndMissesNone) {
  Server server(listening(), folder_.path());
  ASSERT_TRUE(server.is_ready());
  Client one(path("socket")), other(path("socket"));
  {
    const Client hasty(path("socket"));
    hasty.send(ct() + "\n" + ct() + "\n{\"ct\"");
  }
  for (int i = 0; i < 3; ++i) {
    one.send(R"({"ct": )" + json(ct()).dump() + R"(, "id": "one"})" + "\n");
    other.send(R"({"ct": "absent", "id": "other"})"
               "\n");
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(other.receive()["id"], "other");
    const json line = one.receive();
    EXPECT_EQ(line["id"], "one");
    EXPECT_EQ(line["status"], "done");
  }
  EXPECT_EQ(server.stop(SIGINT), 0);
}

TEST_F(ServeTest, FinishesTheCtAtWorkWhenItIsToldToEnd) {
  Server server(listening(), folder_.path());
  ASSERT_TRUE(server.is_ready());
  Client client(path("socket"));
  constexpr int asked = 60;
  for (int i = 0; i < asked; ++i) client.send(ct() + "\n");
  std::vector<int> codes{client.receive().value("code", 0)};
  server.send(SIGTERM);
  for (json line = client.receive(); !line.is_null(); line = client.receive()) codes.push_back(line.value("code", 0));
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(codes.size(), asked);
  EXPECT_EQ(codes.front(), 0);
  EXPECT_EQ(codes.back(), 4);
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_FALSE(fs::exists(path("socket")));
}

TEST_F(ServeTest, TakesThePlaceOfAnOldSocketAlone) {
  std::ofstream(path("socket")) << "mine";
  EXPECT_EQ(refusal_of(listening()), 1);
  EXPECT_EQ(slurp(path("socket")), "mine");
  fs::remove(path("socket"));
  {
    Server killed(listening(), folder_.path());
    ASSERT_TRUE(killed.is_ready());
    EXPECT_EQ(refusal_of(listening()), 1) << "another listens there";
    EXPECT_EQ(fs::status(path("socket")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_TRUE(fs::is_socket(path("socket")));
  Server server(listening(), folder_.path());
  ASSERT_TRUE(server.is_ready());
  Client client(path("socket"));
  client.send(ct() + "\n");
  EXPECT_EQ(client.receive()["status"], "done");
  EXPECT_EQ(refusal_of({*weights_ + ".absent", "--socket", path("second")}), 3);
  EXPECT_FALSE(fs::exists(path("second")));
  EXPECT_EQ(refusal_of({*weights_, "--socket", path(std::string(120, 's'))}), 1);
}

TEST_F(ServeTest, ScreensAFolderOnceItIsComplete) {
  fs::create_directories(path("in/patient"));
  Server server(watching({"--settle", "1"}), folder_.path());
  ASSERT_TRUE(server.is_ready());
  int files = 0;
  auto last = std::chrono::steady_clock::now();
  auto pause = 0ns;
  for (const auto& slice : fs::directory_iterator(made("dicom/ct"))) {
    fs::copy(slice.path(), path("in/patient") / slice.path().filename());
    std::this_thread::sleep_for(150ms);
    const auto now = std::chrono::steady_clock::now();
    pause = std::max<std::chrono::nanoseconds>(pause, now - last);
    last = now;
    ++files;
  }
  if (pause < 500ms) {  // else it may have been taken meanwhile, and is again
    EXPECT_THAT(server.said(), IsEmpty()) << "it was taken half copied";
  }
  ASSERT_TRUE(eventually([&] { return !server.said().empty(); }));
  EXPECT_EQ(json::parse(server.said().back())["input"]["files"], files);
  EXPECT_EQ(json::parse(server.said().back())["id"], "patient");
  EXPECT_EQ(json::parse(slurp(path("out/patient/result.json")))["input"]["files"], files);
  fs::remove(*fs::directory_iterator(path("in/patient")));
  ASSERT_TRUE(eventually([&] { return server.said().size() >= 2; })) << "what changes is screened again";
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(refusal_of({*weights_, "--watch", path("in"), "--out", path("in/out")}), 1);
}

TEST_F(ServeTest, WaitsForAMarker) {
  fs::create_directories(path("in"));
  for (const char* name : {"a.nii.gz", "b.nii.gz"}) fs::copy(ct(), path("in") + "/" + name);
  Server server(watching({"--settle", "0", "--marker", ".done"}), folder_.path());
  ASSERT_TRUE(server.is_ready());
  std::ofstream(path("in/b.nii.gz.done")).flush();
  ASSERT_TRUE(eventually([&] { return server.said().size() == 1; }));
  EXPECT_EQ(refusal_of(watching({})), 1) << "another works for that folder";
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(results(), std::set<std::string>{"b.nii.gz"});
}

TEST_F(ServeTest, TriesAgainWhatWasRefusedOnceItChanges) {
  fs::create_directories(path("in"));
  std::ofstream(path("in/x.nii.gz")) << "no CT";
  for (int run = 0; run < 2; ++run) {
    Server server(watching({"--settle", "0"}), folder_.path());
    ASSERT_TRUE(server.is_ready());
    if (run == 0) {
      ASSERT_TRUE(eventually([&] { return server.said().size() == 1; }));
      EXPECT_EQ(json::parse(server.said().front())["code"], 2);
      EXPECT_EQ(json::parse(slurp(path("out/x.nii.gz/refusal.json")))["status"], "refused");
      EXPECT_EQ(server.stop(SIGTERM), 0);
      continue;
    }
    std::ofstream(path("in/y.nii.gz")) << "no CT";
    ASSERT_TRUE(eventually([&] { return server.said().size() == 1; }));
    EXPECT_EQ(json::parse(server.said().front())["id"], "y.nii.gz") << "x was answered by the run before";
    fs::copy(ct(), path("in/x.nii.gz"), fs::copy_options::overwrite_existing);
    ASSERT_TRUE(eventually([&] { return fs::exists(path("out/x.nii.gz/result.json")); }));
    EXPECT_FALSE(fs::exists(path("out/x.nii.gz/refusal.json")));
  }
}

TEST_F(ServeTest, LosesNothingWhereItIsKilled) {
  fs::create_directories(path("in"));
  std::set<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.insert("ct" + std::to_string(i) + ".nii.gz");
    fs::copy(ct(), path("in/ct" + std::to_string(i) + ".nii.gz"));
  }
  std::set<std::string> told;
  const auto note = [&](const Server& server) {
    for (const std::string& line : server.said())
      if (json::accept(line)) told.insert(json::parse(line)["id"]);
  };
  int runs = 0;
  for (; runs < 100 && told.size() < names.size(); ++runs) {
    Server server(watching({"--settle", "0"}), folder_.path());
    ASSERT_TRUE(server.is_ready());
    std::this_thread::sleep_for(50ms * (runs % 10 + 1));
    server.stop(SIGKILL);
    note(server);
  }
  EXPECT_EQ(told, names);
  EXPECT_GT(runs, 1) << "it was never killed in time";
  fs::copy(ct(), path("in/last.nii.gz"));
  Server server(watching({"--settle", "0"}), folder_.path());
  ASSERT_TRUE(eventually([&] { return fs::exists(path("out/last.nii.gz")); })) << "all else has been answered";
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_LE(server.said().size(), 2U) << "at most the one that was killed as it was told is told again";
  names.insert("last.nii.gz");
  EXPECT_EQ(results(), names) << "remnants of what was killed are gone";
}

}  // namespace
}  // namespace pleura
