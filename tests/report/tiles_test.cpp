#include "report/tiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace pleura::report {
namespace {

using testing::ElementsAre;

Region region(Label label, std::int64_t low, std::int64_t high) {
  Region made;
  made.label = label;
  made.box_voxels = {{low, low + 100, 0}, {high, high + 100, 9}};
  for (ImageVote& vote : made.votes) vote.slice = (low + high) / 2;
  return made;
}

std::vector<std::int64_t> indices(const std::vector<Tile>& tiles) {
  std::vector<std::int64_t> found;
  for (const Tile& tile : tiles) found.push_back(tile.index);
  return found;
}

TEST(Tiles, CutEachFindingNearItsMiddle) {
  // 20 slices each: the second's middle half is 25 to 35, the third's 27 to 37, the fourth's 45 to 55.
  const std::vector<Region> regions = {region(Label::covid19, 26, 46), region(Label::influenza_a, 20, 40),
                                       region(Label::covid19, 22, 42), region(Label::covid19, 40, 60)};
  std::vector<Tile> tiles;
  add_tiles(tiles, regions, true, 0, 70);
  EXPECT_THAT(indices(tiles), ElementsAre(36, 30, 50));
  EXPECT_THAT(tiles[0].regions, ElementsAre(0, 2));
  EXPECT_THAT(tiles[1].regions, ElementsAre(1));
  EXPECT_THAT(tiles[2].regions, ElementsAre(3));
}

TEST(Tiles, AlongYGoThroughTheBoxes) {
  const std::vector<Region> regions = {region(Label::covid19, 26, 46)};
  std::vector<Tile> tiles;
  add_tiles(tiles, regions, true, 1, 512);
  EXPECT_THAT(indices(tiles), ElementsAre(136));
  tiles.clear();
  add_tiles(tiles, regions, true, 1, 120);
  EXPECT_THAT(indices(tiles), ElementsAre(119)) << "the last of the volume";
}

TEST(Tiles, OfIrrelevantRegionsComeWhereNoTileCutsThem) {
  const std::vector<Region> regions = {region(Label::irrelevant, 31, 51), region(Label::covid19, 20, 40),
                                       region(Label::irrelevant, 29, 31), region(Label::irrelevant, 10, 30)};
  std::vector<Tile> tiles;
  add_tiles(tiles, regions, true, 0, 70);
  EXPECT_THAT(indices(tiles), ElementsAre(30));
  add_tiles(tiles, regions, false, 0, 70);
  EXPECT_THAT(indices(tiles),
              ElementsAre(30, 41, 20));  // box 31 to 51 begins above slice 30, box 10 to 30 ends below it
  EXPECT_THAT(tiles[0].regions, ElementsAre(1, 2));
}

TEST(Tiles, NeverShowASliceTwice) {
  std::vector<Region> regions;
  for (int i = 0; i < 32; ++i)
    regions.push_back(region(i % 3 == 0 ? Label::irrelevant : Label::covid19, i / 4, i / 4 + 3));
  regions[5].votes[1].slice = 60;  // not in its box
  regions[7].votes[1].slice = 60;
  std::vector<Tile> tiles;
  add_tiles(tiles, regions, true, 0, 20);
  add_tiles(tiles, regions, false, 0, 20);
  fill_gaps(tiles, 0, 20, 18);
  const std::vector<std::int64_t> shown = indices(tiles);
  EXPECT_EQ(std::set<std::int64_t>(shown.begin(), shown.end()).size(), shown.size());
  EXPECT_EQ(shown.size(), 18U);
}

TEST(FillGaps, SpreadsTilesEvenlyFromTheHead) {
  std::vector<Tile> tiles;
  fill_gaps(tiles, 10, 19, 4);
  EXPECT_THAT(indices(tiles), ElementsAre(17, 15, 13, 11));
}

TEST(FillGaps, FillsTheWidestGapsFirst) {
  std::vector<Tile> tiles = {{70, {0}}, {5, {}}};  // the second is not among the slices to fill
  fill_gaps(tiles, 11, 88, 5);                     // gaps: 10 to 70, 70 to 88
  EXPECT_THAT(indices(tiles), ElementsAre(70, 5, 55, 40, 25));
}

TEST(FillGaps, EndsWhereNoSliceIsLeft) {
  std::vector<Tile> tiles = {{1, {}}};
  fill_gaps(tiles, 0, 3, 12);
  EXPECT_THAT(indices(tiles), ElementsAre(1, 2, 0));
  fill_gaps(tiles, 0, 0, 12);
  EXPECT_EQ(tiles.size(), 3U);
}

}  // namespace
}  // namespace pleura::report
