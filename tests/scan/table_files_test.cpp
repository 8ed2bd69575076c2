/// What users point at: archives, gzipped files, DICOMDIR, ids, names, files of other formats, what cannot be listed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "tests/scan/files.hpp"
#include "tests/scan/table.hpp"
#ifdef PLEURA_WITH_ARCHIVES
#include "tests/scan/packed.hpp"
#endif
#ifdef PLEURA_WITH_DICOM
#include "files/nifti.hpp"
#include "tests/scan/dicom_writer.hpp"
#endif

namespace pleura::scan::test::files_table {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;
using testing::HasSubstr;

std::string said_of(const std::vector<RefusedFile>& files) {
  std::string text;
  for (const auto& file : files) text += file.path.string() + ": " + file.why + "; ";
  return text;
}

const Geometry volume_geometry{.shape = {10, 6, 6}, .spacing = {2, 1, 1}};

const std::vector<std::int16_t>& volume_hu() {
  static const auto hu = [] {
    std::vector<std::int16_t> values(static_cast<std::size_t>(volume_geometry.voxels()), -950);
    std::fill_n(values.begin(), values.size() / 2, std::int16_t{30});
    return values;
  }();
  return hu;
}

std::string raw_voxels() { return {reinterpret_cast<const char*>(volume_hu().data()), 2 * volume_hu().size()}; }

/// A NIfTI file's bytes, gzipped where the name ends so.
std::string nifti(const std::string& name = "ct.nii") {
  const TemporaryFolder folder;
  files::write_nifti(folder / name, volume_geometry, volume_hu());
  return read_bytes(folder / name);
}

std::string metaimage_header(const std::string& data) {
  return "ObjectType = Image\nNDims = 3\nElementSpacing = 1 1 2\nDimSize = 6 6 10\nElementType = MET_SHORT\n"
         "ElementDataFile = " +
         data + "\n";
}

/// The volume above, under this id, and what else was said of the files.
std::function<void(const Read&)> volume_as(const std::string& id, const std::vector<std::string>& refused = {}) {
  return [=](const Read& read) {
    EXPECT_EQ(read.volume.hu, volume_hu());
    const auto chosen = std::find_if(read.report.series.begin(), read.report.series.end(),
                                     [](const SeriesReport& series) { return series.chosen; });
    ASSERT_NE(chosen, read.report.series.end());
    EXPECT_EQ(chosen->uid, id);
    EXPECT_EQ(chosen->path, id);
    const auto said = said_of(read.report.refused_files);
    for (const auto& part : refused) EXPECT_THAT(said, HasSubstr(part));
    EXPECT_EQ(read.report.refused_files.empty(), refused.empty()) << said;
  };
}

void check_all(const std::vector<Row>& rows) {
  for (const Row& row : rows) check(row);
}

/// A row that writes files of these contents.
Row files(std::string property, std::string value, std::vector<std::pair<std::string, std::string>> contents) {
  return {.property = std::move(property), .value = std::move(value), .write = [contents](const fs::path& folder) {
            for (const auto& [name, bytes] : contents) write_bytes(folder / name, bytes);
          }};
}

Row read_as(Row row, std::function<void(const Read&)> expected, std::string path = "", std::string series = "") {
  row.read_as = std::move(expected);
  row.path = std::move(path);
  row.options.series_uid = std::move(series);
  return row;
}

Row refused(Row row, std::vector<std::string> parts, std::string path = "", std::string series = "") {
  row.refused_with = std::move(parts);
  row.path = std::move(path);
  row.options.series_uid = std::move(series);
  return row;
}

TEST(FilesTable, Ids) {
  const Row two = files("two volumes", "of one name", {{"p1/ct.nii", nifti()}, {"p2/ct.nii", nifti()}});
  const Row others = files("two volumes", "of two names", {{"p1/a.nii", nifti()}, {"p2/b.nii", nifti()}});
  check_all({
      refused(two, {"give its path or --series", "'p1/ct.nii'", "'p2/ct.nii'"}),
      read_as(two, volume_as("p1/ct.nii"), "", "p1/ct.nii"),
      read_as(two, volume_as("p2/ct.nii"), "", "p2/ct.nii"),
      read_as(two, volume_as("ct.nii"), "p2/ct.nii"),
      read_as(two, volume_as("ct.nii"), "p2"),
      refused(two, {"--series ct.nii: fits 2 series", "p1/ct.nii, p2/ct.nii"}, "", "ct.nii"),
      refused(two, {"no such series, there are: p1/ct.nii, p2/ct.nii"}, "", "p3/ct.nii"),
      read_as(others, volume_as("p2/b.nii"), "", "b.nii"),
      read_as(others, volume_as("p2/b.nii"), "p1/..", "b.nii"),
  });
}

TEST(FilesTable, NamesInHeaders) {
  std::vector<Row> rows;
  for (const auto& [what, name] :
       {std::pair("UTF-8", "B\xC3\xA9r\xC3\xA9nice.raw"), std::pair("Latin-1", "B\xE9r\xE9nice.raw"),
        std::pair("with a blank", "the voxels.raw"), std::pair("in a folder", "v/ct.raw")})
    rows.push_back(read_as(files("ElementDataFile", what, {{"ct.mhd", metaimage_header(name)}, {name, raw_voxels()}}),
                           volume_as("ct.mhd")));
  std::string list = "LIST";
  std::vector<std::pair<std::string, std::string>> slices;
  for (int i = 0; i < 10; ++i) {
    const auto name = "\xC3\xA9" + std::to_string(i);
    list += "\n" + name;
    slices.emplace_back(name, raw_voxels().substr(static_cast<std::size_t>(72 * i), 72));
  }
  slices.emplace_back("ct.mhd", metaimage_header(list));
  rows.push_back(read_as(files("ElementDataFile", "LIST of UTF-8", slices), volume_as("ct.mhd")));
  check_all(rows);
}

TEST(FilesTable, OtherFormats) {
  const std::string pad(600, '\0');
  std::string pair = nifti().substr(0, 348);
  pair.replace(344, 4, "ni1\0"s);
  std::string analyze = pair;
  analyze.replace(344, 4, pad, 0, 4);
  const auto other = [](const std::string& what, const std::string& bytes, std::vector<std::string> words) {
    return refused(files("bytes", what, {{"f", bytes}}), std::move(words), "f");
  };
  check_all({
      other("TIFF, little endian", "II*\0"s + pad, {"/f: a TIFF picture, expected a CT as DICOM"}),
      other("TIFF, big endian", "MM\0*"s + pad, {"a TIFF picture"}),
      other("BigTIFF", "II+\0"s + pad, {"a TIFF picture"}),
      other("GIF", "GIF89a" + pad, {"a GIF picture"}),
      other("WebP", "RIFF\x10\0\0\0WEBP"s + pad, {"a WebP picture"}),
      other("JPEG 2000 file", "\0\0\0\x0CjP  \r\n\x87\n"s + pad, {"a JPEG 2000 picture"}),
      other("JPEG 2000 stream", "\xFF\x4F\xFF\x51" + pad, {"a JPEG 2000 picture"}),
      other("PDF", "%PDF-1.7" + pad, {"a PDF document"}),
      other("HDF5", "\x89HDF\r\n\x1A\n" + pad, {"an HDF5 file"}),
      other("NumPy", "\x93NUMPY" + pad, {"a NumPy array"}),
      other("MATLAB", "MATLAB 5.0 MAT-file" + pad, {"a MATLAB file"}),
      other("7z", "7z\xBC\xAF\x27\x1C" + pad, {"a 7z archive (unpack it)"}),
      other("RAR", "Rar!\x1A\x07" + pad, {"a RAR archive (unpack it)"}),
      other("text", "patient, age", {"of no format that pleura reads"}),
      other("nothing", "", {"an empty file"}),
      refused(files("NIfTI pair", "its folder", {{"ct.hdr", pair}, {"ct.img", raw_voxels()}}),
              {"2 files not read", "the header of a NIfTI pair", "convert the pair to .nii"}),
      refused(files("NIfTI pair", "the header", {{"ct.hdr", pair}, {"ct.img", raw_voxels()}}),
              {"the header of a NIfTI pair (.hdr and .img)"}, "ct.hdr"),
      refused(files("NIfTI pair", "the voxels", {{"ct.hdr", pair}, {"ct.img", raw_voxels()}}),
              {"the voxels of a NIfTI pair"}, "ct.img"),
      refused(files("ANALYZE", "the header", {{"ct.hdr", analyze}}), {"an ANALYZE header"}, "ct.hdr"),
  });
}

TEST(FilesTable, WhatCannotBeListed) {
  const auto beside = [](const char* value, const std::function<void(const fs::path&)>& make) {
    return Row{.property = "beside a volume", .value = value, .write = [make](const fs::path& folder) {
                 write_bytes(folder / "ct.nii", nifti());
                 make(folder);
               }};
  };
  check_all({
      read_as(beside("a FIFO", [](const fs::path& folder) { mkfifo((folder / "f").c_str(), 0600); }),
              volume_as("ct.nii", {"a FIFO, not read"})),
      read_as(beside("a link to a folder", [](const fs::path& folder) { fs::create_symlink("/", folder / "root"); }),
              volume_as("ct.nii", {"a link to a folder, not followed"})),
      read_as(beside("a link to nothing", [](const fs::path& folder) { fs::create_symlink("x", folder / "l"); }),
              volume_as("ct.nii", {"/l: cannot be read (No such file"})),
      read_as(beside("a link to itself", [](const fs::path& folder) { fs::create_symlink("l", folder / "l"); }),
              volume_as("ct.nii", {"cannot be read (Too many levels of symbolic links)"})),
      read_as(beside("a file that fails to be read",
                     [](const fs::path& folder) { fs::create_symlink("/proc/self/mem", folder / "l"); }),
              volume_as("ct.nii", {"cannot be read (Input/output error)"})),
      refused(beside("a FIFO", [](const fs::path& folder) { mkfifo((folder / "f").c_str(), 0600); }),
              {"/f: a FIFO, not read, expected a file or a folder"}, "f"),
      refused(beside("nothing", [](const fs::path&) {}), {"/absent: no such file or folder"}, "absent"),
  });
}

#ifdef PLEURA_WITH_DICOM

/// The files of a series of 12 slices.
std::vector<std::pair<std::string, std::string>> slices(const std::string& folder = "") {
  const TemporaryFolder written;
  write_series(written.path());
  std::vector<std::pair<std::string, std::string>> contents;
  for (const auto& entry : fs::directory_iterator(written.path()))
    contents.emplace_back(folder + entry.path().filename().string(), read_bytes(entry.path()));
  std::sort(contents.begin(), contents.end());
  return contents;
}

/// All 12 slices, and what else was said of the files.
std::function<void(const Read&)> series(const std::vector<std::string>& refused = {}) {
  return [=](const Read& read) {
    ASSERT_EQ(read.volume.geometry.shape, (Index3{12, side, side}));
    for (std::int64_t z = 0; z < 12; ++z)
      EXPECT_EQ(read.volume.hu[static_cast<std::size_t>((z * side + 5) * side + 6)], phantom_hu(z, 5, 6));
    ASSERT_TRUE(read.volume.provenance);
    EXPECT_EQ(read.volume.provenance->format, "DICOM");
    EXPECT_EQ(read.volume.provenance->files, 12);
    const auto said = said_of(read.report.refused_files);
    for (const auto& part : refused) EXPECT_THAT(said, HasSubstr(part));
    EXPECT_EQ(read.report.refused_files.empty(), refused.empty()) << said;
  };
}

/// Slices, and what else is in their folder.
Row slices_and(const char* what, const std::function<void(const fs::path&)>& make) {
  return {.property = "beside slices", .value = what, .write = [make](const fs::path& folder) {
            for (const auto& [name, bytes] : slices()) write_bytes(folder / name, bytes);
            make(folder);
          }};
}

std::string dicomdir() {
  return std::string(128, '\0') + "DICM\x02\0\0\0UL\x04\0\x1C\0\0\0\x02\0\x02\0UI\x14\0\x31.2.840.10008.1.3.10"s;
}

void deep_folders(const fs::path& folder) {
  const std::string name(250, 'd');
  int at = open(folder.c_str(), O_DIRECTORY);
  for (int depth = 0; depth < 20; ++depth) {
    mkdirat(at, name.c_str(), 0700);
    const int next = openat(at, name.c_str(), O_DIRECTORY);
    close(at);
    at = next;
  }
  close(at);
}

TEST(FilesTable, SlicesBesideWhatCannotBeRead) {
  const auto link = [](const char* target) {
    return [target](const fs::path& folder) { fs::create_symlink(target, folder / "more.dcm"); };
  };
  check_all({
      refused(slices_and("a link to nothing", link("gone")),
              {"slices may be missing: more.dcm: cannot be read (No such"}),
      refused(slices_and("a link to itself", link("more.dcm")), {"slices may be missing", "Too many levels"}),
      refused(slices_and("a file that fails", link("/proc/self/mem")),
              {"more.dcm: cannot be read (Input/output error)"}),
      refused(slices_and("folders deeper than a path can name", deep_folders),
              {"slices may be missing: ", "cannot be read (File name too long)"}),
      read_as(slices_and("a FIFO", [](const fs::path& folder) { mkfifo((folder / "f").c_str(), 0600); }),
              series({"a FIFO, not read"})),
      read_as(slices_and("a text", [](const fs::path& folder) { write_bytes(folder / "f", "text"); }),
              series({"of no format that pleura reads"})),
      read_as(slices_and("a DICOMDIR", [](const fs::path& folder) { write_bytes(folder / "DICOMDIR", dicomdir()); }),
              series()),
      read_as(slices_and("a DICOMDIR, given", [](const fs::path& folder) { write_bytes(folder / "d", dicomdir()); }),
              series(), "d"),
      refused(slices_and("a truncated .gz of a slice",
                         [](const fs::path& folder) {
                           write_gzip(folder / "z.dcm.gz", slices().front().second);
                           fs::resize_file(folder / "z.dcm.gz", fs::file_size(folder / "z.dcm.gz") - 9);
                         }),
              {"slices may be missing: z.dcm.gz: a truncated or damaged gzip file"}),
  });
}

TEST(FilesTable, GzippedSlices) {
  const Row gzipped{.property = "slices", .value = "gzipped", .write = [](const fs::path& folder) {
                      for (const auto& [name, bytes] : slices()) write_gzip(folder / (name + ".gz"), bytes);
                    }};
  const Row bomb{.property = "gzip", .value = "260 MiB in 1", .write = [](const fs::path& folder) {
                   write_gzip(folder / "a.dcm.gz", std::string(128, '\0') + "DICM" + std::string(260 << 20, '\0'));
                 }};
  check_all({
      read_as(gzipped, series()),
      refused(bomb, {"a.dcm.gz: a gzip file of more than 256 MiB"}, "a.dcm.gz"),
  });
}

TEST(FilesTable, OneUidInTwoStudies) {
  const Row row{.property = "one SeriesInstanceUID", .value = "in two studies", .write = [](const fs::path& folder) {
                  for (const std::string study : {"1", "2"}) {
                    fs::create_directory(folder / study);
                    write_series(folder / study, {.change = [&](std::int64_t, DcmDataset& dataset) {
                                   put(dataset, DCM_StudyInstanceUID, "1.2.3." + study);
                                 }});
                  }
                }};
  check_all({
      refused(row, {"CTs of several patients or visits", "in 1; ", "in 2"}),
      refused(row, {"--series 1.2.3.1: fits 2 series", "1.2.3.1 in 1, 1.2.3.1 in 2"}, "", "1.2.3.1"),
      read_as(row, series(), "2", "1.2.3.1"),
      read_as(row, series(), "", "2"),
  });
}

/// As another user than root, to whom nothing is closed.
TEST(FilesTable, AClosedFolderAmongSlices) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : slices()) write_bytes(folder / name, bytes);
  fs::create_directory(folder / "closed");
  const auto read = [&] {
    if (getuid() == 0 && setuid(65534) != 0) _exit(3);
    try {
      ReadOptions options;
      options.threads = 1;
      (void)read_ct(folder.path(), options);
    } catch (const Error& error) {
      std::cerr << error.what() << '\n';
      _exit(1);
    }
    _exit(0);
  };
  EXPECT_EXIT(read(), testing::ExitedWithCode(0), "");
  fs::permissions(folder / "closed", fs::perms::none);
  EXPECT_EXIT(read(), testing::ExitedWithCode(1),
              "slices may be missing: closed: a folder that cannot be listed .Permission denied");
  fs::rename(folder / "closed", folder /
                                    "lost\x2B"
                                    "found");
  EXPECT_EXIT(read(), testing::ExitedWithCode(0), "");
  fs::permissions(folder / "lost+found", fs::perms::owner_all);
}

