// Device memory, streams, events and graphs, as the backend uses them.
#include <gmock/gmock.h>

#include "device_tensor.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/conversion.hpp"
#include "kernels/random.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using runtime::DType;
using runtime::cuda::DeviceMemory;
using runtime::cuda::Event;
using runtime::cuda::Graph;
using runtime::cuda::Stream;

Status status_of(cudaError_t error) {
  try {
    runtime::cuda::check(error, "a call");
  } catch (const Error& thrown) {
    EXPECT_THAT(thrown.what(), testing::HasSubstr("cuda:0: a call: "));
    return thrown.status();
  }
  return Status::done;
}

TEST(CudaRuntime, TellsWhatTheMachineLacksFromDefects) {
  EXPECT_EQ(status_of(cudaSuccess), Status::done);
  EXPECT_EQ(status_of(cudaErrorMemoryAllocation), Status::resources);
  EXPECT_EQ(status_of(cudaErrorInvalidValue), Status::internal);
}

TEST(CudaRuntime, NamesTheBytesThatItLacks) {
  constexpr std::int64_t too_many = std::int64_t{1} << 50;
  try {
    const DeviceMemory memory(too_many);
    FAIL() << "2^50 bytes were given";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_THAT(error.what(), testing::HasSubstr(std::to_string(too_many)));
  }
  EXPECT_EQ(cudaGetLastError(), cudaSuccess) << "the next launch would report it again";
}

TEST(CudaRuntime, RefusesMoreBlocksThanAGridHolds) {
  EXPECT_EQ(kernels::cuda::blocks_for(257, 256, "k"), 2u);
  EXPECT_THROW(static_cast<void>(kernels::cuda::blocks_for(std::int64_t{1} << 40, 256, "k")), Error);
  EXPECT_THROW(static_cast<void>(kernels::cuda::blocks_for(0, 256, "k")), Error);
}

TEST(CudaRuntime, MovesMemory) {
  DeviceMemory a(1024);
  std::byte* const data = a.data();
  DeviceMemory b(std::move(a));
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(a.bytes(), 0);
  DeviceMemory c(8);
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(c.bytes(), 1024);
}

/// Two conversions that must run one after the other: f32 -> f16 -> f32.
class Chain {
 public:
  void first(cudaStream_t stream) {
    kernels::cuda::convert(input_.data<float>(), middle_.data<__half>(), {single_, half_}, stream);
  }
  void second(cudaStream_t stream) {
    kernels::cuda::convert(middle_.data<__half>(), output_.data<float>(), {half_, single_}, stream);
  }
  [[nodiscard]] bool right() { return output_.download().values() == input_.values(); }

 private:
  runtime::Shape shape_{1, 3, 5, 7, 8};
  runtime::TensorDesc single_ = dense(DType::f32, shape_), half_ = dense(DType::f16, shape_);
  DeviceInput input_{single_, Random().values(shape_.elements(), 100, true)};
  DeviceOutput middle_{half_}, output_{single_};
};

TEST(CudaRuntime, AnEventHoldsAnotherStream) {
  const Stream one, other;
  Event event;
  Chain chain;
  chain.first(one.get());
  event.record(one.get());
  event.hold(other.get());
  chain.second(other.get());
  other.synchronize();
  EXPECT_TRUE(chain.right());
}

TEST(CudaRuntime, EventsTimeWhatLiesBetweenThem) {
  const Stream stream;
  Event start, end;
  Chain chain;
  start.record(stream.get());
  chain.first(stream.get());
  end.record(stream.get());
  end.synchronize();
  EXPECT_GE(end.seconds_since(start), 0);
}

TEST(CudaRuntime, AGraphRunsWhatItRecordedAndNothingBefore) {
  const Stream stream;
  Chain chain;
  const Graph graph(stream.get(), [&] {
    chain.first(stream.get());
    chain.second(stream.get());
  });
  EXPECT_FALSE(chain.right());
  graph.launch(stream.get());
  stream.synchronize();
  EXPECT_TRUE(chain.right());
}

TEST(CudaRuntime, AFailedRecordingLeavesTheStreamOfUse) {
  const Stream stream;
  Chain chain;
  EXPECT_THROW(Graph(stream.get(), [] { throw Error(Status::internal, "on purpose"); }), Error);
  chain.first(stream.get());
  chain.second(stream.get());
  stream.synchronize();
  EXPECT_TRUE(chain.right());
}

}  // namespace
}  // namespace pleura::test
