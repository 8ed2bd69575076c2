// Variants by measurement: what is chosen, that the choice stays, and that a cache is believed only where it is whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "files/sha256.hpp"
#include "layers/tuning/tuner.hpp"
#include "models.hpp"
#include "pleura/error.hpp"
#include "runtime/arena.hpp"
#include "scan/temporary_folder.hpp"
#include "tools/slurp.hpp"
#include "weights/model.hpp"

namespace pleura::test {
namespace {

namespace fs = std::filesystem;
using layers::Question;
using layers::TunedChoice;
using layers::TunedChoices;
using layers::TunedLayer;
using layers::Tuner;
using layers::TuningCache;
using layers::TuningScope;
using scan::test::TemporaryFolder;
using testing::HasSubstr;
using testing::IsEmpty;

const TuningScope here{"a processor", "0.1 abc", "a library", "native"};

const TunedChoice fast{"fast", {{"fast", 0.25}, {"slow", 0.5}}};

void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

/// Variants "first", "second", ... by their times in turn, as the model lists them; counts what it measures.
Question question(const std::string& operation, const std::vector<double>& costs, const std::vector<double>& seconds,
                  int& measured) {
  static constexpr std::array names{"first", "second", "third"};
  Question made{"layer of " + operation, operation, {}, {}};
  for (std::size_t i = 0; i < costs.size(); ++i) made.candidates.emplace_back(names.at(i), costs[i]);
  made.measure = [seconds, &measured](std::size_t candidate, double /*bound*/) {
    ++measured;
    return seconds.at(candidate);
  };
  return made;
}

std::string choose(const fs::path& file, const Question& one) {
  Tuner tuner(TuningCache(file, here));
  return tuner.choose({one}).at(0);
}

TEST(TuningCache, GivesBackWhatWasAdded) {
  const TemporaryFolder folder;
  const fs::path file = folder / "a" / "tuning.json";
  TuningCache first(file, here);
  EXPECT_EQ(first.rebuilt_because(), "there was none");
  first.require_writable();
  first.add({{"conv", fast}});
  EXPECT_EQ(*first.find("conv"), fast);
  const TuningCache second(file, here);
  EXPECT_THAT(second.rebuilt_because(), IsEmpty());
  ASSERT_NE(second.find("conv"), nullptr);
  EXPECT_EQ(*second.find("conv"), fast);
  EXPECT_EQ(second.find("pool"), nullptr);
  for (const auto& entry : fs::directory_iterator(file.parent_path())) EXPECT_EQ(entry.path(), file) << "left there";
}

TEST(TuningCache, KeepsOtherScopesAndSaysWhatIsDifferent) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  TuningCache(file, here).add({{"conv", fast}});
  const std::array<std::pair<TuningScope, const char*>, 4> others{{
      {{"a GPU", here.build, here.libraries, here.kernels}, "the device was a processor, now a GPU"},
      {{here.device, "0.2 def", here.libraries, here.kernels}, "pleura was 0.1 abc, now 0.2 def"},
      {{here.device, here.build, "another", here.kernels}, "the libraries were a library, now another"},
      {{here.device, here.build, here.libraries, "any"}, "the kernels were native, now any"},
  }};
  for (const auto& [scope, why] : others) {
    TuningCache other(file, scope);
    EXPECT_EQ(other.rebuilt_because(), why);
    EXPECT_EQ(other.find("conv"), nullptr);
  }
  for (const auto& [scope, why] : others) TuningCache(file, scope).add({{"conv", {"slow", {}}}});
  EXPECT_EQ(*TuningCache(file, here).find("conv"), fast);
  for (const auto& [scope, why] : others) EXPECT_EQ(TuningCache(file, scope).find("conv")->variant, "slow");
}

TEST(TuningCache, BelievesNothingThatIsNotWhole) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  TuningCache(file, here).add({{"conv", fast}, {"pool", fast}});
  const std::string whole = slurp(file);
  std::vector<std::string> damaged;
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) damaged.push_back(whole.substr(0, size));
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    if (whole[at] == ' ' || whole[at] == '\n') continue;
    damaged.push_back(whole);
    damaged.back()[at] = whole[at] == '1' ? '2' : '1';
  }
  for (const char* text : {"[]", "null", "3", "\"\"", "{}", "\xff\xfe", R"({"format": "pleura-tuning", "version": 1})",
                           R"({"format": "pleura-tuning", "version": 1, "sha256": 3, "scopes": {"a": 1}})"})
    damaged.emplace_back(text);
  damaged.emplace_back(100000, '[');
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  for (const char* key : {"format", "version", "sha256", "scopes"}) {
    std::string text = R"({"format": "pleura-tuning", "version": 1, "sha256": "", "scopes": [], ")";
    damaged.push_back(text.append(key).append("\": ").append(deep).append("}"));
  }
  damaged.push_back(R"({"format": "pleura-tuning", "version": 1, "sha256": "", "scopes": [{"device": "", "build": "", )"
                    R"("libraries": "", "kernels": "", "choices": {"conv": )" +
                    deep + "}}]}");
  damaged.emplace_back(4096, '\0');
  for (const std::string& text : damaged) {
    write(file, text);
    const TuningCache cache(file, here);
    EXPECT_EQ(cache.find("conv"), nullptr) << text.substr(0, 2000);
    EXPECT_THAT(cache.rebuilt_because(), HasSubstr("it")) << text.substr(0, 2000);
  }
  TuningCache(file, here).add({{"conv", fast}});
  EXPECT_THAT(TuningCache(file, here).rebuilt_because(), IsEmpty()) << "rebuilt";
}

