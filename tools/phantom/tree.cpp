#include "phantom/tree.hpp"

#include "phantom/noise.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

struct Node {
  Vec3 point;
  int parent;
  float path;      // mm from the root
  float flow = 0;  // terminals fed
};

class Tree {
 public:
  explicit Tree(Vec3 root) { nodes_.push_back({root, -1, 0}); }

  int add(Vec3 point, int parent) {
    nodes_.push_back({point, parent, nodes_[parent].path + length(point - nodes_[parent].point)});
    return static_cast<int>(nodes_.size()) - 1;
  }

  void reach(Vec3 target, float step) {
    constexpr float way_back = 0.55F;  // how much the way to the hilum counts against the own way
    int best = 0;
    float best_cost = 1e9F;
    for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
      const float cost = length(target - nodes_[i].point) + way_back * nodes_[i].path;
      if (cost < best_cost) {
        best_cost = cost;
        best = i;
      }
    }
    const Vec3 from = nodes_[best].point;
    const int pieces = std::max(1, static_cast<int>(length(target - from) / step));
    int last = best;
    for (int piece = 1; piece <= pieces; ++piece) {
      last = add(from + (target - from) * (static_cast<float>(piece) / static_cast<float>(pieces)), last);
    }
    for (int i = last; i >= 0; i = nodes_[i].parent) nodes_[i].flow += 1;
  }

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }

 private:
  std::vector<Node> nodes_;
};

// Straight ways are bent by a slow warp, alike for a bronchus and the artery beside it.
Vec3 bent(std::uint64_t seed, Vec3 p) {
  return p + vector_noise(seed, p, 18) * 2.4F + vector_noise(seed + 1, p, 7) * 0.7F;
}

std::vector<Vec3> spread_points(const Anatomy& anatomy, Random& random, bool left, int count, float margin) {
  std::vector<Vec3> points;
  const float bottom = anatomy.lung_bottom(), top = anatomy.lung_top();
  while (static_cast<int>(points.size()) < count) {
    const Vec3 q{static_cast<float>(random.uniform(5, 150)) * (left ? 1.F : -1.F),
                 static_cast<float>(random.uniform(-105, 105)), 0};
    Vec3 p = anatomy.from_average(q);
    p.z = static_cast<float>(random.uniform(bottom, top));
    if (anatomy.lung_at(p) < -margin) points.push_back(p);
  }
  return points;
}

struct Calibre {
  float terminal, exponent, widest;
  [[nodiscard]] float radius(float flow) const {
    return std::min(widest, terminal * std::pow(std::max(flow, 1.F), 1 / exponent));
  }
};

void emit(const Tree& tree, const Calibre& calibre, std::uint64_t bend, std::vector<Tube>& tubes) {
  const auto& nodes = tree.nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (nodes[i].flow < 0.5F) continue;
    const Node& parent = nodes[nodes[i].parent];
    const float rb = calibre.radius(nodes[i].flow);
    tubes.push_back(
        {bent(bend, parent.point), bent(bend, nodes[i].point), std::min(calibre.radius(parent.flow), 1.25F * rb), rb});
  }
}

}  // namespace

float wall_thickness(float lumen_radius) { return 0.45F + 0.14F * lumen_radius; }

Trees grow_trees(const Anatomy& anatomy) {
  const Patient& patient = anatomy.patient();
  Trees trees;
  for (Tube tube : central_airways()) {
    const float size = 0.5F * (patient.size_x + patient.size_y);
    trees.bronchi.push_back(
        {anatomy.from_average(tube.a), anatomy.from_average(tube.b), tube.ra * size, tube.rb * size});
  }
  for (const bool left : {false, true}) {
    Random random(patient.seed, left ? "left lung" : "right lung");
    const float side = left ? 1.F : -1.F;
    const auto place = [&](float x, float y, float z) { return anatomy.from_average({side * x, y, z}); };
    const std::uint64_t bend = random.bits();
    const auto few = spread_points(anatomy, random, left, 80, 14.F);
    const auto many = spread_points(anatomy, random, left, static_cast<int>(1900 * patient.vessels), 3.F);
    const auto veins = spread_points(anatomy, random, left, static_cast<int>(1500 * patient.vessels), 3.5F);

    Tree bronchi(left ? place(38, 23, -24) : place(30, 19, -22));
    for (const Vec3 target : few) bronchi.reach(target, 5);
    emit(bronchi, {0.55F, 2.35F, 4.6F}, bend, trees.bronchi);
    for (const Node& node : bronchi.nodes()) {
      if (node.parent < 0 || node.flow < 2 || node.path < 20) continue;
      trees.stations.push_back({bent(bend, node.point), normalized(node.point - bronchi.nodes()[node.parent].point),
                                Calibre{0.55F, 2.35F, 4.6F}.radius(node.flow)});
    }

    // Arteries run beside the bronchi, then reach farther on their own.
    const Calibre artery{0.42F, 2.7F, 6.5F};
    Tree arteries(left ? place(34, 10, 2) : place(32, 2, -8));
    std::vector<int> twin(bronchi.nodes().size(), 0);
    const Vec3 beside =
        normalized({static_cast<float>(random.uniform(-1, 1)), -0.6F, static_cast<float>(random.uniform(-0.5, 1))});
    for (std::size_t i = 1; i < bronchi.nodes().size(); ++i) {
      const Node& node = bronchi.nodes()[i];
      const Vec3 along = normalized(node.point - bronchi.nodes()[node.parent].point);
      const Vec3 across = normalized(beside - along * dot(beside, along));
      const float apart = 1.9F * Calibre{0.55F, 2.35F, 4.6F}.radius(node.flow) + 1.4F;
      twin[i] = arteries.add(node.point + across * apart, twin[node.parent]);
    }
    for (const Vec3 target : many) arteries.reach(target, 6);
    emit(arteries, artery, bend, trees.vessels);

    Tree venous(left ? place(30, 18, -36) : place(32, 14, -36));
    for (const Vec3 target : veins) venous.reach(target, 6);
    emit(venous, {0.4F, 2.7F, 6.0F}, bend + 9, trees.vessels);
  }
  return trees;
}

}  // namespace pleura::phantom
