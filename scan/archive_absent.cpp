#include "scan/archive.hpp"

namespace pleura::scan {

std::vector<InputFile> read_archive(const std::filesystem::path& archive, const Keep& /*keep*/, std::int64_t /*memory*/,
                                    std::vector<RefusedFile>& /*refused*/) {
  throw Error(Status::input_refused, archive.string() +
                                         ": an archive, but this pleura was built without archives "
                                         "(PLEURA_ARCHIVES=OFF): unpack it");
}

}  // namespace pleura::scan
