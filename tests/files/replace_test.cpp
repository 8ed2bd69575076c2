/// One writer: what it leaves, whatever fails.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "files/read.hpp"
#include "tests/files/folders.hpp"

namespace {
bool exchange_is_known = true;
}

/// As on file systems that cannot exchange two folders, where a test asks for it.
extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (exchange_is_known) return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  errno = EINVAL;
  return -1;
}

namespace pleura::files::test {
namespace {

void fill_with(const fs::path& folder, const std::string& text) {
  replace_folder(folder, [&](const fs::path& draft) {
    create_file(draft / "a", text);
    fs::create_directory(draft / "more");
    create_file(draft / "more" / "b", text);
  });
}

TEST(WriteFile, WritesAndReplaces) {
  const TemporaryFolder folder;
  for (const std::string text : {"first", "", "third"}) {
    write_file(folder / "f", text);
    EXPECT_EQ(text_of(folder / "f"), text);
    EXPECT_THAT(names(folder.path()), testing::ElementsAre("f"));
  }
}

TEST(WriteFile, GivesThePermissionsOfAnyNewFile) {
  const TemporaryFolder folder;
  const mode_t before = umask(027);
  write_file(folder / "f", "text");
  fill_with(folder / "d", "text");
  umask(before);
  EXPECT_EQ(fs::status(folder / "f").permissions(), fs::perms(0640));
  EXPECT_EQ(fs::status(folder / "d").permissions(), fs::perms(0750));
  EXPECT_EQ(fs::status(folder / "d" / "a").permissions(), fs::perms(0640));
}

TEST(WriteFile, ReplacesALinkAndNotWhatItPointsTo) {
  const TemporaryFolder folder;
  write_file(folder / "theirs", "theirs");
  fs::create_symlink("theirs", folder / "f");
  write_file(folder / "f", "ours");
  EXPECT_FALSE(fs::is_symlink(folder / "f"));
  EXPECT_EQ(text_of(folder / "theirs"), "theirs");
}

TEST(WriteFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "d");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const auto& path : {folder / "d", folder / "pipe", fs::path("/dev/null")}) {
    try {
      write_file(path, "text");
      ADD_FAILURE() << path << " was replaced";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_EQ(error.what(), path.string() + ": found a folder or a device, expected a file or nothing");
    }
  }
  EXPECT_EQ(names(folder.path()).size(), 2U);
}

TEST(WriteFile, SaysWhyItCannot) {
  const TemporaryFolder folder;
  write_file(folder / "f", "text");
  const auto refused = [](const fs::path& file, const std::string& why) {
    expect_write_failed(file.string() + ": cannot be written: " + why, [&] { write_file(file, "text"); });
  };
  refused(folder / "none" / "f", "No such file or directory");
  refused(folder / "f" / "f", "Not a directory");
  refused(folder / std::string(250, 'n'), "File name too long");
  refused(folder.path() / "", "Is a directory");
  refused("/proc/f", "No such file or directory");
}

TEST(WriteFile, LeavesTheEarlierFileWhereverWritingFails) {
  const TemporaryFolder folder;
  write_file(folder / "f", "earlier");
  const std::string text(100000, 'x');
  for (const rlim_t bytes : {0, 1, 4095, 4096, 65536, 99999}) {
    const SmallDisk disk(bytes);
    expect_write_failed((folder / "f").string() + ": cannot be written: File too large", [&] {
      replace_file(folder / "f", [&](const Sink& sink) {
        for (std::size_t at = 0; at < text.size(); at += 1000) sink(std::as_bytes(std::span(text)).subspan(at, 1000));
      });
    });
    EXPECT_EQ(text_of(folder / "f"), "earlier");
    EXPECT_THAT(names(folder.path()), testing::ElementsAre("f"));
  }
  const SmallDisk disk(text.size());
  write_file(folder / "f", text);
  EXPECT_EQ(text_of(folder / "f"), text);
}

class ReplaceFolder : public testing::TestWithParam<bool> {
 protected:
  ReplaceFolder() { exchange_is_known = GetParam(); }
  ~ReplaceFolder() override { exchange_is_known = true; }
  const TemporaryFolder folder_;
};

