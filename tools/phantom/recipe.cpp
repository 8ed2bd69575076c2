#include "phantom/recipe.hpp"

#include "pleura/pleura.hpp"

namespace pleura::phantom {

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all{
      // The paper's cases (section 2.1): 175 healthy, 219 COVID-19, 224 influenza A of 618.
      {.name = "train-3",
       .shares = {175, 219, 224},
       .thicknesses = {1.25, 2, 2.5, 2.5, 3, 4, 5, 5, 5, 6, 8},
       .pixel = {0.62, 0.84},
       .kernel = {0.1, 1},
       .noise = {0.7, 1.5},
       .population = {.size = 1, .arms_down = 0.15F, .contrast = 0.25F, .pulse = 3.5F, .breathing = 2},
       .background_share = 0.3},
      // The paper's test (section 3): 30 of each. Other slices, larger patients, softer and sharper kernels, more
      // noise.
      {.name = "held-out-3",
       .shares = {1, 1, 1},
       .thicknesses = {1, 1.5, 2.2, 3.5, 3.5, 4.5, 5.5, 7},
       .pixel = {0.6, 0.9},
       .kernel = {0, 0.9},
       .noise = {0.9, 1.8},
       .population = {.size = 1.02F, .arms_down = 0.25F, .contrast = 0.4F, .pulse = 4.5F, .breathing = 2.5F},
       .background_share = 0.25},
  };
  return all;
}

const Recipe& find_recipe(std::string_view name) {
  std::string names;
  for (const Recipe& recipe : recipes()) {
    if (recipe.name == name) return recipe;
    names += (names.empty() ? "" : ", ") + std::string(recipe.name);
  }
  throw Error(Status::usage, "--recipe " + std::string(name) + ": not known, expected one of " + names);
}

}  // namespace pleura::phantom
