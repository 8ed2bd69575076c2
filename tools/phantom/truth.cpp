#include "phantom/truth.hpp"

#include <nlohmann/json.hpp>

namespace pleura::phantom {

std::string truth_json(const Phantom& phantom, std::uint64_t seed) {
  using Json = nlohmann::ordered_json;
  const Geometry& geometry = phantom.volume.geometry;
  Json truth{{"schema_version", 1},
             {"seed", seed},
             {"case", to_string(phantom.findings)},
             {"recipe", phantom.recipe},
             {"background", phantom.background},
             {"geometry",
              {{"shape", geometry.shape},
               {"spacing_mm", geometry.spacing},
               {"origin_mm", geometry.origin},
               {"direction", geometry.direction}}},
             {"lungs", {{"left_litres", phantom.left_litres}, {"right_litres", phantom.right_litres}}},
             {"boxes", Json::array()}};
  if (phantom.emphysema)
    truth["emphysema"] = {{"severity", phantom.emphysema->options.severity},
                          {"distribution", to_string(phantom.emphysema->options.distribution)},
                          {"share_below_950", phantom.emphysema->share_below_950}};
  for (const TrueRegion& region : phantom.regions) {
    truth["boxes"].push_back({{"label", to_string(region.label)},
                              {"kind", region.kind},
                              {"box_mm", {{"low", region.box_mm.low}, {"high", region.box_mm.high}}},
                              {"box_voxels", {{"low", region.box_voxels.low}, {"high", region.box_voxels.high}}},
                              {"centre_mm", region.centre},
                              {"volume_ml", region.volume_ml},
                              {"mean_hu", region.mean_hu}});
  }
  for (const KnownBox& box : phantom.known) {
    truth["boxes"].push_back({{"label", box.label},
                              {"kind", "background"},
                              {"box_mm", {{"low", box.box_mm.low}, {"high", box.box_mm.high}}}});
  }
  return truth.dump(1, ' ', true) + "\n";
}

}  // namespace pleura::phantom
