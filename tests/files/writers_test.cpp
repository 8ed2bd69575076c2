/// Several writers of one place.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/files/folders.hpp"

namespace pleura::files::test {
namespace {

constexpr int writes = 20;

/// Writes a file and a folder of two files `writes` times, each time with one text of its own. Returns how often it
/// failed.
int write_often(const fs::path& folder, const std::string& writer) {
  int failures = 0;
  for (int i = 0; i < writes; ++i) {
    const std::string text = writer + " " + std::to_string(i);
    try {
      write_file(folder / "file", text);
      replace_folder(folder / "out", [&](const fs::path& draft) {
        create_file(draft / "a", text);
        create_file(draft / "b", text);
        create_file(draft / writer, text);
      });
    } catch (const Error& error) {
      ++failures;
      std::fprintf(stderr, "%s: %s\n", writer.c_str(), error.what());
    }
  }
  return failures;
}

void expect_one_whole(const fs::path& folder) {
  EXPECT_THAT(names(folder), testing::ElementsAre("file", "out"));
  const std::string text = text_of(folder / "out/a"), writer = text.substr(0, text.find(' '));
  EXPECT_EQ(text_of(folder / "out/b"), text);
  EXPECT_THAT(names(folder / "out"), testing::ElementsAre("a", "b", writer));
  EXPECT_THAT(text, testing::EndsWith(std::string(" ").append(std::to_string(writes - 1))));
}

TEST(Writers, OfOneProcessEachSucceed) {
  const TemporaryFolder folder;
  std::atomic<int> failures = 0, missing = 0;
  std::atomic<bool> done = false;
  write_often(folder.path(), "first");
  std::thread reader([&] {
    while (!done) missing += fs::exists(folder / "out/a") && fs::exists(folder / "file") ? 0 : 1;
  });
  std::vector<std::thread> threads;
  for (const char* name : {"x", "y", "z"})
    threads.emplace_back([&, name] { failures += write_often(folder.path(), name); });
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(missing, 0) << "there was a moment without the earlier or the new one";
  expect_one_whole(folder.path());
}

TEST(Writers, OfSeveralProcessesEachSucceed) {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (const char* name : {"x", "y", "z"}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(write_often(folder.path(), name));
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_one_whole(folder.path());
}

}  // namespace
}  // namespace pleura::files::test