#endif

#ifdef PLEURA_WITH_ARCHIVES

constexpr Packing zip{}, tar{.format = ARCHIVE_FORMAT_TAR_USTAR};

Row packed(const char* value, const Members& members, const Packing& packing = zip) {
  return {.property = "archive", .value = value, .write = [=](const fs::path& folder) {
            pack(folder / "a", members, packing);
          }};
}

/// An archive changed by `damage`.
Row damaged(const char* value, const Members& members, const Packing& packing,
            const std::function<void(std::string&)>& damage) {
  return {.property = "archive", .value = value, .write = [=](const fs::path& folder) {
            pack(folder / "a", members, packing);
            auto bytes = read_bytes(folder / "a");
            damage(bytes);
            write_bytes(folder / "a", bytes);
          }};
}

TEST(FilesTable, ArchivesOfVolumes) {
  const std::string header = metaimage_header("v\xC3\xA9.raw"), latin = metaimage_header("v\xE9.raw");
  const Packing quick{.options = "zip:compression-level=1"};
  const TemporaryFolder scratch;
  pack(scratch / "inner", {{"ct.nii", nifti()}});
  const std::string inner = read_bytes(scratch / "inner");
  check_all({
      read_as(packed("a NIfTI", {{"ct.nii", nifti()}}), volume_as("ct.nii"), "a"),
      read_as(packed("a NIfTI, its folder given", {{"p/ct.nii", nifti()}}), volume_as("a/p/ct.nii")),
      read_as(packed("a gzipped NIfTI", {{"p/ct.nii.gz", nifti("ct.nii.gz")}}), volume_as("p/ct.nii.gz"), "a"),
      read_as(packed("header before voxels", {{"p/ct.mhd", header}, {"p/v\xC3\xA9.raw", raw_voxels()}}),
              volume_as("p/ct.mhd"), "a"),
      read_as(packed("voxels before header", {{"v\xC3\xA9.raw", raw_voxels()}, {"ct.mhd", header}}, tar),
              volume_as("ct.mhd"), "a"),
      read_as(packed("Latin-1 names", {{"ct.mhd", latin}, {"v\xE9.raw", raw_voxels()}}, tar), volume_as("ct.mhd"), "a"),
      read_as(packed("UTF-8 names, pax", {{"ct.mhd", header}, {"v\xC3\xA9.raw", raw_voxels()}},
                     {.format = ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE}),
              volume_as("ct.mhd"), "a"),
      refused(packed("voxels missing", {{"ct.mhd", header}}), {"is not there"}, "a"),
      refused(packed("two volumes", {{"p1/ct.nii", nifti()}, {"p2/ct.nii", nifti()}}), {"'p1/ct.nii'", "'p2/ct.nii'"},
              "a"),
      read_as(packed("two volumes, one named", {{"p1/ct.nii", nifti()}, {"p2/ct.nii", nifti()}}),
              volume_as("p2/ct.nii"), "a", "p2/ct.nii"),
      read_as(packed("a text and a PDF", {{"ct.nii", nifti()}, {"x.txt", "text"}, {"x.pdf", "%PDF-1.4 ..."}}),
              volume_as("ct.nii", {"of no format", "a PDF document"}), "a"),
      read_as(packed("an archive in it", {{"ct.nii", nifti()}, {"b.zip", inner}}),
              volume_as("ct.nii", {"an archive inside an archive, not read: unpack it"}), "a"),
      refused(packed("an archive alone in it", {{"b.zip", inner}}), {"an archive inside an archive"}, "a"),
      read_as(packed("names that lead out", {{"../../ct.nii", nifti()}}), volume_as("ct.nii"), "a"),
      read_as(packed("absolute names", {{"/tmp/ct.nii", nifti()}}), volume_as("tmp/ct.nii"), "a"),
      read_as(packed("a hard link", {{"ct.nii", nifti()}, {"b.nii", "", "ct.nii"}}, tar),
              volume_as("ct.nii", {"a second name of another member"}), "a"),
      read_as(packed("a symbolic link", {{"ct.nii", nifti()}, {"b.nii", "", "", "/etc/passwd"}}, tar),
              volume_as("ct.nii", {"a link or a device"}), "a"),
      read_as(packed("a member twice", {{"ct.nii", nifti()}, {"ct.nii", nifti()}}, tar),
              volume_as("ct.nii", {"twice in the archive, read once"}), "a"),
      refused(packed("two members of one name", {{"ct.nii", nifti()}, {"ct.nii", nifti("ct.nii.gz")}}, tar),
              {"two different members ct.nii"}, "a"),
      refused(packed("a text alone", {{"x.txt", "text"}}), {"/a: no CT; 1 file not read, the first x.txt"}, "a"),
      refused(
          packed("encrypted", {{"ct.nii", nifti()}}, {.options = "zip:encryption=traditional", .password = "secret"}),
          {"/a: an encrypted archive: unpack it"}, "a"),
      refused(packed("260 MiB in 1", {{"ct.nii", nifti() + std::string(260 << 20, '\0')}}, quick),
              {"/a: an archive of more than 256 MiB once unpacked"}, "a"),
      refused(packed("260 MiB of no format", {{"x", std::string(260 << 20, 'x')}}, quick),
              {"more than 256 MiB once unpacked"}, "a"),
  });
}

