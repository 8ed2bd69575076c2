#include "runtime/machine.hpp"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "pleura/text.hpp"

namespace pleura::runtime {
namespace {

/// "key : value" of /proc/cpuinfo, the first of several; empty where it has none.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (const auto colon = line.find(": "); line.starts_with(key) && colon != std::string::npos)
      return printable(line.substr(colon + 2));
  return {};
}

/// Where this function's module is, and its build id in hexadecimal digits once it is found.
struct Search {
  std::uintptr_t inside;
  std::string found;
};

/// The note of a build id among those of a segment.
std::string build_id_of(const char* notes, std::size_t bytes) {
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  while (bytes >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes, sizeof(header));
    const std::size_t size = sizeof(header) + padded(header.n_namesz) + padded(header.n_descsz);
    if (size > bytes) break;
    const char* const name = notes + sizeof(header);
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof(ELF_NOTE_GNU) &&
        std::memcmp(name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0) {
      std::string id;
      for (std::size_t i = 0; i < header.n_descsz; ++i) {
        const auto byte = static_cast<unsigned char>(name[padded(header.n_namesz) + i]);
        id.append({"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]});
      }
      return id;
    }
    notes += size;
    bytes -= size;
  }
  return {};
}

int visit_module(dl_phdr_info* module, std::size_t /*size*/, void* data) {
  auto& search = *static_cast<Search*>(data);
  bool ours = false;
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = module->dlpi_phdr[i];
    const std::uintptr_t begin = module->dlpi_addr + part.p_vaddr;
    ours = ours || (part.p_type == PT_LOAD && search.inside >= begin && search.inside < begin + part.p_memsz);
  }
  if (!ours) return 0;
  for (int i = 0; i < module->dlpi_phnum && search.found.empty(); ++i) {
    const ElfW(Phdr)& part = module->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    search.found = build_id_of(reinterpret_cast<const char*>(module->dlpi_addr + part.p_vaddr),  // NOLINT
                               part.p_memsz);
  }
  return 1;
}

}  // namespace

std::string cpu_model() { return cpuinfo("model name"); }

std::vector<std::string> cpu_instruction_sets() {
  constexpr std::array known{"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16", "amx_bf16"};
  std::istringstream words(cpuinfo("flags"));
  const std::vector<std::string> flags(std::istream_iterator<std::string>(words), {});
  std::vector<std::string> sets;
  for (const char* const set : known)
    if (std::find(flags.begin(), flags.end(), set) != flags.end()) sets.emplace_back(set);
  return sets;
}

std::string build_id() {
  Search search{reinterpret_cast<std::uintptr_t>(&visit_module), {}};
  dl_iterate_phdr(visit_module, &search);
  if (!search.found.empty()) return search.found;
  Dl_info module{};
  struct stat file {};
  if (dladdr(reinterpret_cast<void*>(&visit_module), &module) == 0 || stat(module.dli_fname, &file) != 0)
    return "unknown";
  return std::to_string(file.st_size) + " bytes of " + std::to_string(file.st_mtim.tv_sec) + "." +
         std::to_string(file.st_mtim.tv_nsec);
}

}  // namespace pleura::runtime
