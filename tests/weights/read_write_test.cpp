#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>

#include "files/replace.hpp"
#include "files/sha256.hpp"
#include "files/small_disk.hpp"
#include "pleura/pleura.hpp"
#include "runtime/float16.hpp"
#include "scan/temporary_folder.hpp"
#include "weights/small_models.hpp"

namespace pleura::weights {
namespace {

using scan::test::TemporaryFolder;

std::string file_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sha256_of(const std::filesystem::path& file) {
  const std::string bytes = file_bytes(file);
  files::Sha256 hash;
  hash.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  return hash.hex();
}

void expect_equal(const TensorMap& found, const TensorMap& expected, bool fp16) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(found.at(name).shape, tensor.shape) << name;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const float stored = fp16 ? runtime::fp16_to_float(runtime::float_to_fp16(tensor.values[i])) : tensor.values[i];
      ASSERT_EQ(std::bit_cast<std::uint32_t>(found.at(name).values[i]), std::bit_cast<std::uint32_t>(stored)) << name;
    }
  }
}

Model all_settings() {
  Model model = test::small_model();
  auto& segmenter = *model.segmenter;
  segmenter.hyper.anchors = 2;
  segmenter.hyper.extra_classes = 3;
  segmenter.settings = {{1, 2, 3}, {-100, 50}, NAN, 4, 0.5, 0.25, 9, {7, 8}, 0.1};
  segmenter.tensors = random_tensors(tensor_shapes(segmenter.hyper), "segmenter/", 1);
  model.classifiers["m2"].settings = {50, PatchImage::neighbours, {{{-9, 1}, {-8, 2}, {-7, 3}}}, -2, 0.5};
  return model;
}

void expect_same_settings(const Model& found, const Model& expected) {
  const auto& a = found.segmenter->settings;
  const auto& b = expected.segmenter->settings;
  EXPECT_EQ(a.spacing_mm, b.spacing_mm);
  EXPECT_EQ(a.hu_window, b.hu_window);
  EXPECT_EQ(std::isnan(a.outside_hu), std::isnan(b.outside_hu));
  EXPECT_EQ(a.outside_margin_mm, b.outside_margin_mm);
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.nms_iou, b.nms_iou);
  EXPECT_EQ(a.max_regions, b.max_regions);
  EXPECT_EQ(a.anchors_mm, b.anchors_mm);
  EXPECT_EQ(found.segmenter->hyper.anchors, expected.segmenter->hyper.anchors);
  EXPECT_EQ(found.segmenter->hyper.extra_classes, expected.segmenter->hyper.extra_classes);
  for (const auto& [name, classifier] : expected.classifiers) {
    const auto& c = found.classifiers.at(name);
    EXPECT_EQ(c.hyper.uses_distance, classifier.hyper.uses_distance);
    EXPECT_EQ(c.hyper.blocks, classifier.hyper.blocks);
    EXPECT_EQ(c.hyper.hidden, classifier.hyper.hidden);
    EXPECT_EQ(c.settings.field_mm, classifier.settings.field_mm);
    EXPECT_EQ(c.settings.image, classifier.settings.image);
    EXPECT_EQ(c.settings.windows, classifier.settings.windows);
    EXPECT_EQ(c.settings.distance_scale, classifier.settings.distance_scale);
    EXPECT_EQ(c.settings.distance_shift, classifier.settings.distance_shift);
  }
}

class ReadWrite : public testing::TestWithParam<bool> {};

TEST_P(ReadWrite, ReturnsWhatWasWritten) {
  const TemporaryFolder folder;
  const Model written = all_settings();
  write_model(written, folder / "model.h5", GetParam());
  const Model read = read_model(folder / "model.h5");
  EXPECT_EQ(read.name, written.name);
  EXPECT_EQ(read.licence, written.licence);
  EXPECT_EQ(read.intended_use, written.intended_use);
  EXPECT_EQ(read.provenance, written.provenance);
  EXPECT_EQ(read.sha256, sha256_of(folder / "model.h5"));
  expect_same_settings(read, written);
  expect_equal(read.segmenter->tensors, written.segmenter->tensors, GetParam());
  for (const char* name : {"m1", "m2"})
    expect_equal(read.classifiers.at(name).tensors, written.classifiers.at(name).tensors, GetParam());
}