TEST(FilesTable, DamagedArchives) {
  const Members members{{"ct.nii", nifti()}, {"b.nii", nifti()}};
  const Packing stored{.options = "zip:compression=store"},
      gzipped{.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = ARCHIVE_FILTER_GZIP};
  const auto cut = [](std::size_t bytes) { return [=](std::string& all) { all.resize(all.size() - bytes); }; };
  const std::vector<std::string> words{"/a: a damaged archive"};
  check_all({
      refused(damaged("zip, cut off", members, zip, cut(30)), words, "a"),
      refused(damaged("zip, a wrong byte", members, stored, [](std::string& all) { all[600] ^= 1; }), {words[0], "CRC"},
              "a"),
      refused(damaged("tar, cut off in a member", members, tar, [](std::string& all) { all.resize(1200); }), words,
              "a"),
      refused(damaged("tar, cut off between members", members, tar, [](std::string& all) { all.resize(2048); }),
              {"/a: a truncated archive (it has no end mark)"}, "a"),
      refused(damaged("tar, a wrong header", members, tar, [](std::string& all) { all[2048 + 5] ^= 1; }), words, "a"),
      refused(damaged("tar.gz, cut off", members, gzipped, cut(20)), words, "a"),
      refused(damaged("no archive in it", {}, gzipped,
                      [](std::string& all) { all = "\x28\xB5\x2F\xFD" + std::string(100, 'x'); }),
              words, "a"),
  });
}

