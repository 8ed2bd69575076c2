#include <algorithm>
#include <cstring>
#include <memory>

#include "pleura/error.hpp"
#include "weights/attributes.hpp"
#include "weights/dataset.hpp"
#include "weights/hdf5.hpp"
#include "weights/model.hpp"
#include "weights/sha256.hpp"

namespace pleura::weights {
namespace {

using hdf5::Handle;

/// Reads the attributes of one group, checking type, extents and range before memory is taken.
class AttributeReader {
 public:
  AttributeReader(const Handle& group, std::string path) : group_(group), path_(std::move(path)) {}

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
    throw Finding(where(name), "'" + hdf5::printable(found) + "'", known);
  }

  template <class T>
  void numbers(const char* name, T& member, const Range& range) const {
    using Value = typename Stored<T>::type;
    constexpr bool any_length = requires(T & list) { list.resize(1); };
    const Numbers<Value> all = read_numbers<Value>(name, numbers_of(member).shape, any_length);
    check_range(where(name), all.values, range);
    if constexpr (any_length) member.resize(all.values.size());
    const Value* next = all.values.data();
    assign_numbers(member, next);
  }

  [[nodiscard]] std::string text(const char* name) const {
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()));
    const Handle space(H5Aget_space(attribute.get()));
    const std::string expected = "one UTF-8 text of at most " + std::to_string(kMostText) + " bytes";
    if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_type(space.get()) != H5S_SCALAR)
      throw Finding(where(name), "another type", expected);
    std::string found;
    if (H5Tis_variable_str(type.get()) > 0) {
      const Handle memory(H5Tcopy(type.get()));
      char* stored = nullptr;
      if (H5Aread(attribute.get(), memory.get(), &stored) < 0) throw Finding(where(name), "damaged text", expected);
      const std::unique_ptr<char, decltype(&H5free_memory)> owner(stored, &H5free_memory);
      if (stored != nullptr) found.assign(stored, strnlen(stored, kMostText + 1));
    } else {
      const std::size_t bytes = H5Tget_size(type.get());
      if (bytes > kMostText) throw Finding(where(name), std::to_string(bytes) + " bytes", expected);
      found.resize(bytes);
      if (H5Aread(attribute.get(), type.get(), found.data()) < 0) throw Finding(where(name), "damaged text", expected);
      found.resize(std::min(found.find('\0'), bytes));
      if (H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD) found.resize(found.find_last_not_of(' ') + 1);
    }
    if (found.size() > kMostText) throw Finding(where(name), "a longer text", expected);
    if (!hdf5::is_plain_text(found))
      throw Finding(where(name), "'" + hdf5::printable(found) + "'", expected + " without control characters");
    return found;
  }

 private:
  [[nodiscard]] std::string where(const char* name) const { return path_ + "@" + name; }

  [[nodiscard]] Handle open(const char* name) const {
    Handle attribute(H5Aopen(group_.get(), name, H5P_DEFAULT));
    if (!attribute) throw Finding(where(name), "no attribute", "one (docs/weights-format.md)");
    return attribute;
  }

  /// An extent of 0 in `shape` that is the only one stands for any number of values, up to kMostNumbers.
  template <class Value>
  [[nodiscard]] Numbers<Value> read_numbers(const char* name, const std::vector<std::int64_t>& shape,
                                            bool any_length) const {
    constexpr bool real = std::is_same_v<Value, double>;
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()));
    const H5T_class_t kind = H5Tget_class(type.get());
    if (!(kind == H5T_INTEGER || (real && kind == H5T_FLOAT)) || H5Tget_size(type.get()) > 8)
      throw Finding(where(name), "another type", real ? "float" : "int");
    const Handle space(H5Aget_space(attribute.get()));
    std::vector<hsize_t> extents(H5S_MAX_RANK);
    const int rank = H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
    extents.resize(static_cast<std::size_t>(std::max(rank, 0)));
    const std::vector<std::int64_t> found(extents.begin(), extents.end());
    const bool scalar = H5Sget_simple_extent_type(space.get()) == H5S_SCALAR;
    const bool fits = any_length ? found.size() == 1 && found[0] >= 1 && found[0] <= kMostNumbers
                                 : found == shape && (scalar || !found.empty());
    if (!fits)
      throw Finding(where(name), "values " + shape_text(found),
                    any_length ? "a list of 1 to " + std::to_string(kMostNumbers) : shape_text(shape));
    Numbers<Value> all{found, std::vector<Value>(static_cast<std::size_t>(element_count(found)))};
    if (H5Aread(attribute.get(), real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, all.values.data()) < 0)
      throw Finding(where(name), "damaged values", real ? "float" : "int");
    return all;
  }

  const Handle& group_;
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
  explicit ModelReader(const std::filesystem::path& file) : file_bytes_(std::filesystem::file_size(file)) {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_file_locking(access.get(), false, true);  // read-only folders and network disks cannot lock
    file_ = Handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()));
    if (!file_) throw Finding("/", "no HDF5 file, or a truncated or damaged one", "an HDF5 file");
  }

  [[nodiscard]] Model read() {
    const Handle root = open_group(file_, "/", "/");
    read_description(AttributeReader(root, "/"));
    for (const std::string& name : children(root, "/", {"segmenter", "classifiers"})) {
      const Handle group = open_group(root, name, "/" + name);
      if (name == "segmenter")
        read_network(group, "/segmenter", model_.segmenter.emplace());
      else
        for (const std::string& classifier : children(group, "/classifiers", {"m1", "m2"})) {
          const std::string path = "/classifiers/" + classifier;
          read_network(open_group(group, classifier, path), path, model_.classifiers[classifier]);
        }
    }
    if (!model_.segmenter && model_.classifiers.empty()) throw Finding("/", "no network", "at least one");
    for (const auto& [name, classifier] : model_.classifiers)
      if (classifier.hyper.uses_distance != (name == "m2"))
        throw Finding("/classifiers/" + name + "@uses_distance", classifier.hyper.uses_distance ? "1" : "0",
                      name == "m2" ? "1" : "0");
    for (Waiting& tensor : waiting_) read_tensor(tensor);
    return std::move(model_);
  }

 private:
  void read_description(const AttributeReader& attributes) {
    attributes.word("format", "pleura-weights");
    std::int64_t version = 0;
    attributes.numbers("format_version", version, {1, 1});
    model_.name = attributes.text("name");
    model_.licence = attributes.text("licence");
    model_.intended_use = attributes.text("intended_use");
    model_.provenance = attributes.text("provenance");
  }

  static Handle open_group(const Handle& parent, const std::string& name, const std::string& path) {
    Handle group(H5Gopen2(parent.get(), name.c_str(), H5P_DEFAULT));
    if (!group) throw Finding(path, "something else or a damaged group", "a group");
    return group;
  }

  /// Names in a group, all hard links and all among `known`.
  static std::vector<std::string> children(const Handle& group, const std::string& path,
                                           const std::vector<std::string>& known) {
    const hdf5::Links links = hdf5::list_links(group, known.size() + 1);
    if (!links.complete) throw Finding(path, "a damaged group", "a readable one");
    std::vector<std::string> names;
    const std::string prefix = path == "/" ? path : path + "/";
    for (const auto& [name, type] : links.links) {
      const std::string where = prefix + hdf5::printable(name);
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw Finding(where, "an extra name", "nothing that docs/weights-format.md does not list");
      if (type != H5L_TYPE_HARD)
        throw Finding(where, type == H5L_TYPE_EXTERNAL ? "an external link" : "a soft link", "a hard link");
      names.push_back(name);
    }
    return names;
  }

  template <class Network>
  void read_network(const Handle& group, const std::string& path, Network& network) {
    visit_attributes(AttributeReader(group, path), network);
    if constexpr (std::is_same_v<Network, Segmenter>)
      network.hyper.anchors = static_cast<std::int64_t>(network.settings.anchors_mm.size());
    check_consistency(path, network);
    if (children(group, path, {"tensors"}).empty()) throw Finding(path + "/tensors", "nothing", "a group");
    const std::string tensors_path = path + "/tensors";
    const Handle tensors = open_group(group, "tensors", tensors_path);
    const TensorShapes shapes = tensor_shapes(network.hyper);
    std::vector<std::string> names;
    for (const auto& [name, shape] : shapes) names.push_back(name);
    const std::vector<std::string> found = children(tensors, tensors_path, names);
    for (const auto& [name, shape] : shapes) {
      const std::string where = tensors_path + "/" + name;
      if (std::find(found.begin(), found.end(), name) == found.end())
        throw Finding(where, "no dataset", "one of shape " + shape_text(shape));
      waiting_.push_back({StoredTensor(tensors, where, name, shape, file_bytes_), shape, name, &network.tensors});
    }
  }

  static void read_tensor(Waiting& tensor) {
    Tensor read{tensor.shape, tensor.stored.read()};
    if (tensor.name.ends_with(".running_var")) {
      const float least = *std::min_element(read.values.begin(), read.values.end());
      if (least < 0) throw Finding(tensor.stored.where(), to_text(least), "variances of 0 or more");
    }
    tensor.target->emplace(tensor.name, std::move(read));
  }

  std::uint64_t file_bytes_;
  Handle file_;
  Model model_;
  std::vector<Waiting> waiting_;
};

}  // namespace

Model read_model(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none))
    throw Error(Status::weights_refused, file.string() + ": found no such file, expected a weights file");
  const std::string sha256 = sha256_of_file(file);
  try {
    const hdf5::Session session;
    Model model = ModelReader(file).read();
    model.sha256 = sha256;
    return model;
  } catch (const Finding& finding) {
    throw Error(Status::weights_refused, file.string() + ": " + finding.what());
  }
}

}  // namespace pleura::weights
