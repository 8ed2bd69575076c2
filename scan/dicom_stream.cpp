#include "scan/dicom_stream.hpp"

#include <dcmtk/dcmdata/dcerror.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace pleura::scan {
namespace {

class Factory : public DcmInputStreamFactory {
 public:
  Factory(InputFile file, offile_off_t from) : file_(std::move(file)), from_(from) {}
  [[nodiscard]] DcmInputStream* create() const override { return new DicomStream(file_, from_); }
  [[nodiscard]] DcmInputStreamFactory* clone() const override { return new Factory(file_, from_); }
  [[nodiscard]] DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

 private:
  InputFile file_;
  offile_off_t from_;
};

}  // namespace

DicomProducer::DicomProducer(const InputFile& file, offile_off_t from)
    : stream_(file.open()), position_(from), size_(file.size()) {
  if (from > 0) seek(from);
}

offile_off_t DicomProducer::read(void* bytes, offile_off_t count) {
  count = std::min(count, avail());
  if (count <= 0) return 0;
  errno = 0;
  stream_->read(static_cast<char*>(bytes), count);
  if (!*stream_) {  // the file had as many bytes when it was opened
    const int error = errno != 0 ? errno : EIO;
    status_ = makeOFCondition(OFM_dcmdata, 18, OF_error, std::generic_category().message(error).c_str());
  }
  position_ += stream_->gcount();
  return stream_->gcount();
}

offile_off_t DicomProducer::skip(offile_off_t count) {
  count = std::clamp<offile_off_t>(count, 0, avail());
  seek(position_ + count);
  return count;
}

void DicomProducer::putback(offile_off_t count) {
  if (!good()) return;
  if (count > position_)
    status_ = EC_PutbackFailed;
  else
    seek(position_ - count);
}

void DicomProducer::seek(offile_off_t position) {
  position_ = position;
  stream_->seekg(position);
  if (!*stream_) status_ = EC_InvalidStream;
}

DcmInputStreamFactory* DicomStream::newFactory() const {
  const bool inflates = currentProducer() != &producer_;
  return inflates ? nullptr : new Factory(file_, from_ + tell());
}

}  // namespace pleura::scan