/// A whole file whose checksum fits, of these scopes.
std::string signed_text(const nlohmann::json& scopes, int version = 1) {
  files::Sha256 hash;
  const std::string text = scopes.dump();
  hash.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return nlohmann::json{{"format", "pleura-tuning"}, {"version", version}, {"sha256", hash.hex()}, {"scopes", scopes}}
      .dump();
}

TEST(TuningCache, RefusesOtherContents) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  nlohmann::json scope = {{"device", here.device},
                          {"build", here.build},
                          {"libraries", here.libraries},
                          {"kernels", here.kernels},
                          {"choices", {{"conv", {{"variant", "fast"}, {"seconds", {{"fast", 0.25}}}}}}}};
  write(file, signed_text(nlohmann::json::array({scope})));
  ASSERT_NE(TuningCache(file, here).find("conv"), nullptr) << "the text that the others differ from";
  write(file, signed_text(nlohmann::json::array({scope}), 2));
  EXPECT_EQ(TuningCache(file, here).rebuilt_because(), "its format was another version's");
  for (const auto& [path, value] :
       std::vector<std::pair<std::string, nlohmann::json>>{{"/device", 3},
                                                           {"/choices", nlohmann::json::array({1})},
                                                           {"/choices/conv", "fast"},
                                                           {"/choices/conv/variant", nullptr},
                                                           {"/choices/conv/seconds", {1, 2}},
                                                           {"/choices/conv/seconds/fast", "soon"}}) {
    nlohmann::json other = scope;
    other[nlohmann::json::json_pointer(path)] = value;
    write(file, signed_text(nlohmann::json::array({other})));
    const TuningCache cache(file, here);
    EXPECT_EQ(cache.rebuilt_because(), "it was damaged") << path;
    EXPECT_EQ(cache.find("conv"), nullptr) << path;
  }
}

TEST(TuningCache, ReadsNoMoreThanItsBound) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  write(file, "{");
  fs::resize_file(file, std::uintmax_t{1} << 40);  // sparse
  EXPECT_THAT(TuningCache(file, here).rebuilt_because(), HasSubstr("larger than any of ours"));
}

TEST(TuningCache, IsAFile) {
  const TemporaryFolder folder;
  try {
    (void)TuningCache(folder.path(), here);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
  }
}

TunedChoices choices(int count) {
  TunedChoices many;
  for (int i = 0; i < count; ++i) many["conv " + std::string(100, 'x') + std::to_string(i)] = fast;
  return many;
}

/// Scopes that were written longest ago give way; what no scope has room for is not kept.
TEST(TuningCache, StaysSmall) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  constexpr std::uintmax_t most = 4 << 20;
  const TunedChoices half = choices(14000);
  TuningScope other = here;
  other.device = "another";
  TuningCache(file, here).add({{"conv", fast}});
  TuningCache(file, other).add(half);
  ASSERT_GT(fs::file_size(file), most / 2);
  other.device = "a third";
  TuningCache(file, other).add(half);
  EXPECT_LT(fs::file_size(file), most);
  EXPECT_EQ(TuningCache(file, here).find("conv"), nullptr) << "the oldest";
  EXPECT_NE(TuningCache(file, other).find(half.begin()->first), nullptr);
  TuningCache full(file, here);
  full.add(choices(40000));
  EXPECT_EQ(full.find(half.begin()->first), nullptr);
  EXPECT_NE(TuningCache(file, other).find(half.begin()->first), nullptr);
  EXPECT_LT(fs::file_size(file), most);
}

