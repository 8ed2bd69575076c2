#include "runtime/plan.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "runtime/parallel.hpp"
#ifdef _OPENMP
#include <omp.h>
#endif

namespace pleura::runtime {
namespace {

/// output = input + 1, one float.
class Increment final : public Step {
 public:
  void enqueue(const Operands& operands, const Stream& /*stream*/) const override {
    *static_cast<float*>(operands.output) = *static_cast<const float*>(operands.input) + 1;
  }
};

TEST(Plan, RunsItsStepsInOrderAndReportsThem) {
  Plan plan{Arena(12), {}, {}, {}, 0, {}};
  auto* memory = reinterpret_cast<float*>(plan.arena.data());
  const auto step = std::make_shared<Increment>();
  const TensorDesc one = dense(DType::f32, {});
  for (std::size_t i = 0; i < 2; ++i)
    plan.invocations.push_back({step, {memory + i, memory + i + 1, {}, nullptr}, {one, memory + i + 1}, i});
  memory[0] = 5;
  std::vector<std::size_t> seen;
  execute(plan, {1}, [&](const Invocation& invocation, double seconds) {
    seen.push_back(invocation.layer);
    EXPECT_GE(seconds, 0);
  });
  EXPECT_EQ(memory[2], 7);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1}));
  memory[0] = 1;
  execute(plan, {1});
  EXPECT_EQ(memory[2], 3);
  EXPECT_EQ(step->workspace_bytes(), 0);
}

TEST(Plan, FindsWhatIsNotFinite) {
  std::vector<float> values{1, 2, 3, 4};
  const TensorView group{{DType::f32, {1, 1, 1, 2, 1}, 2}, values.data()};
  EXPECT_TRUE(all_finite(group));
  values[1] = std::numeric_limits<float>::infinity();  // another group's
  EXPECT_TRUE(all_finite(group));
  values[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(all_finite(group));
}

TEST(ThreadScope, PutsTheThreadsBack) {
#ifdef _OPENMP
  const int before = omp_get_max_threads();
  {
    const ThreadScope scope(before + 1);
    EXPECT_EQ(omp_get_max_threads(), before + 1);
  }
  EXPECT_EQ(omp_get_max_threads(), before);
#else
  GTEST_SKIP() << "built without OpenMP";
#endif
}

}  // namespace
}  // namespace pleura::runtime