TEST_P(ReadWrite, GivesTheSameBytesAgain) {
  const TemporaryFolder folder;
  write_model(test::small_model(), folder / "one.h5", GetParam());
  write_model(test::small_model(), folder / "two.h5", GetParam());
  EXPECT_EQ(sha256_of(folder / "one.h5"), sha256_of(folder / "two.h5"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2) << "a temporary file is left";
}

INSTANTIATE_TEST_SUITE_P(Storage, ReadWrite, testing::Values(false, true),
                         [](const auto& storage) { return storage.param ? "fp16" : "fp32"; });

TEST(ReadModel, TakesEveryFormOfTheNetwork) {
  const TemporaryFolder folder;
  Model model = test::small_model();
  auto& hyper = model.segmenter->hyper;
  hyper.block = Block::conv5;
  for (const bool rpn : {false, true})
    for (const Norm norm : {Norm::none, Norm::batch})
      for (const Activation activation : {Activation::relu, Activation::elu, Activation::prelu})
        for (const bool before : {false, true}) {
          hyper.rpn = rpn;
          hyper.norm = norm;
          hyper.activation = activation;
          hyper.activate_before_add = before;
          model.segmenter->tensors = random_tensors(tensor_shapes(hyper), "segmenter/", 1);
          write_model(model, folder / "model.h5", false);
          const VNetHyper read = read_model(folder / "model.h5").segmenter->hyper;
          EXPECT_EQ(read.rpn, rpn);
          EXPECT_EQ(read.norm, norm);
          EXPECT_EQ(read.activation, activation);
          EXPECT_EQ(read.activate_before_add, before);
        }
}

TEST(ReadModel, GivesTheSameOnAnyNumberOfThreads) {
  const Model one = read_model(test::reference("h5py-v108.h5"));
  for (const int threads : {0, 3}) {
    const Model several = read_model(test::reference("h5py-v108.h5"), threads);
    EXPECT_EQ(several.sha256, one.sha256);
    ASSERT_EQ(several.segmenter->tensors.size(), one.segmenter->tensors.size());
    for (const auto& [name, tensor] : one.segmenter->tensors)
      EXPECT_EQ(several.segmenter->tensors.at(name).values, tensor.values) << name << " on " << threads << " threads";
  }
}

TEST(ReadModel, TakesFilesOfH5py) {
  for (const char* name : {"h5py-earliest.h5", "h5py-v108.h5"}) {
    const Model model = read_model(test::reference(name));
    EXPECT_EQ(model.name, "tiny é");
    EXPECT_EQ(model.provenance, "provenance");
    ASSERT_TRUE(model.segmenter);
    EXPECT_TRUE(model.classifiers.empty());
    EXPECT_EQ(model.segmenter->settings.spacing_mm, (std::array<double, 3>{2, 1.5, 1.25}));
    EXPECT_EQ(model.segmenter->settings.threshold, 0.25);
    EXPECT_EQ(model.segmenter->settings.max_regions, 7);
    EXPECT_TRUE(std::isnan(model.segmenter->settings.outside_hu));
    EXPECT_EQ(model.segmenter->hyper.anchors, 3);
    for (const auto& [tensor_name, tensor] : model.segmenter->tensors)
      for (std::size_t i = 0; i < tensor.values.size(); ++i)
        ASSERT_EQ(tensor.values[i], static_cast<float>(i % 64) / 64) << name << ' ' << tensor_name << ' ' << i;
  }
}

void expect_usage(const Model& model, const std::filesystem::path& file, bool fp16, const std::string& message) {
  try {
    write_model(model, file, fp16);
    ADD_FAILURE() << "was written; expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr(message));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(WriteModel, RefusesWhatCouldNotBeRead) {
  const TemporaryFolder folder;
  const auto file = folder / "model.h5";
  const auto refused = [&](const std::string& message, auto&& spoil) {
    Model model = test::small_model();
    spoil(model);
    expect_usage(model, file, true, message);
  };
  refused("found 39 tensors, expected 40", [](Model& m) { m.classifiers["m1"].tensors.erase("fc.out.bias"); });
  refused("fc.out.bias", [](Model& m) {
    m.classifiers["m1"].tensors.erase("fc.out.bias");
    m.classifiers["m1"].tensors["other"] = {};
  });
  refused("fc.out.bias: found (3), expected (3)",
          [](Model& m) { m.classifiers["m1"].tensors["fc.out.bias"].values.pop_back(); });
  refused("found nan", [](Model& m) { m.classifiers["m1"].tensors["fc.out.bias"].values[1] = NAN; });
  refused("float16", [](Model& m) { m.classifiers["m1"].tensors["fc.out.bias"].values[1] = 65520; });
  refused("@threshold: found 1.5, expected 0 to 1", [](Model& m) { m.segmenter->settings.threshold = 1.5; });
  refused("@channels: found 5, expected a multiple of 4", [](Model& m) { m.segmenter->hyper.channels[2] = 5; });
  refused("@anchors_mm", [](Model& m) { m.segmenter->settings.anchors_mm.pop_back(); });
  refused("@anchors_mm", [](Model& m) { m.segmenter->settings.anchors_mm.clear(); });
  refused("@hu_window", [](Model& m) { m.segmenter->settings.hu_window = {600, -1200}; });
  refused("@windows", [](Model& m) { m.classifiers["m1"].settings.windows[2] = {3, 3}; });
  refused("@uses_distance", [](Model& m) { m.classifiers["m1"].hyper.uses_distance = true; });
  refused("/classifiers/m3", [](Model& m) { m.classifiers["m3"] = test::small_classifier(true); });
  refused("no network", [](Model& m) { m = {}; });
  refused("UTF-8", [](Model& m) { m.name = "\xff"; });
}

TEST(WriteModel, SaysWhereItCannotWrite) {
  const TemporaryFolder folder;
  for (const auto& file : {folder / "none" / "model.h5", std::filesystem::path("/dev/full/model.h5")}) {
    try {
      write_model(test::small_model(), file, false);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::resources);
      EXPECT_THAT(error.what(), testing::HasSubstr(file.string()));
    }
  }
  std::filesystem::create_directories(folder / "model.h5" / "inside");  // a folder cannot be replaced by a file
  EXPECT_THROW(write_model(test::small_model(), folder / "model.h5", false), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "a temporary file is left";
}

TEST(WriteModel, LeavesTheEarlierFileWhereverWritingFails) {
  const TemporaryFolder folder;
  write_model(test::small_model(), folder / "model.h5", true);
  const std::string earlier = file_bytes(folder / "model.h5");
  for (const rlim_t bytes : {std::size_t{0}, earlier.size() / 2, earlier.size()}) {  // single precision takes more
    const files::test::SmallDisk disk(bytes);
    EXPECT_THROW(write_model(test::small_model(), folder / "model.h5", false), files::WriteFailed) << bytes;
  }
  EXPECT_EQ(file_bytes(folder / "model.h5"), earlier);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "a temporary file is left";
}

TEST(WriteRandomWeights, WritesAModelThatCanScreen) {
  const TemporaryFolder folder;
  write_random_weights({"vnet-rpn", 4, {4, 4, 8, 8, 8}, true}, folder / "model.h5");
  const Model model = read_model(folder / "model.h5");
  EXPECT_EQ(model.segmenter->hyper.channels, (std::array<std::int64_t, 5>{4, 4, 8, 8, 8}));
  EXPECT_EQ(model.classifiers.size(), 2U);
  EXPECT_NE(file_bytes(folder / "model.h5").find("Research use only"), std::string::npos);
}

}  // namespace
}  // namespace pleura::weights
