#pragma once
/// What a cohort is drawn from: patients, scanners and how many of each group. A recipe's numbers never change once a
/// cohort was made by it; another set of numbers is another recipe.
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "phantom/patient.hpp"

namespace pleura::phantom {

struct Recipe {
  struct Range {
    double low, high;
  };
  std::string_view name;            ///< with its version
  std::array<int, 3> shares;        ///< no infection, COVID-19, influenza A
  std::vector<double> thicknesses;  ///< mm between slices, each as likely as its place in the list
  Range pixel;                      ///< mm at 512 x 512
  Range kernel;                     ///< sharpness, as Acquisition's
  Range noise;                      ///< factor, as Acquisition's
  Population population;
  double background_share;  ///< of the cases, where there are backgrounds
};

/// The recipes by name: "train-3" and "held-out-3".
[[nodiscard]] const std::vector<Recipe>& recipes();

/// Throws usage naming the recipes there are.
[[nodiscard]] const Recipe& find_recipe(std::string_view name);

}  // namespace pleura::phantom
