// Tensors past 2^31 elements: a few voxels so far apart that only 64-bit offsets reach the last ones. On the emulator
// their memory is mapped but for the most part never touched; a GPU has to have it.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "copies.hpp"
#include "kernels/cuda/variants.hpp"
#include "kernels/problems.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

class SparseMemory {
 public:
  explicit SparseMemory(std::int64_t bytes) : size_(static_cast<std::size_t>(bytes)) {
#ifdef CUDA_EMULATOR
    void* const memory =
        mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) data_ = static_cast<std::byte*>(memory);
#else
    memory_ = runtime::cuda::DeviceMemory(bytes);
    data_ = memory_.data();
#endif
  }
  ~SparseMemory() {
#ifdef CUDA_EMULATOR
    munmap(data_, size_);
#endif
  }
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;

  [[nodiscard]] std::byte* data() const { return data_; }

  void write(std::int64_t at, const std::byte* from, std::int64_t bytes) {
#ifdef CUDA_EMULATOR
    std::memcpy(data_ + at, from, static_cast<std::size_t>(bytes));
#else
    to_device(data_ + at, from, bytes);
#endif
  }
  void read(std::byte* to, std::int64_t at, std::int64_t bytes) const {
#ifdef CUDA_EMULATOR
    std::memcpy(to, data_ + at, static_cast<std::size_t>(bytes));
#else
    to_host(to, data_ + at, bytes);
#endif
  }

 private:
  std::size_t size_;
  std::byte* data_ = nullptr;
  runtime::cuda::DeviceMemory memory_;  ///< of a GPU
};

constexpr std::int64_t pitch = std::int64_t{1} << 26;
constexpr Shape large{1, 17, 1, 2, 8};
static_assert(large.voxels() * pitch > std::int64_t{1} << 31);

/// Voxel by voxel, from or to a tensor whose voxels lie side by side.
template <class Body>
void for_each_voxel(const Body& body) {
  constexpr std::int64_t bytes = large.c * 2;
  for (std::int64_t voxel = 0; voxel < large.voxels(); ++voxel) body(voxel * pitch * 2, voxel * bytes, bytes);
}

template <class Variant, class Operation>
void expect_like_dense(const Variant& variant, const Variant& reference, const Operation& dense_operation,
                       bool large_input) {
  const auto cuda = kernels::open_device("cuda", 1);
  if (!variant.supports(dense_operation, *cuda.device)) return;
  const OperationData data = make_data(dense_operation, true);
  const std::vector<float> expected = run_operation(reference, dense_operation, data);
  Operation operation = dense_operation;
  operation.output.pitch = pitch;
  if (large_input) operation.input.pitch = pitch;
  SCOPED_TRACE(std::string(variant.name) + ": " + to_string(operation));
  ASSERT_TRUE(variant.supports(operation, *cuda.device));
  Guarded input_values(dense_operation.input, data.input), output_values(dense_operation.output);
  const runtime::cuda::Stream stream;
  SparseMemory input(operation.input.bytes()), output(operation.output.bytes());
  ASSERT_TRUE(input.data() && output.data());
  if (large_input)
    for_each_voxel([&](std::int64_t sparse, std::int64_t dense, std::int64_t bytes) {
      input.write(sparse, input_values.data() + dense, bytes);
    });
  else
    input.write(0, input_values.data(), dense_operation.input.bytes());
  const auto [step, weights] = make_step(variant, operation, data, *cuda.device);
  const runtime::cuda::DeviceMemory workspace(step->workspace_bytes());
  runtime::Operands operands;
  operands.input = input.data();
  operands.output = output.data();
  operands.workspace = workspace.data();
  operands.weights = weights.data();
  step->enqueue(operands, {1, stream.get()});
  stream.synchronize();
  for_each_voxel([&](std::int64_t sparse, std::int64_t dense, std::int64_t bytes) {
    output.read(output_values.data() + dense, sparse, bytes);
  });
  EXPECT_EQ(output_values.values(), expected);
}

TEST(LargeTensors, AreConvolvedToTheirLastVoxel) {
  for (const std::int64_t k : {1, 3}) {
    const std::int64_t pad = k / 2;
    const Convolution operation = make_convolution(
        {large, 8, {k, k, k}, {1, 1, 1}, {pad, pad, pad}, {{{0, Activation::relu}}}, 0}, DType::f16, DType::f16);
    for (const auto& variant : kernels::cuda::direct_convolutions())
      expect_like_dense(variant, kernels::reference_backend().convolutions[0], operation, true);
  }
}

TEST(LargeTensors, AreDeconvolvedToTheirLastVoxel) {
  constexpr Shape input{1, 17, 1, 1, 8};
  Deconvolution operation{runtime::dense(DType::f16, input), runtime::dense(DType::f16, large), {1, 1, 2}, {}};
  for (const auto& variant : kernels::cuda::direct_deconvolutions())
    expect_like_dense(variant, kernels::reference_backend().deconvolutions[0], operation, false);
}

}  // namespace
}  // namespace pleura::test