TEST_P(ReplaceFolder, WritesAndReplacesWhole) {
  fill_with(folder_ / "new" / "deep" / "d", "first");
  EXPECT_THAT(names(folder_ / "new" / "deep"), testing::ElementsAre("d"));
  fs::create_directories(folder_ / "new/deep/d/old/older");
  write_file(folder_ / "new/deep/d/old/older/f", "text");
  fill_with(folder_ / "new" / "deep" / "d", "second");
  EXPECT_THAT(names(folder_ / "new/deep/d"), testing::ElementsAre("a", "more"));
  EXPECT_EQ(text_of(folder_ / "new/deep/d/more/b"), "second");
  EXPECT_THAT(names(folder_ / "new" / "deep"), testing::ElementsAre("d"));
  fs::create_directory(folder_ / "empty");
  fill_with(folder_ / "empty", "text");
  EXPECT_EQ(text_of(folder_ / "empty/a"), "text");
}

TEST_P(ReplaceFolder, LeavesTheEarlierFolderWherePuttingThereFails) {
  fill_with(folder_ / "d", "first");
  expect_write_failed((folder_ / "d/big").string() + ": cannot be written: File too large", [&] {
    const SmallDisk disk(1000);
    replace_folder(folder_ / "d", [](const fs::path& draft) {
      create_file(draft / "a", "second");
      create_file(draft / "big", std::string(2000, 'x'));
    });
  });
  EXPECT_THROW(replace_folder(folder_ / "d",
                              [](const fs::path& draft) {
                                create_file(draft / "a", "second");
                                throw Error(Status::resources, "out of memory");
                              }),
               Error);
  EXPECT_EQ(text_of(folder_ / "d/a"), "first");
  EXPECT_THAT(names(folder_.path()), testing::ElementsAre("d"));
}

TEST_P(ReplaceFolder, PutsNothingInThePlaceOfAFile) {
  write_file(folder_ / "f", "text");
  fs::create_symlink("nowhere", folder_ / "link");
  for (const char* name : {"f", "link"})
    expect_write_failed((folder_ / name).string() + ": cannot be written: Not a directory",
                        [&] { fill_with(folder_ / name, "text"); });
  EXPECT_EQ(text_of(folder_ / "f"), "text");
  EXPECT_THAT(names(folder_.path()), testing::ElementsAre("f", "link"));
}

TEST_P(ReplaceFolder, RemovesTheFoldersAboveAgain) {
  EXPECT_THROW(
      replace_folder(folder_ / "new/deep/d", [](const fs::path&) { throw Error(Status::internal, "a defect"); }),
      Error);
  EXPECT_THAT(names(folder_.path()), testing::IsEmpty());
}

TEST_P(ReplaceFolder, LetsNobodyInWhileItIsFilled) {
  replace_folder(folder_ / "d", [&](const fs::path& draft) {
    EXPECT_EQ(fs::status(draft).permissions(), fs::perms::owner_all);
    EXPECT_TRUE(fs::is_empty(draft));
    EXPECT_FALSE(fs::exists(folder_ / "d"));
  });
}

INSTANTIATE_TEST_SUITE_P(FileSystems, ReplaceFolder, testing::Bool(),
                         [](const auto& known) { return known.param ? "exchanging" : "renaming"; });

TEST(CreateFile, TakesNothingThatIsThere) {
  const TemporaryFolder folder;
  write_file(folder / "theirs", "theirs");
  fs::create_symlink("theirs", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  for (const char* name : {"theirs", "link", "dangling"})
    expect_write_failed((folder / name).string() + ": cannot be written: File exists",
                        [&] { create_file(folder / name, "ours"); });
  EXPECT_EQ(text_of(folder / "theirs"), "theirs");
  EXPECT_FALSE(fs::exists(folder / "nowhere"));
}

TEST(RequireWritable, LeavesNothing) {
  const TemporaryFolder folder;
  require_writable(folder / "d");
  require_writable(folder / "new/deep/d");
  require_writable("a-folder-that-is-not-there/d");
  EXPECT_THAT(names(folder.path()), testing::IsEmpty());
  expect_write_failed("/proc/d: cannot be written: No such file or directory", [] { require_writable("/proc/d"); });
}

TEST(ReadIfThere, TellsWhatCannotBeReadFromWhatIsNot) {
  const TemporaryFolder folder;
  write_file(folder / "f", std::string(200000, 'x'));
  EXPECT_EQ(read_if_there(folder / "f"), std::string(200000, 'x'));
  EXPECT_EQ(read_if_there(folder / "none"), std::nullopt);
  try {
    (void)read_if_there(folder.path());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_EQ(error.what(), folder.path().string() + ": cannot be read: Is a directory");
  }
}

}  // namespace
}  // namespace pleura::files::test
