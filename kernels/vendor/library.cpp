#include "kernels/vendor/library.hpp"

#include <dlfcn.h>

#include <span>
#include <vector>

#include "pleura/error.hpp"
#include "pleura/text.hpp"

namespace pleura::kernels::vendor {
namespace {

namespace fs = std::filesystem;

/// What is particular to one of the libraries.
struct Kind {
  const char* name;
  const char* variable;
  const char* prefix;                    ///< of its functions
  std::span<const char* const> symbols;  ///< behind the prefix, all that pleura may call
};

constexpr const char* cudnn_symbols[]{"GetVersion",
                                      "GetCudartVersion",
                                      "GetErrorString",
                                      "Create",
                                      "Destroy",
                                      "SetStream",
                                      "BackendCreateDescriptor",
                                      "BackendDestroyDescriptor",
                                      "BackendSetAttribute",
                                      "BackendGetAttribute",
                                      "BackendFinalize",
                                      "BackendExecute"};
constexpr const char* cublaslt_symbols[]{"GetVersion",
                                         "GetCudartVersion",
                                         "GetStatusString",
                                         "Create",
                                         "Destroy",
                                         "Matmul",
                                         "MatmulAlgoGetHeuristic",
                                         "MatmulDescCreate",
                                         "MatmulDescDestroy",
                                         "MatmulDescSetAttribute",
                                         "MatrixLayoutCreate",
                                         "MatrixLayoutDestroy",
                                         "MatrixLayoutSetAttribute",
                                         "MatmulPreferenceCreate",
                                         "MatmulPreferenceDestroy",
                                         "MatmulPreferenceSetAttribute"};
constexpr Kind cudnn{"cuDNN", "PLEURA_CUDNN", "cudnn", cudnn_symbols};
constexpr Kind cublaslt{"cuBLASLt", "PLEURA_CUBLAS", "cublasLt", cublaslt_symbols};

const Kind& kind_of(const Library& library) { return library.name == cudnn.name ? cudnn : cublaslt; }

void* find(void* handle, const Kind& kind, const char* symbol) {
  return dlsym(handle, (std::string(kind.prefix) + symbol).c_str());
}

template <class Function>
Function* function(void* handle, const Kind& kind, const char* symbol) {
  return reinterpret_cast<Function*>(find(handle, kind, symbol));
}

/// 91002: cuDNN 9.10.2, as in cudnn_version.h, which counted by thousands up to 8907; 120901: cuBLASLt 12.9.1.
struct Version {
  std::size_t major, minor, patch;

  [[nodiscard]] std::string text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  }
};

Version version_of(const Kind& kind, std::size_t number) {
  const bool by_thousands = &kind == &cudnn && number < 90000;
  return {number / (by_thousands ? 1000 : 10000), number / 100 % (by_thousands ? 10 : 100), number % 100};
}

/// dlerror's words without the path that they begin with.
std::string loaders_words(const fs::path& path) {
  const char* const said = dlerror();
  std::string words = said ? said : "the loader does not say why";
  if (const std::string begin = path.string() + ": "; words.starts_with(begin)) words.erase(0, begin.size());
  return printable(words);
}

/// The file that a symbol of the library lies in: where the loader found it.
fs::path place_of(void* symbol, const fs::path& asked_for) {
  Dl_info info{};
  return dladdr(symbol, &info) != 0 && info.dli_fname ? fs::path(info.dli_fname) : asked_for;
}

Library open_file(const Kind& kind, const fs::path& path, int cuda) {
  Library library{kind.name, path, {}, {}, nullptr};
  const auto refused = [&](const std::string& why) {
    library.why = why;
    return library;
  };
  std::error_code ignored;
  if (path.has_parent_path() && !fs::is_regular_file(path, ignored))
    return refused("it is no file");  // the loader would wait for a pipe
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return refused(loaders_words(path));
  for (const char* const symbol : kind.symbols)
    if (!find(handle, kind, symbol)) return refused("it has no " + std::string(kind.prefix) + symbol);
  library.path = place_of(find(handle, kind, "GetVersion"), path);
  const Version version = version_of(kind, function<std::size_t()>(handle, kind, "GetVersion")());
  const std::size_t runtime = function<std::size_t()>(handle, kind, "GetCudartVersion")();
  const std::string for_cuda = "CUDA " + std::to_string(runtime / 1000) + "." + std::to_string(runtime % 1000 / 10);
  library.version = version.text() + " for " + for_cuda;
  if (&kind == &cudnn && version.major != 9) return refused("it is version " + version.text() + ", expected 9");
  if (runtime / 1000 != static_cast<std::size_t>(cuda))
    return refused("it is for " + for_cuda + ", expected CUDA " + std::to_string(cuda));
  library.handle = handle;
  return library;
}

/// What a variable names, alone.
Library open_named(const Kind& kind, const FileName& name, const fs::path& given, int cuda) {
  std::error_code error;
  const fs::path path = fs::absolute(given, error);
  const auto refused = [&](const std::string& why) { return Library{kind.name, {}, {}, why, nullptr}; };
  std::string what = kind.variable;
  what.append("=").append(printable(given.string()));
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return refused(what + ": " + error.message());
  if (!fs::is_directory(status)) return open_file(kind, path, cuda);
  try {
    const std::vector<fs::path> files = files_in(path, name);
    return files.empty() ? refused(what + ": there is no " + name.wanted() + " in it")
                         : open_file(kind, files.front(), cuda);
  } catch (const fs::filesystem_error& unreadable) {
    return refused(what + ": " + unreadable.code().message());
  }
}

Library open(const Kind& kind, const FileName& name, const std::string& given, const Surroundings& around, int cuda) {
  if (!given.empty()) return open_named(kind, name, given, cuda);
  Library first{kind.name, {}, {}, {}, nullptr};
  for (const fs::path& path : usual_places(around, name)) {
    Library library = open_file(kind, path, cuda);
    if (library.handle) return library;
    const bool there_is_none = !path.has_parent_path() && library.why.starts_with("cannot open shared object file");
    if (!there_is_none && first.why.empty()) first = std::move(library);
  }
  if (first.why.empty())
    first.why = "there is no " + name.wanted() + " next to the program, in the loader's path or in Python's wheels; " +
                kind.variable + " may name one";
  return first;
}

}  // namespace

Library open_cudnn(const Surroundings& around, int cuda) {
  return open(cudnn, {"libcudnn.so", 9}, around.cudnn, around, cuda);
}

Library open_cublaslt(const Surroundings& around, int cuda) {
  return open(cublaslt, {"libcublasLt.so", cuda}, around.cublas, around, cuda);
}

void* function_of(const Library& library, const char* name) {
  void* const found = dlsym(library.handle, name);
  if (!found) throw Error(Status::resources, library.name + " has no " + name);
  return found;
}

std::string why_not_here(const Library& library) {
  const Kind& kind = kind_of(library);
  void* made = nullptr;
  const int status = function<int(void**)>(library.handle, kind, "Create")(&made);
  if (status == 0) {
    function<int(void*)>(library.handle, kind, "Destroy")(made);
    return {};
  }
  const char* const words =
      function<const char*(int)>(library.handle, kind, &kind == &cudnn ? "GetErrorString" : "GetStatusString")(status);
  return kind.prefix + ("Create: " + printable(words ? words : std::to_string(status))) +
         ", as where it has no code for this GPU";
}

}  // namespace pleura::kernels::vendor
