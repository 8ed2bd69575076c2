#include <cmath>

#include "files/hdf5.hpp"
#include "pleura/error.hpp"
#include "runtime/float16.hpp"
#include "weights/attributes.hpp"
#include "weights/model.hpp"

namespace pleura::weights {
namespace {

using hdf5::create_group;
using hdf5::ensure;
using hdf5::Handle;

class AttributeWriter {
 public:
  explicit AttributeWriter(const Handle& group) : group_(group) {}

  void word(const char* name, const std::string& text) const { hdf5::write_attribute(group_, name, text); }

  template <class T>
  void choice(const char* name, const T& member, const Words<T>& words) const {
    for (const auto& [text, value] : words)
      if (member == value) word(name, text);
  }

  template <class T>
  void numbers(const char* name, const T& member, const Range&) const {
    constexpr bool real = std::is_same_v<typename Stored<T>::type, double>;
    const auto all = numbers_of(member);
    const std::vector<hsize_t> extents(all.shape.begin(), all.shape.end());
    hdf5::write_attribute(group_, name, real ? H5T_IEEE_F64LE : H5T_STD_I64LE,
                          real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, extents, all.values.data());
  }

 private:
  const Handle& group_;
};

void write_tensor(const Handle& group, const std::string& name, const Tensor& tensor, bool fp16) {
  Handle half = hdf5::half_type();
  const hid_t type = fp16 ? half.get() : H5T_IEEE_F32LE;
  const std::vector<hsize_t> extents(tensor.shape.begin(), tensor.shape.end());
  Handle space = hdf5::create_space(extents), properties = hdf5::untimed(H5P_DATASET_CREATE);
  Handle dataset(
      ensure(H5Dcreate2(group.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT)));
  std::vector<std::uint16_t> halves(fp16 ? tensor.values.size() : 0);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = runtime::float_to_fp16(tensor.values[i]);
  const void* values = fp16 ? static_cast<const void*>(halves.data()) : tensor.values.data();
  ensure(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
  hdf5::close(dataset, properties, space, half);
}

template <class Network>
void write_network(const Handle& parent, const std::string& name, const Network& network, bool fp16) {
  Handle group = create_group(parent, name);
  visit_attributes(AttributeWriter(group), network);
  Handle tensors = create_group(group, "tensors");
  for (const auto& [tensor_name, shape] : tensor_shapes(network.hyper))
    write_tensor(tensors, tensor_name, network.tensors.at(tensor_name), fp16);
  hdf5::close(tensors, group);
}

void write_networks(const Handle& root, const Model& model, bool fp16) {
  const AttributeWriter attributes(root);
  attributes.word("format", "pleura-weights");
  attributes.numbers("format_version", std::int64_t{1}, {});
  attributes.word("name", model.name);
  attributes.word("licence", model.licence);
  attributes.word("intended_use", model.intended_use);
  attributes.word("provenance", model.provenance);
  if (model.segmenter) write_network(root, "segmenter", *model.segmenter, fp16);
  if (!model.classifiers.empty()) {
    Handle classifiers = create_group(root, "classifiers");
    for (const auto& [name, classifier] : model.classifiers) write_network(classifiers, name, classifier, fp16);
    classifiers.close();
  }
}

/// Tensors that are exactly those of the network, finite also as they will be stored.
template <class Network>
void check_tensors(const std::string& path, const Network& network, bool fp16) {
  const TensorShapes shapes = tensor_shapes(network.hyper);
  if (network.tensors.size() != shapes.size())
    throw Finding(path, std::to_string(network.tensors.size()) + " tensors", std::to_string(shapes.size()));
  for (const auto& [name, shape] : shapes) {
    const std::string where = path + "/tensors/" + name;
    const auto found = network.tensors.find(name);
    if (found == network.tensors.end()) throw Finding(where, "no tensor", shape_text(shape));
    const Tensor& tensor = found->second;
    if (tensor.shape != shape || tensor.values.size() != static_cast<std::size_t>(element_count(shape)))
      throw Finding(where, shape_text(tensor.shape), shape_text(shape));
    const double most = fp16 ? 65519.0 : std::numeric_limits<float>::max();
    for (const float value : tensor.values)
      if (!(std::fabs(value) <= most))
        throw Finding(where, to_text(value), "values that " + std::string(fp16 ? "float16" : "float32") + " holds");
  }
}

}  // namespace

void write_model(const Model& model, const std::filesystem::path& file, bool fp16) {
  check_model(model);
  try {
    if (model.segmenter) check_tensors("/segmenter", *model.segmenter, fp16);
    for (const auto& [name, classifier] : model.classifiers) check_tensors("/classifiers/" + name, classifier, fp16);
  } catch (const Finding& finding) {
    throw Error(Status::usage, finding.what());
  }
  hdf5::write_file(file, [&](const Handle& root) { write_networks(root, model, fp16); });
}

}  // namespace pleura::weights
