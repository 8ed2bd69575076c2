#include "weights/h5read/heaps.hpp"

#include <algorithm>
#include <bit>

namespace pleura::h5read {

LocalHeap::LocalHeap(FileBytes& file, std::uint64_t address) {
  const Bytes head = file.read(address, 32);
  Cursor in(head);
  in.expect("HEAP");
  in.skip(4);
  const std::uint64_t bytes = in.u64();
  in.skip(8);  // free list
  data_ = file.read(in.u64(), bytes);
}

std::string LocalHeap::name(std::uint64_t offset) const {
  if (offset >= data_.size()) throw Damaged("a name outside its heap");
  const auto first = data_.begin() + static_cast<std::ptrdiff_t>(offset);
  return {first, std::find(first, data_.end(), 0)};
}

std::string global_heap_text(FileBytes& file, std::uint64_t address, std::uint32_t index, std::uint32_t bytes) {
  if (bytes == 0) return {};
  const Bytes head = file.read(address, 16);
  Cursor in(head);
  in.expect("GCOL");
  in.skip(4);
  const std::uint64_t heap_bytes = in.u64();
  if (heap_bytes < 16) throw Damaged("a damaged heap of texts");
  const Bytes heap = file.read(address + 16, heap_bytes - 16);
  for (Cursor objects(heap); objects.left() >= 16;) {
    const std::uint16_t number = objects.u16();
    objects.skip(6);
    const std::uint64_t object_bytes = objects.u64();
    if (number == index && number != 0 && bytes <= object_bytes) return objects.text(bytes);
    if (number == 0) break;  // free space to the end
    objects.skip(object_bytes);
    objects.skip_padding(object_bytes);
  }
  throw Damaged("a text that its heap does not hold");
}

FractalHeap::FractalHeap(FileBytes& file, std::uint64_t address) : file_(file) {
  constexpr std::size_t kBytes = 146;  // with 8-byte addresses and no filters
  const Bytes head = file.read(address, kBytes);
  require_checksum(head);
  Cursor in(head);
  in.expect("FRHP");
  if (in.u8() != 0) throw Damaged("a heap of an unknown version");
  in.skip(2);
  if (in.u16() != 0) throw Damaged("a filtered heap");
  in.skip(1);
  const std::uint32_t largest_object = in.u32();
  in.skip(std::size_t{12} * 8);
  width_ = in.u16();
  first_bytes_ = in.u64();
  largest_direct_ = in.u64();
  const std::uint16_t heap_bits = in.u16();
  in.skip(2);
  root_ = in.u64();
  root_rows_ = in.u16();
  if (width_ == 0 || !std::has_single_bit(first_bytes_) || !std::has_single_bit(largest_direct_) ||
      largest_object == 0 || heap_bits > 64 || first_bytes_ > largest_direct_ ||
      largest_direct_ > (std::uint64_t{1} << 32) || root_rows_ > 64)
    throw Damaged("a damaged heap");
  offset_bytes_ = (heap_bits + 7U) / 8;
  length_bytes_ =
      std::min<std::size_t>((std::bit_width(largest_direct_) + 6) / 8, (std::bit_width(largest_object) - 1) / 8 + 1);
}

std::uint64_t FractalHeap::block_bytes(std::uint64_t row) const {
  const std::uint64_t doublings = row < 2 ? 0 : row - 1;
  if (doublings + static_cast<std::uint64_t>(std::bit_width(first_bytes_)) > 62) throw Damaged("a damaged heap");
  return first_bytes_ << doublings;
}

std::uint64_t FractalHeap::find_block(std::uint64_t address, std::uint64_t rows, std::uint64_t& offset, int depth) {
  if (rows == 0) return address;
  if (depth > 4) throw Damaged("a heap that is too deep");
  std::uint64_t row = 0;
  for (; row < rows && offset >= width_ * block_bytes(row); ++row) offset -= width_ * block_bytes(row);
  if (row == rows) throw Damaged("an object outside its heap");
  const std::uint64_t entry = row * width_ + offset / block_bytes(row);
  offset %= block_bytes(row);
  // An indirect block: signature, version, heap's address, its offset, then addresses of its blocks.
  const Bytes head = file_.read(address, 5);
  Cursor(head).expect("FHIB");
  const Bytes child = file_.read(address + 13 + offset_bytes_ + 8 * entry, 8);
  const std::uint64_t block = Cursor(child).u64();
  if (block_bytes(row) <= largest_direct_) return block;
  const auto log2 = [](std::uint64_t value) { return static_cast<int>(std::bit_width(value)); };
  const int child_rows = std::max(log2(block_bytes(row)) - log2(first_bytes_ * width_) + 1, 1);
  return find_block(block, static_cast<std::uint64_t>(child_rows), offset, depth + 1);
}

Bytes FractalHeap::object(std::span<const std::uint8_t> id) {
  Cursor in(id);
  if ((in.u8() & 0xf0U) != 0) throw Damaged("an attribute or link too large for its heap");
  std::uint64_t offset = in.number(offset_bytes_);
  const std::uint64_t bytes = in.number(length_bytes_);
  const std::uint64_t block = find_block(root_, root_rows_, offset, 0);
  const Bytes head = file_.read(block, 4);
  Cursor(head).expect("FHDB");
  if (bytes > largest_direct_ || offset > largest_direct_) throw Damaged("an object outside its heap");
  return file_.read(block + offset, bytes);
}

}  // namespace pleura::h5read
