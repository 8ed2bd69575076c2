#include "files/read.hpp"

#include <algorithm>
#include <bit>
#include <exception>
#include <limits>
#include <set>
#include <system_error>

#include "files/sha256.hpp"
#include "pleura/error.hpp"
#include "runtime/parallel.hpp"
#include "weights/attributes.hpp"
#include "weights/dataset.hpp"
#include "weights/model.hpp"
#include "weights/text.hpp"

namespace pleura::weights {
namespace {

/// Reads the attributes of one group, checking type, extents and range before memory is taken.
class AttributeReader {
 public:
  AttributeReader(h5read::File& file, const h5read::Object& group, std::string path)
      : file_(file), group_(group), path_(std::move(path)) {}

  void word(const char* name, const char* word) const { choice(name, word, Words<const char*>{{word, word}}); }

  template <class T>
  void choice(const char* name, T&& member, const Words<std::remove_cvref_t<T>>& words) const {
    const std::string found = text(name);
    std::string known;
    for (const auto& [word, value] : words) {
      if (found == word) {
        member = value;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string(word);
    }
    throw Finding(where(name), "'" + excerpt(found) + "'", known);
  }

  template <class T>
  void numbers(const char* name, T& member, const Range& range) const {
    using Value = typename Stored<T>::type;
    constexpr bool any_length = requires(T & list) { list.resize(1); };
    const std::vector<Value> values = read_numbers<Value>(name, numbers_of(member).shape, any_length);
    check_range(where(name), values, range);
    if constexpr (any_length) member.resize(values.size());
    const Value* next = values.data();
    assign_numbers(member, next);
  }

  [[nodiscard]] std::string text(const char* name) const {
    const h5read::Attribute& attribute = find(name);
    const std::string expected =
        "one UTF-8 text of at most " + std::to_string(kMostText) + " bytes without control characters";
    const h5read::Kind kind = attribute.type.kind;
    if ((kind != h5read::Kind::fixed_text && kind != h5read::Kind::variable_text) || !attribute.space.is_scalar)
      throw Finding(where(name), "another type", expected);
    std::string found;
    try {
      found = file_.text(attribute, kMostText);
    } catch (const h5read::Damaged& damaged) {
      throw Finding(where(name), damaged.what(), expected);
    }
    if (!is_plain_text(found)) throw Finding(where(name), "'" + excerpt(found) + "'", expected);
    return found;
  }

 private:
  [[nodiscard]] std::string where(const char* name) const { return path_ + "@" + name; }

  [[nodiscard]] const h5read::Attribute& find(const char* name) const {
    const h5read::Attribute* attribute = group_.attribute(name);
    if (attribute == nullptr) throw Finding(where(name), "no attribute", "one (docs/weights-format.md)");
    return *attribute;
  }

  /// With any_length a list of 1 to kMostNumbers values, else exactly the shape.
  template <class Value>
  [[nodiscard]] std::vector<Value> read_numbers(const char* name, const std::vector<std::int64_t>& shape,
                                                bool any_length) const {
    constexpr bool real = std::is_same_v<Value, double>;
    const h5read::Attribute& attribute = find(name);
    const h5read::Kind kind = attribute.type.kind;
    const bool is_float = kind == h5read::Kind::float32 || kind == h5read::Kind::float64;
    if (kind != h5read::Kind::integer && !(real && is_float))
      throw Finding(where(name), "another type", real ? "float" : "int");
    const std::vector<std::int64_t> found(attribute.space.extents.begin(), attribute.space.extents.end());
    const bool fits = any_length ? found.size() == 1 && found[0] >= 1 && found[0] <= kMostNumbers : found == shape;
    if (!fits)
      throw Finding(where(name), "values " + shape_text(found),
                    any_length ? "a list of 1 to " + std::to_string(kMostNumbers) : shape_text(shape));
    const auto count = static_cast<std::size_t>(element_count(found));
    if (attribute.data.size() < count * attribute.type.bytes)
      throw Finding(where(name), std::to_string(attribute.data.size()) + " bytes",
                    std::to_string(count * attribute.type.bytes));
    std::vector<Value> values;
    h5read::Cursor in(attribute.data);
    for (std::size_t i = 0; i < count; ++i) values.push_back(decode<Value>(in, attribute.type));
    return values;
  }

  template <class Value>
  static Value decode(h5read::Cursor& in, const h5read::Datatype& type) {
    const std::uint64_t bits = in.number(type.bytes);
    if (type.kind == h5read::Kind::float64) return static_cast<Value>(std::bit_cast<double>(bits));
    if (type.kind == h5read::Kind::float32)
      return static_cast<Value>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    const int unused = 64 - 8 * static_cast<int>(type.bytes);
    if (type.is_signed) return static_cast<Value>(static_cast<std::int64_t>(bits << unused) >> unused);
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<Value>(std::min(bits, most));  // what is beyond is out of every range
  }

  h5read::File& file_;
  const h5read::Object& group_;
  std::string path_;
};

/// A tensor that has been found sound and waits to be read.
struct Waiting {
  StoredTensor stored;
  std::vector<std::int64_t> shape;
  std::string name;
  TensorMap* target;
};

/// Walks one file: first all that can be checked without its data, then the data.
class ModelReader {
 public:
  explicit ModelReader(const std::filesystem::path& file) : file_(file) {}

