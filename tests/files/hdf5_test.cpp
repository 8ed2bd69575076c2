#include "files/hdf5.hpp"

#include <array>
#include <vector>

#include "tests/files/folders.hpp"

namespace pleura::hdf5 {
namespace {

unsigned loadable_plugins() {
  unsigned kinds = 0;
  EXPECT_GE(H5PLget_loading_state(&kinds), 0);
  return kinds;
}

TEST(Session, LoadsNoPluginAndLeavesTheCallersSetting) {
  const unsigned before = loadable_plugins();
  EXPECT_NE(before, 0U) << "HDF5 loads plugins unless told otherwise";
  {
    const Session session;
    EXPECT_EQ(loadable_plugins(), 0U);
  }
  EXPECT_EQ(loadable_plugins(), before);
}

using files::test::expect_write_failed;
using files::test::names;
using files::test::TemporaryFolder;

/// A group of one dataset of 100 kB, all of one value.
void write_values(const std::filesystem::path& file, float value) {
  write_file(file, [&](const Handle& root) {
    const std::vector<float> values(25000, value);
    const std::array<hsize_t, 1> extents{values.size()};
    Handle group = create_group(root, "group"), space = create_space(extents);
    Handle set(
        ensure(H5Dcreate2(group.get(), "set", H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
    ensure(H5Dwrite(set.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
    close(set, space, group);
  });
}

float first_value(const std::filesystem::path& file) {
  const Session session;
  const Handle root(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const Handle set(H5Dopen2(root.get(), "group/set", H5P_DEFAULT));
  std::vector<float> values(25000);
  EXPECT_GE(H5Dread(set.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  for (const float value : values) EXPECT_EQ(value, values[0]);
  return values[0];
}

TEST(Hdf5File, WritesAndReplaces) {
  const TemporaryFolder folder;
  for (const float value : {1.0F, 2.0F}) {
    write_values(folder / "f.h5", value);
    EXPECT_EQ(first_value(folder / "f.h5"), value);
  }
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("f.h5"));
}

TEST(Hdf5File, LeavesTheEarlierFileWhereverWritingFails) {
  const TemporaryFolder folder;
  const auto file = folder / "f.h5";
  write_values(file, 1);
  const auto bytes = std::filesystem::file_size(file);
  for (rlim_t most = 0; most < bytes; most += bytes / 40) {
    const files::test::SmallDisk disk(most);
    expect_write_failed(file.string() + ": cannot be written: File too large", [&] { write_values(file, 2); });
  }
  {
    const files::test::SmallDisk disk(bytes - 1);
    expect_write_failed(file.string() + ": cannot be written: File too large", [&] { write_values(file, 2); });
  }
  EXPECT_EQ(first_value(file), 1);
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("f.h5"));
}

TEST(Hdf5File, SaysThatMemoryIsMissingWhereHdf5Refuses) {
  const TemporaryFolder folder;
  const auto file = folder / "f.h5";
  expect_write_failed(file.string() + ": cannot be written: Cannot allocate memory", [&] {
    write_file(file, [](const Handle& root) {
      const Handle group = create_group(root, "group");
      ensure(-1);
    });
  });
  EXPECT_THAT(names(folder.path()), testing::IsEmpty());
  write_values(file, 3);
  EXPECT_EQ(first_value(file), 3) << "HDF5 goes on";
}

}  // namespace
}  // namespace pleura::hdf5
