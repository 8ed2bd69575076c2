#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <vector>

#include "scan/jpeg_markers.hpp"
#include "scan/picture_guard.hpp"

namespace pleura::scan {
namespace {

using Span = std::span<const std::byte>;

/// Each scan costs a pass over the picture, however short it is; encoders write some ten.
constexpr int most_scans = 100;

class Jpeg {
 public:
  explicit Jpeg(Span bytes) : left_(bytes) { (void)take(left_, 2); }

  PictureSize check() {
    for (std::uint32_t marker = next_marker(); marker != eoi; marker = next_marker()) {
      const std::size_t length = take_number(left_, 2);
      if (length < 2) throw PictureFault("a segment of no length");
      auto segment = take(left_, length - 2);
      if (marker == dht)
        take_huffman_tables(segment);
      else if (marker == dqt)
        take_quantization_tables(segment);
      else if (marker == sos)
        take_scan(segment);
      else if (is_frame_header(marker))
        take_frame(marker, segment);
    }
    if (scans_ == 0) throw PictureFault("no pixels");
    // A block of 8 x 8 pixels takes a bit at least.
    const auto blocks = (size_->rows + 7) / 8 * ((size_->columns + 7) / 8);
    if (scan_bytes_ < blocks / 8) throw PictureFault("too few bytes for its size");
    return *size_;
  }

 private:
  struct Component {
    std::uint32_t id, quantization;
  };

  std::uint32_t next_marker() {
    if (take_number(left_, 1) != 0xFF) throw PictureFault("bytes between its segments");
    std::uint32_t marker = 0xFF;
    while (marker == 0xFF) marker = take_number(left_, 1);  // as many 0xFF as an encoder likes
    return marker;
  }

  /// The codes of each length must fit into a binary tree. Encoders need 176 symbols at most; the 256th would have the
  /// number by which stb_image marks the lack of one.
  void take_huffman_tables(Span segment) {
    while (!segment.empty()) {
      const auto which = take_number(segment, 1);
      const auto symbols = huffman_symbols(take(segment, huffman_lengths).first<huffman_lengths>());
      if (!symbols || *symbols > 255 || which >> 4 > 1 || (which & 15) > 3)
        throw PictureFault("an impossible Huffman table");
      (void)take(segment, *symbols);
      huffman_.set(which);
    }
  }

  void take_quantization_tables(Span segment) {
    while (!segment.empty()) {
      const auto which = take_number(segment, 1);
      if (which >> 4 > 1 || (which & 15) > 3) throw PictureFault("an impossible quantization table");
      (void)take(segment, which >> 4 == 0 ? 64 : 128);
      quantization_.set(which & 15);
    }
  }

  void take_frame(std::uint32_t marker, Span segment) {
    if (marker > sof2) throw PictureFault("lossless, hierarchical or arithmetic JPEG, which is not read");
    if (size_) throw PictureFault("two headers");
    if (take_number(segment, 1) != 8) throw PictureFault("not 8 bits a sample");
    progressive_ = marker == sof2;
    size_.emplace();
    size_->rows = take_number(segment, 2);
    size_->columns = take_number(segment, 2);
    const auto count = take_number(segment, 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto id = take_number(segment, 1);
      (void)take(segment, 1);
      components_.push_back({id, take_number(segment, 1)});
    }
    if (size_->rows == 0 || size_->columns == 0) throw PictureFault("no size");
  }

  /// A scan's header names tables, which must have come; then its pixels, to the next marker.
  void take_scan(Span segment) {
    if (!size_) throw PictureFault("pixels before its header");
    if (++scans_ > most_scans) throw PictureFault("more than 100 scans");
    const auto count = take_number(segment, 1);
    std::vector<std::uint32_t> tables;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto id = take_number(segment, 1);
      tables.push_back(take_number(segment, 1));
      const auto component =
          std::find_if(components_.begin(), components_.end(), [&](const auto& c) { return c.id == id; });
      if (component == components_.end()) throw PictureFault("pixels of an unknown component");
      if (component->quantization > 3 || !quantization_.test(component->quantization))
        throw PictureFault("a quantization table is missing");
    }
    const auto first = take_number(segment, 1);
    (void)take(segment, 1);
    const bool refines = take_number(segment, 1) >> 4 != 0;
    const bool dc = first == 0 && !refines, ac = first > 0 || !progressive_;
    for (const auto table : tables) {
      const auto missing = [&](std::uint32_t kind, std::uint32_t index) {
        return index > 3 || !huffman_.test(kind << 4 | index);
      };
      if ((dc && missing(0, table >> 4)) || (ac && missing(1, table & 15)))
        throw PictureFault("a Huffman table is missing");
    }
    const auto pixels = left_.size();
    while (left_.size() >= 2) {
      const auto next = std::find(left_.begin(), left_.end() - 1, std::byte{0xFF});
      left_ = left_.subspan(static_cast<std::size_t>(next - left_.begin()));
      if (left_.size() < 2) break;
      const auto marker = std::to_integer<std::uint32_t>(left_[1]);
      if (marker != 0 && marker != 0xFF && (marker < rst0 || marker > rst7)) {
        scan_bytes_ += static_cast<std::int64_t>(pixels - left_.size());
        return;
      }
      left_ = left_.subspan(marker == 0xFF ? 1 : 2);
    }
    throw PictureFault("truncated");
  }

  Span left_;
  std::optional<PictureSize> size_;
  bool progressive_ = false;
  std::vector<Component> components_;
  std::bitset<32> huffman_;
  std::bitset<4> quantization_;
  int scans_ = 0;
  std::int64_t scan_bytes_ = 0;
};

}  // namespace

PictureSize check_jpeg(Span jpeg) { return Jpeg(jpeg).check(); }

}  // namespace pleura::scan