  [[nodiscard]] Model read(int threads) {
    const h5read::Object root = file_.root();
    read_description(AttributeReader(file_, root, "/"));
    for (const h5read::Link& link : children(root, "/", {"segmenter", "classifiers"})) {
      const h5read::Object group = open_group(link, "/" + link.name);
      if (link.name == "segmenter")
        read_network(group, "/segmenter", model_.segmenter.emplace());
      else
        for (const h5read::Link& classifier : children(group, "/classifiers", {"m1", "m2"})) {
          const std::string path = "/classifiers/" + classifier.name;
          read_network(open_group(classifier, path), path, model_.classifiers[classifier.name]);
        }
    }
    if (!model_.segmenter && model_.classifiers.empty()) throw Finding("/", "no network", "at least one");
    for (const auto& [name, classifier] : model_.classifiers)
      if (classifier.hyper.uses_distance != (name == "m2"))
        throw Finding("/classifiers/" + name + "@uses_distance", classifier.hyper.uses_distance ? "1" : "0",
                      name == "m2" ? "1" : "0");
    read_data(threads);
    return std::move(model_);
  }

 private:
  /// Tensors side by side, and their file's hash beside them. What is thrown is what one after the other would meet
  /// first.
  void read_data(int threads) {
    const std::size_t tensors = waiting_.size();
    std::vector<Tensor> read(tensors);
    std::vector<std::exception_ptr> failures(tensors + 1);
    parallel_for(static_cast<std::int64_t>(failures.size()), threads, [&](std::int64_t i) {
      const auto hash = i == 0;  // the longest piece of work
      const std::size_t tensor = hash ? tensors : static_cast<std::size_t>(i - 1);
      try {
        if (hash)
          model_.sha256 = sha256();
        else
          read[tensor] = read_tensor(waiting_[tensor]);
      } catch (...) {
        failures[tensor] = std::current_exception();
      }
    });
    for (const std::exception_ptr& failure : failures)
      if (failure) std::rethrow_exception(failure);
    for (std::size_t i = 0; i < tensors; ++i) waiting_[i].target->emplace(waiting_[i].name, std::move(read[i]));
  }

  /// Of what is read, which the name may mean no more.
  [[nodiscard]] std::string sha256() {
    files::Sha256 hash;
    std::vector<std::uint8_t> piece(std::size_t{1} << 16);
    for (std::uint64_t at = 0, size = file_.bytes().size(); at < size; at += piece.size()) {
      piece.resize(std::min<std::uint64_t>(piece.size(), size - at));
      file_.bytes().read_data(at, piece);
      hash.update(piece);
    }
    return hash.hex();
  }

