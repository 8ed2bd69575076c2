#include "weights/h5read/object.hpp"

#include <algorithm>

#include "weights/h5read/heaps.hpp"
#include "weights/h5read/trees.hpp"

namespace pleura::h5read {
namespace {

/// Message types of the specification.
enum : std::uint16_t {
  kDataspace = 1,
  kLinkInfo = 2,
  kDatatype = 3,
  kLink = 6,
  kExternalFiles = 7,
  kLayout = 8,
  kFilters = 11,
  kAttribute = 12,
  kContinuation = 16,
  kSymbolTable = 17,
  kAttributeInfo = 21,
};

struct Message {
  std::uint16_t type = 0;
  Bytes body;
};

/// A piece of an object header.
struct Block {
  std::uint64_t address, bytes;
};

/// Collects the messages of one header through its continuations.
class HeaderReader {
 public:
  HeaderReader(FileBytes& file, std::uint64_t address) : file_(file) {
    const Bytes start = file.read(address, 4);
    if (Cursor(start).text(4) == "OHDR")
      read_new(address);
    else
      read_old(address);
  }

  [[nodiscard]] std::vector<Message> take() { return std::move(messages_); }

 private:
  void read_old(std::uint64_t address) {
    const Bytes head = file_.read(address, 16);
    Cursor in(head);
    if (in.u8() != 1) throw Damaged("a damaged object header");
    in.skip(7);
    const std::uint32_t bytes = in.u32();
    blocks_.push_back({address + 16, bytes});
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Bytes block = file_.read(blocks_[i].address, blocks_[i].bytes);
      for (Cursor messages(block); messages.left() >= 8;) {
        const std::uint16_t type = messages.u16(), size = messages.u16();
        const std::uint8_t flags = messages.u8();
        messages.skip(3);
        add(type, flags, messages.take(size));
      }
    }
  }

  void read_new(std::uint64_t address) {
    const Bytes head = file_.read(address, 6);
    Cursor in(head);
    in.skip(4);
    if (in.u8() != 2) throw Damaged("an object header of an unknown version");
    const std::uint8_t flags = in.u8();
    const std::size_t options = 6 + ((flags & 0x20U) != 0 ? 16 : 0) + ((flags & 0x10U) != 0 ? 4 : 0);
    const std::size_t size_bytes = std::size_t{1} << (flags & 3U);
    const Bytes size = file_.read(address + options, size_bytes);
    const std::size_t start = options + size_bytes;
    const std::uint64_t first = Cursor(size).number(size_bytes);
    if (first > file_.size()) throw Damaged("a damaged object header");
    blocks_.push_back({address, start + first + 4});
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Bytes block = file_.read(blocks_[i].address, blocks_[i].bytes);
      require_checksum(block);
      Cursor messages{std::span(block).first(block.size() - 4)};
      if (i > 0) messages.expect("OCHK");
      messages.skip(i > 0 ? 0 : start);
      const std::size_t ordered = (flags & 4U) != 0 ? 2 : 0;
      while (messages.left() >= 4 + ordered) {
        const std::uint8_t type = messages.u8();
        const std::uint16_t bytes = messages.u16();
        const std::uint8_t message_flags = messages.u8();
        messages.skip(ordered);
        add(type, message_flags, messages.take(bytes));
      }
    }
  }

  void add(std::uint16_t type, std::uint8_t flags, std::span<const std::uint8_t> body) {
    constexpr std::uint8_t shared = 2;
    if ((flags & shared) != 0) throw Damaged("a shared datatype or attribute");
    if (type == kContinuation) {
      Cursor in(body);
      const std::uint64_t address = in.u64();
      blocks_.push_back({address, in.u64()});
    } else {
      messages_.push_back({type, {body.begin(), body.end()}});
    }
  }

  FileBytes& file_;
  std::vector<Block> blocks_;
  std::vector<Message> messages_;
};

/// Members of a group in the old form: a tree of nodes of entries, whose names lie in a heap.
void read_symbol_table(FileBytes& file, Cursor in, std::vector<Link>& links) {
  const std::uint64_t tree = in.u64();
  const LocalHeap heap(file, in.u64());
  walk_group_tree(file, tree, [&](std::uint64_t address) {
    const Bytes head = file.read(address, 8);
    Cursor node(head);
    node.expect("SNOD");
    node.skip(2);
    const std::uint16_t entries = node.u16();
    constexpr std::size_t entry_bytes = 40;
    const Bytes body = file.read(address + 8, entries * entry_bytes);
    for (std::size_t i = 0; i < entries; ++i) {
      Cursor entry{std::span(body).subspan(i * entry_bytes, entry_bytes)};
      Link link;
      link.name = heap.name(entry.u64());
      link.address = entry.u64();
      constexpr std::uint32_t soft = 2;
      link.kind = entry.u32() == soft ? LinkKind::soft : LinkKind::hard;
      links.push_back(std::move(link));
    }
  });
}

