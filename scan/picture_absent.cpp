#include "pleura/error.hpp"
#include "scan/picture.hpp"

namespace pleura::scan {
namespace {

Error absent(const InputFile& file) {
  return {Status::input_refused,
          file.path().string() + ": a picture, but this pleura was built without pictures (PLEURA_PICTURES=OFF)"};
}

}  // namespace

PictureSize read_picture_size(const InputFile& file) { throw absent(file); }

std::vector<float> read_picture(const InputFile& file) { throw absent(file); }

}  // namespace pleura::scan