  void read_description(const AttributeReader& attributes) {
    attributes.word("format", "pleura-weights");
    std::int64_t version = 0;
    attributes.numbers("format_version", version, {1, 1});
    model_.name = attributes.text("name");
    model_.licence = attributes.text("licence");
    model_.intended_use = attributes.text("intended_use");
    model_.provenance = attributes.text("provenance");
  }

  h5read::Object open_group(const h5read::Link& link, const std::string& path) {
    try {
      h5read::Object group = file_.object(link.address);
      if (!group.is_group) throw Finding(path, "something else", "a group");
      return group;
    } catch (const h5read::Damaged& damaged) {
      throw Finding(path, damaged.what(), "a group");
    }
  }

  /// The members of a group, all hard links, no name twice, and all among `known`.
  static std::vector<h5read::Link> children(const h5read::Object& group, const std::string& path,
                                            const std::set<std::string>& known) {
    std::set<std::string> seen;
    const std::string prefix = path == "/" ? path : path + "/";
    for (const h5read::Link& link : group.links) {
      const std::string where = prefix + excerpt(link.name);
      if (!known.contains(link.name))
        throw Finding(where, "an extra name", "nothing that docs/weights-format.md does not list");
      if (!seen.insert(link.name).second) throw Finding(where, "a name twice", "once");
      if (link.kind != h5read::LinkKind::hard)
        throw Finding(where, link.kind == h5read::LinkKind::soft ? "a soft link" : "an external link", "a hard link");
    }
    return group.links;
  }

  template <class Network>
  void read_network(const h5read::Object& group, const std::string& path, Network& network) {
    visit_attributes(AttributeReader(file_, group, path), network);
    if constexpr (std::is_same_v<Network, Segmenter>)
      network.hyper.anchors = static_cast<std::int64_t>(network.settings.anchors_mm.size());
    check_consistency(path, network);
    const std::string tensors_path = path + "/tensors";
    const std::vector<h5read::Link> only = children(group, path, {"tensors"});
    if (only.empty()) throw Finding(tensors_path, "nothing", "a group");
    const h5read::Object tensors = open_group(only.front(), tensors_path);
    const TensorShapes shapes = tensor_shapes(network.hyper);
    std::set<std::string> names;
    for (const auto& [name, shape] : shapes) names.insert(name);
    (void)children(tensors, tensors_path, names);
    for (const auto& [name, shape] : shapes) {
      const std::string where = tensors_path + "/" + name;
      const h5read::Link* link = tensors.link(name);
      if (link == nullptr) throw Finding(where, "no dataset", "one of shape " + shape_text(shape));
      waiting_.push_back({StoredTensor(file_, where, link->address, shape), shape, name, &network.tensors});
    }
  }

  static Tensor read_tensor(const Waiting& tensor) {
    Tensor read{tensor.shape, tensor.stored.read()};
    if (tensor.name.ends_with(".running_var")) {
      const float least = *std::min_element(read.values.begin(), read.values.end());
      if (least < 0) throw Finding(tensor.stored.where(), to_text(least), "variances of 0 or more");
    }
    return read;
  }

  h5read::File file_;
  Model model_;
  std::vector<Waiting> waiting_;
};

}  // namespace

Model read_model(const std::filesystem::path& file, int threads) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none))
    throw Error(Status::weights_refused, file.string() + ": found no such file, expected a weights file");
  try {
    return ModelReader(file).read(threads);
  } catch (const h5read::Damaged& damaged) {
    throw Error(Status::weights_refused, file.string() + ": found " + damaged.what() + ", expected a weights file");
  } catch (const Finding& finding) {
    throw Error(Status::weights_refused, file.string() + ": " + finding.what());
  } catch (const std::system_error& error) {
    throw files::unreadable(file, error.code().value(), Status::weights_refused);
  }
}

}  // namespace pleura::weights