/// Whatever bytes of an archive change, reading ends in a volume or in an error, and the volume is the right one.
TEST(FilesTable, MutatedArchives) {
  const TemporaryFolder folder;
  for (const Packing& packing :
       {zip, tar, Packing{.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = ARCHIVE_FILTER_ZSTD}}) {
    pack(folder / "a", {{"p/ct.nii.gz", nifti("ct.nii.gz")}, {"x.txt", "text"}}, packing);
    const auto bytes = read_bytes(folder / "a");
    std::mt19937 random(20200209);
    int refusals = 0;
    for (int round = 0; round < 300; ++round) {
      auto changed = bytes;
      for (int i = 0; i < 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
      if (round % 3 == 0) changed.resize(random() % changed.size());
      write_bytes(folder / "a", changed);
      try {
        (void)read_ct(folder / "a");
      } catch (const Error& error) {
        EXPECT_NE(error.status(), Status::internal) << error.what();
        ++refusals;
      }
    }
    EXPECT_GT(refusals, 0);
  }
}

#ifdef PLEURA_WITH_DICOM
TEST(FilesTable, ArchivesOfSlices) {
  Members members;
  for (const auto& [name, bytes] : slices("disc/")) members.push_back({name, bytes});
  Members with_index = members;
  with_index.push_back({"DICOMDIR", dicomdir()});
  const Packing zip64{.options = "zip:zip64"};
  std::vector<Row> rows{
      read_as(packed("zip", members), series(), "a"),
      read_as(packed("zip, its folder given", members), series()),
      read_as(packed("zip64", members, zip64), series(), "a"),
      read_as(packed("zip of a disc", with_index), series(), "a"),
      read_as(packed("tar", members, tar), series(), "a"),
      read_as({.property = "slices",
               .value = "half of them zipped",
               .write =
                   [members](const fs::path& folder) {
                     pack(folder / "a", {members.begin(), members.begin() + 6});
                     for (std::size_t i = 6; i < members.size(); ++i)
                       write_bytes(folder / members[i].name, members[i].bytes);
                   }},
              series()),
      refused(slices_and("a zip, cut off",
                         [members](const fs::path& folder) {
                           pack(folder / "a", members);
                           fs::resize_file(folder / "a", 1000);
                         }),
              {"slices may be missing: a: a damaged archive"}),
  };
  for (const auto& [name, filter] :
       {std::pair("tar.gz", ARCHIVE_FILTER_GZIP), std::pair("tar.bz2", ARCHIVE_FILTER_BZIP2),
        std::pair("tar.xz", ARCHIVE_FILTER_XZ), std::pair("tar.zst", ARCHIVE_FILTER_ZSTD)})
    rows.push_back(
        read_as(packed(name, members, {.format = ARCHIVE_FORMAT_TAR_USTAR, .filter = filter}), series(), "a"));
  check_all(rows);
}
#endif

#else

TEST(FilesTable, ABuildWithoutArchivesSaysSo) {
  check_all({
      refused(files("archive", "zip", {{"a", "PK\x03\x04"}}), {"/a: an archive, but this pleura was built without"},
              "a"),
      read_as(files("archive", "zip, beside a volume", {{"a", "PK\x03\x04"}, {"ct.nii", nifti()}}),
              volume_as("ct.nii", {"unpack it"})),
  });
}

#endif

}  // namespace
}  // namespace pleura::scan::test::files_table
