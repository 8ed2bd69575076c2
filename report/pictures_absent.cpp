#include "report/pictures.hpp"

namespace pleura::report {

void require_pictures() {
  throw Error(Status::resources,
              "pictures were asked for, but this pleura was built without pictures (PLEURA_PICTURES=OFF)");
}

void write_pictures(const Screening& /*screening*/, const std::filesystem::path& /*folder*/,
                    Disclosure /*disclosure*/) {
  require_pictures();
}

}  // namespace pleura::report