TEST(TuningCache, HoldsSixteenScopes) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  TuningScope other = here;
  for (int i = 0; i < 20; ++i) {
    other.device = std::to_string(i);
    TuningCache(file, other).add({{"conv", fast}});
  }
  for (int i = 0; i < 20; ++i) {
    other.device = std::to_string(i);
    EXPECT_EQ(TuningCache(file, other).find("conv") != nullptr, i >= 4) << i;
  }
}

TEST(TuningCache, TheFirstOfSeveralWritersDecides) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  TuningCache one(file, here), two(file, here);
  one.add({{"conv", fast}});
  two.add({{"conv", {"slow", {}}}, {"pool", {"slow", {}}}});
  EXPECT_EQ(*two.find("conv"), fast);
  EXPECT_EQ(two.find("pool")->variant, "slow");
  EXPECT_EQ(*TuningCache(file, here).find("conv"), fast);
}

TEST(TuningCache, LosesNothingToOthersThatWrite) {
  const TemporaryFolder folder;
  const fs::path file = folder / "tuning.json";
  constexpr int writers = 4, each = 10;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      TuningCache cache(file, here);
      for (int i = 0; i < each; ++i) cache.add({{std::to_string(writer) + "." + std::to_string(i), fast}});
    });
  for (std::thread& thread : threads) thread.join();
  const TuningCache cache(file, here);
  for (int writer = 0; writer < writers; ++writer)
    for (int i = 0; i < each; ++i)
      EXPECT_NE(cache.find(std::to_string(writer) + "." + std::to_string(i)), nullptr) << writer << "." << i;
}

TEST(TuningFile, LiesWhereTheFirstVariableSays) {
  const std::array names{"PLEURA_CACHE", "XDG_CACHE_HOME", "HOME"};
  std::map<std::string, std::string> before;
  for (const char* name : names)
    if (const char* value = std::getenv(name)) before[name] = value;
  setenv("PLEURA_CACHE", "/own", 1);
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  setenv("HOME", "/home/her", 1);
  EXPECT_EQ(layers::tuning_file("/asked"), "/asked");
  EXPECT_EQ(layers::tuning_file({}), "/own/tuning.json");
  unsetenv("PLEURA_CACHE");
  EXPECT_EQ(layers::tuning_file({}), "/xdg/pleura/tuning.json");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(layers::tuning_file({}), "/home/her/.cache/pleura/tuning.json") << "as XDG has it";
  unsetenv("HOME");
  try {
    (void)layers::tuning_file({});
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_THAT(error.what(), HasSubstr("--tune-cache"));
  }
  for (const char* name : names) unsetenv(name);
  for (const auto& [name, value] : before) setenv(name.c_str(), value.c_str(), 1);
}

TEST(Tuner, TakesTheFastest) {
  const TemporaryFolder folder;
  int measured = 0;
  EXPECT_EQ(choose(folder / "a", question("a", {1, 2, 3}, {3, 1, 2}, measured)), "second");
  EXPECT_EQ(choose(folder / "b", question("b", {1, 2, 3}, {3, 2, 1}, measured)), "third");
  EXPECT_EQ(choose(folder / "c", question("c", {1, 2, 3}, {1, 2, 3}, measured)), "first");
  EXPECT_EQ(measured, 9);
}

TEST(Tuner, LeavesTheModelItsChoiceWhereOthersAreHardlyFaster) {
  const TemporaryFolder folder;
  int measured = 0;
  EXPECT_EQ(choose(folder / "a", question("a", {1, 1}, {1, 0.98}, measured)), "first");
  EXPECT_EQ(choose(folder / "b", question("b", {1, 1}, {1, 0.96}, measured)), "second");
  EXPECT_EQ(choose(folder / "c", question("c", {1, 1, 1}, {1, 0.96, 0.95}, measured)), "third");
}

TEST(Tuner, DoesNotMeasureWhatTheModelThinksFarSlower) {
  const TemporaryFolder folder;
  int measured = 0;
  EXPECT_EQ(choose(folder / "a", question("a", {1, 3, 3.1}, {3, 2, 1}, measured)), "second");
  EXPECT_EQ(measured, 2);
  EXPECT_EQ(choose(folder / "b", question("b", {1, 3.1}, {3, 2}, measured)), "first");
  EXPECT_EQ(measured, 2) << "one is not measured against itself";
  EXPECT_FALSE(fs::exists(folder / "b"));
}

TEST(Tuner, AChoiceStaysWhateverAnotherMeasurementWouldSay) {
  const TemporaryFolder folder;
  int measured = 0;
  EXPECT_EQ(choose(folder / "a", question("a", {1, 1}, {2, 1}, measured)), "second");
  EXPECT_EQ(choose(folder / "a", question("a", {1, 1}, {1, 2}, measured)), "second");
  EXPECT_EQ(measured, 2) << "it was not even measured";
  fs::remove(folder / "a");
  EXPECT_EQ(choose(folder / "a", question("a", {1, 1}, {1, 2}, measured)), "first");
}

