#include "layers/tuning/cache.hpp"

#include <sys/file.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "files/descriptor.hpp"
#include "files/read.hpp"
#include "files/replace.hpp"
#include "files/sha256.hpp"
#include "pleura/error.hpp"
#include "pleura/text.hpp"

namespace pleura::layers {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* format = "pleura-tuning";
constexpr int format_version = 1;
constexpr std::size_t most_scopes = 16;
constexpr std::size_t most_bytes = 4 << 20;

struct ScopedChoices {
  TuningScope scope;
  TunedChoices choices;
};

/// What a file holds, the scope that was written last behind the others; or why that is nothing.
struct Stored {
  std::vector<ScopedChoices> scopes;
  std::string fault;
};

std::string sha256_of(const std::string& text) {
  files::Sha256 hash;
  hash.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return hash.hex();
}

Json json_of(const ScopedChoices& scoped) {
  Json choices = Json::object();
  for (const auto& [operation, choice] : scoped.choices)
    choices[operation] = {{"variant", choice.variant}, {"seconds", choice.seconds}};
  return {{"device", scoped.scope.device},
          {"build", scoped.scope.build},
          {"libraries", scoped.scope.libraries},
          {"kernels", scoped.scope.kernels},
          {"choices", std::move(choices)}};
}

/// Throws Json's exceptions where it is something else.
ScopedChoices scoped_of(const Json& json) {
  ScopedChoices scoped{{json.at("device").get<std::string>(), json.at("build").get<std::string>(),
                        json.at("libraries").get<std::string>(), json.at("kernels").get<std::string>()},
                       {}};
  for (const auto& [operation, choice] : json.at("choices").get_ref<const Json::object_t&>())
    scoped.choices[operation] = {choice.at("variant").get<std::string>(),
                                 choice.at("seconds").get<std::map<std::string, double>>()};
  return scoped;
}

Json json_of(const std::vector<ScopedChoices>& scopes) {
  Json list = Json::array();
  for (const ScopedChoices& scoped : scopes) list.push_back(json_of(scoped));
  return list;
}

std::string text_of(const std::vector<ScopedChoices>& scopes) {
  Json list = json_of(scopes);
  std::string sum = sha256_of(list.dump());
  const Json whole = {
      {"format", format}, {"version", format_version}, {"sha256", std::move(sum)}, {"scopes", std::move(list)}};
  return whole.dump(0) + "\n";
}

/// Nothing of a file is copied or written out before its shape is known, for both would follow any depth; its checksum
/// is that of what was understood.
Stored stored_in(const fs::path& file) {
  std::error_code unknown;
  if (!fs::exists(file, unknown)) return {{}, "there was none"};
  std::string text;
  try {
    text = files::read_text(file, most_bytes);
  } catch (const Error&) {
    return {{}, "it could not be read, or is larger than any of ours"};
  }
  const Json json = Json::parse(text, nullptr, false);
  const auto is = [&](const char* key, const Json& expected) {
    return json.is_object() && json.contains(key) && json.at(key) == expected;
  };
  if (!is("format", format)) return {{}, "it was damaged, or no such file"};
  if (!is("version", format_version)) return {{}, "its format was another version's"};
  try {
    Stored stored;
    for (const Json& scope : json.at("scopes")) stored.scopes.push_back(scoped_of(scope));
    if (!is("sha256", sha256_of(json_of(stored.scopes).dump())))
      return {{}, "it was damaged: its checksum did not fit"};
    return stored;
  } catch (const Json::exception&) {
    return {{}, "it was damaged"};
  }
}

const ScopedChoices* of_scope(const Stored& stored, const TuningScope& scope) {
  for (const ScopedChoices& scoped : stored.scopes)
    if (scoped.scope == scope) return &scoped;
  return nullptr;
}

/// Why there is nothing for a scope: what else was, of the most alike that was written last.
std::string difference(const Stored& stored, const TuningScope& scope) {
  const auto was = [](const char* what, const std::string& then, const std::string& now) {
    return std::string(what) + " " + printable(then) + ", now " + now;
  };
  const ScopedChoices *of_device = nullptr, *of_kernels = nullptr;
  for (const ScopedChoices& scoped : stored.scopes) {
    if (scoped.scope.device != scope.device) continue;
    of_device = &scoped;
    if (scoped.scope.kernels == scope.kernels) of_kernels = &scoped;
  }
  if (of_kernels && of_kernels->scope.build != scope.build)
    return was("pleura was", of_kernels->scope.build, scope.build);
  if (of_kernels) return was("the libraries were", of_kernels->scope.libraries, scope.libraries);
  if (of_device) return was("the kernels were", of_device->scope.kernels, scope.kernels);
  return stored.scopes.empty() ? "it was empty"
                               : was("the device was", stored.scopes.back().scope.device, scope.device);
}

/// Held by one process at a time, where the disk knows locks.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) : folder_(files::open_folder(folder)) {
    while (::flock(folder_.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
  }

 private:
  files::Descriptor folder_;
};

fs::path folder_of(const fs::path& file) { return fs::absolute(file).parent_path(); }

}  // namespace

