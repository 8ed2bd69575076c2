/// The paper's tables 2, 4 and 6, recomputed from the confusion matrices of its tables 1, 3 and 5 (paper 3.3.3 to
/// 3.3.5).
#include "evaluate/metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <numeric>

#include "pleura/error.hpp"

namespace pleura::evaluate {
namespace {

// Rows and columns: COVID-19, influenza-A, and irrelevant or no infection found.
const ConfusionMatrix table1_m1{{260, 47, 50}, {55, 276, 59}, {75, 81, 807}};
const ConfusionMatrix table1_m2{{273, 32, 52}, {46, 280, 64}, {77, 82, 804}};
const ConfusionMatrix table3{{97, 15, 7}, {18, 98, 14}, {5, 2, 314}};
const ConfusionMatrix table5{{26, 3, 1}, {4, 25, 1}, {2, 1, 27}};

constexpr double kPrinted = 0.001;  // the tables print three digits, some cut off instead of rounded

void expect_table(const ConfusionMatrix& counts, const std::array<std::array<double, 3>, 3>& recall_precision_f1) {
  const std::vector<ClassFigures> figures = class_figures(counts);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(figures[k].recall, recall_precision_f1[k][0], kPrinted);
    EXPECT_NEAR(figures[k].precision, recall_precision_f1[k][1], kPrinted);
    EXPECT_NEAR(figures[k].f1, recall_precision_f1[k][2], kPrinted);
  }
}

TEST(PaperTables, Table2FollowsFromTable1) {
  expect_table(table1_m1, {{{0.728, 0.667, 0.696}, {0.708, 0.683, 0.695}, {0.838, 0.881, 0.859}}});
  expect_table(table1_m2, {{{0.765, 0.689, 0.725}, {0.718, 0.711, 0.714}, {0.835, 0.874, 0.854}}});
  EXPECT_NEAR(mean_f1(table1_m1, 3), 0.750, kPrinted);
  EXPECT_NEAR(mean_f1(table1_m2, 3), 0.764, kPrinted);
}

TEST(PaperTables, Table1CountsTheTestImages) {
  const std::array<std::int64_t, 3> images{357, 390, 963};  // section 3.3.3; section 2.4's counts leave others
  for (const auto& counts : {table1_m1, table1_m2})
    for (int k = 0; k < 3; ++k)
      EXPECT_EQ(std::accumulate(counts[k].begin(), counts[k].end(), std::int64_t{0}), images[k]);
}

TEST(PaperTables, Table4FollowsFromTable3) {
  expect_table(table3, {{{0.815, 0.808, 0.811}, {0.754, 0.852, 0.800}, {0.978, 0.937, 0.957}}});
  EXPECT_NEAR(class_figures(table3)[0].f1, 0.8117, 0.0001);  // printed 0.811: cut off, not rounded
  EXPECT_NEAR(mean_f1(table3, 3), 0.856, kPrinted);
  EXPECT_DOUBLE_EQ(accuracy(table3), 509.0 / 570);
}

TEST(PaperTables, Table6FollowsFromTable5) {
  expect_table(table5, {{{0.867, 0.813, 0.839}, {0.833, 0.862, 0.847}, {0.900, 0.931, 0.915}}});
  EXPECT_DOUBLE_EQ(class_figures(table5)[0].precision, 0.8125);  // printed 0.813
  EXPECT_NEAR(mean_f1(table5, 2), 0.843, kPrinted);
  EXPECT_DOUBLE_EQ(accuracy(table5), 78.0 / 90);
  EXPECT_NEAR(accuracy(table5), 0.867, kPrinted);
}

TEST(PaperTables, TheGainsOfVoteAndNoisyOrComeOutALittleLower) {
  EXPECT_NEAR(mean_f1(table3, 3) / mean_f1(table1_m2, 3) - 1, 0.120, kPrinted);  // printed 12.1 %
  EXPECT_NEAR(mean_f1(table3, 2), 0.806, kPrinted);
  EXPECT_NEAR(mean_f1(table5, 2) / mean_f1(table3, 2) - 1, 0.046, kPrinted);  // printed 4.7 %
}

TEST(Metrics, AClassThatNeverOccursHasFiguresOfZero) {
  const auto figures = class_figures({{3, 0}, {0, 0}});
  EXPECT_EQ(figures[0].f1, 1);
  EXPECT_EQ(figures[1].recall, 0);
  EXPECT_EQ(figures[1].precision, 0);
  EXPECT_EQ(figures[1].f1, 0);
  EXPECT_EQ(accuracy({}), 0);
}

TEST(Metrics, RefusesWhatIsNoConfusionMatrix) {
  EXPECT_THROW((void)class_figures({{1, 2}, {3}}), Error);
  EXPECT_THROW((void)accuracy({{1, -2}, {3, 4}}), Error);
  EXPECT_THROW((void)mean_f1({{1}}, 2), Error);
  EXPECT_THROW((void)mean_f1({{1}}, 0), Error);
}

}  // namespace
}  // namespace pleura::evaluate
