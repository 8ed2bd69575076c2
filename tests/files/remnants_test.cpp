/// What others left beside a place: who is dead, who lives, what is not ours.
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/draft.hpp"
#include "tests/files/folders.hpp"

namespace pleura::files::test {
namespace {

/// A lock as a living writer has it.
class Held {
 public:
  explicit Held(const fs::path& path) : opened_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    EXPECT_EQ(::flock(opened_, LOCK_EX | LOCK_NB), 0);
  }
  ~Held() { ::close(opened_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  int opened_;
};

void write_some(const fs::path& folder) {
  write_file(folder / "out.h5", "text");
  replace_folder(folder / "out", [](const fs::path& draft) { create_file(draft / "f", "text"); });
}

TEST(Remnants, OfDeadWritersGo) {
  const TemporaryFolder folder;
  for (const char* name : {"out.h5.pleura-abcdefghijkl", "out.h5.pleura-222222222222"})
    std::ofstream(folder / name) << "half";
  fs::create_directories(folder / "out.pleura-abcdefghijkl/ct");
  std::ofstream(folder / "out.pleura-abcdefghijkl/ct/f") << "half";
  write_some(folder.path());
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("out", "out.h5"));
  EXPECT_THAT(names(folder / "out"), testing::ElementsAre("f")) << "nothing of a remnant is adopted";
}

TEST(Remnants, OfAKilledProcessGo) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      replace_folder(folder / "out", [&](const fs::path& draft) {
        create_file(draft / "of the killed", "half");
        replace_file(folder / "out.h5", [](const Sink&) { ::raise(SIGKILL); });
      });
    } catch (...) {
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(names(folder.path()).size(), 2U) << "two remnants";
  write_some(folder.path());
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("out", "out.h5"));
  EXPECT_THAT(names(folder / "out"), testing::ElementsAre("f"));
}

TEST(Remnants, OfLivingWritersStay) {
  const TemporaryFolder folder;
  replace_folder(folder / "out", [&](const fs::path& draft) {
    replace_file(folder / "out.h5", [&](const Sink& sink) {
      write_some(folder.path());
      EXPECT_EQ(names(folder.path()).size(), 4U);
      sink({});
    });
    create_file(draft / "g", "text");
  });
  EXPECT_THAT(names(folder / "out"), testing::ElementsAre("g"));
  EXPECT_EQ(text_of(folder / "out.h5"), "");
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("out", "out.h5"));
  const fs::path held = folder / "out.pleura-abcdefghijkl";
  fs::create_directory(held);
  const Held lock(held);
  write_some(folder.path());
  EXPECT_TRUE(fs::exists(held));
}

TEST(Remnants, OfOtherPlacesAndOtherNamesStay) {
  const TemporaryFolder folder;
  const std::set<std::string> others{"out.pleura-abcdefghijk",
                                     "out.pleura-abcdefghijklm",
                                     "out.pleura-ABCDEFGHIJKL",
                                     "out2.pleura-abcdefghijkl",
                                     "xout.pleura-abcdefghijkl",
                                     "out.pleura1",
                                     "out.h5.pleura-abcdefghijk1",
                                     "out.part",
                                     "notes.txt"};
  for (const std::string& name : others) std::ofstream(folder / name) << "theirs";
  write_some(folder.path());
  auto expected = others;
  expected.insert({"out", "out.h5"});
  EXPECT_EQ(names(folder.path()), expected);
}

TEST(Remnants, FollowNoLink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "theirs");
  std::ofstream(folder / "theirs/f") << "theirs";
  fs::create_directory_symlink("theirs", folder / "out.pleura-abcdefghijkl");
  fs::create_directory(folder / "out.pleura-222222222222");
  fs::create_directory_symlink("../theirs", folder / "out.pleura-222222222222/link");
  write_some(folder.path());
  EXPECT_EQ(text_of(folder / "theirs/f"), "theirs");
  EXPECT_TRUE(fs::is_symlink(folder / "out.pleura-abcdefghijkl")) << "a link is no draft of ours";
  EXPECT_FALSE(fs::exists(folder / "out.pleura-222222222222"));
}

TEST(Remnants, OfAnotherUserStay) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const TemporaryFolder folder;
  std::ofstream(folder / "out.h5.pleura-abcdefghijkl") << "theirs";
  ASSERT_EQ(::chown((folder / "out.h5.pleura-abcdefghijkl").c_str(), 12345, 12345), 0);
  write_some(folder.path());
  EXPECT_TRUE(fs::exists(folder / "out.h5.pleura-abcdefghijkl"));
}

TEST(Remnants, OfTwoRenamesGoOnceAnotherStands) {
  const TemporaryFolder folder;
  const fs::path earlier = folder / "out.pleura-earlier-abcdefghijkl";
  fs::create_directory(earlier);
  EXPECT_THROW(replace_folder(folder / "out", [](const fs::path&) { throw Error(Status::internal, "a defect"); }),
               Error);
  EXPECT_TRUE(fs::exists(earlier)) << "the last good one";
  write_some(folder.path());
  write_some(folder.path());
  EXPECT_FALSE(fs::exists(earlier));
}

TEST(Drafts, AreRemovedTogetherByAProcessThatEndsWithoutDestructors) {
  const TemporaryFolder folder;
  const Place place = place_of(folder / "out");
  const Draft file(place, Draft::Kind::file), inside(place, Draft::Kind::folder);
  { const Draft gone(place, Draft::Kind::file); }
  write_file(folder / inside.name() / "a", "text");
  Draft::remove_all();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace pleura::files::test
