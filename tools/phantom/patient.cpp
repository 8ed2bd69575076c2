#include "phantom/patient.hpp"

#include "phantom/random.hpp"

namespace pleura::phantom {

Patient draw_patient(std::uint64_t seed, const Population& population) {
  Random random(seed, "patient");
  const auto around = [&](double mean, double deviation) {
    return static_cast<float>(random.bounded(mean, deviation));
  };
  Patient patient;
  patient.seed = random.bits();
  const float size = around(population.size, 0.045);
  patient.size_x = size * around(1, 0.035);
  patient.size_y = size * around(1, 0.05);
  patient.size_z = size * around(1, 0.045);
  patient.breasts = random.chance(0.45);
  patient.fat =
      static_cast<float>(4 + 22 * random.uniform(0, 1) * random.uniform(0.3, 1)) + (patient.breasts ? 4.F : 0.F);
  patient.breath = around(0, 9);
  patient.right_dome = around(0, 4);
  patient.left_dome = around(0, 4);
  patient.heart = around(1, 0.06);
  patient.kyphosis = around(0, 4);
  patient.blood = random.chance(population.contrast) ? around(140, 35) : around(42, 4);
  patient.lung = around(-872, 18);
  patient.gradient = around(45, 18);
  patient.mottle = around(11, 3);
  patient.vessels = around(1, 0.12);
  patient.stomach = around(1, 0.1);
  for (BowelLoop& loop : patient.loops) loop = {{around(70, 35), around(-45, 14), around(-190, 20)}, around(9, 2.2)};
  patient.arms_down = random.chance(population.arms_down);
  patient.yaw = around(0, 0.03);
  patient.shift_x = around(0, 5);
  patient.shift_y = around(0, 6);
  patient.curved_table = random.chance(0.7);
  patient.pulse = population.pulse * static_cast<float>(random.uniform(0, 1) * random.uniform(0, 1));
  patient.breathing = random.chance(0.3) ? population.breathing * static_cast<float>(random.uniform(0, 1)) : 0.F;
  return patient;
}

}  // namespace pleura::phantom
