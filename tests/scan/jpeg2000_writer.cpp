#include "tests/scan/jpeg2000_writer.hpp"

#include <gtest/gtest.h>
#include <openjpeg.h>

#include <fstream>
#include <iterator>

#include "tests/scan/dicom_writer.hpp"

namespace pleura::scan::test {

std::string encode_jpeg2000(std::int64_t slice, int precision, const std::filesystem::path& scratch) {
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = component.h = side;
  component.prec = static_cast<OPJ_UINT32>(precision);
  opj_image_t* image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
  image->x1 = image->y1 = side;
  for (std::int64_t i = 0; i < side * side; ++i)
    image->comps[0].data[i] = (phantom_hu(slice, i / side, i % side) + 1024) % (1 << precision);
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 2;
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, image));
  opj_stream_t* out = opj_stream_create_default_file_stream(scratch.c_str(), OPJ_FALSE);
  EXPECT_TRUE(opj_start_compress(codec, image, out) && opj_encode(codec, out) && opj_end_compress(codec, out));
  opj_stream_destroy(out);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  std::ifstream in(scratch, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace pleura::scan::test
