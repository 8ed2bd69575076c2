#include "weights/h5read/trees.hpp"

#include <bit>

namespace pleura::h5read {
namespace {

/// Calls with each key and child of the leaves of a version 1 tree.
void walk_leaves(FileBytes& file, std::uint64_t address, std::uint8_t kind, std::size_t key_bytes, int level,
                 const std::function<void(Cursor, std::uint64_t)>& visit) {
  const Bytes head = file.read(address, 24);
  Cursor in(head);
  in.expect("TREE");
  const std::uint8_t found_kind = in.u8(), found_level = in.u8();
  if (found_kind != kind || found_level > 16 || (level >= 0 && found_level != level)) throw Damaged("a damaged tree");
  const std::uint16_t entries = in.u16();
  const Bytes body = file.read(address + 24, entries * (key_bytes + 8));
  Cursor pairs(body);
  for (int i = 0; i < entries; ++i) {
    const Cursor key(pairs.take(key_bytes));
    const std::uint64_t child = pairs.u64();
    if (found_level == 0)
      visit(key, child);
    else
      walk_leaves(file, child, kind, key_bytes, found_level - 1, visit);
  }
}

/// Bytes that HDF5 takes for numbers up to a limit.
std::size_t bytes_for(std::uint64_t limit) { return limit == 0 ? 1 : (std::bit_width(limit) - 1) / 8 + 1; }

/// Sizes of a version 2 tree's nodes.
struct RecordTree {
  std::uint8_t kind = 0;
  std::uint32_t node_bytes = 0;
  std::size_t record_bytes = 0;
  std::vector<std::uint64_t> most_below;  ///< by depth: records in a node and all below it

  static constexpr std::size_t kFrame = 10;  // signature, version, type, checksum

  [[nodiscard]] std::uint64_t most_in_leaf() const { return (node_bytes - kFrame) / record_bytes; }
  /// A child's address, its number of records and, if it has children, the number below it.
  [[nodiscard]] std::size_t pointer_bytes(std::size_t depth) const {
    return 8 + bytes_for(most_in_leaf()) + (depth > 1 ? bytes_for(most_below[depth - 1]) : 0);
  }
};

void walk_node(FileBytes& file, const RecordTree& tree, std::uint64_t address, std::uint64_t records, std::size_t depth,
               const std::function<void(std::span<const std::uint8_t>)>& visit) {
  const std::size_t pointers = depth == 0 ? 0 : (records + 1) * tree.pointer_bytes(depth);
  const std::size_t used = RecordTree::kFrame + records * tree.record_bytes + pointers;
  if (used > tree.node_bytes) throw Damaged("a damaged index");
  const Bytes node = file.read(address, used);
  require_checksum(node);
  Cursor in(node);
  in.expect(depth == 0 ? "BTLF" : "BTIN");
  if (in.u8() != 0 || in.u8() != tree.kind) throw Damaged("an index of an unknown version");
  for (std::uint64_t i = 0; i < records; ++i) visit(in.take(tree.record_bytes));
  for (std::uint64_t i = 0; depth > 0 && i <= records; ++i) {
    Cursor pointer(in.take(tree.pointer_bytes(depth)));
    const std::uint64_t child = pointer.u64();
    walk_node(file, tree, child, pointer.number(bytes_for(tree.most_in_leaf())), depth - 1, visit);
  }
}

}  // namespace

void walk_group_tree(FileBytes& file, std::uint64_t address, const std::function<void(std::uint64_t)>& visit) {
  walk_leaves(file, address, 0, 8, -1, [&](Cursor, std::uint64_t child) { visit(child); });
}

std::vector<Chunk> list_chunks(FileBytes& file, std::uint64_t address, std::size_t rank, std::size_t most) {
  std::vector<Chunk> chunks;
  walk_leaves(file, address, 1, 8 + 8 * (rank + 1), -1, [&](Cursor key, std::uint64_t child) {
    if (chunks.size() == most) throw Damaged("more chunks than fit the dataset");
    Chunk chunk;
    chunk.bytes = key.u32();
    chunk.skipped_filters = key.u32();
    for (std::size_t i = 0; i < rank; ++i) chunk.offset.push_back(key.u64());
    chunk.address = child;
    chunks.push_back(std::move(chunk));
  });
  return chunks;
}

void walk_records(FileBytes& file, std::uint64_t address,
                  const std::function<void(std::span<const std::uint8_t>)>& visit) {
  const Bytes head = file.read(address, 38);
  require_checksum(head);
  Cursor in(head);
  in.expect("BTHD");
  if (in.u8() != 0) throw Damaged("an index of an unknown version");
  RecordTree tree;
  tree.kind = in.u8();
  tree.node_bytes = in.u32();
  tree.record_bytes = in.u16();
  const std::uint16_t depth = in.u16();
  in.skip(2);
  const std::uint64_t root = in.u64();
  const std::uint16_t records = in.u16();
  if (root == kNowhere) return;
  if (tree.record_bytes == 0 || tree.node_bytes < 64 || tree.node_bytes > file.size() || depth > 8)
    throw Damaged("a damaged index");
  tree.most_below.push_back(tree.most_in_leaf());
  for (std::size_t d = 1; d <= depth; ++d) {
    const std::size_t pointer = tree.pointer_bytes(d);
    const std::uint64_t most = (tree.node_bytes - RecordTree::kFrame - pointer) / (tree.record_bytes + pointer);
    tree.most_below.push_back((most + 1) * tree.most_below.back() + most);
  }
  walk_node(file, tree, root, records, depth, visit);
}

}  // namespace pleura::h5read
