#include "files/read.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "files/folders.hpp"

namespace pleura::files {
namespace {

using test::TemporaryFolder;

void expect_refused(Status status, const std::string& words, const std::filesystem::path& file, std::size_t most) {
  try {
    (void)read_text(file, most, status);
    ADD_FAILURE() << "was read; expected: " << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), status);
    EXPECT_EQ(error.what(), file.string() + ": " + words);
  }
}

TEST(ReadText, GivesAllOfAFileUpToItsBound) {
  const TemporaryFolder folder;
  const auto file = folder / "text";
  const std::string text(200'000, 'x');
  std::ofstream(file) << text;
  EXPECT_EQ(read_text(file, text.size()), text);
  EXPECT_EQ(read_text("/dev/null", 0), "");
  expect_refused(Status::input_refused, "found more than 199999 bytes, expected fewer", file, text.size() - 1);
}

TEST(ReadText, NamesWhatCannotBeRead) {
  expect_refused(Status::input_refused, "cannot be read (No such file or directory)", "/none", 1);
  expect_refused(Status::resources, "cannot be read (Is a directory)", "/", 1);
}

TEST(ReadText, ASignalEndsTheWaitForAPipe) {
  const TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  struct sigaction handled {
  }, before{};
  handled.sa_handler = [](int) {};
  sigaction(SIGUSR1, &handled, &before);
  for (const bool has_writer : {false, true}) {  // waits in open, waits in read
    std::fstream writer;
    if (has_writer) writer.open(pipe, std::ios::in | std::ios::out);
    std::atomic<bool> ended{false};
    std::jthread sender([&ended, reader = pthread_self()] {
      while (!ended) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        pthread_kill(reader, SIGUSR1);
      }
    });
    expect_refused(Status::input_refused, "cannot be read (Interrupted system call)", pipe, 1);
    ended = true;
  }
  sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace pleura::files
