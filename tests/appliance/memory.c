/* An appliance's library: screens a CT that lies in memory, prints its result, and is refused what was left out.
 * memory CT WEIGHTS.h5 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pleura/pleura.h"

static void expect(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "memory: expected %s; the last error is: %s\n", what, pleura_last_error());
  exit(1);
}

/* The CT again, from its voxels alone. */
static pleura_volume* copy_of(const pleura_volume* read) {
  int64_t shape[3];
  double spacing[3];
  const double origin[3] = {0, 0, 0};
  pleura_volume* volume = NULL;
  pleura_volume_shape(read, shape);
  pleura_volume_spacing(read, spacing);
  expect(pleura_volume_create(pleura_volume_hu(read), shape, spacing, origin, &volume) == PLEURA_DONE, "a volume");
  return volume;
}

int main(int argc, char** argv) {
  pleura_volume *read = NULL, *volume = NULL;
  pleura_engine* engine = NULL;
  pleura_screening* screening = NULL;
  expect(argc == 3, "memory CT WEIGHTS.h5");
  expect(pleura_version_number() == PLEURA_VERSION_NUMBER, "the library of these headers");
  expect(pleura_volume_read(argv[1], NULL, 0, &read) == PLEURA_DONE, "a CT");
  volume = copy_of(read);
  pleura_volume_free(read);
  expect(pleura_engine_create(argv[2], NULL, &engine) == PLEURA_DONE, "an engine");
  expect(pleura_engine_screen(engine, volume, NULL, NULL, NULL, &screening) == PLEURA_DONE, "a screening");
  puts(pleura_screening_json(screening));
  expect(pleura_screening_write(screening, "unwritten", 0) == PLEURA_RESOURCES, "no pictures");
  expect(strstr(pleura_last_error(), "PLEURA_PICTURES=OFF") != NULL, "the option that left them out");
  pleura_screening_free(screening);
  pleura_engine_free(engine);
  pleura_volume_free(volume);
  return 0;
}
