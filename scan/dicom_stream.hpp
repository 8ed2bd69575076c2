#pragma once
/// A DICOM file, on disk or in memory, as DCMTK reads it.
#include <dcmtk/dcmdata/dcistrma.h>

#include <istream>
#include <memory>

#include "scan/input_file.hpp"

namespace pleura::scan {

/// The bytes of a file. DCMTK's own producer says of a file that cannot be read on neither that it failed nor that it
/// ended, and is asked for ever.
class DicomProducer : public DcmProducer {
 public:
  /// Throws input_refused where the file cannot be opened.
  DicomProducer(const InputFile& file, offile_off_t from);

  [[nodiscard]] OFBool good() const override { return status_.good(); }
  [[nodiscard]] OFCondition status() const override { return status_; }
  OFBool eos() override { return !good() || position_ >= size_; }
  offile_off_t avail() override { return eos() ? 0 : size_ - position_; }
  offile_off_t read(void* bytes, offile_off_t count) override;
  offile_off_t skip(offile_off_t count) override;
  void putback(offile_off_t count) override;

 private:
  void seek(offile_off_t position);

  std::unique_ptr<std::istream> stream_;
  offile_off_t position_, size_;
  OFCondition status_ = EC_Normal;
};

/// Comes back to the file for long values: DCMTK then takes memory for them only where they lie in the file whole.
class DicomStream : public DcmInputStream {
 public:
  /// Throws input_refused where the file cannot be opened.
  explicit DicomStream(const InputFile& file, offile_off_t from = 0)
      : DcmInputStream(&producer_), file_(file), from_(from), producer_(file_, from) {}

  /// None of what is unpacked on the way.
  [[nodiscard]] DcmInputStreamFactory* newFactory() const override;

 private:
  InputFile file_;  ///< keeps the bytes
  offile_off_t from_;
  DicomProducer producer_;
};

}  // namespace pleura::scan
