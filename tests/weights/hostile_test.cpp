/// Well-formed HDF5 files that are no weights files, or want memory, disk or programs that they should not have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <fstream>

#include "files/hdf5.hpp"
#include "pleura/error.hpp"
#include "scan/temporary_folder.hpp"
#include "weights/small_models.hpp"

namespace pleura::weights {
namespace {

using hdf5::Handle;
using testing::HasSubstr;

/// A good file that a test spoils through the HDF5 library.
class Hostile : public testing::Test {
 protected:
  Hostile() : file_(folder_ / "model.h5") {}

  /// Runs `spoil` with the open file, then expects read_model to refuse it with all these parts in its one line.
  template <class Spoil>
  void refused(const std::vector<std::string>& parts, const Spoil& spoil) {
    write_model(test::small_model(), file_, false);
    {
      const hdf5::Session session;
      const Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      spoil(file.get());
    }
    expect_refused(parts);
  }

  void expect_refused(const std::vector<std::string>& parts) {
    try {
      (void)read_model(file_);
      ADD_FAILURE() << "was read; expected: " << parts.front();
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::weights_refused);
      EXPECT_THAT(error.what(), HasSubstr(file_.string() + ": "));
      for (const std::string& part : parts) EXPECT_THAT(error.what(), HasSubstr(part));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }

