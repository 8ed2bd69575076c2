#include "scan/dicom_syntax.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pleura::scan {
namespace {

constexpr std::string_view high_throughput = "1.2.840.10008.1.2.4.20";  // .201, .202 and .203

/// Registered after DCMTK 3.6.7, or never known to it (PS3.6 A-1).
constexpr std::array<std::pair<std::string_view, const char*>, 24> younger{{
    {"1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed Explicit VR Little Endian"},
    {"1.2.840.10008.1.2.4.100.1", "Fragmentable MPEG2 Main Profile / Main Level"},
    {"1.2.840.10008.1.2.4.101.1", "Fragmentable MPEG2 Main Profile / High Level"},
    {"1.2.840.10008.1.2.4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1"},
    {"1.2.840.10008.1.2.4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1"},
    {"1.2.840.10008.1.2.4.104.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video"},
    {"1.2.840.10008.1.2.4.105.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video"},
    {"1.2.840.10008.1.2.4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2"},
    {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
    {"1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression"},
    {"1.2.840.10008.1.2.4.112", "JPEG XL"},
    {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 (Lossless Only)"},
    {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)"},
    {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
    {"1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced"},
    {"1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate"},
    {"1.2.840.10008.1.2.6.1", "RFC 2557 MIME encapsulation"},
    {"1.2.840.10008.1.2.6.2", "XML Encoding"},
    {"1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video"},
    {"1.2.840.10008.1.2.7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video"},
    {"1.2.840.10008.1.2.7.3", "SMPTE ST 2110-30 PCM Digital Audio"},
    {"1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression"},
    {"1.2.840.10008.1.20", "Papyrus 3 Implicit VR Little Endian"},
    {"1.3.6.1.4.1.5962.300.2", "Explicit VR Little Endian, bzip2 (private, PixelMed)"},
}};

bool is_vr(std::string_view letters) {
  const DcmVR vr(std::string(letters).c_str());
  return vr.isStandard();
}

}  // namespace

std::string transfer_syntax_name(const std::string& uid) {
  const auto* known =
      std::find_if(younger.begin(), younger.end(), [&](const auto& entry) { return entry.first == uid; });
  if (known != younger.end()) return known->second;
  const DcmXfer syntax(uid.c_str());
  return syntax.getXfer() == EXS_Unknown ? "" : syntax.getXferName();
}

E_TransferSyntax readable_syntax(const std::string& uid) {
  if (uid.size() == high_throughput.size() + 1 && uid.starts_with(high_throughput) && uid.back() >= '1' &&
      uid.back() <= '3')
    return EXS_JPEG2000;
  const DcmXfer syntax(uid.c_str());
  switch (syntax.getXfer()) {
    case EXS_LittleEndianImplicit:
    case EXS_LittleEndianExplicit:
    case EXS_BigEndianExplicit:
    case EXS_DeflatedLittleEndianExplicit:
    case EXS_PrivateGE_LEI_WithBigEndianPixelData:
    case EXS_RLELossless:
    case EXS_JPEGProcess1:
    case EXS_JPEGProcess2_4:
    case EXS_JPEGProcess6_8:
    case EXS_JPEGProcess10_12:
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1:
    case EXS_JPEGLSLossless:
    case EXS_JPEGLSLossy:
    case EXS_JPEG2000LosslessOnly:
    case EXS_JPEG2000:
      return syntax.getXfer();
    default:
      return EXS_Unknown;
  }
}

E_TransferSyntax true_syntax(std::string_view first_bytes, E_TransferSyntax declared) {
  if (declared != EXS_LittleEndianImplicit && declared != EXS_LittleEndianExplicit && declared != EXS_BigEndianExplicit)
    return declared;
  if (first_bytes.size() < 8) return declared;
  const bool big = first_bytes[0] == 0 && first_bytes[1] != 0;  // a data set begins with a group below 256
  const bool explicit_vr = is_vr(first_bytes.substr(4, 2));
  if (big) return explicit_vr ? EXS_BigEndianExplicit : declared;
  return explicit_vr ? EXS_LittleEndianExplicit : EXS_LittleEndianImplicit;
}

}  // namespace pleura::scan