TuningCache::TuningCache(fs::path file, TuningScope scope) : file_(std::move(file)), scope_(std::move(scope)) {
  std::error_code unknown;
  const fs::file_status there = fs::status(file_, unknown);
  if (fs::exists(there) && !fs::is_regular_file(there))
    throw Error(Status::usage, file_.string() + ": found something other than a file, expected a cache or nothing");
  const Stored stored = stored_in(file_);
  if (const ScopedChoices* const own = of_scope(stored, scope_))
    choices_ = own->choices;
  else
    why_ = stored.fault.empty() ? difference(stored, scope_) : stored.fault;
}

const TunedChoice* TuningCache::find(const std::string& operation) const {
  const auto known = choices_.find(operation);
  return known == choices_.end() ? nullptr : &known->second;
}

void TuningCache::require_writable() const {
  files::writing(file_, [&] { fs::create_directories(folder_of(file_)); });
  files::require_writable(folder_of(file_) / "tuning");
}

void TuningCache::add(const TunedChoices& measured) {
  if (measured.empty()) return;
  files::writing(file_, [&] {
    const FolderLock alone(folder_of(file_));
    Stored stored = stored_in(file_);
    ScopedChoices own{scope_, choices_};
    if (const ScopedChoices* const there = of_scope(stored, scope_))
      for (const auto& [operation, choice] : there->choices) own.choices.insert_or_assign(operation, choice);
    const TunedChoices before = own.choices;
    own.choices.insert(measured.begin(), measured.end());
    std::erase_if(stored.scopes, [&](const ScopedChoices& scoped) { return scoped.scope == scope_; });
    stored.scopes.push_back(std::move(own));
    if (stored.scopes.size() > most_scopes)
      stored.scopes.erase(stored.scopes.begin(), stored.scopes.end() - static_cast<std::ptrdiff_t>(most_scopes));
    std::string text = text_of(stored.scopes);
    while (text.size() > most_bytes && stored.scopes.size() > 1) {
      stored.scopes.erase(stored.scopes.begin());
      text = text_of(stored.scopes);
    }
    if (text.size() > most_bytes) {
      choices_ = before;
      return;
    }
    files::write_file(file_, text);
    choices_ = std::move(stored.scopes.back().choices);
  });
}

fs::path tuning_file(const fs::path& asked) {
  if (!asked.empty()) return asked;
  const auto folder = [](const char* variable) {
    const char* const value = std::getenv(variable);
    return fs::path(value ? value : "");
  };
  constexpr const char* name = "tuning.json";
  if (const fs::path own = folder("PLEURA_CACHE"); !own.empty()) return own / name;
  if (const fs::path all = folder("XDG_CACHE_HOME"); all.is_absolute()) return all / "pleura" / name;
  if (const fs::path home = folder("HOME"); !home.empty()) return home / ".cache" / "pleura" / name;
  throw Error(Status::usage,
              "tuning: found none of PLEURA_CACHE, XDG_CACHE_HOME and HOME set, expected one, or a file by "
              "--tune-cache (tune_cache)");
}

}  // namespace pleura::layers