TEST(Tuner, MeasuresLayersThatAreAlikeOnceAndTellsOfEach) {
  const TemporaryFolder folder;
  Tuner tuner(TuningCache(folder / "a", here));
  int measured = 0;
  std::vector<std::string> heard;
  tuner.listen([&](const std::string& layer, double /*done*/) { heard.push_back(layer); });
  const std::vector<Question> questions{question("a", {1, 1}, {2, 1}, measured),
                                        question("b", {1, 1}, {1, 2}, measured),
                                        question("a", {1, 1}, {1, 2}, measured), question("c", {1}, {1}, measured)};
  EXPECT_THAT(tuner.choose(questions), testing::ElementsAre("second", "first", "second", "first"));
  EXPECT_EQ(measured, 4);
  EXPECT_EQ(tuner.measured(), 2);
  EXPECT_EQ(heard.size(), 4U);
  const std::vector<TunedLayer> layers = tuner.take_layers();
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[0].by_model, "first");
  EXPECT_EQ(layers[0].seconds, (std::map<std::string, double>{{"first", 2}, {"second", 1}}));
  EXPECT_EQ(layers[1].source, TunedLayer::Source::measured);
  EXPECT_EQ(layers[3].source, TunedLayer::Source::alone);
  EXPECT_THAT(tuner.take_layers(), IsEmpty());
  (void)tuner.choose(questions);
  EXPECT_EQ(tuner.take_layers()[1].source, TunedLayer::Source::cache);
}

TEST(Tuner, LeavesToTheModelWhatItHasNoMemoryFor) {
  const TemporaryFolder folder;
  int measured = 0;
  Question large = question("a", {1, 1}, {2, 1}, measured);
  large.measure = [](std::size_t, double) -> double { throw runtime::OutOfMemory("none left"); };
  EXPECT_EQ(choose(folder / "a", large), "first");
  EXPECT_FALSE(fs::exists(folder / "a")) << "it is not kept";
}

TEST(Tuner, LeavesOutWhatFailsButTellsOfTheModelsOwn) {
  const TemporaryFolder folder;
  for (const std::size_t failing : {0, 1}) {
    int measured = 0;
    Question one = question("a", {1, 1, 1}, {3, 1, 2}, measured);
    one.measure = [measure = one.measure, failing](std::size_t candidate, double bound) {
      if (candidate == failing) throw Error(Status::resources, "it does not run");
      return measure(candidate, bound);
    };
    if (failing == 0) {
      EXPECT_THROW((void)choose(folder / "a", one), Error);
    } else {
      EXPECT_EQ(choose(folder / "a", one), "third");
    }
  }
  EXPECT_EQ(TuningCache(folder / "a", here).find("a")->seconds.count("second"), 0U);
}

TEST(Tuner, LeavesToTheModelWhereTheCacheNamesWhatCannotBeDone) {
  const TemporaryFolder folder;
  TuningCache(folder / "a", here).add({{"a", {"quantum", {}}}});
  int measured = 0;
  EXPECT_EQ(choose(folder / "a", question("a", {1, 1}, {2, 1}, measured)), "first");
  EXPECT_EQ(TuningCache(folder / "a", here).find("a")->variant, "quantum");
}

TEST(Tuner, MeasuresNothingThatItCouldNotKeep) {
  const TemporaryFolder folder;
  write(folder / "file", "");
  int measured = 0;
  try {
    (void)choose(folder / "file" / "tuning.json", question("a", {1, 1}, {2, 1}, measured));
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
  }
  EXPECT_EQ(measured, 0);
}

TEST(TuningScope, NamesDeviceBuildAndLibraries) {
  const TuningScope scope = layers::tuning_scope(kernels::open_device("cpu", 3), Kernels::native);
  EXPECT_THAT(scope.device, HasSubstr("cpu: "));
  EXPECT_THAT(scope.device, HasSubstr(", 3 threads"));
  EXPECT_NE(scope, layers::tuning_scope(kernels::open_device("cpu", 2), Kernels::native));
  EXPECT_NE(scope, layers::tuning_scope(kernels::open_device("cpu", 3), Kernels::any));
  EXPECT_EQ(scope, layers::tuning_scope(kernels::open_device("cpu", 3), Kernels::native));
  EXPECT_THAT(scope.build, HasSubstr("."));
}

}  // namespace
}  // namespace pleura::test