/// Calls with each object that an info message's heap and index hold; identifiers lie `id_at` bytes into the index's
/// records.
template <class Visit>
void read_dense(FileBytes& file, Cursor in, std::size_t order_bytes, std::size_t id_at, const Visit& visit) {
  in.skip(1);
  if ((in.u8() & 1U) != 0) in.skip(order_bytes);
  const std::uint64_t heap_address = in.u64(), index = in.u64();
  if (heap_address == kNowhere) return;
  FractalHeap heap(file, heap_address);
  walk_records(file, index, [&](std::span<const std::uint8_t> record) {
    if (record.size() < id_at) throw Damaged("a damaged index");
    const Bytes object = heap.object(record.subspan(id_at));
    visit(Cursor(object));
  });
}

}  // namespace

const Attribute* Object::attribute(const std::string& name) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

const Link* Object::link(const std::string& name) const {
  const auto found = std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.name == name; });
  return found == links.end() ? nullptr : &*found;
}

File::File(const std::filesystem::path& file) : bytes_(file) {
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  const Bytes start = bytes_.read(0, std::min<std::uint64_t>(bytes_.size(), 96));
  Cursor in(start);
  if (start.size() < 48 || in.text(8) != signature) throw Damaged("no HDF5 file");
  const std::uint8_t version = in.u8();
  if (version > 3) throw Damaged("HDF5 of superblock version " + std::to_string(version));
  if (version < 2) in.skip(4);
  const std::uint8_t offset_bytes = in.u8(), length_bytes = in.u8();
  if (offset_bytes != 8 || length_bytes != 8) throw Damaged("HDF5 with addresses that are not 8 bytes long");
  in.skip(version == 0 ? 9 : version == 1 ? 13 : 1);
  if (in.u64() != 0) throw Damaged("HDF5 that does not begin at the file's first byte");
  in.skip(8);  // free space, or the superblock's extension
  const std::uint64_t end = in.u64();
  if (version < 2) in.skip(16);  // driver information, the root's name
  root_ = in.u64();
  if (version >= 2) require_checksum(std::span(start).first(48));
  if (end > bytes_.size())
    throw Damaged("a file of " + std::to_string(bytes_.size()) + " bytes that should have " + std::to_string(end) +
                  ": it is cut off");
}

Object File::object(std::uint64_t address) {
  Object object;
  std::optional<Datatype> type;
  std::optional<Dataspace> space;
  std::optional<Layout> layout;
  std::vector<std::uint16_t> filters;
  for (const Message& message : HeaderReader(bytes_, address).take()) {
    Cursor in(message.body);
    switch (message.type) {
      case kDataspace:
        space = decode_dataspace(in);
        break;
      case kDatatype:
        type = decode_datatype(in);
        break;
      case kLayout:
        layout = decode_layout(in);
        break;
      case kFilters:
        filters = decode_filters(in);
        break;
      case kExternalFiles:
        throw Damaged("external storage");
      case kAttribute:
        object.attributes.push_back(decode_attribute(in));
        break;
      case kAttributeInfo:
        read_dense(bytes_, in, 2, 0, [&](Cursor entry) { object.attributes.push_back(decode_attribute(entry)); });
        break;
      case kLink:
        object.is_group = true;
        object.links.push_back(decode_link(in));
        break;
      case kLinkInfo:
        object.is_group = true;
        read_dense(bytes_, in, 8, 4, [&](Cursor entry) { object.links.push_back(decode_link(entry)); });
        break;
      case kSymbolTable:
        object.is_group = true;
        read_symbol_table(bytes_, in, object.links);
        break;
      default:
        break;
    }
  }
  if (type && space && layout) object.dataset = Dataset{*type, *space, std::move(*layout), std::move(filters)};
  return object;
}

std::string File::text(const Attribute& attribute, std::size_t most_bytes) {
  Cursor in(attribute.data);
  if (attribute.type.kind == Kind::variable_text) {
    const std::uint32_t bytes = in.u32();
    if (bytes > most_bytes) throw Damaged("a text of " + std::to_string(bytes) + " bytes");
    const std::uint64_t heap = in.u64();
    return global_heap_text(bytes_, heap, in.u32(), bytes);
  }
  std::string text = in.text(attribute.type.bytes);
  text.resize(std::min(text.find('\0'), text.size()));
  if (attribute.type.space_padded) text.resize(text.find_last_not_of(' ') + 1);
  if (text.size() > most_bytes) throw Damaged("a text of " + std::to_string(text.size()) + " bytes");
  return text;
}

}  // namespace pleura::h5read