  static void set_text(hid_t file, const char* group, const char* name, const std::string& text) {
    H5Adelete_by_name(file, group, name, H5P_DEFAULT);
    const Handle type = hdf5::text_type(), space(H5Screate(H5S_SCALAR));
    const Handle attribute(
        H5Acreate_by_name(file, group, name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const char* start = text.c_str();
    ASSERT_GE(H5Awrite(attribute.get(), type.get(), static_cast<const void*>(&start)), 0);
  }

  static void set_numbers(hid_t file, const char* group, const char* name, const std::vector<double>& values,
                          hid_t type = H5T_IEEE_F64LE, bool scalar = false) {
    H5Adelete_by_name(file, group, name, H5P_DEFAULT);
    const hsize_t count = values.size();
    const Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr));
    const Handle attribute(
        H5Acreate_by_name(file, group, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    ASSERT_GE(H5Awrite(attribute.get(), H5T_NATIVE_DOUBLE, values.data()), 0);
  }

  static void set_number(hid_t file, const char* group, const char* name, double value, hid_t type = H5T_STD_I64LE) {
    set_numbers(file, group, name, {value}, type, true);
  }

  /// Replaces the tensor fc.out.bias, three floats, by another dataset.
  template <class Prepare>
  static void set_dataset(hid_t file, hid_t type, std::vector<hsize_t> extents, const Prepare& prepare,
                          bool write = true) {
    H5Ldelete(file, kBias, H5P_DEFAULT);
    const Handle space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE));
    prepare(properties.get());
    const Handle dataset(H5Dcreate2(file, kBias, type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
    ASSERT_TRUE(dataset);
    if (!write) return;
    const std::vector<float> values(16, 1.0F);
    ASSERT_GE(H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  }

  static void write_values(hid_t file, const char* name, const std::vector<float>& values) {
    const Handle dataset(H5Dopen2(file, name, H5P_DEFAULT));
    ASSERT_GE(H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  }

  static std::string deflated_zeros() {
    const std::vector<Bytef> zeros(4000000);
    uLongf bytes = compressBound(zeros.size());
    std::string packed(bytes, '\0');
    compress2(reinterpret_cast<Bytef*>(packed.data()), &bytes, zeros.data(), zeros.size(), 9);
    packed.resize(bytes);
    return packed;
  }

  static constexpr const char* kBias = "/classifiers/m2/tensors/fc.out.bias";
  scan::test::TemporaryFolder folder_;
  std::filesystem::path file_;
};

const auto kPlain = [](hid_t) {};

TEST_F(Hostile, FilesThatAreNotHdf5) {
  for (const std::string text :
       {"", "x", "\x89HDF", "\x89HDF\r\n\x1a\n", "a text that is not HDF5 but longer than a superblock is"}) {
    std::ofstream(file_, std::ios::binary) << text;
    expect_refused({"no HDF5 file"});
  }
  file_ = folder_.path();
  expect_refused({"no such file"});
  file_ = folder_ / "none.h5";
  expect_refused({"no such file"});
}

TEST_F(Hostile, AnotherFormatOrVersion) {
  refused({"/@format_version: found 2, expected 1 to 1"}, [&](hid_t f) { set_number(f, "/", "format_version", 2); });
  refused({"/@format: found 'other', expected pleura-weights"}, [&](hid_t f) { set_text(f, "/", "format", "other"); });
  refused({"/@format: found no attribute"}, [](hid_t f) { H5Adelete(f, "format"); });
}

TEST_F(Hostile, Texts) {
  refused({"/@name: found 'a\?', expected one UTF-8 text"}, [&](hid_t f) { set_text(f, "/", "name", "a\xff"); });
  refused({"/@name", "control"}, [&](hid_t f) { set_text(f, "/", "name", "\x1b[2J"); });
  refused({"/@name: found a text of 70000 bytes"}, [&](hid_t f) { set_text(f, "/", "name", std::string(70000, 'x')); });
  refused({"/@name: found another type"}, [&](hid_t f) { set_number(f, "/", "name", 1); });
}

TEST_F(Hostile, EndlessTextOfFixedLength) {
  refused({"found an attribute or link too large for its heap"}, [&](hid_t f) {
    H5Adelete(f, "name");
    const Handle type(H5Tcopy(H5T_C_S1)), space(H5Screate(H5S_SCALAR));
    H5Tset_size(type.get(), 70000);
    const Handle attribute(H5Acreate2(f, "name", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
    if (!attribute) GTEST_SKIP() << "this HDF5 does not make such attributes";
    const std::string text(70000, 'x');
    H5Awrite(attribute.get(), type.get(), text.data());
  });
}

TEST_F(Hostile, AttributesOutOfRange) {
  const char* group = "/segmenter";
  refused({"/segmenter@threshold: found nan, expected 0 to 1"},
          [&](hid_t f) { set_number(f, group, "threshold", NAN, H5T_IEEE_F64LE); });
  refused({"/segmenter@threshold: found values (2), expected ()"}, [&](hid_t f) {
    set_numbers(f, group, "threshold", {0.5, 0.5});
  });
  refused({"/segmenter@threshold: found no attribute"},
          [&](hid_t f) { H5Adelete_by_name(f, group, "threshold", H5P_DEFAULT); });
  refused({"/segmenter@max_regions: found another type, expected int"},
          [&](hid_t f) { set_number(f, group, "max_regions", 1, H5T_IEEE_F64LE); });
  refused({"/segmenter@max_regions: found 9.223372037e+18"},
          [&](hid_t f) { set_number(f, group, "max_regions", 1.8e19, H5T_STD_U64LE); });
  refused({"/segmenter@max_regions: found -1"},
          [&](hid_t f) { set_number(f, group, "max_regions", -1, H5T_STD_I8LE); });
  refused({"/segmenter@anchors_mm: found values (65), expected a list of 1 to 64"},
          [&](hid_t f) { set_numbers(f, group, "anchors_mm", std::vector<double>(65, 5)); });
  refused({"/segmenter@block: found 'conv7', expected conv5, inception-resnet"},
          [&](hid_t f) { set_text(f, group, "block", "conv7"); });
}

TEST_F(Hostile, NetworksThatAreTooLarge) {
  refused({"/segmenter@channels: found 2048, expected 1 to 1024"}, [&](hid_t f) {
    set_numbers(f, "/segmenter", "channels", {1, 2048, 4, 4, 4}, H5T_STD_I64LE);
  });
  refused({"/segmenter: found a network of", "expected at most 268435456"}, [&](hid_t f) {
    set_numbers(f, "/segmenter", "channels", {1024, 1024, 1024, 1024, 1024}, H5T_STD_I64LE);
    set_text(f, "/segmenter", "block", "conv5");
  });
}

TEST_F(Hostile, TensorsOfAnotherShape) {
  refused({kBias, "found (4), expected (3)"}, [&](hid_t f) { set_dataset(f, H5T_IEEE_F32LE, {4}, kPlain); });
  refused({kBias, "found (1, 3), expected (3)"}, [&](hid_t f) { set_dataset(f, H5T_IEEE_F32LE, {1, 3}, kPlain); });
  refused({kBias, "found (1099511627776), expected (3)"},
          [&](hid_t f) { set_dataset(f, H5T_IEEE_F32LE, {1ULL << 40}, kPlain, false); });
}

TEST_F(Hostile, TensorsOfAnotherType) {
  for (const hid_t type : {H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_I32LE})
    refused({kBias, "found another type of", "expected little-endian float32 or float16"},
            [&](hid_t f) { set_dataset(f, type, {3}, kPlain); });
}

TEST_F(Hostile, TensorsMissingOrExtra) {
  refused({kBias, "found no dataset, expected one of shape (3)"}, [](hid_t f) { H5Ldelete(f, kBias, H5P_DEFAULT); });
  refused({"/segmenter/extra: found an extra name"}, [](hid_t f) {
    const Handle group(H5Gcreate2(f, "/segmenter/extra", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  });
  refused({"/more: found an extra name"},
          [](hid_t f) { const Handle group(H5Gcreate2(f, "/more", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); });
}

TEST_F(Hostile, GroupsAndDatasetsInEachOthersPlace) {
  refused({kBias, "found something else"}, [](hid_t f) {
    H5Ldelete(f, kBias, H5P_DEFAULT);
    const Handle group(H5Gcreate2(f, kBias, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  });
  refused({"/segmenter/tensors: found something else, expected a group"}, [](hid_t f) {
    H5Ldelete(f, "/segmenter/tensors", H5P_DEFAULT);
    H5Lcreate_hard(f, "/classifiers/m1/tensors/fc.out.bias", f, "/segmenter/tensors", H5P_DEFAULT, H5P_DEFAULT);
  });
  refused({"/segmenter/tensors: found nothing"}, [](hid_t f) { H5Ldelete(f, "/segmenter/tensors", H5P_DEFAULT); });
}

TEST_F(Hostile, Links) {
  refused({kBias, "found a soft link, expected a hard link"}, [](hid_t f) {
    H5Ldelete(f, kBias, H5P_DEFAULT);
    H5Lcreate_soft("/classifiers/m1/tensors/fc.out.bias", f, kBias, H5P_DEFAULT, H5P_DEFAULT);
  });
  refused({kBias, "found an external link, expected a hard link"}, [](hid_t f) {
    H5Ldelete(f, kBias, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", f, kBias, H5P_DEFAULT, H5P_DEFAULT);
  });
  refused({"/segmenter: found a soft link"}, [](hid_t f) {
    H5Ldelete(f, "/segmenter", H5P_DEFAULT);
    H5Lcreate_soft("/", f, "/segmenter", H5P_DEFAULT, H5P_DEFAULT);
  });
  refused({"@architecture: found no attribute"}, [](hid_t f) {  // a circle
    H5Ldelete(f, "/segmenter", H5P_DEFAULT);
    H5Lcreate_hard(f, "/", f, "/segmenter", H5P_DEFAULT, H5P_DEFAULT);
  });
}

TEST_F(Hostile, DataElsewhere) {
  refused({kBias, "found external storage"}, [&](hid_t f) {
    set_dataset(
        f, H5T_IEEE_F32LE, {3}, [](hid_t p) { H5Pset_external(p, "/etc/passwd", 0, 12); }, false);
  });
  refused({kBias, "found a virtual layout"}, [&](hid_t f) {
    const hsize_t three = 3;
    const Handle space(H5Screate_simple(1, &three, nullptr));
    set_dataset(
        f, H5T_IEEE_F32LE, {3}, [&](hid_t p) { H5Pset_virtual(p, space.get(), "other.h5", "x", space.get()); }, false);
  });
  refused({kBias, "found 0 stored bytes, expected at least 12"},
          [&](hid_t f) { set_dataset(f, H5T_IEEE_F32LE, {3}, kPlain, false); });
}

TEST_F(Hostile, Filters) {
  const auto chunked = [](auto&& more) {
    return [more](hid_t p) {
      const hsize_t chunk = 2;
      H5Pset_chunk(p, 1, &chunk);
      more(p);
    };
  };
  refused({kBias, "found filter 3 at place 1"},
          [&](hid_t f) { set_dataset(f, H5T_IEEE_F32LE, {3}, chunked([](hid_t p) { H5Pset_fletcher32(p); })); });
  refused({kBias, "found filter 6 at place 1"}, [&](hid_t f) {
    set_dataset(f, H5T_IEEE_F32LE, {3}, chunked([](hid_t p) { H5Pset_scaleoffset(p, H5Z_SO_FLOAT_DSCALE, 2); }));
  });
  refused({kBias, "found filter 2 at place 2"}, [&](hid_t f) {
    set_dataset(f, H5T_IEEE_F32LE, {3}, chunked([](hid_t p) {
                  H5Pset_deflate(p, 6);
                  H5Pset_shuffle(p);
                }));
  });
  write_model(test::small_model(), file_, false);
  {
    const hdf5::Session session;
    const Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    set_dataset(file.get(), H5T_IEEE_F32LE, {3}, chunked([](hid_t p) {
                  H5Pset_shuffle(p);
                  H5Pset_deflate(p, 6);
                }));
  }
  EXPECT_EQ(read_model(file_).classifiers.at("m2").tensors.at("fc.out.bias").values, (std::vector<float>{1, 1, 1}));
}

TEST_F(Hostile, ADeflateBombTakesNoMemory) {
  // A chunk that says 12 bytes and unpacks to 4 million.
  refused({kBias, "deflate data does not give 12 bytes"}, [&](hid_t f) {
    H5Ldelete(f, kBias, H5P_DEFAULT);
    const hsize_t three = 3;
    const Handle space(H5Screate_simple(1, &three, nullptr)), properties(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(properties.get(), 1, &three);
    H5Pset_deflate(properties.get(), 9);
    const Handle dataset(H5Dcreate2(f, kBias, H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
    const std::string bomb = deflated_zeros();
    const hsize_t first = 0;
    ASSERT_GE(H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, 0, &first, bomb.size(), bomb.data()), 0);
  });
}

TEST_F(Hostile, ValuesThatAreNoWeights) {
  refused({kBias, "found NaN at 1, expected finite values"}, [&](hid_t f) { write_values(f, kBias, {1, NAN, 1}); });
  refused({kBias, "found infinity at 2"}, [&](hid_t f) { write_values(f, kBias, {1, 1, -INFINITY}); });
  const char* variance = "/classifiers/m1/tensors/last.norm.running_var";
  refused({variance, "found -0.5, expected variances of 0 or more"}, [&](hid_t f) {
    write_values(f, variance, {1, 1, -0.5F, 1});
  });
}

TEST_F(Hostile, OfSeveralFaultsTheFirstIsNamedByAnyNumberOfThreads) {
  write_model(test::small_model(), file_, false);
  {
    const hdf5::Session session;
    const Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    for (const char* name : {"/classifiers/m1/tensors/fc.out.bias", kBias}) write_values(file.get(), name, {1, NAN, 1});
  }
  for (const int threads : {1, 2, 4})
    for (int round = 0; round < 5; ++round) {
      try {
        (void)read_model(file_, threads);
        ADD_FAILURE() << "was read on " << threads << " threads";
      } catch (const Error& error) {
        EXPECT_EQ(error.what(),
                  file_.string() + ": /classifiers/m1/tensors/fc.out.bias: found NaN at 1, expected finite values");
      }
    }
}

TEST_F(Hostile, NoNetworkOrTheWrongOne) {
  refused({"/classifiers/m1@uses_distance: found 1, expected 0"}, [](hid_t f) {
    H5Ldelete(f, "/classifiers/m1", H5P_DEFAULT);
    H5Lmove(f, "/classifiers/m2", f, "/classifiers/m1", H5P_DEFAULT, H5P_DEFAULT);
  });
  refused({"found no network, expected at least one"}, [](hid_t f) {
    H5Ldelete(f, "/classifiers", H5P_DEFAULT);
    H5Ldelete(f, "/segmenter", H5P_DEFAULT);
  });
}

}  // namespace
}  // namespace pleura::weights
